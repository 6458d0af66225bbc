package restoretemporal

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// pauseDuring pauses the workflow while an activity runs for the first time.
func (f *fixture) pauseDuring(name string) {
	var once sync.Once
	f.faults.before = func(_ context.Context, performed string) {
		if performed == name {
			once.Do(func() { f.env.SignalWorkflow(PauseSignal, nil) })
		}
	}
}

func TestRestore_paused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		during string
		step   durable.Step
		want   []string // after the pause
	}{
		"before the preparation": {
			during: ChooseActivity,
			step:   durable.StepPrepare,
			want:   []string{CheckActivity, PrepareActivity, CreateActivity, WaitActivity},
		},
		"before the create": {
			during: PrepareActivity,
			step:   durable.StepCreate,
			want:   []string{CheckActivity, PrepareActivity, CreateActivity, WaitActivity},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				f := newFixture(t, restorejobstest.AtlasV2Cluster)
				f.pauseDuring(test.during)
				performed := 0
				f.env.RegisterDelayedCallback(func() {
					progress := f.query()
					assert.True(t, progress.Paused)
					assert.Equal(t, test.step, progress.State.Step)
					assert.Zero(t, f.server.CreateCount())
					performed = len(f.faults.performed())
					f.env.SignalWorkflow(ResumeSignal, nil)
				}, 100*time.Hour)
				_, err := f.restore(f.toCluster())
				require.NoError(t, err)
				assert.Equal(t, test.want, f.faults.performed()[performed:])
				assert.Equal(t, 1, f.server.CreateCount())
				assert.False(t, f.query().Paused)
			})
		})
	}
}

// A create whose response was lost is searched for, and another one is not sent, while the workflow is paused.
func TestRestore_pausedBeforeAnUnknownCreate(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.cancelDuring(PrepareActivity)
		_, err := f.restore(f.toCluster())
		outcome, ok := OutcomeOf(err)
		require.True(t, ok, "%v", err)
		state := outcome.State
		state.Step = durable.StepCreate
		state.Intent = time.Now()

		f.newEnv()
		f.pauseDuring(ResolveActivity)
		isResumed := false
		f.env.RegisterDelayedCallback(func() {
			assert.True(t, f.query().Paused)
			assert.Zero(t, f.server.CreateCount())
			isResumed = true
			f.env.SignalWorkflow(ResumeSignal, nil)
		}, time.Hour)
		_, err = f.run(RestoreRequest{Plan: f.toCluster(), State: &state})
		require.NoError(t, err)
		assert.True(t, isResumed, "the create was not before the end of the pause")
		assert.Equal(t, 1, f.server.CreateCount())
		assert.NotContains(t, f.faults.performed()[6:], PrepareActivity)
	})
}

// A pause after the create has no effect.
func TestRestore_pausedTooLate(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.pauseDuring(WaitActivity)
		_, err := f.restore(f.toDirectory())
		require.NoError(t, err)
		assert.True(t, f.query().Paused)
	})
}

func TestRestore_cancelledWhilePaused(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.pauseDuring(PrepareActivity)
		f.env.RegisterDelayedCallback(f.env.CancelWorkflow, time.Hour)
		_, err := f.restore(f.toCluster())
		outcome, ok := OutcomeOf(err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, durable.StepCreate, outcome.State.Step)
		assert.Zero(t, f.server.CreateCount())
	})
}

func (f *fixture) query() Progress {
	f.t.Helper()
	value, err := f.env.QueryWorkflow(StateQuery)
	require.NoError(f.t, err)
	var progress Progress
	require.NoError(f.t, value.Get(&progress))
	return progress
}
