package restoretemporal

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs/durable"
)

// workflowRun waits for the end of a workflow, as the run of package client.
type workflowRun interface {
	Get(ctx context.Context, result any) error
}

// getWorkflow returns the workflow with an ID. It is the newest run, also after a reset.
func (a *activitySet) getWorkflow(ctx context.Context, workflowID string) workflowRun {
	if a.findWorkflow != nil {
		return a.findWorkflow(workflowID)
	}
	return activity.GetClient(ctx).GetWorkflow(ctx, workflowID, "")
}

// outcome waits for the end of a restore that another run of its fleet has started.
func (a *activitySet) outcome(ctx context.Context, request OutcomeRequest) (*OutcomeResult, error) {
	var details atomic.Value
	details.Store(request.WorkflowID)
	work, stop := beginHeartbeat(ctx, activity.GetInfo(ctx).HeartbeatTimeout, &details)
	defer stop()
	var result durable.Result
	err := a.getWorkflow(work, request.WorkflowID).Get(work, &result)
	var failed *temporal.WorkflowExecutionError
	var notFound *serviceerror.NotFound
	var denied *serviceerror.PermissionDenied
	switch {
	case err == nil:
		return &OutcomeResult{Result: &result}, nil
	case errors.As(err, &failed):
		return newOutcomeResult(err), nil
	case errors.As(err, &notFound), errors.As(err, &denied):
		return nil, temporal.NewNonRetryableApplicationError(redactText(err.Error()), FailureState, nil)
	default:
		return nil, newFailure(err, true)
	}
}

// newOutcomeResult returns the end of a restore with an error.
func newOutcomeResult(err error) *OutcomeResult {
	result := &OutcomeResult{IsCancelled: temporal.IsCanceledError(err)}
	result.FailureType, result.Failure = describeChildError(err)
	if outcome, ok := OutcomeOf(err); ok {
		result.Outcome = &outcome
	}
	return result
}

// changeReadOutcome is the change that a fleet reads how a restore has ended that it started before a reset.
const changeReadOutcome = "read outcomes after a reset"

// readExisting waits for the end of the restore of a row whose workflow exists. It returns the error that
// its child would have.
func (f *fleet) readExisting(ctx workflow.Context, row *FleetRow, plan *Plan, exists error) (*durable.Result, error) {
	if workflow.GetVersion(ctx, changeReadOutcome, workflow.DefaultVersion, 1) < 1 {
		return nil, exists
	}
	waiting, _ := workflow.NewDisconnectedContext(ctx)
	options := workflow.WithActivityOptions(waiting, plan.waitOptions())
	future := workflow.ExecuteActivity(options, OutcomeActivity, OutcomeRequest{WorkflowID: row.WorkflowID})
	f.awaitOrCancel(ctx, row.WorkflowID, future)
	var end OutcomeResult
	if err := future.Get(waiting, &end); err != nil {
		text, _ := describeActivityError(err)
		return nil, newWorkflowError(existsText+": "+text, FailureState)
	}
	return end.Result, end.err()
}

// awaitOrCancel waits until a workflow that is not a child has ended. It cancels it with the fleet.
func (f *fleet) awaitOrCancel(ctx workflow.Context, workflowID string, end workflow.Future) {
	waiting, _ := workflow.NewDisconnectedContext(ctx)
	err := workflow.Await(ctx, end.IsReady)
	if err != nil {
		_ = workflow.RequestCancelExternalWorkflow(waiting, workflowID, "").Get(waiting, nil) // it can have ended
	}
}

// err returns the error of a workflow that ended badly.
func (o *OutcomeResult) err() error {
	var details []any
	if o.Outcome != nil {
		details = append(details, *o.Outcome)
	}
	switch {
	case o.IsCancelled:
		return temporal.NewCanceledError(details...)
	case o.FailureType != "" || o.Failure != "":
		return newWorkflowError(o.Failure, cmp.Or(o.FailureType, FailureState), details...)
	case o.Result == nil:
		return newWorkflowError("the outcome of the restore is empty", FailureState)
	default:
		return nil
	}
}
