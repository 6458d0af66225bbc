package restoretemporal

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// recordedEnd is the end of a workflow, as a client receives it.
type recordedEnd struct {
	result *durable.Result
	err    error
	ended  chan struct{} // nil if it has ended
}

func (r *recordedEnd) Get(ctx context.Context, result any) error {
	if r.ended != nil {
		select {
		case <-r.ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if r.err == nil {
		*result.(*durable.Result) = *r.result
	}
	return r.err
}

const resetFleet = "reset fleet"

// newResetFixture has the workflow of a fleet whose first restore was started before a reset.
func newResetFixture(t *testing.T) (f *fixture, end *recordedEnd) {
	t.Helper()
	f = newFixture(t, restorejobstest.AtlasV2Cluster)
	end = &recordedEnd{}
	f.findWorkflow = func(workflowID string) workflowRun {
		assert.Equal(t, "default-test-workflow-id/cluster-0/default-", workflowID)
		return end
	}
	f.newEnv()
	f.env.RegisterWorkflowWithOptions(func(ctx workflow.Context, request FleetRequest) (*FleetResult, error) {
		child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
			WorkflowID:        "default-test-workflow-id/cluster-0/default-",
			ParentClosePolicy: enumspb.PARENT_CLOSE_POLICY_ABANDON,
		})
		end.result = &durable.Result{}
		err := workflow.ExecuteChildWorkflow(child, RestoreWorkflow, RestoreRequest{Plan: request.Restores[0].Plan}).Get(ctx, end.result)
		if end.err == nil && err != nil {
			end.err = &executionError{err}
		}
		return Fleet(ctx, request)
	}, workflow.RegisterOptions{Name: resetFleet})
	return f, end
}

// executionError is the error of a workflow, as a client receives it. That of the SDK cannot be made.
type executionError struct{ cause error }

func (e *executionError) Error() string { return e.cause.Error() }
func (e *executionError) Unwrap() []error {
	return []error{&temporal.WorkflowExecutionError{}, e.cause}
}

func (f *fixture) runReset(request FleetRequest) *FleetResult {
	f.t.Helper()
	f.env.ExecuteWorkflow(resetFleet, request)
	f.faults.ended.Store(true)
	var result FleetResult
	require.NoError(f.t, f.env.GetWorkflowResult(&result))
	return &result
}

// The restores that ended before the reset of their fleet keep their results.
func TestFleet_resetReadsTheResult(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f, end := newResetFixture(t)
		result := f.runReset(f.fleetOf(2, 1))
		assert.Equal(t, map[FleetStatus]int{FleetDone: 2}, result.Counts)
		require.NotEmpty(t, end.result.Jobs)
		assert.Equal(t, []string{end.result.Jobs[0].ID}, result.Rows[0].JobIDs)
		assert.Equal(t, 1, result.Rows[0].Files)
		assert.Equal(t, 2, f.server.CreateCount())
	})
}

func TestFleet_resetReadsTheFailure(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f, _ := newResetFixture(t)
		request := f.fleetOf(1, 1)
		f.failJobsOf("project-0", "cluster-0")
		result := f.runReset(request)
		assert.Equal(t, map[FleetStatus]int{FleetFailed: 1}, result.Counts)
		row := result.Rows[0]
		assert.Equal(t, FailureJobs, row.FailureType)
		require.NotNil(t, row.State)
		assert.Equal(t, durable.StepFailed, row.State.Step)
		assert.Equal(t, row.JobIDs, row.State.JobIDs)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestFleet_resetReadsAnotherEnd(t *testing.T) {
	t.Parallel()
	state := durable.State{Version: 1, Step: durable.StepWait, JobIDs: []string{"a"}}
	outcome := Outcome{State: state, Advice: adviceFor(&state)}
	for name, test := range map[string]struct {
		err         error
		status      FleetStatus
		failureType string
		text        string
	}{
		"cancelled": {
			err:    &executionError{temporal.NewCanceledError(outcome)},
			status: FleetCancelled,
		},
		"terminated": {
			err:         &executionError{errors.New("terminated by an operator")},
			status:      FleetFailed,
			failureType: FailureTemporary,
			text:        "terminated by an operator",
		},
		"failed without a type": {
			err:         &executionError{temporal.NewApplicationError("of another version", "")},
			status:      FleetFailed,
			failureType: FailureState,
			text:        "of another version",
		},
		"not found": {
			err:         serviceerror.NewNotFound("after the retention"),
			status:      FleetFailed,
			failureType: FailureState,
			text:        existsText + ": after the retention",
		},
		"not permitted": {
			err:         serviceerror.NewPermissionDenied("no role", ""),
			status:      FleetFailed,
			failureType: FailureState,
			text:        existsText + ": no role",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				f, end := newResetFixture(t)
				end.err = test.err
				result := f.runReset(f.fleetOf(1, 1))
				row := result.Rows[0]
				assert.Equal(t, test.status, row.Status)
				assert.Equal(t, test.failureType, row.FailureType)
				assert.Contains(t, row.Failure, test.text)
				assert.Equal(t, test.status == FleetCancelled, row.State != nil)
				assert.Equal(t, 1, f.server.CreateCount())
			})
		})
	}
}

// The read is repeated while Temporal does not respond, and the restore is not started again.
func TestFleet_resetWithoutAResponse(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f, end := newResetFixture(t)
		end.err = serviceerror.NewUnavailable("try again")
		f.env.RegisterDelayedCallback(func() { end.err = nil }, 20*time.Minute)
		result := f.runReset(f.fleetOf(1, 1))
		assert.Equal(t, map[FleetStatus]int{FleetDone: 1}, result.Counts)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

// A cancelled fleet cancels the restore that it reads, and waits for its end.
func TestFleet_resetAndCancelled(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f, end := newResetFixture(t)
		state := durable.State{Version: 1, Step: durable.StepWait, JobIDs: []string{"a"}}
		end.err = &executionError{temporal.NewCanceledError(Outcome{State: state, Advice: adviceFor(&state)})}
		end.ended = make(chan struct{})
		f.env.OnRequestCancelExternalWorkflow(mock.Anything, "default-test-workflow-id/cluster-0/default-", "").Return(func(string, string, string) error {
			close(end.ended)
			return nil
		})
		f.env.RegisterDelayedCallback(f.env.CancelWorkflow, 48*time.Hour)
		f.env.ExecuteWorkflow(resetFleet, f.fleetOf(2, 1))
		f.faults.ended.Store(true)
		result, ok := FleetResultOf(f.env.GetWorkflowError())
		require.True(t, ok, "%v", f.env.GetWorkflowError())
		assert.Equal(t, FleetCancelled, result.Rows[0].Status)
		require.NotNil(t, result.Rows[0].State)
		assert.Equal(t, state.JobIDs, result.Rows[0].State.JobIDs)
	})
}

// A history of an earlier version, in which the row failed, continues as it began: without a read.
func TestFleet_resetOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	const name = "reset"
	exists := errors.New("exists")
	var got error
	replayer := worker.NewWorkflowReplayer()
	replayer.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		_, got = (&fleet{}).readExisting(ctx, &FleetRow{}, &Plan{}, exists)
		return nil
	}, workflow.RegisterOptions{Name: name})
	h := &historyBuilder{}
	h.addStart(name)
	h.addTask()
	h.addEnd()
	require.NoError(t, replayer.ReplayWorkflowHistory(discardLogger(), &history.History{Events: h.events}))
	assert.Equal(t, exists, got)
}
