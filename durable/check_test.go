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
		require.ErrorContains(t, err, "it is the source itself (Plan.OverwriteSource permits it)")
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

func TestRestore_fromAHost(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, scope := range []restorejobstest.Scope{restorejobstest.OpsManagerHost, restorejobstest.CloudManagerHost} {
			f := newFixture(t, scope)
			if !f.source.Supports(restorejobs.CapabilityRestoreToCluster) {
				continue
			}
			f.restore(f.toCluster(), &durable.MemoryJournal{})
			assert.Equal(t, 1, f.server.CreateCount())
		}
	})
}

func TestRestore_busySourceAsTarget(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toCluster()
		plan.To = restorejobs.ToCluster(f.scope.Project(), f.scope.Cluster())
		plan.OverwriteSource = true
		start := time.Now()
		f.server.EditCluster(f.scope, f.scope.Cluster(), func(doc map[string]any) {
			if time.Since(start) < 10*time.Minute {
				doc["stateName"] = "UPDATING"
			}
		})
		f.restore(plan, &durable.MemoryJournal{})
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_refusedTargetDoesNotFixTheChoice(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.server.EditCluster(f.scope, f.scope.Target(), restorejobstest.SetFields(map[string]any{"paused": true}))
		journal := &durable.MemoryJournal{}
		_, err := durable.Restore(t.Context(), f.toCluster(), journal)
		var target *restorejobs.TargetError
		require.ErrorAs(t, err, &target)
		time.Sleep(24 * time.Hour)
		newer := f.addSnapshot()
		f.server.EditCluster(f.scope, f.scope.Target(), nil)
		result := f.restore(f.toCluster(), journal)
		assert.Equal(t, newer, result.Choice.SnapshotID)
		assert.Equal(t, 1, result.Run)
	})
}
