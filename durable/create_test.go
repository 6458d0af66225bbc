package durable_test

import (
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

const createPath = "POST /api/atlas/v2/groups/{project}/clusters/{cluster}/backup/restoreJobs"

func TestRestore_lostResponseOfTheCreate(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.server.InjectFault(restorejobstest.DropResponse().On(createPath), 1)
		result := f.restore(f.toCluster(), &durable.MemoryJournal{})
		assert.Equal(t, 1, result.Attempts)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_createThatWasNotExecuted(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.server.InjectFault(restorejobstest.RespondStatus(http.StatusInternalServerError).On(createPath), 1)
		start := time.Now()
		f.restore(f.toCluster(), &durable.MemoryJournal{})
		assert.Equal(t, 1, f.server.CreateCount())
		assert.GreaterOrEqual(t, time.Since(start), 3*time.Minute, "the search before the second create")
	})
}

func TestRestore_severalRestoresMatch(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		journal := &durable.MemoryJournal{}
		plan := f.toCluster()
		state := durable.State{}
		var err error
		for state.Step != durable.StepCreate {
			state, err = durable.Advance(t.Context(), plan, state)
			require.NoError(t, err)
		}
		state.Revision = 1
		require.NoError(t, journal.Save(t.Context(), state))
		for range 2 {
			created, err := f.source.Jobs.Create(t.Context(), restorejobs.FromSnapshot(state.Choice.SnapshotID), plan.To)
			require.NoError(t, err)
			f.server.FinishJob(created[0].ID)
			time.Sleep(time.Minute)
		}
		_, err = durable.Restore(t.Context(), plan, journal)
		require.ErrorIs(t, err, durable.ErrSeveralRestores)
		var several *durable.SeveralRestoresError
		require.ErrorAs(t, err, &several)
		assert.Len(t, several.Creates, 2)
		for _, jobs := range several.Creates {
			assert.ErrorContains(t, err, jobs[0].ID)
		}
		assert.Equal(t, 2, f.server.CreateCount())
	})
}

func TestRestore_busyServiceIsRetried(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		busy := restorejobstest.RespondError(http.StatusConflict, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS").On(createPath)
		f.server.InjectFault(busy, 5)
		plan := f.toCluster()
		var delays int
		plan.OnEvent = func(event durable.Event) error {
			if errors.Is(event.Err, restorejobs.ErrBusy) {
				delays++
			}
			return nil
		}
		f.restore(plan, &durable.MemoryJournal{})
		assert.Equal(t, 5, delays)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_busyTimeout(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		busy := restorejobstest.RespondError(http.StatusConflict, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS").On(createPath)
		f.server.InjectFault(busy, 1000)
		journal := &durable.MemoryJournal{}
		for _, timeout := range []time.Duration{-1, 10 * time.Minute} {
			plan := f.toCluster()
			plan.BusyTimeout = timeout
			start := time.Now()
			_, err := durable.Restore(t.Context(), plan, journal)
			require.ErrorIs(t, err, restorejobs.ErrBusy)
			assert.InDelta(t, max(timeout, 0).Seconds(), time.Since(start).Seconds(), 60)
		}
		f.server.ClearFaults()
		f.restore(f.toCluster(), journal)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_refusedCreateIsCheckedAgain(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.server.InjectFault(restorejobstest.RespondError(http.StatusBadRequest, "CLUSTER_PAUSED_CANNOT_RESTORE").On(createPath), 1)
		journal := &durable.MemoryJournal{}
		_, err := durable.Restore(t.Context(), f.toCluster(), journal)
		var apiErr *restorejobs.Error
		require.ErrorAs(t, err, &apiErr)
		state, err := journal.Load(t.Context())
		require.NoError(t, err)
		assert.Equal(t, durable.StepCheck, state.Step, "no search is needed")
		start := time.Now()
		f.restore(f.toCluster(), journal)
		assert.Equal(t, 1, f.server.CreateCount())
		assert.Less(t, time.Since(start), 6*time.Minute)
	})
}

func TestAdvance_createTwiceFromOneState(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toCluster()
		state := durable.State{}
		var err error
		for state.Step != durable.StepCreate {
			state, err = durable.Advance(t.Context(), plan, state)
			require.NoError(t, err)
		}
		first, err := durable.Advance(t.Context(), plan, state)
		require.NoError(t, err)
		second, err := durable.Advance(t.Context(), plan, state)
		require.NoError(t, err)
		assert.Equal(t, first.JobIDs, second.JobIDs)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}
