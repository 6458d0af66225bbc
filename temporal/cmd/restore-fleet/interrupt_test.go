package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/restorejobstest"
	"example.com/restorejobs/temporal/cmd/internal/program"
)

// TestFleet_interruptedOnTheEmbeddedServer requires a table that shows which job continues.
func TestFleet_interruptedOnTheEmbeddedServer(t *testing.T) {
	scope := restorejobstest.AtlasV2Cluster
	mongo := restorejobstest.NewServer(restorejobstest.WithRestoreDuration(time.Hour))
	defer mongo.Close()
	t.Setenv("MONGODB_ATLAS_PUBLIC_API_KEY", restorejobstest.PublicKey)
	t.Setenv("MONGODB_ATLAS_PRIVATE_API_KEY", restorejobstest.PrivateKey)
	t.Setenv("MONGODB_ATLAS_BASE_URL", mongo.URL())
	t.Setenv("TEMPORAL_ADDRESS", "")
	file := filepath.Join(t.TempDir(), "list.yaml")
	list := "restores:\n- {product: atlas, source: " + scope.ProjectName() + "/" + scope.ClusterName() +
		", to: " + scope.ProjectName() + "/" + scope.TargetName() + "}\n"
	require.NoError(t, os.WriteFile(file, []byte(list), 0o600))

	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var stdout bytes.Buffer
	p := program.Program{
		Args:        []string{"-poll", "100ms", file},
		Stdout:      &stdout,
		Stderr:      t.Output(),
		StartServer: startServer,
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	require.Eventually(t, func() bool { return mongo.CreateCount() == 1 }, 30*time.Second, 50*time.Millisecond)
	interrupt()
	err := <-ended
	assert.Equal(t, 3, program.ExitCode(t.Output(), err))
	require.ErrorContains(t, err, "the jobs in this table continue in the service")
	assert.Contains(t, stdout.String(), "1 restore: 1 cancelled")
	jobs := mongo.Jobs(scope)
	assert.Contains(t, stdout.String(), jobs[0]["id"])
}
