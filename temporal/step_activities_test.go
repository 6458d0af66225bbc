package restoretemporal

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

const createPath = "POST /api/atlas/v2/groups/{project}/clusters/{cluster}/backup/restoreJobs"

// A worker that is lost after a step: its effect has happened, its answer is lost.
func TestRestore_workerLostInEachStep(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		ResolveActivity,
		ChooseActivity,
		CheckActivity,
		PrepareActivity,
		CreateActivity,
		WaitActivity,
		DownloadActivity,
	} {
		for _, times := range []int{1, 3} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T) {
					f := newFixture(t, restorejobstest.AtlasV2Cluster)
					f.faults.lose(name, times)
					plan := f.toCluster()
					if name == DownloadActivity {
						plan = f.toDirectory()
					}
					_, err := f.restore(plan)
					require.NoError(t, err)
					assert.Equal(t, int32(times+1), f.faults.attempts[name])
					assert.Equal(t, 1, f.server.CreateCount())
				})
			})
		}
	}
}

// The same for the product whose create is known by other means.
func TestRestore_workerLostInTheCreateOfOpsManager(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.OpsManagerCluster)
		f.faults.lose(CreateActivity, 2)
		result, err := f.restore(f.toCluster())
		require.NoError(t, err)
		assert.Equal(t, 1, result.Attempts)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_lostResponseOfTheCreate(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.server.InjectFault(restorejobstest.DropResponse().On(createPath), 1)
		result, err := f.restore(f.toCluster())
		require.NoError(t, err)
		assert.Equal(t, 1, result.Attempts)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_createThatWasNotExecuted(t *testing.T) {
	t.Parallel()
	for _, failures := range []int{1, 3, 5} {
		bubble(t, func(t *testing.T) {
			f := newFixture(t, restorejobstest.AtlasV2Cluster)
			f.server.InjectFault(restorejobstest.RespondStatus(http.StatusInternalServerError).On(createPath), failures)
			_, err := f.restore(f.toCluster())
			require.NoError(t, err)
			assert.Equal(t, 1, f.server.CreateCount())
		})
	}
}

func TestRestore_createThatNeverSucceeds(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.server.InjectFault(restorejobstest.RespondStatus(http.StatusInternalServerError).On(createPath), 1000)
		_, err := f.restore(f.toCluster())
		assert.Equal(t, FailureTemporary, FailureType(err), "%v", err)
		outcome, ok := OutcomeOf(err)
		require.True(t, ok)
		assert.Equal(t, durable.StepCreate, outcome.State.Step)
		assert.Contains(t, outcome.Advice, "searches")
		assert.Equal(t, int32(maxCreateAttempts), f.faults.attempts[CreateActivity])
	})
}

// An attempt that hangs ends before the next one can begin.
func TestRestore_createThatHangs(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.server.InjectFault(restorejobstest.DelayResponse(100*time.Hour).On(createPath), 1)
		start := time.Now()
		_, err := f.restore(f.toCluster())
		require.NoError(t, err)
		assert.Equal(t, 1, f.server.CreateCount())
		assert.Less(t, time.Since(start), time.Hour)
	})
}

func TestRestore_severalRestores(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.faults.lose(CreateActivity, 1)
		plan := f.toDirectory()
		var other sync.Once
		f.faults.before = func(ctx context.Context, name string) {
			if name != CreateActivity {
				return
			}
			other.Do(func() { f.create(ctx) })
		}
		_, err := f.restore(plan)
		assert.Equal(t, FailureSeveralRestores, FailureType(err), "%v", err)
	})
}

// Every activity of a step refuses the state of another one.
func TestStepActivities_stateOfAnotherStep(t *testing.T) {
	t.Parallel()
	f := newFixture(t, restorejobstest.AtlasV2Cluster)
	own := map[string][]durable.Step{
		ChooseActivity:   {durable.StepChoose, durable.StepFailed},
		CheckActivity:    {durable.StepCheck},
		PrepareActivity:  {durable.StepPrepare},
		CreateActivity:   {durable.StepCreate},
		WaitActivity:     {durable.StepWait},
		DownloadActivity: {durable.StepDownload},
	}
	steps := []durable.Step{"", "unknown", durable.StepDone}
	for _, names := range own {
		steps = append(steps, names...)
	}
	for name, accepted := range own {
		for _, step := range steps {
			if slices.Contains(accepted, step) {
				continue
			}
			request := StepRequest{Plan: f.toCluster(), State: durable.State{Version: 1, Step: step}}
			_, err := f.execute(name, request)
			assert.Equal(t, FailureState, FailureType(err), "%s with %q: %v", name, step, err)
		}
	}
	assert.Empty(t, f.server.Requests())
}

func TestStepActivities_invalidPlan(t *testing.T) {
	t.Parallel()
	f := newFixture(t, restorejobstest.AtlasV2Cluster)
	for name, plan := range map[string]Plan{
		"empty": {},
		"names": {Source: Cluster{Product: "x", Project: "y", Cluster: "z"}},
		"ref":   {Source: Cluster{Ref: "atlas"}, Directory: "."},
	} {
		_, err := f.execute(ChooseActivity, StepRequest{Plan: plan, State: durable.State{Step: durable.StepChoose}})
		assert.Equal(t, FailureInvalidPlan, FailureType(err), "%s: %v", name, err)
	}
	assert.Empty(t, f.server.Requests())
}

// execute performs an activity outside of a workflow.
func (f *fixture) execute(name string, request any) (*StepResult, error) {
	f.t.Helper()
	return f.executeWith(name, request, make(chan struct{}))
}

// executeWith performs an activity of a worker that stops when the channel is closed.
func (f *fixture) executeWith(name string, request any, stop chan struct{}) (*StepResult, error) {
	f.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(discardLogger())
	env := suite.NewTestActivityEnvironment()
	env.SetWorkerStopChannel(stop)
	require.NoError(f.t, Register(activityRegistry{TestActivityEnvironment: env}, f.activities))
	value, err := env.ExecuteActivity(name, request)
	if err != nil {
		return nil, err
	}
	var result StepResult
	require.NoError(f.t, value.Get(&result))
	return &result, nil
}

// create sends the create of the newest snapshot, as another program.
func (f *fixture) create(ctx context.Context) {
	source, err := f.activities.Client.Source(f.scope.Ref())
	require.NoError(f.t, err)
	snapshot, err := source.Snapshots.Newest(ctx, restorejobs.SnapshotOptions{})
	require.NoError(f.t, err)
	_, err = source.Jobs.Create(ctx, restorejobs.FromSnapshot(snapshot.ID), restorejobs.ToDownload())
	require.NoError(f.t, err)
}
