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

func TestRestore_againDoesNothing(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		journal := &durable.MemoryJournal{}
		first := f.restore(f.toCluster(), journal)
		assert.Equal(t, first, f.restore(f.toCluster(), journal))
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_newerSnapshotBeforeAnotherAttempt(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toCluster()
		plan.OnEvent = f.failJobs(1)
		journal := &durable.MemoryJournal{}
		_, err := durable.Restore(t.Context(), plan, journal)
		require.ErrorIs(t, err, restorejobs.ErrJobFailed)
		time.Sleep(time.Hour)
		newer := f.addSnapshot()
		plan.MaxAttempts = 2
		result := f.restore(plan, journal)
		assert.Equal(t, newer, result.Choice.SnapshotID)
		assert.Equal(t, 1, result.Attempts)
	})
}
