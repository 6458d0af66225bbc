package restoretemporal

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// A workflow that is cancelled during a step ends with a state that continues it: one restore in all.
func TestRestore_cancelledInEachStep(t *testing.T) {
	t.Parallel()
	for name, advice := range map[string]string{
		ResolveActivity:  "No restore was created",
		ChooseActivity:   "No restore was created",
		CheckActivity:    "No restore was created",
		PrepareActivity:  "No restore was created",
		CreateActivity:   "unknown",
		WaitActivity:     "continues",
		DownloadActivity: "can be downloaded",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				f := newFixture(t, restorejobstest.AtlasV2Cluster)
				plan := f.toCluster()
				if name == DownloadActivity {
					plan = f.toDirectory()
				}
				f.cancelDuring(name)
				_, err := f.restore(plan)
				require.True(t, temporal.IsCanceledError(err), "%v", err)
				outcome, ok := OutcomeOf(err)
				require.True(t, ok)
				assert.Contains(t, outcome.Advice, advice)
				for _, id := range outcome.State.JobIDs {
					assert.Contains(t, outcome.Advice, id)
				}

				pause := 24 * time.Hour // the create of a lost worker, and the job
				if name == DownloadActivity {
					pause = time.Minute // the links expire
				}
				time.Sleep(pause)
				f.faults.before = nil
				f.newEnv()
				result, err := f.run(RestoreRequest{Plan: plan, State: &outcome.State})
				require.NoError(t, err)
				assert.Equal(t, 1, result.Attempts)
				assert.Equal(t, 1, f.server.CreateCount())
			})
		})
	}
}

// cancelDuring cancels the workflow while an activity runs.
func (f *fixture) cancelDuring(name string) {
	var once sync.Once
	f.faults.before = func(_ context.Context, performed string) {
		if performed == name {
			once.Do(f.env.CancelWorkflow)
		}
	}
}

func TestRestore_cancelledWhileBusy(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.setUpdating(true)
		f.env.RegisterDelayedCallback(f.env.CancelWorkflow, 10*time.Minute)
		_, err := f.restore(f.toCluster())
		require.True(t, temporal.IsCanceledError(err), "%v", err)
		outcome, ok := OutcomeOf(err)
		require.True(t, ok)
		assert.Equal(t, durable.StepChoose, outcome.State.Step)
	})
}

func TestOutcomeOf_otherErrors(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		nil,
		errors.New("other"),
		temporal.NewCanceledError(),
		temporal.NewApplicationError("other", "type"),
	} {
		_, ok := OutcomeOf(err)
		assert.False(t, ok, "%v", err)
	}
	assert.Empty(t, FailureType(errors.New("other")))
}

func TestAdviceFor_everyStep(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for step := range stepActivities {
		state := durable.State{Step: step, JobIDs: []string{"job1", "job2"}}
		advice := adviceFor(&state)
		assert.NotEmpty(t, advice)
		seen[advice] = true
		isCreated := step == durable.StepWait || step == durable.StepDownload
		if isCreated {
			assert.Contains(t, advice, "job1 job2")
		}
	}
	assert.Len(t, seen, 6)
	assert.NotEmpty(t, adviceFor(&durable.State{}))
}

// The details of a fleet are not those of a restore: their state would begin another restore.
func TestOutcomeOf_otherDetails(t *testing.T) {
	t.Parallel()
	received := func(err error) error {
		failures := temporal.GetDefaultFailureConverter()
		return failures.FailureToError(failures.ErrorToFailure(err))
	}
	_, ok := OutcomeOf(received(temporal.NewCanceledError(FleetResult{Rows: []FleetRow{{Name: "orders"}}})))
	assert.False(t, ok)
	_, ok = OutcomeOf(received(temporal.NewApplicationError("", "", map[string]int{"status": 1})))
	assert.False(t, ok)
	_, ok = FleetResultOf(received(temporal.NewCanceledError(Outcome{Advice: adviceFor(&durable.State{})})))
	assert.False(t, ok)
	outcome, ok := OutcomeOf(received(temporal.NewCanceledError(Outcome{Advice: adviceFor(&durable.State{})})))
	assert.True(t, ok)
	assert.NotEmpty(t, outcome.Advice)
}
