package durable_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// skipToSeeds sleeps until the jobs and snapshots of a new server are in the past.
func skipToSeeds() { time.Sleep(time.Until(time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC))) }

// fixture is a server, and a source on it.
type fixture struct {
	t      *testing.T
	server *restorejobstest.Server
	source *restorejobs.Source
	scope  restorejobstest.Scope
}

func newFixture(t *testing.T, scope restorejobstest.Scope, opts ...restorejobstest.Option) *fixture {
	t.Helper()
	server := restorejobstest.NewServer(append(opts, restorejobstest.InProcess())...)
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	source, err := client.Source(scope.Ref())
	require.NoError(t, err)
	return &fixture{
		t:      t,
		server: server,
		source: source,
		scope:  scope,
	}
}

// toCluster is a plan to restore the newest snapshot into another cluster.
func (f *fixture) toCluster() durable.Plan {
	return durable.Plan{
		Source: f.source,
		Point:  durable.NewestSnapshot(),
		To:     restorejobs.ToCluster(f.scope.Project(), f.scope.Target()),
	}
}

// toDirectory is a plan to download the newest snapshot.
func (f *fixture) toDirectory() durable.Plan {
	return durable.Plan{
		Source:    f.source,
		Point:     durable.NewestSnapshot(),
		To:        restorejobs.ToDownload(),
		Directory: f.t.TempDir(),
	}
}

// restore restores with a result.
func (f *fixture) restore(plan durable.Plan, journal durable.Journal) *durable.Result {
	f.t.Helper()
	result, err := durable.Restore(f.t.Context(), plan, journal)
	require.NoError(f.t, err)
	return result
}

// addSnapshot adds a newer snapshot of an Atlas cluster.
func (f *fixture) addSnapshot() string {
	f.t.Helper()
	created := time.Now().UTC().Format(time.RFC3339)
	return f.server.AddSnapshot(f.scope, `{"status":"completed","type":"replicaSet","snapshotType":"scheduled","createdAt":"`+created+`"}`)
}
