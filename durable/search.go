package durable

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.com/restorejobs"
)

const (
	// searchInterval is the pause between two searches for a create.
	searchInterval = 10 * time.Second
	// clockMargin is how far the clocks of two processes may differ.
	clockMargin = 24 * time.Hour
)

// search searches for the jobs of a create that may have been sent, for as long as they may take
// to be listed. It returns nil if there are none. The jobs of a batch can be listed one after the
// other, so that a batch is complete at the end only.
func (r *runner) search(ctx context.Context, state *State) ([]*restorejobs.Job, error) {
	deadline := time.Now().Add(r.plan.SearchTimeout)
	for {
		found, err := r.findOne(ctx, state)
		isLast := !time.Now().Before(deadline)
		isComplete := len(found) > 0 && found[0].BatchID == ""
		if isLast || isComplete || ctx.Err() != nil || isPermanent(err) {
			return found, err
		}
		delay := min(searchInterval, time.Until(deadline))
		if err := r.pause(ctx, StepCreate, delay, err); err != nil {
			return nil, err
		}
	}
}

// findOne returns the jobs that are listed of the create of a state.
func (r *runner) findOne(ctx context.Context, state *State) ([]*restorejobs.Job, error) {
	creates, err := r.findCreated(ctx, state, state.Intent.Add(-clockMargin))
	if err != nil {
		return nil, err
	}
	creates = slices.DeleteFunc(creates, state.isKnown)
	switch len(creates) {
	case 0:
		return nil, nil
	case 1:
		return creates[0], nil
	default:
		return nil, &SeveralRestoresError{Creates: creates}
	}
}

// knownJobIDs are the jobs that match the create of a state before it was sent. The search for it
// begins later than this one, also by a clock that differs.
func (r *runner) knownJobIDs(ctx context.Context, state *State) ([]string, error) {
	creates, err := r.findCreated(ctx, state, wallClock().Add(-2*clockMargin))
	if errors.Is(err, restorejobs.ErrInvalidArgument) {
		err = fmt.Errorf("invalid plan: %w", err)
	}
	return restorejobs.JobIDs(slices.Concat(creates...)), err
}

func (r *runner) findCreated(ctx context.Context, state *State, since time.Time) ([][]*restorejobs.Job, error) {
	return r.plan.Source.Jobs.FindCreated(ctx, since, r.plan.Point.restorePoint(state.Choice), r.plan.To)
}

// isKnown reports whether jobs are not of the create of the state.
func (s State) isKnown(jobs []*restorejobs.Job) bool {
	return slices.ContainsFunc(jobs, func(job *restorejobs.Job) bool {
		return slices.Contains(s.EarlierJobIDs, job.ID) || slices.Contains(s.KnownJobIDs, job.ID)
	})
}

// isPermanent reports whether a search that failed would fail again.
func isPermanent(err error) bool {
	var apiErr *restorejobs.Error
	isRefused := errors.As(err, &apiErr) && !apiErr.Retryable()
	return isRefused || errors.Is(err, restorejobs.ErrInvalidArgument) || errors.Is(err, ErrSeveralRestores)
}
