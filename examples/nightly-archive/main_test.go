package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/examples/internal/harness"
)

func TestRun_oneLine(t *testing.T) {
	t.Parallel()
	for _, scope := range []string{"OpsManagerCluster", "AtlasV2Cluster", "AtlasV2Flex"} {
		dir := filepath.Join(t.TempDir(), "missing", "folder")
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), []string{"-scope", scope, "-dir", dir}, &out), scope)
		assert.Equal(t, 1, bytes.Count(out.Bytes(), []byte("\n")), scope)
		var result durable.Result
		require.NoError(t, json.Unmarshal(out.Bytes(), &result))
		require.Len(t, result.Files, 1)
		assert.FileExists(t, result.Files[0].Path)
		assert.FileExists(t, filepath.Join(filepath.Dir(result.Files[0].Path), "result.json"))
	}
}

func TestPrune_countsWholeArchivesOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, isWhole := range map[string]bool{
		"2026-01-01T0000Z": true,
		"2026-01-02T0000Z": false,
		"2026-01-03T0000Z": true,
		"2026-01-04T0000Z": false,
		"2026-01-05T0000Z": true,
		"2026-01-06T0000Z": false,
		"holiday":          false,
	} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o700))
		if isWhole {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name, evidence), nil, 0o600))
		}
	}
	require.NoError(t, prune(dir, 4), "fewer than that")
	require.NoError(t, prune(dir, 2))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	assert.Equal(t, []string{"2026-01-03T0000Z", "2026-01-04T0000Z", "2026-01-05T0000Z", "2026-01-06T0000Z", "holiday"}, names)
}

func TestRun_exitCodes(t *testing.T) {
	t.Parallel()
	exit := func(args ...string) int { return harness.ExitCode(t.Output(), run(t.Context(), args, t.Output())) }
	assert.Equal(t, 2, exit("-keep", "0"))
	assert.Equal(t, 2, exit("-product", "mars"))
	assert.Equal(t, 2, exit("-product", "atlas", "Production/orders"), "no -dir")
	assert.Equal(t, 2, exit("-product", "opsmanager", "Production/orders"), "no -dir")
	assert.Equal(t, 2, exit("orders"), "no project")
	assert.Equal(t, 1, exit("Production/nothing"))
	assert.Equal(t, 2, exit("-scope", "MMSCluster", "Production/orders"), "no lookup by name")
	assert.Equal(t, 1, exit("-dir", filepath.Join("main.go", "folder")), "below a file")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output())))
}
