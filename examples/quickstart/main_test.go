package main

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/examples/internal/target"
	"example.com/restorejobs/restorejobstest"
)

func TestQuickstartTellsEveryVariant(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), nil, &out))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	require.Len(t, lines, 2+len(restorejobstest.Scopes()))
	for i, scope := range restorejobstest.Scopes() {
		fetched := `✓ \d+ bytes  –`
		switch scope {
		case restorejobstest.CloudManagerCluster, restorejobstest.CloudManagerHost, restorejobstest.OpsManagerCluster,
			restorejobstest.OpsManagerHost, restorejobstest.MMSCluster, restorejobstest.AtlasV1LegacyCluster, restorejobstest.AtlasV2LegacyCluster:
			fetched = `✓ \d+ bytes  ✓ SHA-1`
		case restorejobstest.AtlasV2Flex:
			fetched = `– +–`
		default: // Atlas clusters and serverless instances have no checksums
		}
		assert.Regexp(t, `^`+scope.String()+` +✓ [12] +✓ \w+ +✓ [0-9a-f]{24}  ✓ finished  `+fetched+`$`, lines[i+1])
	}
}

// A real deployment is read, and nothing is restored unasked.
func TestQuickstartReadsOnly(t *testing.T) {
	server := restorejobstest.NewServer()
	defer server.Close()
	scope := restorejobstest.AtlasV2Flex
	t.Setenv("MONGODB_ATLAS_PUBLIC_API_KEY", restorejobstest.PublicKey)
	t.Setenv("MONGODB_ATLAS_PRIVATE_API_KEY", restorejobstest.PrivateKey)
	t.Setenv("MONGODB_ATLAS_OPS_MANAGER_URL", server.URL())
	for _, name := range []string{"MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"} {
		t.Setenv(name, "")
	}
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"-ref", scope.Ref()}, &out))
	assert.Regexp(t, scope.Ref()+` +✓ 1 +✓ finished +– +– +– +–\n– not asked: give -snapshot\n$`, out.String())
	assert.Zero(t, server.Created())
}

func TestQuickstartExits(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"-x", "-scope OpsManagerCluster", "-dir .", "-snapshot 5ba5e00000000000000000a1", "-ref mms/groups/a/clusters/b -dir ."} {
		assert.Equal(t, 2, target.Exit(t.Output(), run(t.Context(), strings.Fields(args), t.Output())), args)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, target.Exit(t.Output(), run(ctx, nil, t.Output())))
}
