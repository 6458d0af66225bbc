package restorejobs_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// TestSupports_everySource has the capabilities of each source written out, so that a change of
// the rules behind them is seen.
func TestSupports_everySource(t *testing.T) {
	t.Parallel()
	manager := []restorejobs.Capability{
		restorejobs.CapabilityBatches,
		restorejobs.CapabilityTimeRanges,
		restorejobs.CapabilityDownload,
		restorejobs.CapabilityDownloadLinkOptions,
		restorejobs.CapabilityRestoreToCluster,
		restorejobs.CapabilityPointInTime,
		restorejobs.CapabilityOplog,
		restorejobs.CapabilityCheckpoint,
	}
	host := []restorejobs.Capability{
		restorejobs.CapabilityDownload,
		restorejobs.CapabilityDownloadLinkOptions,
		restorejobs.CapabilityRestoreToCluster,
		restorejobs.CapabilityPointInTime,
		restorejobs.CapabilityOplog,
		restorejobs.CapabilityCheckpoint,
	}
	cloud := []restorejobs.Capability{
		restorejobs.CapabilityCancel,
		restorejobs.CapabilityDownload,
		restorejobs.CapabilityRestoreToCluster,
		restorejobs.CapabilityPointInTime,
		restorejobs.CapabilityOplog,
	}
	atlasV2Cluster := append([]restorejobs.Capability{
		restorejobs.CapabilityCollections,
		restorejobs.CapabilityTimeRanges,
	}, cloud...)
	serverless := []restorejobs.Capability{
		restorejobs.CapabilityDownload,
		restorejobs.CapabilityRestoreToCluster,
		restorejobs.CapabilityPointInTime,
		restorejobs.CapabilityOplog,
	}
	legacy := []restorejobs.Capability{
		restorejobs.CapabilityBatches,
		restorejobs.CapabilityDownload,
		restorejobs.CapabilityDownloadLinkOptions,
		restorejobs.CapabilityRestoreToCluster,
		restorejobs.CapabilityPointInTime,
		restorejobs.CapabilityOplog,
		restorejobs.CapabilityCheckpoint,
	}
	server := restorejobstest.NewServer()
	defer server.Close()
	for scope, want := range map[restorejobstest.Scope][]restorejobs.Capability{
		restorejobstest.CloudManagerCluster:  manager,
		restorejobstest.CloudManagerHost:     host,
		restorejobstest.OpsManagerCluster:    manager,
		restorejobstest.OpsManagerHost:       host,
		restorejobstest.MMSCluster:           {restorejobs.CapabilityBatches, restorejobs.CapabilityDownload, restorejobs.CapabilityOplog, restorejobs.CapabilityPointInTime},
		restorejobstest.AtlasV1Cluster:       cloud,
		restorejobstest.AtlasV1Serverless:    serverless,
		restorejobstest.AtlasV1LegacyCluster: legacy,
		restorejobstest.AtlasV2Cluster:       atlasV2Cluster,
		restorejobstest.AtlasV2Serverless:    serverless,
		restorejobstest.AtlasV2LegacyCluster: legacy,
		restorejobstest.AtlasV2Flex:          {restorejobs.CapabilityDownload, restorejobs.CapabilityRestoreToCluster},
	} {
		source := sourceOf(t, server, scope)
		want = append(slices.Clone(want), restorejobs.CapabilitySnapshots)
		if !strings.HasSuffix(scope.String(), "Host") {
			want = append(want, restorejobs.CapabilityCluster)
			if scope != restorejobstest.MMSCluster {
				want = append(want, restorejobs.CapabilityCheckTarget)
			}
		}
		if slices.Contains(onDemandScopes, scope) {
			want = append(want, restorejobs.CapabilityOnDemandSnapshots)
		}
		var got []restorejobs.Capability
		for _, capability := range allCapabilities {
			if source.Supports(capability) {
				got = append(got, capability)
			}
		}
		assert.ElementsMatch(t, want, got, scope)
		assert.False(t, source.Supports("something else"), scope)
	}
}

// onDemandScopes have snapshots that a program takes.
var onDemandScopes = []restorejobstest.Scope{
	restorejobstest.OpsManagerCluster,
	restorejobstest.AtlasV1Cluster,
	restorejobstest.AtlasV2Cluster,
}

var allCapabilities = []restorejobs.Capability{
	restorejobs.CapabilityBatches,
	restorejobs.CapabilityCancel,
	restorejobs.CapabilityCheckTarget,
	restorejobs.CapabilityCheckpoint,
	restorejobs.CapabilityCluster,
	restorejobs.CapabilityCollections,
	restorejobs.CapabilityDownload,
	restorejobs.CapabilityDownloadLinkOptions,
	restorejobs.CapabilityOnDemandSnapshots,
	restorejobs.CapabilityOplog,
	restorejobs.CapabilityPointInTime,
	restorejobs.CapabilityRestoreToCluster,
	restorejobs.CapabilitySnapshots,
	restorejobs.CapabilityTimeRanges,
}

// TestSupports_agreesWithMethods compares the capabilities with what the methods refuse.
func TestSupports_agreesWithMethods(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	defer server.Close()
	for _, scope := range restorejobstest.Scopes() {
		source := sourceOf(t, server, scope)
		err := source.Jobs.Cancel(t.Context(), "no-such-job")
		assert.Equal(t, !source.Supports(restorejobs.CapabilityCancel), errors.Is(err, errors.ErrUnsupported), scope)
		_, err = source.Jobs.RestorableTimeRanges(t.Context())
		assert.Equal(t, !source.Supports(restorejobs.CapabilityTimeRanges), errors.Is(err, errors.ErrUnsupported), scope)
		_, err = source.Cluster(t.Context())
		assert.Equal(t, !source.Supports(restorejobs.CapabilityCluster), errors.Is(err, errors.ErrUnsupported), scope)
		err = source.CheckTarget(t.Context(), source)
		assert.Equal(t, !source.Supports(restorejobs.CapabilityCheckTarget), errors.Is(err, errors.ErrUnsupported), scope)
		_, err = source.Jobs.List(t.Context(), restorejobs.ListOptions{BatchID: "b"})
		assert.Equal(t, !source.Supports(restorejobs.CapabilityBatches), errors.Is(err, errors.ErrUnsupported), scope)
		point := restorejobs.FromPointInTime(time.Now().Add(-time.Hour).Truncate(time.Second))
		_, err = source.Jobs.Create(t.Context(), point, restorejobs.ToCluster(scope.Project(), "nowhere"))
		if !source.Supports(restorejobs.CapabilityPointInTime) {
			require.ErrorIs(t, err, restorejobs.ErrInvalidArgument, scope)
		}
	}
}
