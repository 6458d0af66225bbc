package restorejobs_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// TestClient_contextEnded: a call that begins after its context has ended sends nothing, and does
// not say that a restore may have been started.
func TestClient_contextEnded(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	jobs := jobsOf(t, server, restorejobstest.OpsManagerCluster)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := jobs.Create(ctx, restorejobs.FromSnapshot(restorejobstest.OpsManagerCluster.Snapshots()[0]), oneDownload)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
	assert.Empty(t, server.Requests())
}
