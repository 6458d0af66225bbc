package durable_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// failJobs is a callback that fails the first n jobs that a wait shows.
func (f *fixture) failJobs(n int) func(durable.Event) error {
	failed := map[string]bool{}
	return func(event durable.Event) error {
		if event.Wait != nil && event.Wait.Job != nil && len(failed) < n && !failed[event.Wait.ID] {
			failed[event.Wait.ID] = true
			f.server.FailJob(event.Wait.ID)
		}
		return nil
	}
}

func TestRestore_failedJobEndsIt(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toCluster()
		plan.OnEvent = f.failJobs(1)
		journal := &durable.MemoryJournal{}
		_, err := durable.Restore(t.Context(), plan, journal)
		require.ErrorIs(t, err, restorejobs.ErrJobFailed)
		var failed *durable.FailedError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, 1, failed.Attempts)
		assert.Len(t, failed.JobIDs, 1)

		_, err = durable.Restore(t.Context(), plan, journal)
		require.ErrorAs(t, err, &failed, "a later run has the same error")
		assert.Equal(t, 1, f.server.CreateCount())

		plan.MaxAttempts = 2
		result := f.restore(plan, journal)
		assert.Equal(t, 2, result.Attempts)
		assert.Equal(t, 2, f.server.CreateCount())
	})
}

func TestRestore_failedJobIsRestartedAsOftenAsThePlanSays(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for failures := range 4 {
			f := newFixture(t, restorejobstest.AtlasV2Cluster)
			plan := f.toCluster()
			plan.MaxAttempts = 3
			plan.OnEvent = f.failJobs(failures)
			_, err := durable.Restore(t.Context(), plan, &durable.MemoryJournal{})
			if failures < 3 {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, restorejobs.ErrJobFailed)
			}
			assert.Equal(t, min(failures+1, 3), f.server.CreateCount())
		}
	})
}

func TestRestore_unreadableTargetCreatesNothing(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.OpsManagerCluster)
		status := "GET /api/public/v1.0/groups/{project}/automationStatus"
		f.server.InjectFault(restorejobstest.RespondStatus(http.StatusForbidden).On(status), 1000)
		_, err := durable.Restore(t.Context(), f.toCluster(), &durable.MemoryJournal{})
		require.ErrorIs(t, err, restorejobs.ErrTargetUnknown)
		assert.Zero(t, f.server.CreateCount())

		plan := f.toCluster()
		plan.Wait.Goal = restorejobs.UntilJobFinished
		f.restore(plan, &durable.MemoryJournal{})
	})
}

func TestRestore_updateErrorEndsIt(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toCluster()
		stop := errors.New("stop")
		plan.Wait.OnUpdate = func(restorejobs.WaitUpdate) error { return stop }
		_, err := durable.Restore(t.Context(), plan, &durable.MemoryJournal{})
		require.ErrorIs(t, err, stop)
	})
}
