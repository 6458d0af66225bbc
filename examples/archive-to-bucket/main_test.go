package main

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/examples/internal/harness"
)

func TestRun_everyFile(t *testing.T) {
	t.Parallel()
	for _, scope := range []string{"OpsManagerCluster", "CloudManagerCluster", "AtlasV2Cluster", "AtlasV2Flex"} {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), []string{"-scope", scope}, &out), scope)
		assert.Regexp(t, `^[0-9a-f]{40}  backups/[0-9TZ-]{16}/[0-9a-f]{24}\.tar\.gz  \d+ bytes\n$`, out.String(), scope)
	}
}

func TestRun_exitCodes(t *testing.T) {
	t.Parallel()
	exit := func(args ...string) int { return harness.ExitCode(t.Output(), run(t.Context(), args, t.Output())) }
	assert.Equal(t, 2, exit("-part", "4"))
	assert.Equal(t, 2, exit("-endpoint", "s3.example.net"))
	assert.Equal(t, 2, exit("-product", "atlas", "Production/orders"), "no -dir")
	assert.Equal(t, 1, exit("-bucket", "A bucket must not have spaces"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output())))
}
