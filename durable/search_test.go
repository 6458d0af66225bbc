package durable_test

import (
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

func TestRestore_partlyListedBatch(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.OpsManagerCluster, restorejobstest.WithShards(2))
		plan := f.toCluster()
		plan.To = restorejobs.ToCluster(f.scope.Project(), f.scope.Sharded())
		state := f.stateAt(plan, durable.StepCreate)
		ids := f.create(plan, state)
		require.Len(t, ids, 3)
		f.editLists(4, func(job map[string]any) bool { return !slices.Contains(ids[1:], job["id"].(string)) })
		result := f.restore(plan, f.journalOf(state))
		assert.Len(t, result.Jobs, 3, "the jobs of a batch are listed one after the other")
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_clockOfTheEarlierProcess(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, skew := range []time.Duration{0, time.Minute, -time.Minute, 10 * time.Hour, -10 * time.Hour} {
			f := newFixture(t, restorejobstest.AtlasV2Cluster)
			plan := f.toCluster()
			state := f.stateAt(plan, durable.StepCreate)
			ids := f.create(plan, state)
			state.Intent = state.Intent.Add(skew)
			result := f.restore(plan, f.journalOf(state))
			assert.Equal(t, ids[0], result.Jobs[0].ID, skew)
			assert.Equal(t, 1, f.server.CreateCount(), skew)
		}
	})
}

func TestRestore_equalRestoreBeforeTheIntent(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, wasSent := range []bool{false, true} {
			f := newFixture(t, restorejobstest.AtlasV2Cluster)
			plan := f.toCluster()
			earlier := f.create(plan, f.stateAt(plan, durable.StepCheck))
			f.server.FinishJob(earlier[0])
			state := f.stateAt(plan, durable.StepCreate)
			if wasSent {
				f.create(plan, state)
			}
			result := f.restore(plan, f.journalOf(state))
			assert.NotEqual(t, earlier[0], result.Jobs[0].ID, "it is of somebody else, a moment before")
			assert.Equal(t, 2, f.server.CreateCount())
		}
	})
}

func TestRestore_searchThatIsForbiddenEnds(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toCluster()
		journal := f.journalOf(f.stateAt(plan, durable.StepCreate))
		f.server.InjectFault(restorejobstest.RespondError(http.StatusForbidden, "FORBIDDEN").On(listPath), 1000)
		start := time.Now()
		_, err := durable.Restore(t.Context(), plan, journal)
		require.ErrorIs(t, err, restorejobs.ErrForbidden)
		assert.Less(t, time.Since(start), 10*time.Second)
		assert.Zero(t, f.server.CreateCount())
		f.server.ClearFaults()
		f.restore(plan, journal)
		assert.Equal(t, 1, f.server.CreateCount())
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
