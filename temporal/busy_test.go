package restoretemporal

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// restoringState makes the target report that it is changed.
func (f *fixture) setUpdating(updating bool) {
	state := "IDLE"
	if updating {
		state = "UPDATING"
	}
	f.server.EditCluster(f.scope, f.scope.Target(), restorejobstest.SetFields(map[string]any{"stateName": state}))
}

func TestRestore_busyTarget(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.setUpdating(true)
		start := f.env.Now()
		f.env.RegisterDelayedCallback(func() {
			progress := f.query()
			assert.Contains(t, progress.Busy, "UPDATING")
			assert.False(t, progress.BusySince.IsZero())
			assert.True(t, progress.NextTry.After(progress.BusySince))
			f.setUpdating(false)
		}, 50*time.Minute)
		_, err := f.restore(f.toCluster())
		require.NoError(t, err)
		assert.GreaterOrEqual(t, f.env.Now().Sub(start), 50*time.Minute)
		checks := count(f.faults.performed(), CheckActivity)
		assert.Less(t, checks, 25, "the pauses grow")
		assert.Greater(t, checks, 10)
		assert.Empty(t, f.query().Busy)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

// The wait for a busy target begins again after a create: a job can run for longer than the timeout.
func TestRestore_busyTargetAfterAFailedJob(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.setUpdating(true)
		f.env.RegisterDelayedCallback(func() { f.setUpdating(false) }, 50*time.Minute)
		f.faults.before = func(_ context.Context, name string) {
			isFirstWait := name == WaitActivity && f.server.CreateCount() == 1
			if !isFirstWait {
				return
			}
			f.server.FailJob(f.server.Jobs(f.scope)[0]["id"].(string))
			f.setUpdating(true)
			f.env.RegisterDelayedCallback(func() { f.setUpdating(false) }, 20*time.Minute)
		}
		plan := f.toCluster()
		plan.MaxAttempts = 2
		result, err := f.restore(plan)
		require.NoError(t, err)
		assert.Equal(t, 2, result.Attempts)
		assert.Equal(t, 2, f.server.CreateCount())
	})
}

func TestRestore_busyTimeout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ timeout, want time.Duration }{
		"default": {want: time.Hour},
		"long":    {timeout: 24 * time.Hour, want: 24 * time.Hour},
		"off":     {timeout: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				f := newFixture(t, restorejobstest.AtlasV2Cluster)
				f.setUpdating(true)
				plan := f.toCluster()
				plan.BusyTimeout = Duration(test.timeout)
				start := f.env.Now()
				_, err := f.restore(plan)
				assert.Equal(t, FailureBusy, FailureType(err), "%v", err)
				require.ErrorContains(t, err, "UPDATING")
				assert.InDelta(t, test.want.Minutes(), f.env.Now().Sub(start).Minutes(), 1)
				outcome, ok := OutcomeOf(err)
				require.True(t, ok)
				assert.Contains(t, outcome.Advice, "No restore was created")
				assert.Zero(t, f.server.CreateCount())
			})
		})
	}
}

// A service can refuse a create although the target seemed to be idle.
func TestRestore_busyService(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.server.SetBusy(f.scope, f.scope.Target(), true)
		f.env.RegisterDelayedCallback(func() { f.server.SetBusy(f.scope, f.scope.Target(), false) }, 30*time.Minute)
		_, err := f.restore(f.toCluster())
		require.NoError(t, err)
		assert.Greater(t, count(f.faults.performed(), CreateActivity), 1)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_busyServiceForever(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.server.SetBusy(f.scope, f.scope.Target(), true)
		start := f.env.Now()
		_, err := f.restore(f.toCluster())
		assert.Equal(t, FailureBusy, FailureType(err), "%v", err)
		assert.InDelta(t, 60, f.env.Now().Sub(start).Minutes(), 1)
	})
}

func TestNewBusy_kinds(t *testing.T) {
	t.Parallel()
	apiErr := &restorejobs.Error{
		StatusCode: http.StatusConflict,
		Code:       restorejobs.ErrorCodeAtlasClusterRestoreInProgress,
		RetryAfter: time.Minute,
	}
	require.ErrorIs(t, apiErr, restorejobs.ErrBusy)
	assert.Equal(t, Duration(time.Minute), newBusy(apiErr).Delay)
	assert.Nil(t, newBusy(http.ErrHandlerTimeout))
	busy := restorejobs.TargetProblem{Reason: restorejobs.TargetBusy}
	paused := restorejobs.TargetProblem{Reason: restorejobs.TargetPaused}
	assert.NotNil(t, newBusy(&restorejobs.TargetError{Problems: []restorejobs.TargetProblem{busy, busy}}))
	assert.Nil(t, newBusy(&restorejobs.TargetError{Problems: []restorejobs.TargetProblem{busy, paused}}))
}

func count(names []string, name string) int {
	n := 0
	for _, other := range names {
		if other == name {
			n++
		}
	}
	return n
}
