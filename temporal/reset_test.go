package restoretemporal

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// reset begins the workflow of the same run again, from a step on: as after a reset, its activities
// get the ID of another run than the original one.
func (f *fixture) reset(begin time.Time) {
	f.newEnv()
	f.faults.editInfo = func(info *workflow.Info) {
		info.OriginalRunID = "the run before the reset"
		info.WorkflowStartTime = begin
	}
}

func TestRestore_reset(t *testing.T) {
	t.Parallel()
	for _, scope := range []restorejobstest.Scope{
		restorejobstest.AtlasV2Cluster,
		restorejobstest.CloudManagerCluster,
		restorejobstest.OpsManagerCluster,
	} {
		for name, pause := range map[string]time.Duration{
			"while the job runs":   time.Second,
			"after the job":        6 * time.Hour,
			"days after the start": 72 * time.Hour,
		} {
			for step := range map[string]bool{"to the choice": true, "to the create": true} {
				t.Run(scope.String()+" "+step+" "+name, func(t *testing.T) {
					t.Parallel()
					bubble(t, func(t *testing.T) {
						f := newFixture(t, scope)
						plan := f.toCluster()
						begin := time.Now()
						f.faults.lose(CreateActivity, 1)
						f.cancelDuring(WaitActivity)
						_, err := f.restore(plan)
						outcome, ok := OutcomeOf(err)
						require.True(t, ok, "%v", err)
						require.Equal(t, 1, f.server.CreateCount())
						time.Sleep(pause)

						f.faults.before = nil
						f.reset(begin)
						f.env.RegisterDelayedCallback(func() { f.server.Advance(6 * time.Hour) }, 10*time.Minute)
						request := RestoreRequest{Plan: plan}
						if step == "to the create" {
							request.State = stateBeforeCreate(&outcome.State, begin)
						}
						result, err := f.run(request)
						require.NoError(t, err)
						assert.Equal(t, outcome.State.JobIDs[0], result.Jobs[0].ID)
						assert.Equal(t, 1, f.server.CreateCount())
					})
				})
			}
		}
	}
}

// stateBeforeCreate is the state that the activity of the create began with.
func stateBeforeCreate(after *durable.State, begin time.Time) *durable.State {
	state := *after
	state.Step = durable.StepCreate
	state.Attempt = 0
	state.JobIDs = nil
	state.Intent = begin
	return &state
}

// A job of the same snapshot and target that is older than the workflow is not its own.
func TestRestore_resetWithAnOlderJob(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		older, err := f.restore(f.toCluster())
		require.NoError(t, err)
		time.Sleep(6 * time.Hour)
		f.reset(time.Now())
		result, err := f.restore(f.toCluster())
		require.NoError(t, err)
		assert.NotEqual(t, older.Jobs[0].ID, result.Jobs[0].ID)
		assert.Equal(t, 2, f.server.CreateCount())
	})
}

// The files of a workflow that was reset to its choice are its own. They refuse another workflow.
func TestRestore_resetOfADownloadWithItsOwnName(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.activities.Download.Name = func(restorejobs.DownloadLink) string { return "orders.tar.gz" }
		f.newEnv()
		begin := time.Now()
		first, err := f.restore(f.toDirectory())
		require.NoError(t, err)

		f.reset(begin)
		again, err := f.restore(f.toDirectory())
		require.NoError(t, err)
		assert.Equal(t, first.Files, again.Files)
		assert.Equal(t, 1, f.server.CreateCount())

		f.faults.editInfo = nil
		f.newEnv()
		_, err = f.restore(f.toDirectory())
		assert.Equal(t, FailureFile, FailureType(err), "%v", err)
		require.ErrorContains(t, err, `"orders.tar.gz" exists`)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}
