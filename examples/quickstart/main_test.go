package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

func TestRun_everyVariant(t *testing.T) {
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
		default: // Atlas clusters, serverless instances and flex clusters have no checksums
		}
		assert.Regexp(t, `^`+scope.String()+` +✓ [12] +✓ \w+ +✓ [0-9a-f]{24}  ✓ finished  `+fetched+`$`, lines[i+1])
	}
}

// realServer starts a server that the environment presents as a real deployment.
func realServer(t *testing.T, opts ...restorejobstest.Option) *restorejobstest.Server {
	t.Helper()
	server := restorejobstest.NewServer(opts...)
	t.Cleanup(server.Close)
	t.Setenv("MONGODB_ATLAS_PUBLIC_API_KEY", restorejobstest.PublicKey)
	t.Setenv("MONGODB_ATLAS_PRIVATE_API_KEY", restorejobstest.PrivateKey)
	t.Setenv("MONGODB_ATLAS_OPS_MANAGER_URL", server.URL())
	for _, name := range []string{"MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"} {
		t.Setenv(name, "")
	}
	return server
}

// A real deployment is only read without -snapshot.
func TestRun_readsOnly(t *testing.T) { //nolint:paralleltest // realServer sets the environment
	server := realServer(t)
	scope := restorejobstest.AtlasV2Flex
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"-ref", scope.Ref()}, &out))
	assert.Regexp(t, scope.Ref()+` +✓ 1 +✓ finished +– +– +– +–\n– not requested: add -snapshot\n$`, out.String())
	assert.Zero(t, server.CreateCount())
}

func TestRun_interruptedDownload(t *testing.T) { //nolint:paralleltest // realServer sets the environment
	realServer(t, restorejobstest.WithRestoreDuration(0), restorejobstest.WithArchiveSize(4<<30))
	scope := restorejobstest.OpsManagerCluster
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { // stops when the first bytes are in the part file
		for ctx.Err() == nil {
			if parts, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(parts) > 0 {
				if info, err := os.Stat(parts[0]); err == nil && info.Size() > 0 {
					cancel()
				}
			}
		}
	}()
	err := run(ctx, []string{"-ref", scope.Ref(), "-snapshot", scope.Snapshots()[0], "-dir", dir}, t.Output())
	assert.Equal(t, 3, harness.ExitCode(t.Output(), err))
	require.ErrorContains(t, err, "bytes are kept in")
	lines := strings.Split(err.Error(), "\n")
	assert.Equal(t, "continue with", lines[len(lines)-2])
	assert.Regexp(t, `^  go run \./examples/download -ref `+scope.Ref()+` -dir `+dir+` [0-9a-f]{24}$`, lines[len(lines)-1], "no -repeat: the link works more than once")
}

func TestRun_missingDirectory(t *testing.T) { //nolint:paralleltest // realServer sets the environment
	server := realServer(t, restorejobstest.WithRestoreDuration(0))
	scope := restorejobstest.OpsManagerCluster
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{filepath.Join(file, "folder"), file} {
		err := run(t.Context(), []string{"-ref", scope.Ref(), "-snapshot", scope.Snapshots()[0], "-dir", dir}, t.Output())
		assert.Equal(t, 2, harness.ExitCode(t.Output(), err), dir)
		assert.Empty(t, server.Requests(), dir)
	}
}

func TestRun_exitCodes(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"-x", "-scope OpsManagerCluster", "-dir .", "-snapshot 5ba5e00000000000000000a1", "-ref mms/groups/a/clusters/b -dir ."} {
		assert.Equal(t, 2, harness.ExitCode(t.Output(), run(t.Context(), strings.Fields(args), t.Output())), args)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output())))
}
