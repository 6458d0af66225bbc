package durable_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

func TestRestore_overTheSource(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toCluster()
		plan.To = restorejobs.ToCluster(f.scope.Project(), f.scope.Cluster())
		journal := &durable.MemoryJournal{}
		_, err := durable.Restore(t.Context(), plan, journal)
		var target *restorejobs.TargetError
		require.ErrorAs(t, err, &target)
		assert.Equal(t, restorejobs.TargetIsSource, target.Problems[0].Reason)
		assert.Zero(t, f.server.CreateCount())
		plan.OverwriteSource = true
		f.restore(plan, journal)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_targetOfAnotherKind(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toCluster()
		plan.To = restorejobs.ToCluster(f.scope.Project(), f.scope.Sharded())
		plan.OverwriteSource = true
		_, err := durable.Restore(t.Context(), plan, &durable.MemoryJournal{})
		var target *restorejobs.TargetError
		require.ErrorAs(t, err, &target)
		assert.Equal(t, restorejobs.TargetTopologyDiffers, target.Problems[0].Reason)
		assert.Zero(t, f.server.CreateCount())
		plan.SkipTargetCheck = true
		f.restore(plan, &durable.MemoryJournal{})
	})
}
