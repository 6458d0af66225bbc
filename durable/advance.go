package durable

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"example.com/restorejobs"
)

// Advance performs the next step of a restore and returns the state to continue with, also if the
// error is non-nil. Save it before the next call. Every step can be repeated with the state it
// began with, by any process, but not by two at the same time: [Restore] and its journals prevent
// that. A step can take as long as a restore takes; the end of ctx ends it, resumably.
//
// At [StepDone] it returns the same state, or begins again as [Plan.Once] describes. An invalid plan
// matches [restorejobs.ErrInvalidArgument]. A state of another plan is a [*StateError]. A restore
// that failed is a [*FailedError]. Other errors are a [*StepError]: the same step can be repeated.
func Advance(ctx context.Context, plan Plan, state State) (State, error) {
	if err := plan.validate(); err != nil {
		return state, err
	}
	if err := state.validate(&plan); err != nil {
		return state, err
	}
	r := &runner{plan: withDefaults(plan), start: time.Now()}
	return r.advance(ctx, state)
}

// runner performs the steps of a plan.
type runner struct {
	plan  Plan // with defaults
	start time.Time
	// claim saves a state before a create. It fails if another process has the state. Nil for Advance.
	claim func(ctx context.Context, state State) error
}

func (r *runner) advance(ctx context.Context, state State) (State, error) {
	if state.Version == 0 || state.Plan != r.plan.identity() { // a plan that was corrected before the create
		state.Run = 0
		state = state.newRun(&r.plan, wallClock())
	}
	step := state.Step
	next, err := r.perform(ctx, state)
	var failed *FailedError
	if err != nil && !errors.As(err, &failed) {
		err = &StepError{Step: step, Err: err}
	}
	if err != nil {
		return next, err
	}
	return next, r.report(Event{Step: step, Next: next.Step})
}

func (r *runner) perform(ctx context.Context, state State) (State, error) {
	switch state.Step {
	case StepChoose:
		return r.choose(ctx, state)
	case StepCheck:
		return r.check(ctx, state)
	case StepPrepare:
		return r.prepare(ctx, state)
	case StepCreate:
		return r.create(ctx, state)
	case StepWait:
		return r.wait(ctx, state)
	case StepDownload:
		return r.download(ctx, state)
	case StepDone, StepFailed:
		return r.beginAgain(ctx, state)
	default:
		return state, &StateError{Problem: "step " + string(state.Step) + " is not known"}
	}
}

// failAttempt begins the next attempt after jobs that cannot succeed any more, or ends the restore.
func (r *runner) failAttempt(state State, err error) (State, error) {
	if state.Attempt < r.plan.MaxAttempts {
		return state.newAttempt(err.Error()), nil
	}
	return state.fail(err)
}

// fail returns the state after the last attempt.
func (s State) fail(err error) (State, error) {
	next := s
	next.Step = StepFailed
	next.Failure = err.Error()
	return next, next.failedError(err)
}

func (s State) failedError(err error) *FailedError {
	if err == nil && s.ExhaustedAttempts > 0 {
		err = ErrJobMissing
	}
	return &FailedError{
		Attempts: s.Attempt,
		JobIDs:   s.JobIDs,
		Failure:  s.Failure,
		err:      err,
	}
}

// isFailure reports whether the jobs cannot succeed any more, so that only another create can. An
// existing file that is not theirs is in the way of the next ones too.
func isFailure(err error) bool {
	var waitErr *restorejobs.WaitError
	isInterrupted := errors.As(err, &waitErr) && waitErr.Err != nil
	if isInterrupted || errors.Is(err, fs.ErrExist) {
		return false
	}
	for _, failure := range []error{
		restorejobs.ErrJobFailed,
		restorejobs.ErrJobCancelled,
		restorejobs.ErrJobExpired,
		restorejobs.ErrLinkExpired,
		restorejobs.ErrDownloadsExhausted,
		restorejobs.ErrChecksumMismatch,
	} {
		if errors.Is(err, failure) {
			return true
		}
	}
	return false
}

// beginAgain returns the state of the next run, or the same state.
func (r *runner) beginAgain(ctx context.Context, state State) (State, error) {
	choice, isNewer, err := r.newerChoice(ctx, &state)
	switch {
	case err != nil:
		return state, err
	case isNewer:
		if err := r.checkFiles(&state, choice); err != nil {
			return state, err
		}
		return r.chosen(state.newRun(&r.plan, wallClock()), choice), nil
	case state.Step == StepFailed && max(state.Attempt, state.ExhaustedAttempts) < r.plan.MaxAttempts:
		return state.newAttempt(state.Failure), nil
	case state.Step == StepFailed:
		return state, state.failedError(nil)
	default:
		return state, nil
	}
}

// sleep waits for a duration, or for the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
