package restoretemporal

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// A long step heartbeats also while it is silent, and describes how far it is.
func TestRestore_heartbeats(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster, restorejobstest.WithRestoreDuration(3*time.Hour))
		f.activities.Wait.MinInterval = 20 * time.Minute
		f.activities.Wait.MaxInterval = 20 * time.Minute
		f.newEnv()
		var mutex sync.Mutex
		var details []string
		var times []time.Time
		f.env.SetOnActivityHeartbeatListener(func(info *activity.Info, values converter.EncodedValues) {
			if info.ActivityType.Name != WaitActivity {
				return
			}
			var text string
			require.NoError(t, values.Get(&text))
			mutex.Lock()
			defer mutex.Unlock()
			details = append(details, text)
			times = append(times, time.Now())
		})
		_, err := f.restore(f.toCluster())
		require.NoError(t, err)
		assert.Greater(t, len(details), 150)
		for i := range times[1:] {
			assert.LessOrEqual(t, times[i+1].Sub(times[i]), time.Minute)
		}
		assert.Contains(t, strings.Join(details, "\n"), "wait: job ")
		assert.Equal(t, int32(1), f.faults.attempts[WaitActivity])
	})
}

// A worker that stops ends its long steps, so that another one continues without a timeout.
func TestRestore_workerStops(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster, restorejobstest.WithRestoreDuration(3*time.Hour))
		stop := make(chan struct{})
		state := f.stateAtWait()
		time.AfterFunc(5*time.Minute, func() { close(stop) })
		begin := time.Now()
		_, err := f.executeWith(WaitActivity, StepRequest{Plan: f.toCluster(), State: state}, stop)
		assert.Equal(t, FailureTemporary, FailureType(err), "%v", err)
		require.ErrorContains(t, err, "the worker stops")
		assert.Equal(t, 5*time.Minute, time.Since(begin))
	})
}

// stateAtWait is the state of a restore that was created.
func (f *fixture) stateAtWait() durable.State {
	f.t.Helper()
	f.cancelDuring(WaitActivity)
	_, err := f.restore(f.toCluster())
	outcome, ok := OutcomeOf(err)
	require.True(f.t, ok, "%v", err)
	f.faults.before = nil
	return outcome.State
}
