package durable_test

import (
	"encoding/json"
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

func TestRestore_createWhoseOutcomeStaysUnknown(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.server.InjectFault(restorejobstest.RespondStatus(http.StatusInternalServerError).On(createPath), 1000)
		start := time.Now()
		_, err := durable.Restore(t.Context(), f.toCluster(), &durable.MemoryJournal{})
		require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
		assert.Less(t, time.Since(start), 20*time.Minute)
	})
}

func TestRestore_busyAfterALostResponse(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.server.InjectFault(restorejobstest.DropResponse().On(createPath), 1)
		start := time.Now()
		f.editLists(1000, func(job map[string]any) bool {
			return slices.Contains(f.scope.Jobs(), job["id"].(string)) || time.Since(start) > 5*time.Minute
		})
		f.restore(f.toCluster(), &durable.MemoryJournal{})
		assert.Equal(t, 1, f.server.CreateCount(), "the lost create is what makes the target busy")
	})
}

func TestRestore_retryAfterBeyondTheBusyTimeout(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.server.Handle(createPath, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "864000")
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusConflict)
			_, _ = w.Write([]byte(`{"error":409,"errorCode":"ATLAS_CLUSTER_RESTORE_IN_PROGRESS"}`))
		}))
		start := time.Now()
		_, err := durable.Restore(t.Context(), f.toCluster(), &durable.MemoryJournal{})
		require.ErrorIs(t, err, restorejobs.ErrBusy)
		assert.Less(t, time.Since(start), 2*time.Hour)
	})
}

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
		assert.Equal(t, durable.StepChoose, state.Step, "no search is needed")
		start := time.Now()
		f.restore(f.toCluster(), journal)
		assert.Equal(t, 1, f.server.CreateCount())
		assert.Less(t, time.Since(start), 6*time.Minute)
	})
}

// A search is not longer than SearchTimeout.
func TestRestore_shortSearch(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toCluster()
		plan.SearchTimeout = time.Second
		journal := &durable.MemoryJournal{}
		state := stateBefore(t, plan, durable.StepCreate)
		state.Revision = 1
		require.NoError(t, journal.Save(t.Context(), state))
		var searched time.Duration
		plan.OnEvent = func(event durable.Event) error {
			if event.Step == durable.StepCreate && event.Next != "" {
				searched = event.Elapsed
			}
			return nil
		}
		f.restore(plan, journal)
		assert.Equal(t, time.Second, searched)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

// stateBefore performs the steps before a step.
func stateBefore(t *testing.T, plan durable.Plan, step durable.Step) durable.State {
	t.Helper()
	state := durable.State{}
	for state.Step != step {
		var err error
		state, err = durable.Advance(t.Context(), plan, state)
		require.NoError(t, err)
	}
	text, err := json.Marshal(state) // as another process reads it
	require.NoError(t, err)
	var stored durable.State
	require.NoError(t, json.Unmarshal(text, &stored))
	return stored
}
