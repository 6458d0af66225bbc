package durable

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.com/restorejobs"
)

// busyInterval is the pause between two requests to a target or a service that is busy.
const busyInterval = 30 * time.Second

// check refuses a target that cannot be restored into. It waits for a busy one.
func (r *runner) check(ctx context.Context, state State) (State, error) {
	next := state
	next.Step = StepPrepare
	canCheck := r.plan.Source.Supports(restorejobs.CapabilityCheckTarget)
	if r.plan.To.IsDownload() || r.plan.SkipTargetCheck || !canCheck {
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
			return chooseAgain(state), err
		}
		if err := r.pause(ctx, StepCheck, busyInterval, err); err != nil {
			return chooseAgain(state), err
		}
	}
}

// chooseAgain returns the state after an error before the create: at the next try there may be a
// newer snapshot, and the target is checked again.
func chooseAgain(state State) State {
	next := state
	next.Step = StepChoose
	return next
}

// checkTarget is CheckTarget without the problem that the plan permits.
func (r *runner) checkTarget(ctx context.Context) error {
	err := r.plan.Source.CheckTarget(ctx, r.plan.To)
	var target *restorejobs.TargetError
	switch {
	case !errors.As(err, &target):
		return err
	case r.plan.OverwriteSource:
	case target.Has(restorejobs.TargetIsSource):
		return fmt.Errorf("%w (Plan.OverwriteSource permits it)", err)
	default:
		return err
	}
	permitted := *target
	permitted.Problems = slices.DeleteFunc(slices.Clone(target.Problems), func(problem restorejobs.TargetProblem) bool {
		return problem.Reason == restorejobs.TargetIsSource
	})
	if len(permitted.Problems) == 0 {
		return nil
	}
	return &permitted
}

func isOnlyBusy(err *restorejobs.TargetError) bool {
	for _, problem := range err.Problems {
		if problem.Reason != restorejobs.TargetBusy {
			return false
		}
	}
	return true
}

// prepare records what must be known before the create: the goal of the target's project, the jobs
// that could be taken for it, and that it will be sent.
func (r *runner) prepare(ctx context.Context, state State) (State, error) {
	goal, err := r.goal(ctx)
	if err != nil {
		return chooseAgain(state), err
	}
	known, err := r.knownJobIDs(ctx, &state)
	if err != nil {
		return chooseAgain(state), err
	}
	next := state
	next.GoalVersion = goal
	next.KnownJobIDs = known
	next.Step = StepCreate
	next.Intent = wallClock()
	next.unsent = &sendOnce{}
	return next, nil
}

// goal reads the goal of the target's project, 0 if the wait needs none.
func (r *runner) goal(ctx context.Context) (int64, error) {
	if r.plan.To.IsDownload() || r.plan.Wait.Goal == restorejobs.UntilJobFinished {
		return 0, nil
	}
	return r.plan.Source.GoalVersion(ctx, r.plan.To)
}
