package restoretemporal

import (
	"context"
	"errors"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
)

// resetClockMargin is how far the clocks of Temporal and of the service may differ.
const resetClockMargin = 5 * time.Minute

// keepCreatesOfWorkflow prepares the search of a workflow that was reset: a create that it sent before
// the reset was found as a known job. It stays known only if it is older than the workflow. If the
// search finds no create, the step reads the goal again.
func (a *activitySet) keepCreatesOfWorkflow(ctx context.Context, request *StepRequest, state *durable.State) error {
	source, err := a.Client.Source(request.Plan.Source.Ref)
	if err != nil {
		return err
	}
	begin := request.Begin.Add(-resetClockMargin)
	var older []string
	for _, id := range state.KnownJobIDs {
		job, err := source.Jobs.Get(ctx, id)
		switch {
		case errors.Is(err, restorejobs.ErrNotFound):
		case err != nil:
			return err
		case job.CreationTime().Before(begin) && !job.CreationTime().IsZero():
			older = append(older, id)
		}
	}
	state.KnownJobIDs = older
	state.GoalVersion = 0 // that create can have raised it
	if request.Begin.Before(state.Intent) {
		state.Intent = request.Begin
	}
	return nil
}
