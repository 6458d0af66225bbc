package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/examples/internal/harness"
)

func TestRun_bothTargets(t *testing.T) {
	t.Parallel()
	for _, scope := range []string{"OpsManagerCluster", "CloudManagerCluster", "AtlasV2Cluster"} {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), []string{"-scope", scope, "-every", "200ms"}, &out), scope)
		assert.Equal(t, 2, strings.Count(out.String(), " has the data of "), out.String())
		assert.Contains(t, out.String(), "  wait: ", scope)
	}
}

func TestRun_exitCodes(t *testing.T) {
	t.Parallel()
	exit := func(args ...string) int { return harness.ExitCode(t.Output(), run(t.Context(), args, t.Output())) }
	assert.Equal(t, 2, exit("-product", "opsmanager", "Production/orders=Staging/orders"), "no -dir")
	assert.Equal(t, 2, exit("Production/orders"), "no target")
	assert.Equal(t, 1, exit("Production/orders=Production/orders"), "the source itself")
	assert.Equal(t, 1, exit("-dir", filepath.Join("main.go", "folder")), "below a file")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output())))
}
