package durable_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

func TestRestore_provesThatServersHaveTheData(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.OpsManagerCluster)
		result := f.restore(f.toCluster(), &durable.MemoryJournal{})
		status, err := f.source.GoalVersion(t.Context(), f.toCluster().To)
		require.NoError(t, err)
		assert.Positive(t, status)
		assert.GreaterOrEqual(t, result.InPlace.Sub(result.Created), time.Minute, "the goal rises 40 s after the create")
	})
}

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

func TestRestore_interruptedWaitOfAFailedBatch(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.OpsManagerCluster, restorejobstest.WithShards(2))
		plan := f.toCluster()
		plan.To = restorejobs.ToCluster(f.scope.Project(), f.scope.Sharded())
		plan.MaxAttempts = 2
		plan.OnEvent = f.failJobs(1)
		journal := &durable.MemoryJournal{}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := durable.Restore(ctx, plan, journal)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		state, err := journal.Load(t.Context())
		require.NoError(t, err)
		assert.Equal(t, durable.StepWait, state.Step, "other jobs of the attempt run")
		assert.Equal(t, 2, f.restore(plan, journal).Attempts)
	})
}

func TestRestore_goalThatRisesWhileTheTargetIsBusy(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.OpsManagerCluster)
		f.server.SetAutomationGoalDelay(5 * time.Minute)
		f.server.InjectFault(restorejobstest.RespondError(409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS").On("POST /"), 3)
		plan := f.toCluster()
		raised := false
		plan.OnEvent = func(event durable.Event) error {
			if event.Delay > 0 && !raised {
				raised = true
				f.server.RaiseGoal(f.scope)
			}
			return nil
		}
		result := f.restore(plan, &durable.MemoryJournal{})
		assert.Equal(t, 1, f.server.CreateCount())
		assert.True(t, raised)
		assert.GreaterOrEqual(t, result.InPlace.Sub(result.Created), 5*time.Minute, "another deployment raised the goal first")
	})
}

func TestRestore_jobThatIsVisibleLate(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		start := time.Now()
		get := "GET /api/atlas/v2/groups/{project}/clusters/{cluster}/backup/restoreJobs/{job}"
		f.server.InjectFault(restorejobstest.RespondStatus(404).On(get), 6)
		f.restore(f.toCluster(), &durable.MemoryJournal{})
		assert.Greater(t, time.Since(start), time.Minute)
	})
}
