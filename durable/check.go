package durable

import (
	"context"
	"errors"
	"time"

	"example.com/restorejobs"
)

// busyInterval is the pause between two requests to a target or a service that is busy.
const busyInterval = 30 * time.Second

// check refuses a target that cannot be restored into. It waits for a busy one.
func (r *runner) check(ctx context.Context, state State) (State, error) {
	next := state
	next.Step = StepPrepare
	if r.plan.To.IsDownload() || r.plan.SkipTargetCheck {
		return next, nil
	}
	deadline := time.Now().Add(r.plan.BusyTimeout)
	for {
		err := r.checkTarget(ctx)
		var target *restorejobs.TargetError
		isBusy := errors.As(err, &target) && isOnlyBusy(target)
		switch {
		case err == nil:
			return next, nil
		case !isBusy || !time.Now().Before(deadline):
			return state, err
		}
		if err := r.pause(ctx, StepCheck, busyInterval, err); err != nil {
			return state, err
		}
	}
}

// checkTarget is CheckTarget without the problem that the plan permits.
func (r *runner) checkTarget(ctx context.Context) error {
	err := r.plan.Source.CheckTarget(ctx, r.plan.To)
	var target *restorejobs.TargetError
	if !errors.As(err, &target) || !r.plan.OverwriteSource {
		return err
	}
	for _, problem := range target.Problems {
		if problem.Reason != restorejobs.TargetIsSource {
			return err
		}
	}
	return nil
}

func isOnlyBusy(err *restorejobs.TargetError) bool {
	for _, problem := range err.Problems {
		if problem.Reason != restorejobs.TargetBusy {
			return false
		}
	}
	return true
}

// prepare records what must be known before the create: the goal of the target's project, and that
// a create will be sent.
func (r *runner) prepare(ctx context.Context, state State) (State, error) {
	next := state
	needsGoal := !r.plan.To.IsDownload() && r.plan.Wait.Goal != restorejobs.UntilJobFinished
	if needsGoal {
		goal, err := r.plan.Source.GoalVersion(ctx, r.plan.To)
		if err != nil {
			return state, err
		}
		next.GoalVersion = goal
	}
	next.Step = StepCreate
	next.Intent = wallClock()
	next.unsent = &sendOnce{}
	return next, nil
}
