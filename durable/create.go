package durable

import (
	"context"
	"errors"
	"slices"
	"time"

	"example.com/restorejobs"
)

// searchInterval is the pause between two searches for a create.
const searchInterval = 10 * time.Second

// create creates the restore. Unless no create was certainly sent, it first searches for one.
func (r *runner) create(ctx context.Context, state State) (State, error) {
	mustSearch := !state.unsent.claim()
	deadline := time.Now().Add(r.plan.BusyTimeout)
	for {
		if mustSearch {
			found, err := r.search(ctx, &state)
			if err != nil {
				return state, err
			}
			if found != nil {
				return created(state, found), nil
			}
		}
		jobs, err := r.plan.Source.Jobs.Create(ctx, r.plan.Point.restorePoint(state.Choice), r.plan.To)
		mustSearch = errors.Is(err, restorejobs.ErrOutcomeUnknown)
		isBusy := errors.Is(err, restorejobs.ErrBusy)
		switch {
		case err == nil:
			return created(state, jobs), nil
		case mustSearch && ctx.Err() == nil:
			if err := r.report(Event{Step: StepCreate, Err: err}); err != nil {
				return state, err
			}
			continue
		case mustSearch:
			return state, err
		case !isBusy || !time.Now().Before(deadline):
			return refused(state), err
		}
		if err := r.pause(ctx, StepCreate, busyDelay(err), err); err != nil {
			return refused(state), err
		}
	}
}

// refused returns the state after a create that was certainly not executed.
func refused(state State) State {
	next := state
	next.Step = StepCheck
	next.Intent = time.Time{}
	next.unsent = nil
	return next
}

// busyDelay is the delay that the service requests, or the default.
func busyDelay(err error) time.Duration {
	var apiErr *restorejobs.Error
	if errors.As(err, &apiErr) && apiErr.RetryAfter > 0 {
		return apiErr.RetryAfter
	}
	return busyInterval
}

// created returns the state after a create.
func created(state State, jobs []*restorejobs.Job) State {
	next := state
	next.Step = StepWait
	next.JobIDs = restorejobs.JobIDs(jobs)
	next.Attempt++
	next.unsent = nil
	next.Result.Attempts = next.Attempt
	next.Result.setJobs(jobs)
	return next
}

// search searches for the jobs of a create that may have been sent, for as long as they may take
// to be listed. It returns nil if there are none.
func (r *runner) search(ctx context.Context, state *State) ([]*restorejobs.Job, error) {
	deadline := time.Now().Add(r.plan.SearchTimeout)
	for {
		creates, err := r.plan.Source.Jobs.FindCreated(ctx, state.Intent, r.plan.Point.restorePoint(state.Choice), r.plan.To)
		if ctx.Err() != nil || errors.Is(err, restorejobs.ErrInvalidArgument) {
			return nil, err
		}
		creates = slices.DeleteFunc(creates, state.isEarlier)
		switch {
		case len(creates) == 1:
			return creates[0], nil
		case len(creates) > 1:
			return nil, &SeveralRestoresError{Creates: creates}
		case !time.Now().Before(deadline):
			return nil, err
		}
		if err := r.pause(ctx, StepCreate, searchInterval, err); err != nil {
			return nil, err
		}
	}
}

// isEarlier reports whether jobs are of an earlier attempt or run.
func (s State) isEarlier(jobs []*restorejobs.Job) bool {
	return slices.ContainsFunc(jobs, func(job *restorejobs.Job) bool { return slices.Contains(s.EarlierJobIDs, job.ID) })
}
