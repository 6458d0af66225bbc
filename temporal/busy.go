package restoretemporal

import (
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs"
)

// newBusy returns why a step has to be repeated later, nil if an error is of another kind.
func newBusy(err error) *Busy {
	if errors.Is(err, restorejobs.ErrBusy) {
		busy := &Busy{Reason: redactText(err.Error())}
		var apiErr *restorejobs.Error
		if errors.As(err, &apiErr) {
			busy.Delay = Duration(apiErr.RetryAfter)
		}
		return busy
	}
	var target *restorejobs.TargetError
	if !errors.As(err, &target) {
		return nil
	}
	isOther := func(problem restorejobs.TargetProblem) bool { return problem.Reason != restorejobs.TargetBusy }
	if slices.ContainsFunc(target.Problems, isOther) {
		return nil
	}
	return &Busy{Reason: redactText(err.Error())}
}

// waitWhileBusy waits until a busy target is checked again.
func (r *restoration) waitWhileBusy(ctx workflow.Context, busy *Busy) error {
	now := workflow.Now(ctx)
	if r.busy.IsZero() {
		r.busy = now
	}
	rest := r.plan.busyTimeout() - now.Sub(r.busy)
	if rest <= 0 {
		return newWorkflowError(busy.Reason, FailureBusy)
	}
	delay := min(r.busyDelay(now, busy), rest)
	r.progress.Busy = busy.Reason
	r.progress.BusySince = r.busy
	r.progress.NextTry = now.Add(delay)
	err := workflow.Sleep(ctx, delay)
	r.progress.Busy = ""
	r.progress.BusySince = time.Time{}
	r.progress.NextTry = time.Time{}
	return err
}

// changeBusyPerCreate is the change that each create has a busy timeout of its own.
const changeBusyPerCreate = "busy timeout of each create"

// endBusy ends the wait for a busy target after a create, so that the next attempt can wait as long.
func (r *restoration) endBusy(ctx workflow.Context) {
	isEnded := !r.busy.IsZero() && workflow.GetVersion(ctx, changeBusyPerCreate, workflow.DefaultVersion, 1) >= 1
	if isEnded {
		r.busy = time.Time{}
	}
}

// busyDelay is the pause before the next check. It grows with the time that was waited, so that a wait
// of days has a short history.
func (r *restoration) busyDelay(now time.Time, busy *Busy) time.Duration {
	first := time.Duration(r.plan.Timeouts.withDefaults().Busy)
	delay := max(first, now.Sub(r.busy)/2, time.Duration(busy.Delay))
	return min(delay, max(maxRetryPause, first, time.Duration(busy.Delay)))
}
