package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

func TestRun_restoresFirstCollection(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"-takes", "1ms"}, &out))
	assert.Contains(t, out.String(), "  sales.customers\n  sales.orders\n  stock.items\n")
	assert.Contains(t, out.String(), "sales.customers is restored as sales.customers_restored: 20000 documents\n")
}

func TestRun_namedCollection(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"-takes", "1ms", "-suffix", "_old", "stock.items"}, &out))
	assert.Contains(t, out.String(), "stock.items is restored as stock.items_old")
	assert.NotContains(t, out.String(), "sales.orders")
}

// newProgram returns the program for a server that the test can change.
func newProgram(t *testing.T, out *strings.Builder) *program {
	t.Helper()
	scope := restorejobstest.AtlasV2Cluster
	server := restorejobstest.NewServer(restorejobstest.InProcess(), restorejobstest.WithRestoreDuration(time.Millisecond))
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	source, err := client.Source(scope.Ref())
	require.NoError(t, err)
	p := &program{
		env: &harness.Env{
			Client: client,
			Source: source,
			Server: server,
			Scope:  scope,
		},
		out:    out,
		suffix: "_restored",
	}
	p.opts = restorejobs.WaitOptions{
		MinInterval: time.Millisecond,
		OnUpdate:    p.report,
	}
	return p
}

// A finished job without the collection is a failure.
func TestRestore_missingCollection(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := newProgram(t, &out).restore(t.Context(), "sales.nothing")
	require.ErrorIs(t, err, restorejobs.ErrCollectionsNotRestored)
	assert.Equal(t, 1, harness.ExitCode(t.Output(), err))
	require.ErrorContains(t, err, "sales.nothing NOT_FOUND")
}

func TestRestore_retries(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := newProgram(t, &out)
	job := restorejobstest.RespondHTML(http.StatusBadGateway).On("GET /api/atlas/v2/groups/{project}/clusters/{cluster}/collectionRestoreJobs/{job}")
	p.env.Server.InjectFault(job, 1)
	require.NoError(t, p.restore(t.Context(), "sales.orders"))
	assert.Contains(t, out.String(), "retrying after")
}

func TestRestore_interrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err := run(ctx, []string{"-takes", "1h", "sales.orders"}, t.Output())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "go run ./examples/collection-restore -ref atlasv2/groups/")
	require.ErrorContains(t, err, " -job ")
}

func TestRun_usage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-job", "a", "sales.orders"}, {"sales"}, {"a.b", "c.d"}, {"-scope", "AtlasV2Flex", "sales.orders"},
	} {
		assert.Equal(t, 2, harness.ExitCode(t.Output(), run(t.Context(), args, t.Output())), "%v", args)
	}
}

// A job that another process has started is waited for.
func TestRun_startedBefore(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := newProgram(t, &out)
	created, err := p.env.Source.CollectionJobs.Create(t.Context(), restorejobs.CollectionRestore{
		Point:       restorejobs.FromSnapshot(p.env.Scope.Snapshots()[0]),
		Target:      restorejobs.ToCluster(p.env.Scope.Project(), p.env.Scope.Target()),
		Collections: []restorejobs.RestoreNamespace{{Source: "sales.orders"}},
	})
	require.NoError(t, err)
	require.NoError(t, p.wait(t.Context(), created.ID))
	assert.Contains(t, out.String(), "sales.orders is restored as sales.orders: 20000 documents")
	require.ErrorIs(t, run(t.Context(), []string{"-job", strings.Repeat("0", 24)}, &out), restorejobs.ErrNotFound)
}
