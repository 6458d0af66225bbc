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
		assert.Equal(t, at, result.Choice.Time)
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
