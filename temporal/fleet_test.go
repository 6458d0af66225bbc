package restoretemporal

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs/restorejobstest"
)

// fleetOf returns a fleet of downloads, each of a cluster of its own, in several projects.
func (f *fixture) fleetOf(restores, projects int) FleetRequest {
	f.t.Helper()
	var request FleetRequest
	var ids []string
	for i := range restores {
		project := fmt.Sprintf("project-%d", i%projects)
		name := fmt.Sprintf("cluster-%d", i)
		if i < projects {
			ids = append(ids, f.server.AddProject(f.scope, project))
		}
		f.addCluster(ids[i%projects], name)
		request.Restores = append(request.Restores, NamedPlan{
			Name: name,
			Plan: Plan{
				Source: Cluster{
					Product: ProductAtlas,
					Project: project,
					Cluster: name,
				},
				Directory: name,
			},
		})
	}
	return request
}

func TestFleet_allEndWell(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		result, err := f.runFleet(f.fleetOf(12, 3))
		require.NoError(t, err)
		assert.Equal(t, map[FleetStatus]int{FleetDone: 12}, result.Counts)
		assert.Equal(t, 12, f.server.CreateCount())
		for i, row := range result.Rows {
			assert.Equal(t, fmt.Sprintf("cluster-%d", i), row.Name)
			assert.Equal(t, "default-test-workflow-id/"+row.Name+"/default-", row.WorkflowID)
			assert.Len(t, row.JobIDs, 1)
			assert.Equal(t, 1, row.Files)
			assert.Positive(t, row.Bytes)
			assert.False(t, row.Ended.IsZero())
			assert.Nil(t, row.State)
		}
		assert.False(t, result.End.IsZero())
	})
}

func TestFleet_limits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ maxRunning, perProject, wantRunning, wantInProject int }{
		"in all":        {maxRunning: 4, perProject: -1, wantRunning: 4, wantInProject: 2},
		"per project":   {maxRunning: -1, perProject: 2, wantRunning: 6, wantInProject: 2},
		"both":          {maxRunning: 5, perProject: 2, wantRunning: 5, wantInProject: 2},
		"the defaults":  {wantRunning: 15, wantInProject: 5},
		"without limit": {maxRunning: -1, perProject: -1, wantRunning: 24, wantInProject: 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
				request := f.fleetOf(24, 3)
				running := f.observeRunning(request)
				request.MaxRunning = test.maxRunning
				request.MaxRunningPerProject = test.perProject
				result, err := f.runFleet(request)
				require.NoError(t, err)
				assert.Equal(t, 24, result.Counts[FleetDone])
				assert.Equal(t, test.wantRunning, running.maxAll)
				assert.Equal(t, test.wantInProject, running.maxInOne)
			})
		})
	}
}

func TestFleet_oneFails(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		request := f.fleetOf(5, 1)
		request.Restores[2].Plan.Point.SnapshotID = strings.Repeat("7", 24)
		result, err := f.runFleet(request)
		require.NoError(t, err)
		assert.Equal(t, map[FleetStatus]int{FleetDone: 4, FleetFailed: 1}, result.Counts)
		assert.Equal(t, FailureRefused, result.Rows[2].FailureType)
		assert.NotEmpty(t, result.Rows[2].Failure)
		var table strings.Builder
		require.NoError(t, result.WriteTable(&table))
		assert.Contains(t, table.String(), "cluster-2  failed")
		assert.Contains(t, table.String(), "5 restores: 4 done, 1 failed")
	})
}

func TestFleet_failureBudget(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ budget, failed, done, skipped int }{
		"first failure": {budget: 1, failed: 1, skipped: 9},
		"two":           {budget: 2, failed: 2, skipped: 8},
		"default":       {failed: 3, skipped: 7},
		"without":       {budget: -1, failed: 4, done: 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
				request := f.fleetOf(10, 1)
				for i := range 4 {
					request.Restores[i].Plan.Point.SnapshotID = strings.Repeat("7", 24)
				}
				request.MaxRunning = 1
				request.FailureBudget = test.budget
				result, err := f.runFleet(request)
				require.NoError(t, err)
				assert.Equal(t, test.failed, result.Counts[FleetFailed])
				assert.Equal(t, test.done, result.Counts[FleetDone])
				assert.Equal(t, test.skipped, result.Counts[FleetSkipped])
				assert.Equal(t, test.skipped > 0, result.BudgetUsed)
				assert.Equal(t, test.done, f.server.CreateCount())
			})
		})
	}
}

func TestFleet_unknownName(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		request := f.fleetOf(5, 1)
		request.Restores[3].Plan.Source.Cluster = "nowhere"
		request.Restores[4].Plan.Source.Project = "nothing"
		_, err := f.runFleet(request)
		assert.Equal(t, FailureInvalidPlan, FailureType(err), "%v", err)
		require.ErrorContains(t, err, `restore "cluster-3"`)
		require.ErrorContains(t, err, `"nowhere"`)
		require.ErrorContains(t, err, `"nothing"`)
		assert.Zero(t, f.server.CreateCount())
	})
}

// requireSharedTarget refuses a fleet with two restores into the target of the scope, one of them by
// another name of it.
func (f *fixture) requireSharedTarget(otherName Cluster) {
	f.t.Helper()
	other := f.toCluster()
	other.To = &otherName
	_, err := f.runFleet(FleetRequest{Restores: []NamedPlan{
		{Name: "a", Plan: f.toCluster()},
		{Name: "b", Plan: other},
	}})
	assert.Equal(f.t, FailureInvalidPlan, FailureType(err), "%v", err)
	require.ErrorContains(f.t, err, `restores "a" and "b" have the same target`)
	assert.Zero(f.t, f.server.CreateCount())
}

func TestFleet_sharedTarget(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(_ *testing.T, f *fixture) {
		f.requireSharedTarget(Cluster{
			Product: ProductAtlas,
			Project: f.scope.ProjectName(),
			Cluster: f.scope.TargetName(),
		})
	})
}

func TestFleet_cancelled(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		request := f.fleetOf(6, 1)
		request.MaxRunning = 2
		var cancel sync.Once
		f.faults.before = func(_ context.Context, name string) {
			if name == WaitActivity && f.server.CreateCount() == 4 {
				cancel.Do(f.env.CancelWorkflow)
			}
		}
		_, err := f.runFleet(request)
		result, ok := FleetResultOf(err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, 2, result.Counts[FleetDone])
		assert.Equal(t, 2, result.Counts[FleetCancelled])
		assert.Equal(t, 2, result.Counts[FleetSkipped])

		f.newEnv()
		f.faults.before = nil
		for i, row := range result.Rows {
			assert.Equal(t, row.Status == FleetCancelled, row.State != nil)
			request.Restores[i].State = row.State
		}
		request.Restores = request.Restores[2:]
		again, err := f.runFleet(request)
		require.NoError(t, err)
		assert.Equal(t, map[FleetStatus]int{FleetDone: 4}, again.Counts)
		assert.Equal(t, 6, f.server.CreateCount(), "the jobs of the cancelled restores continued")
	})
}

func TestFleet_paused(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		request := f.fleetOf(4, 1)
		f.env.RegisterDelayedCallback(func() { f.env.SignalWorkflow(PauseSignal, nil) }, 0)
		f.env.RegisterDelayedCallback(func() {
			var result FleetResult
			value, err := f.env.QueryWorkflow(ProgressQuery)
			require.NoError(t, err)
			require.NoError(t, value.Get(&result))
			assert.True(t, result.Paused)
			assert.Equal(t, 4, result.Counts[FleetWaiting])
			f.env.SignalWorkflow(ResumeSignal, nil)
		}, 48*time.Hour)
		result, err := f.runFleet(request)
		require.NoError(t, err)
		assert.Equal(t, 4, result.Counts[FleetDone])
		assert.False(t, result.Paused)
	})
}

// A cron begins its next run with the argument of the last run, which can be a continuation.
func TestFleet_cron(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		f.faults.editInfo = func(info *workflow.Info) { info.CronSchedule = "0 2 * * *" }
		_, err := f.runFleet(f.fleetOf(3, 1))
		assert.Equal(t, FailureInvalidPlan, FailureType(err), "%v", err)
		require.ErrorContains(t, err, "the fleet must have no cron schedule")
		assert.Zero(t, f.server.CreateCount())
	})
}

// A row has the ID of its workflow, which begins with that of the fleet, and JSON can need six bytes for
// one of it.
func TestFleet_longID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{strings.Repeat("f", maxFleetID+1), strings.Repeat("&", maxFleetID/6+1)} {
		withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
			f.faults.editInfo = func(info *workflow.Info) { info.WorkflowExecution.ID = id }
			_, err := f.runFleet(f.fleetOf(3, 1))
			assert.Equal(t, FailureInvalidPlan, FailureType(err), "%v", err)
			require.ErrorContains(t, err, "the workflow ID must have at most 300 bytes of JSON")
			assert.Zero(t, f.server.CreateCount())
		})
	}
}

func TestFleet_sharedTargetOfTwoAPIs(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(_ *testing.T, f *fixture) {
		source := f.activities.Client.AtlasV1.Cluster(f.scope.Project(), f.scope.Target())
		f.requireSharedTarget(Cluster{Ref: source.Ref()})
	})
}
