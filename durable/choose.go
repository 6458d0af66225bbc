package durable

import (
	"context"
	"errors"

	"example.com/restorejobs"
)

// choose chooses the data of a run.
func (r *runner) choose(ctx context.Context, state State) (State, error) {
	choice, err := r.choice(ctx)
	if err != nil {
		return state, err
	}
	if err := r.checkFiles(&state, choice); err != nil {
		return state, err
	}
	return r.chosen(state, choice), nil
}

// chosen returns the state after a choice.
func (r *runner) chosen(state State, choice Choice) State {
	next := state
	next.Step = StepCheck
	if !choice.equal(state.Choice) {
		next.Attempt = 0
		next.Failure = ""
	}
	next.Choice = choice
	next.Result = Result{
		Source:      next.Plan.Source,
		Destination: next.Plan.Destination,
		Point:       next.Plan.Point,
		Choice:      choice,
		Run:         next.Run,
		Begin:       next.Begin,
	}
	return next
}

func (r *runner) choice(ctx context.Context) (Choice, error) {
	snapshots := r.plan.Source.Snapshots
	switch r.plan.Point.kind {
	case newestPoint, beforePoint:
		snapshot, err := snapshots.Newest(ctx, restorejobs.SnapshotOptions{Before: r.plan.Point.before})
		if err != nil {
			return Choice{}, err
		}
		return Choice{SnapshotID: snapshot.ID, Time: snapshot.Time()}, nil
	case fixedPoint, noPoint:
	}
	choice := Choice{
		SnapshotID: r.plan.Point.fixed.SnapshotID(),
		Time:       r.plan.Point.fixed.Time().UTC().Round(0),
	}
	if choice.SnapshotID == "" {
		return choice, nil
	}
	snapshot, err := snapshots.Get(ctx, choice.SnapshotID)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return choice, nil
	case err != nil:
		return Choice{}, err
	}
	choice.Time = snapshot.Time()
	return choice, nil
}

// newerChoice returns a choice that is newer than the last one.
func (r *runner) newerChoice(ctx context.Context, last *State) (choice Choice, isNewer bool, err error) {
	if r.plan.Once || r.plan.Point.kind == fixedPoint {
		return Choice{}, false, nil
	}
	choice, err = r.choice(ctx)
	switch {
	case errors.Is(err, restorejobs.ErrNoSnapshot):
		return Choice{}, false, nil
	case err != nil:
		return Choice{}, false, err
	}
	isNewer = choice.SnapshotID != last.Choice.SnapshotID && choice.Time.After(last.Choice.Time)
	return choice, isNewer, nil
}
