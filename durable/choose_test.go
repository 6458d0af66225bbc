package durable_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

func TestRestore_newerSnapshotIsTheNextRun(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		journal := &durable.MemoryJournal{}
		f.restore(f.toCluster(), journal)
		time.Sleep(time.Hour)
		newer := f.addSnapshot()
		once := f.toCluster()
		once.Once = true
		assert.Equal(t, 1, f.restore(once, journal).Run)
		second := f.restore(f.toCluster(), journal)
		assert.Equal(t, 2, second.Run)
		assert.Equal(t, newer, second.Choice.SnapshotID)
		assert.Equal(t, 2, f.server.CreateCount())
	})
}

func TestRestore_fixedPointIsRestoredOnce(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		journal := &durable.MemoryJournal{}
		plan := f.toCluster()
		plan.Point = durable.FixedPoint(restorejobs.FromSnapshot(f.scope.Snapshots()[1]))
		first := f.restore(plan, journal)
		assert.Equal(t, f.scope.Snapshots()[1], first.Choice.SnapshotID)
		assert.False(t, first.Choice.Time.IsZero())
		assert.Equal(t, first, f.restore(plan, journal))
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_newestBefore(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		newest, err := f.source.Snapshots.Newest(t.Context(), restorejobs.SnapshotOptions{})
		require.NoError(t, err)
		plan := f.toCluster()
		plan.Point = durable.NewestBefore(newest.Time())
		result := f.restore(plan, &durable.MemoryJournal{})
		assert.NotEqual(t, newest.ID, result.Choice.SnapshotID)
		assert.True(t, result.Choice.Time.Before(newest.Time()))
	})
}

func TestRestore_noSnapshot(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toCluster()
		plan.Point = durable.NewestBefore(time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC))
		_, err := durable.Restore(t.Context(), plan, &durable.MemoryJournal{})
		require.ErrorIs(t, err, restorejobs.ErrNoSnapshot)
		assert.Zero(t, f.server.CreateCount())
	})
}

func TestRestore_pointInTime(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.OpsManagerCluster)
		at := time.Now().Add(-time.Minute).Truncate(time.Second).UTC()
		plan := f.toCluster()
		plan.Point = durable.FixedPoint(restorejobs.FromPointInTime(at))
		result := f.restore(plan, &durable.MemoryJournal{})
		assert.Empty(t, result.Choice.SnapshotID)
		assert.Equal(t, at, result.Choice.Time, "in UTC, as after JSON")
	})
}

func TestRestore_unknownSnapshot(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toCluster()
		plan.Point = durable.FixedPoint(restorejobs.FromSnapshot("5ba5e00000000000000000ff"))
		_, err := durable.Restore(t.Context(), plan, &durable.MemoryJournal{})
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
		assert.Zero(t, f.server.CreateCount())
	})
}

func TestRestore_snapshotThatExpiresBeforeTheCreate(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, step := range []durable.Step{durable.StepCheck, durable.StepPrepare, durable.StepCreate} {
			f := newFixture(t, restorejobstest.AtlasV2Cluster)
			now := time.Now().UTC()
			expiring := f.server.AddSnapshot(f.scope, `{"status":"completed","type":"replicaSet","snapshotType":"scheduled","createdAt":"`+
				now.Format(time.RFC3339)+`","expiresAt":"`+now.Add(time.Minute).Format(time.RFC3339)+`"}`)
			plan := f.toCluster()
			state := f.stateAt(plan, step)
			require.Equal(t, expiring, state.Choice.SnapshotID)
			journal := f.journalOf(state)
			time.Sleep(time.Hour)
			result, err := durable.Restore(t.Context(), plan, journal)
			if err != nil {
				result, err = durable.Restore(t.Context(), plan, journal)
			}
			require.NoError(t, err, step)
			assert.NotEqual(t, expiring, result.Choice.SnapshotID)
			assert.Equal(t, 1, f.server.CreateCount())
		}
	})
}

func TestRestore_pointInTimeDownloadOfMMS(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.MMSCluster)
		plan := f.toDirectory()
		plan.Point = durable.FixedPoint(restorejobs.FromPointInTime(time.Now().Add(-time.Hour).Truncate(time.Second)))
		result := f.restore(plan, &durable.MemoryJournal{})
		assert.Len(t, result.Files, 1)
	})
}
