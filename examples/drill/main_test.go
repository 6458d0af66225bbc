package main

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/examples/internal/harness"
)

func TestRun_evidence(t *testing.T) {
	t.Parallel()
	for _, scope := range []string{"OpsManagerCluster", "CloudManagerCluster", "AtlasV2Cluster"} {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), []string{"-scope", scope}, &out, t.Output()), scope)
		var evidence durable.Result
		require.NoError(t, json.Unmarshal(out.Bytes(), &evidence), out.String())
		assert.Equal(t, time.Now().UTC().Truncate(24*time.Hour), evidence.Choice.Time, scope)
		assert.False(t, evidence.InPlace.IsZero(), scope)
		assert.Positive(t, evidence.RestoreSeconds, scope)
	}
}

func TestRun_exitCodes(t *testing.T) {
	t.Parallel()
	exit := func(args ...string) int {
		return harness.ExitCode(t.Output(), run(t.Context(), args, t.Output(), t.Output()))
	}
	assert.Equal(t, 2, exit("-at", "yesterday"))
	assert.Equal(t, 2, exit("-product", "opsmanager", "Production/orders", "Drills/scratch"), "no -dir")
	assert.Equal(t, 2, exit("-product", "opsmanager", "-dir", t.TempDir(), "Production"), "no cluster")
	assert.Equal(t, 1, exit("Production/orders", "Production/orders"), "the source itself")
	assert.Equal(t, 2, exit("-at", "2099-01-01T00:00:00Z"), "in the future")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output(), t.Output())))
}
