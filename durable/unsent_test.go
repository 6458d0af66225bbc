package durable_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

func TestAdvance_withoutSearch(t *testing.T) {
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
		encoded, err := json.Marshal(state)
		require.NoError(t, err)
		state = durable.State{}
		require.NoError(t, json.Unmarshal(encoded, &state))
		list := restorejobstest.RespondStatus(500).On("GET /api/atlas/v2/groups/{project}/clusters/{cluster}/backup/restoreJobs")
		f.server.InjectFault(list, 1000)
		state, err = durable.Advance(t.Context(), plan, state.WithoutSearch())
		require.NoError(t, err, "a search would have failed")
		assert.Equal(t, durable.StepWait, state.Step)
		assert.Equal(t, 1, f.server.CreateCount())
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

// TestRestore_secondProcessDuringTheSearch requires that a journal without a lock excludes the first.
func TestRestore_secondProcessDuringTheSearch(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.editLists(1000, func(map[string]any) bool { return false })
		plan := f.toDirectory()
		journal := unlockedJournal{f.journalOf(f.stateAt(plan, durable.StepCreate))}
		results := make(chan error, 2)
		for range cap(results) {
			go func() {
				_, err := durable.Restore(t.Context(), plan, journal)
				results <- err
			}()
		}
		first := <-results
		second := <-results
		require.ErrorIs(t, errors.Join(first, second), durable.ErrConflict)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}
