package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

func TestRun_everyVariant(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		var out strings.Builder
		err := run(t.Context(), []string{"-scope", scope.String()}, &out)
		assert.Zero(t, harness.ExitCode(t.Output(), err), "%s", scope)
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		assert.Regexp(t, `^snapshot [0-9a-f]{24} completed of 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, lines[0], "%s", scope)
		id := strings.Fields(lines[0])[1]
		assert.Equal(t, "restore it: go run ./examples/create -scope "+scope.String()+" -snapshot "+id, lines[len(lines)-1])
	}
}

// opened returns the environment for a server that the test has changed.
func opened(t *testing.T, scope restorejobstest.Scope) *harness.Env {
	t.Helper()
	server := restorejobstest.NewServer(restorejobstest.InProcess())
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	source, err := client.Source(scope.Ref())
	require.NoError(t, err)
	return &harness.Env{
		Client: client,
		Source: source,
		Server: server,
		Scope:  scope,
	}
}

func TestShow_newestByTime(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		env := opened(t, scope)
		newest := ""
		for _, date := range []string{"2001-01-01T00:00:00Z", "2026-11-27T00:00:00Z", "2002-01-01T00:00:00Z"} {
			id := env.Server.AddSnapshot(scope, fmt.Sprintf(`{"complete":true,"status":"completed","created":{"date":%q,"increment":1},"createdAt":%q,"finishTime":%q}`, date, date, date))
			if strings.HasPrefix(date, "2026") {
				newest = id
			}
		}
		env.Server.AddSnapshot(scope, `{"complete":false,"status":"queued"}`)
		var out strings.Builder
		require.NoError(t, show(t.Context(), env, restorejobs.SnapshotOptions{}, &out))
		assert.True(t, strings.HasPrefix(out.String(), "snapshot "+newest+" completed of 2026-11-27T00:00:00Z\n"), "%s: %s", scope, out.String())
	}
}

func TestRun_before(t *testing.T) {
	t.Parallel()
	scope := restorejobstest.OpsManagerCluster
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"-scope", scope.String(), "-before", "2017-04-20T00:00:00Z"}, &out))
	assert.True(t, strings.HasPrefix(out.String(), "snapshot "+scope.Snapshots()[1]+" completed of 2017-04-19T"), out.String())
	out.Reset()
	err := run(t.Context(), []string{"-scope", scope.String(), "-before", "2001-01-01T00:00:00Z"}, &out)
	require.ErrorIs(t, err, restorejobs.ErrNoSnapshot)
	assert.Equal(t, 1, harness.ExitCode(t.Output(), err))
	assert.Empty(t, out.String())
}

func TestShow_fallback(t *testing.T) {
	t.Parallel()
	scope := restorejobstest.AtlasV2Cluster
	env := opened(t, scope)
	at := time.Now().UTC().Format(time.RFC3339)
	id := env.Server.AddSnapshot(scope, fmt.Sprintf(`{"status":"completed","snapshotType":"fallback","createdAt":%q}`, at))
	for include, want := range map[bool]bool{false: false, true: true} {
		var out strings.Builder
		require.NoError(t, show(t.Context(), env, restorejobs.SnapshotOptions{IncludeFallback: include}, &out))
		assert.Equal(t, want, strings.Contains(out.String(), id))
	}
}

func TestRun_exits(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-x"}, {"-before", "yesterday"}} {
		assert.Equal(t, 2, harness.ExitCode(t.Output(), run(t.Context(), args, t.Output())))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output())))
}
