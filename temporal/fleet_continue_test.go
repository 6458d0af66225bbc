package restoretemporal

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// A fleet that continues as new has the result of one that does not.
func TestFleet_continuesAsNew(t *testing.T) {
	t.Parallel()
	for _, cause := range []string{"starts", "suggestion"} {
		t.Run(cause, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				whole := newFixture(t, restorejobstest.AtlasV2Cluster)
				request := whole.fleetOf(10, 2)
				request.Restores[5].Plan.Point.SnapshotID = strings.Repeat("7", 24)
				want, err := whole.runFleet(request)
				require.NoError(t, err)

				f := newFixture(t, restorejobstest.AtlasV2Cluster)
				_ = f.fleetOf(10, 2)
				payload, err := json.Marshal(request)
				require.NoError(t, err)
				runs := 0
				f.faults.editInfo = func(info *workflow.Info) {
					if runs > 1 {
						info.ContinuedExecutionRunID = "the run before"
					}
				}
				for {
					var next FleetRequest
					require.NoError(t, json.Unmarshal(payload, &next))
					if cause == "starts" {
						next.MaxStartsPerRun = 4
					} else {
						next.MaxRunning = 4
						f.env.RegisterDelayedCallback(func() { f.env.SetContinueAsNewSuggested(true) }, time.Millisecond)
					}
					runs++
					result, err := f.runFleet(next)
					var continued *workflow.ContinueAsNewError
					if err == nil {
						assert.Equal(t, withoutTimes(want), withoutTimes(result))
						break
					}
					require.ErrorAs(t, err, &continued)
					assert.Equal(t, FleetWorkflow, continued.WorkflowType.Name)
					payload = continued.Input.Payloads[0].Data
					f.newEnv()
				}
				assert.Equal(t, 3, runs)
				assert.Equal(t, 9, f.server.CreateCount())
			})
		})
	}
}

// withoutTimes is a result without times and ids.
func withoutTimes(result *FleetResult) FleetResult {
	plain := *result
	plain.Begin = time.Time{}
	plain.End = time.Time{}
	plain.Rows = append([]FleetRow(nil), result.Rows...)
	for i := range plain.Rows {
		row := &plain.Rows[i]
		row.Started = time.Time{}
		row.Ended = time.Time{}
		row.JobIDs = make([]string, len(row.JobIDs))
		row.RestoreSeconds = 0
		row.Failure, _, _ = strings.Cut(row.Failure, "[request")
		row.Bytes = 0
		row.Source = ""
		row.Choice = durable.Choice{}
	}
	return plain
}

// runUntilContinued runs a fleet until it continues as new, and returns the argument of its next run.
func (f *fixture) runUntilContinued(t *testing.T, request FleetRequest) (next FleetRequest) {
	t.Helper()
	_, err := f.runFleet(request)
	var continued *workflow.ContinueAsNewError
	require.ErrorAs(t, err, &continued)
	require.NoError(t, json.Unmarshal(continued.Input.Payloads[0].Data, &next))
	f.newEnv()
	return next
}

// A start with the argument of a run that continued would report the restores of another fleet as done.
func TestFleet_startedWithAContinuation(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		request := f.fleetOf(3, 1)
		request.MaxStartsPerRun = 2
		again := f.runUntilContinued(t, request)
		_, err := f.runFleet(again)
		assert.Equal(t, FailureInvalidPlan, FailureType(err), "%v", err)
		require.ErrorContains(t, err, "continued is set by the workflow only")
	})
}

// An earlier version accepted the ID of a running fleet, by its bytes. The next run continues the fleet.
func TestFleet_longIDContinues(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		request := f.fleetOf(3, 1)
		request.MaxStartsPerRun = 2
		next := f.runUntilContinued(t, request)
		f.faults.editInfo = func(info *workflow.Info) {
			info.WorkflowExecution.ID = strings.Repeat("&", maxFleetID)
			info.ContinuedExecutionRunID = "the run before"
		}
		result, err := f.runFleet(next)
		require.NoError(t, err)
		assert.Len(t, result.Rows, 3)
		assert.Equal(t, 3, f.server.CreateCount())
	})
}

// A restore that was not started keeps the state of the request. Without it, the next fleet would create
// another restore.
func TestFleet_cancelledBeforeARestoreContinued(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		request := f.fleetOf(2, 1)
		for i := range request.Restores {
			f.newEnv()
			f.cancelDuring(WaitActivity)
			_, err := f.restore(request.Restores[i].Plan)
			outcome, ok := OutcomeOf(err)
			require.True(t, ok, "%v", err)
			request.Restores[i].State = &outcome.State
		}
		require.Equal(t, 2, f.server.CreateCount())

		f.newEnv()
		f.cancelDuring(WaitActivity)
		request.MaxRunning = 1
		_, err := f.runFleet(request)
		result, ok := FleetResultOf(err)
		require.True(t, ok, "%v", err)
		require.Equal(t, map[FleetStatus]int{FleetCancelled: 1, FleetSkipped: 1}, result.Counts)

		f.newEnv()
		f.faults.before = nil
		for i := range request.Restores {
			request.Restores[i].State = result.Rows[i].State
		}
		again, err := f.runFleet(request)
		require.NoError(t, err)
		assert.Equal(t, map[FleetStatus]int{FleetDone: 2}, again.Counts)
		assert.Equal(t, 2, f.server.CreateCount())
	})
}

// A restore that failed has the state to continue with: its step, its jobs, and what to raise.
func TestFleet_failedRestoreContinues(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		request := f.fleetOf(2, 1)
		request.MaxRunning = 1
		f.failJobsOf("project-0", "cluster-0")
		recorded := f.record()
		result, err := f.runFleet(request)
		require.NoError(t, err)
		require.Equal(t, map[FleetStatus]int{FleetDone: 1, FleetFailed: 1}, result.Counts)
		assert.NotContains(t, recorded.all(), restorejobstest.PrivateKey)
		row := result.Rows[0]
		assert.Equal(t, FailureJobs, row.FailureType)
		require.NotNil(t, row.State)
		assert.Equal(t, durable.StepFailed, row.State.Step)
		assert.Equal(t, row.JobIDs, row.State.JobIDs)
		assert.Nil(t, result.Rows[1].State, "it is done")

		f.newEnv()
		request.Restores = request.Restores[:1]
		request.Restores[0].State = row.State
		request.Restores[0].Plan.MaxAttempts = 2
		again, err := f.runFleet(request)
		require.NoError(t, err)
		assert.Equal(t, map[FleetStatus]int{FleetDone: 1}, again.Counts)
		assert.Equal(t, 2, again.Rows[0].Attempts)
		assert.Equal(t, 3, f.server.CreateCount())
	})
}
