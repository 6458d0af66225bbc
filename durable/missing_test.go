package durable_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// removeJobs makes the service respond as if it had these jobs no longer.
func (f *fixture) removeJobs(ids ...string) {
	f.hideJobs(ids...)
	f.editLists(1_000_000, func(job map[string]any) bool {
		id, _ := job["id"].(string)
		return !slices.Contains(ids, id)
	})
}

// hideJobs makes the reads of single jobs fail with 404. Lists still have them.
func (f *fixture) hideJobs(ids ...string) {
	missing := restorejobstest.RespondError(http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
	for _, id := range ids {
		for _, list := range []string{listPath, managerListPath} {
			f.server.InjectFault(missing.On(list+"/"+id), 1_000_000)
		}
	}
}

// requireMissing requires that a run ended because jobs are missing.
func (f *fixture) requireMissing(err error, ids ...string) {
	f.t.Helper()
	require.ErrorIs(f.t, err, durable.ErrJobMissing)
	var failed *durable.FailedError
	require.ErrorAs(f.t, err, &failed)
	for _, id := range ids {
		require.ErrorContains(f.t, err, id)
	}
}

// A job that vanished may have restored the data. For the same snapshot, another restore needs a higher MaxAttempts.
func TestRestore_missingJobIsNotRestoredAgain(t *testing.T) {
	t.Parallel()
	for _, scope := range []restorejobstest.Scope{
		restorejobstest.AtlasV2Cluster,
		restorejobstest.OpsManagerCluster,
		restorejobstest.CloudManagerCluster,
	} {
		t.Run(scope.String(), func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				f := newFixture(t, scope)
				plan := f.toCluster()
				plan.MaxAttempts = 3
				state := f.stateAt(plan, durable.StepWait)
				journal := f.journalOf(state)
				time.Sleep(time.Hour)
				f.removeJobs(state.JobIDs...)
				for range 2 {
					_, err := durable.Restore(t.Context(), plan, journal)
					f.requireMissing(err, state.JobIDs...)
					stored, err := journal.Load(t.Context())
					require.NoError(t, err)
					assert.Equal(t, durable.StepFailed, stored.Step)
					assert.Equal(t, 1, f.server.CreateCount())
				}
				plan.MaxAttempts = 4
				result := f.restore(plan, journal)
				assert.Equal(t, 2, result.Attempts)
				assert.Equal(t, 2, f.server.CreateCount())
				assert.NotContains(t, state.JobIDs, result.Jobs[0].ID)
			})
		})
	}
}

// newBatchFixture has a restore into a sharded cluster, whose jobs take three hours.
func newBatchFixture(t *testing.T) (*fixture, durable.Plan, durable.State) {
	t.Helper()
	f := newFixture(t, restorejobstest.OpsManagerCluster, restorejobstest.WithShards(2), restorejobstest.WithRestoreDuration(3*time.Hour))
	plan := f.toCluster()
	plan.To = restorejobs.ToCluster(f.scope.Project(), f.scope.Sharded())
	return f, plan, f.stateAt(plan, durable.StepWait)
}

// The other jobs of a batch end first, so that no second restore can begin beside them.
func TestRestore_missingJobOfABatch(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f, plan, state := newBatchFixture(t)
		require.Len(t, state.JobIDs, 3)
		f.removeJobs(state.JobIDs[1])
		_, err := durable.Restore(t.Context(), plan, f.journalOf(state))
		f.requireMissing(err, state.JobIDs[1])
		assert.NotContains(t, err.Error(), "job "+state.JobIDs[0])
		assert.GreaterOrEqual(t, time.Since(state.Intent), 3*time.Hour)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

// A wait for the other jobs that is interrupted keeps the error of the missing one.
func TestRestore_interruptedWaitForTheOtherJobs(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f, plan, state := newBatchFixture(t)
		f.removeJobs(state.JobIDs[1])
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := durable.Restore(ctx, plan, f.journalOf(state))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
		require.ErrorContains(t, err, state.JobIDs[1])
		require.NotErrorIs(t, err, durable.ErrJobMissing)
	})
}

// A newer snapshot is restored after a missing job too, unless the plan is performed once.
func TestRestore_newerSnapshotAfterAMissingJob(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toCluster()
		state := f.stateAt(plan, durable.StepWait)
		journal := f.journalOf(state)
		time.Sleep(time.Hour)
		f.removeJobs(state.JobIDs...)
		_, err := durable.Restore(t.Context(), plan, journal)
		f.requireMissing(err, state.JobIDs...)
		f.addSnapshot()
		once := plan
		once.Once = true
		_, err = durable.Restore(t.Context(), once, journal)
		f.requireMissing(err, state.JobIDs...)
		assert.Equal(t, 1, f.server.CreateCount())
		assert.Equal(t, 2, f.restore(plan, journal).Run)
		assert.Equal(t, 2, f.server.CreateCount())
	})
}

// Without proof that the job has gone, the wait can be repeated.
func TestRestore_jobThatOnlySeemsToBeMissing(t *testing.T) {
	t.Parallel()
	for name, hide := range map[string]func(f *fixture, plan *durable.Plan, ids []string){
		"a list has it": func(f *fixture, _ *durable.Plan, ids []string) { f.hideJobs(ids...) },
		"no list can be read": func(f *fixture, _ *durable.Plan, ids []string) {
			f.hideJobs(ids...)
			f.server.InjectFault(restorejobstest.RespondStatus(http.StatusForbidden).On(listPath), 1)
		},
		"the cluster is not found": func(f *fixture, _ *durable.Plan, _ []string) {
			gone := restorejobstest.RespondError(http.StatusNotFound, "CLUSTER_NOT_FOUND")
			f.server.InjectFault(gone.On(listPath+"/"), 1_000_000)
			f.server.InjectFault(gone.On(listPath), 1_000_000)
		},
		"it is new": func(f *fixture, plan *durable.Plan, ids []string) {
			plan.Wait.NotFoundGrace = -1
			f.removeJobs(ids...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				f := newFixture(t, restorejobstest.AtlasV2Cluster)
				plan := f.toCluster()
				state := f.stateAt(plan, durable.StepWait)
				journal := f.journalOf(state)
				hide(f, &plan, state.JobIDs)
				_, err := durable.Restore(t.Context(), plan, journal)
				require.ErrorIs(t, err, restorejobs.ErrNotFound)
				require.NotErrorIs(t, err, durable.ErrJobMissing)
				var stepErr *durable.StepError
				require.ErrorAs(t, err, &stepErr)
				assert.Equal(t, durable.StepWait, stepErr.Step)
				f.server.ClearFaults()
				assert.Equal(t, state.JobIDs[0], f.restore(plan, journal).Jobs[0].ID)
				assert.Equal(t, 1, f.server.CreateCount())
			})
		})
	}
}

// The links of a job that vanished have gone too, as those that expire. Another download replaces no data.
func TestRestore_missingJobOfADownload(t *testing.T) {
	t.Parallel()
	for _, step := range []durable.Step{durable.StepWait, durable.StepDownload} {
		t.Run(string(step), func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				f := newFixture(t, restorejobstest.AtlasV2Cluster)
				plan := f.toDirectory()
				state := f.stateAt(plan, step)
				journal := f.journalOf(state)
				time.Sleep(time.Hour)
				f.removeJobs(state.JobIDs...)
				for range 2 {
					_, err := durable.Restore(t.Context(), plan, journal)
					f.requireMissing(err, state.JobIDs...)
					assert.Equal(t, 1, f.server.CreateCount())
				}
				plan.MaxAttempts = 2
				assert.Equal(t, 2, f.restore(plan, journal).Attempts)

				plan.Directory = t.TempDir()
				again := f.restore(plan, f.journalOf(state))
				assert.Equal(t, 2, again.Attempts, "the plan permitted it from the beginning")
				assert.Equal(t, 3, f.server.CreateCount())
			})
		})
	}
}

// Files that are complete need no job.
func TestRestore_missingJobOfCompleteFiles(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toDirectory()
		state := f.stateAt(plan, durable.StepDownload)
		_, err := durable.Advance(t.Context(), plan, state)
		require.NoError(t, err)
		f.removeJobs(state.JobIDs...)
		result := f.restore(plan, f.journalOf(state))
		assert.Len(t, result.Files, 1)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

// An error of the delivery of a user is not proof that a job has gone.
func TestRestore_deliveryThatFindsNothing(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toDirectory()
		plan.Directory = ""
		plan.MaxAttempts = 2
		plan.Deliver = noDelivery
		state := f.stateAt(plan, durable.StepDownload)
		time.Sleep(time.Hour)
		plan.Deliver = func(context.Context, durable.State) ([]restorejobs.DownloadedFile, error) {
			return nil, errors.Join(errors.New("the bucket"), restorejobs.ErrNotFound)
		}
		_, err := durable.Restore(t.Context(), plan, f.journalOf(state))
		require.ErrorContains(t, err, "the bucket")
		require.NotErrorIs(t, err, durable.ErrJobMissing)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}
