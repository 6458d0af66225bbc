package durable

import (
	"context"
	"time"

	"example.com/restorejobs"
)

// wait waits until the data is in place, or the files can be downloaded.
func (r *runner) wait(ctx context.Context, state State) (State, error) {
	jobs, err := r.waitFor(ctx, &state, state.JobIDs)
	switch {
	case err != nil && isFailure(err):
		return r.failAttempt(state, err)
	case err != nil:
		return r.endIfMissing(ctx, state, err)
	}
	next := state
	next.Result.setJobs(jobs)
	now := wallClock()
	if r.plan.To.IsDownload() {
		next.Step = StepDownload
		next.Result.Ready = now
		return next, nil
	}
	next.Result.InPlace = now
	return finished(next, now), nil
}

// waitFor waits for jobs of a state.
func (r *runner) waitFor(ctx context.Context, state *State, jobIDs []string) ([]*restorejobs.Job, error) {
	opts := r.plan.Wait
	opts.GoalVersion = state.GoalVersion
	opts.OnUpdate = func(update restorejobs.WaitUpdate) error {
		if callback := r.plan.Wait.OnUpdate; callback != nil {
			if err := callback(update); err != nil {
				return err
			}
		}
		return r.report(Event{Step: StepWait, Wait: &update, Err: update.Err})
	}
	return r.plan.Source.Jobs.Wait(ctx, jobIDs, opts)
}

// finished returns the state of a restore that has ended well.
func finished(state State, now time.Time) State {
	next := state
	next.Step = StepDone
	next.Failure = ""
	next.Result.End = now
	next.Result.setDurations()
	return next
}
