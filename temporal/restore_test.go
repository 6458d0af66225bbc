package restoretemporal

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

func TestRestore_intoCluster(t *testing.T) {
	t.Parallel()
	for _, scope := range []restorejobstest.Scope{
		restorejobstest.AtlasV2Cluster,
		restorejobstest.CloudManagerCluster,
		restorejobstest.OpsManagerCluster,
	} {
		t.Run(scope.String(), func(t *testing.T) {
			t.Parallel()
			withFixture(t, scope, func(t *testing.T, f *fixture) {
				begin := time.Now()
				result, err := f.restore(f.toCluster())
				require.NoError(t, err)
				assert.Equal(t, scope.Ref(), result.Source)
				assert.NotEmpty(t, result.Choice.SnapshotID)
				assert.False(t, result.InPlace.IsZero())
				assert.Equal(t, 1, f.server.CreateCount())
				assert.Less(t, time.Since(begin), time.Hour)
				assert.Equal(t, stepsIntoCluster, f.faults.performed())
			})
		})
	}
}

var stepsIntoCluster = []string{
	ResolveActivity,
	ChooseActivity,
	CheckActivity,
	PrepareActivity,
	CreateActivity,
	WaitActivity,
}

func TestRestore_download(t *testing.T) {
	t.Parallel()
	for _, scope := range []restorejobstest.Scope{
		restorejobstest.AtlasV2Cluster,
		restorejobstest.AtlasV2Flex,
		restorejobstest.AtlasV2LegacyCluster,
		restorejobstest.CloudManagerCluster,
		restorejobstest.OpsManagerCluster,
		restorejobstest.MMSCluster,
	} {
		t.Run(scope.String(), func(t *testing.T) {
			t.Parallel()
			withFixture(t, scope, func(t *testing.T, f *fixture) {
				result, err := f.restore(f.toDirectory())
				require.NoError(t, err)
				require.NotEmpty(t, result.Files)
				assert.FileExists(t, result.Files[0].Path)
				assert.Equal(t, filepath.Join(f.activities.Directory, "orders", "monday"), filepath.Dir(result.Files[0].Path))
				assert.Equal(t, 1, f.server.CreateCount())
			})
		})
	}
}

func TestRestore_byNames(t *testing.T) {
	t.Parallel()
	for scope, product := range map[restorejobstest.Scope]string{
		restorejobstest.AtlasV2Cluster:      ProductAtlas,
		restorejobstest.CloudManagerCluster: ProductCloudManager,
		restorejobstest.OpsManagerCluster:   ProductOpsManager,
	} {
		t.Run(product, func(t *testing.T) {
			t.Parallel()
			withFixture(t, scope, func(t *testing.T, f *fixture) {
				result, err := f.restore(Plan{
					Source: Cluster{
						Product: product,
						Project: scope.ProjectName(),
						Cluster: scope.ClusterName(),
					},
					To: &Cluster{Project: scope.ProjectName(), Cluster: scope.TargetName()},
				})
				require.NoError(t, err)
				assert.Equal(t, scope.Ref(), result.Source)
				assert.Contains(t, result.Destination, scope.Target())
				assert.Equal(t, 1, f.server.CreateCount())
			})
		})
	}
}

func TestRestore_points(t *testing.T) {
	t.Parallel()
	scope := restorejobstest.AtlasV2Cluster
	snapshot := scope.Snapshots()[0]
	for name, point := range map[string]Point{
		"snapshot": {SnapshotID: snapshot},
		"before":   {Before: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)},
		"time":     {Time: time.Date(2026, 8, 31, 23, 0, 0, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withFixture(t, scope, func(t *testing.T, f *fixture) {
				plan := f.toCluster()
				plan.Point = point
				result, err := f.restore(plan)
				require.NoError(t, err)
				if point.SnapshotID != "" {
					assert.Equal(t, snapshot, result.Choice.SnapshotID)
				}
				if !point.Time.IsZero() {
					assert.True(t, point.Time.Equal(result.Choice.Time))
				}
			})
		})
	}
}

func TestRestore_deliver(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		f.activities.Directory = ""
		f.activities.Deliver = f.deliver
		f.newEnv()
		plan := f.toDirectory()
		result, err := f.restore(plan)
		require.NoError(t, err)
		require.Len(t, result.Files, 1)
		assert.Equal(t, "bucket/orders/monday", result.Files[0].Path)
	})
}

func TestRestore_failedJob(t *testing.T) {
	t.Parallel()
	for name, maxAttempts := range map[string]int{"once": 0, "twice": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
				f.failJobs()
				plan := f.toCluster()
				plan.MaxAttempts = maxAttempts
				_, err := f.restore(plan)
				require.Error(t, err)
				assert.Equal(t, FailureJobs, FailureType(err))
				outcome, ok := OutcomeOf(err)
				require.True(t, ok)
				assert.Equal(t, durable.StepFailed, outcome.State.Step)
				assert.Contains(t, outcome.Advice, "maxAttempts")
				assert.Equal(t, max(1, maxAttempts), f.server.CreateCount())
			})
		})
	}
}

func TestRestore_failedJobThenMoreAttempts(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		f.failJobs()
		plan := f.toCluster()
		_, err := f.restore(plan)
		outcome, ok := OutcomeOf(err)
		require.True(t, ok)
		f.faults.before = nil
		f.newEnv()
		plan.MaxAttempts = 2
		result, err := f.run(RestoreRequest{Plan: plan, State: &outcome.State})
		require.NoError(t, err)
		assert.Equal(t, 2, result.Attempts)
		assert.Equal(t, 2, f.server.CreateCount())
	})
}

func TestRestore_stateOfAnotherPlan(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		f.failJobs()
		_, err := f.restore(f.toCluster())
		outcome, ok := OutcomeOf(err)
		require.True(t, ok)
		for _, step := range []durable.Step{durable.StepFailed, durable.StepCreate, durable.StepWait, "unknown"} {
			f.newEnv()
			state := outcome.State
			state.Step = step
			_, err = f.run(RestoreRequest{Plan: f.toDirectory(), State: &state})
			assert.Equal(t, FailureState, FailureType(err), "%v", err)
		}
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

// The end of another plan is not that of this one.
func TestRestore_stateThatHasEnded(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		result, err := f.restore(f.toCluster())
		require.NoError(t, err)
		state := f.query().State
		require.Equal(t, durable.StepDone, state.Step)

		f.newEnv()
		_, err = f.run(RestoreRequest{Plan: f.toDirectory(), State: &state})
		assert.Equal(t, FailureState, FailureType(err), "%v", err)

		f.newEnv()
		again, err := f.run(RestoreRequest{Plan: f.toCluster(), State: &state})
		require.NoError(t, err)
		assert.Equal(t, result.Jobs[0].ID, again.Jobs[0].ID)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

// A payload that is wrong fails the workflow, and nothing is sent.
func TestRestore_invalidPayload(t *testing.T) {
	t.Parallel()
	ref := restorejobstest.AtlasV2Cluster.Ref()
	for name, test := range map[string]struct{ payload, text string }{
		"empty":           {`{}`, "source must be set"},
		"unknown field":   {`{"plan": {"source": {"ref": "` + ref + `"}, "too": {}}}`, `unknown field "too"`},
		"unknown request": {`{"plans": {}}`, `unknown field "plans"`},
		"text":            {`"plan"`, "cannot be read"},
		"duration":        {`{"plan": {"busyTimeout": 5}}`, `a duration must be text such as "1h30m"`},
		"no reference":    {`{"plan": {"source": {"ref": "orders"}, "directory": "."}}`, `"orders" must be one of`},
		"host as target":  {`{"plan": {"source": {"ref": "` + restorejobstest.CloudManagerCluster.Ref() + `"}, "to": {"ref": "` + restorejobstest.CloudManagerHost.Ref() + `"}}}`, "must be a cluster"},
		"other product":   {`{"plan": {"source": {"ref": "` + ref + `"}, "to": {"ref": "` + restorejobstest.OpsManagerCluster.Ref() + `"}}}`, "must be a cluster of AtlasV2"},
		"MMS target":      {`{"plan": {"source": {"ref": "` + restorejobstest.MMSCluster.Ref() + `"}, "to": {"ref": "` + restorejobstest.MMSCluster.Ref() + `"}}}`, ""},
		"no directory":    {`{"plan": {"source": {"ref": "` + ref + `"}}}`, "directory"},
		"download of a time": {
			`{"plan": {"source": {"ref": "` + ref + `"}, "directory": ".", "point": {"time": "2026-08-31T23:00:00Z"}}}`, "point in time",
		},
		"links of Atlas": {`{"plan": {"source": {"ref": "` + ref + `"}, "directory": ".", "maxDownloads": 3}}`, "MaxDownloads"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
				_, err := f.run(json.RawMessage(test.payload))
				require.Error(t, err)
				assert.Equal(t, FailureInvalidPlan, FailureType(err), "%v", err)
				require.ErrorContains(t, err, test.text)
				assert.Empty(t, f.server.Requests(), "nothing was sent")
			})
		})
	}
}

func TestRestore_withoutArgument(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		f.env.ExecuteWorkflow(RestoreWorkflow, nil)
		assert.Equal(t, FailureInvalidPlan, FailureType(f.env.GetWorkflowError()), "%v", f.env.GetWorkflowError())
	})
}

func TestRestore_retryPolicy(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		f.faults.editInfo = func(info *workflow.Info) { info.RetryPolicy = &temporal.RetryPolicy{} }
		_, err := f.restore(f.toCluster())
		assert.Equal(t, FailureInvalidPlan, FailureType(err), "%v", err)
		require.ErrorContains(t, err, "no retry policy")
		assert.Empty(t, f.server.Requests())
	})
}

// Each run of a cron would continue the same restore, and report its end as that of another one.
func TestRestore_cronWithAState(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		result, err := f.restore(f.toCluster())
		require.NoError(t, err)
		state := f.query().State
		f.newEnv()
		f.faults.editInfo = func(info *workflow.Info) { info.CronSchedule = "0 2 * * *" }
		_, err = f.run(RestoreRequest{Plan: f.toCluster(), State: &state})
		assert.Equal(t, FailureInvalidPlan, FailureType(err), "%v", err)
		require.ErrorContains(t, err, "a cron must have no state")

		time.Sleep(6 * time.Hour)
		f.newEnv()
		f.faults.editInfo = func(info *workflow.Info) {
			info.CronSchedule = "0 2 * * *"
			info.WorkflowStartTime = time.Now()
		}
		again, err := f.restore(f.toCluster())
		require.NoError(t, err)
		assert.NotEqual(t, result.Jobs[0].ID, again.Jobs[0].ID)
	})
}

func TestRestore_unknownName(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		plan := f.toCluster()
		plan.To = &Cluster{Product: ProductAtlas, Project: f.scope.ProjectName(), Cluster: "nowhere"}
		_, err := f.restore(plan)
		assert.Equal(t, FailureInvalidPlan, FailureType(err), "%v", err)
		require.ErrorContains(t, err, "nowhere")
		assert.Zero(t, f.server.CreateCount())
	})
}

func TestRestore_targetThatDiffers(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		plan := f.toCluster()
		plan.To = &Cluster{Ref: f.scope.Ref()}
		_, err := f.restore(plan)
		assert.Equal(t, FailureTarget, FailureType(err), "%v", err)
		assert.Zero(t, f.server.CreateCount())
		f.newEnv()
		plan.OverwriteSource = true
		_, err = f.restore(plan)
		require.NoError(t, err)
	})
}

func TestRestore_refusedKey(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		f.server.InjectFault(restorejobstest.RespondError(http.StatusForbidden, "USER_UNAUTHORIZED"), 1000)
		_, err := f.restore(f.toCluster())
		assert.Equal(t, FailureRefused, FailureType(err), "%v", err)
		assert.Zero(t, f.server.CreateCount())
	})
}

// After the create, a key can be replaced.
func TestRestore_refusedKeyAfterTheCreate(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		get := "GET /api/atlas/v2/groups/{project}/clusters/{cluster}/backup/restoreJobs/{job}"
		f.server.InjectFault(restorejobstest.RespondError(http.StatusUnauthorized, "USER_UNAUTHORIZED").On(get), 3)
		_, err := f.restore(f.toCluster())
		require.NoError(t, err)
		assert.Greater(t, f.faults.attempts[WaitActivity], int32(1))
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_fileInTheWay(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		result, err := f.restore(f.toDirectory())
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(result.Files[0].Path, []byte("another file"), 0o600))
		f.newEnv()
		_, err = f.restore(f.toDirectory())
		assert.Equal(t, FailureFile, FailureType(err), "%v", err)
	})
}

// A job that the service does not have any more ends the restore with its ID. Another one is not created.
func TestRestore_missingJob(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		const list = "GET /api/atlas/v2/groups/{project}/clusters/{cluster}/backup/restoreJobs"
		f.faults.before = func(_ context.Context, name string) {
			if name == WaitActivity {
				f.server.InjectFault(restorejobstest.RespondError(404, "RESTORE_JOB_NOT_FOUND").On(list+"/{job}"), 100)
				f.server.InjectFault(restorejobstest.RewriteBody(func([]byte) []byte { return []byte(`{"results":[],"totalCount":0}`) }).On(list), 100)
			}
		}
		plan := f.toCluster()
		plan.MaxAttempts = 3
		_, err := f.restore(plan)
		assert.Equal(t, FailureJobs, FailureType(err), "%v", err)
		outcome, ok := OutcomeOf(err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, durable.StepFailed, outcome.State.Step)
		require.Len(t, outcome.State.JobIDs, 1)
		require.ErrorContains(t, err, "job "+outcome.State.JobIDs[0]+" does not exist any more")
		assert.Contains(t, outcome.Advice, "a higher maxAttempts")
		assert.Equal(t, 1, f.server.CreateCount())

		f.server.ClearFaults()
		f.newEnv()
		f.faults.before = nil
		_, err = f.run(RestoreRequest{Plan: plan, State: &outcome.State})
		assert.Equal(t, FailureJobs, FailureType(err), "%v", err)
		assert.Equal(t, 1, f.server.CreateCount())
		f.server.FinishJob(outcome.State.JobIDs[0])
		f.newEnv()
		plan.MaxAttempts = 4
		_, err = f.run(RestoreRequest{Plan: plan, State: &outcome.State})
		require.NoError(t, err)
		assert.Equal(t, 2, f.server.CreateCount())
	})
}
