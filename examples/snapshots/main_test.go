package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
		if !assert.Len(t, lines, len(scope.Snapshots())+1, "%s", scope) {
			continue
		}
		for i, id := range scope.Snapshots() {
			assert.Regexp(t, "^"+id+`  20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, lines[i], "%s", scope)
		}
		assert.Equal(t, "restore the newest: go run ./examples/create -scope "+scope.String()+" -snapshot "+scope.Snapshots()[0], lines[len(lines)-1])
	}
}

// opened returns the environment for a server that the test has changed.
func opened(t *testing.T, scope restorejobstest.Scope, opts ...restorejobstest.Option) *harness.Env {
	t.Helper()
	server := restorejobstest.NewServer(append(opts, restorejobstest.InProcess())...)
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

// shown returns the output of the program.
func shown(t *testing.T, opened *harness.Env) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, show(t.Context(), opened, &out))
	return out.String()
}

func TestShow_unfinishedIsNotProposed(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		for _, members := range []string{
			`"complete":false,"created":{"date":"2026-11-28T00:00:00Z","increment":1}`,
			`"complete":true,"missingShards":[{"shardName":"s0"}],"created":{"date":"2026-11-28T00:00:00Z","increment":1}`,
			`"status":"inProgress","createdAt":"2026-11-28T00:00:00Z"`,
			`"status":"queued","createdAt":null`,
			`"status":"FAILED","startTime":"2026-11-28T00:00:00Z","finishTime":"2026-11-28T00:00:00Z"`,
		} {
			o := opened(t, scope)
			id := o.Server.AddSnapshot(scope, `{`+members+`}`)
			out := shown(t, o)
			assert.Contains(t, out, " -snapshot "+scope.Snapshots()[0]+"\n", "%s %s", scope, members)
			if strings.Contains(out, id) { // Ops Manager and legacy clusters of Atlas v2 hide it
				assert.Contains(t, out, id+"  cannot be restored: ", "%s %s", scope, members)
			}
		}
	}
}

func TestShow_newestByTime(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		o := opened(t, scope)
		old := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
		late := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
		newest := ""
		for _, at := range []time.Time{old, late, old} { // the newest is in the middle
			date := at.Format(time.RFC3339)
			id := o.Server.AddSnapshot(scope, fmt.Sprintf(`{"complete":true,"status":"completed","created":{"date":%q,"increment":1},"createdAt":%q,"finishTime":%q}`, date, date, date))
			if at.Equal(late) {
				newest = id
			}
		}
		out := shown(t, o)
		assert.True(t, strings.HasPrefix(out, newest+"  2026-11-27T00:00:00Z\n"), "%s: %s", scope, out)
		assert.Contains(t, out, " -snapshot "+newest+"\n", "%s", scope)
	}
}

func TestShow_shardedCluster(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		if scope.Sharded() == "" {
			continue
		}
		out := shown(t, opened(t, scope, restorejobstest.WithShards(2)))
		assert.Contains(t, out, " -snapshot "+scope.Snapshots()[0]+"\n", "%s", scope)
	}
}

func TestShow_manyPages(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		o := opened(t, scope)
		newest := o.Server.AddSnapshot(scope, `{"complete":true,"status":"completed","created":{"date":"2026-11-27T00:00:00Z","increment":1},`+
			`"createdAt":"2026-11-27T00:00:00Z","finishTime":"2026-11-27T00:00:00Z"}`)
		for range 250 {
			o.Server.AddSnapshot(scope, `{"complete":true,"status":"completed","created":{"date":"2001-01-01T00:00:00Z","increment":1},`+
				`"createdAt":"2001-01-01T00:00:00Z","finishTime":"2001-01-01T00:00:00Z"}`)
		}
		assert.Contains(t, shown(t, o), " -snapshot "+newest+"\n", "%s", scope)
	}
}

func TestShow_none(t *testing.T) {
	t.Parallel()
	scope := restorejobstest.AtlasV2Cluster
	o := opened(t, scope)
	empty := restorejobstest.RespondBody(http.StatusOK, "application/json", `{"results":[],"totalCount":0}`)
	o.Server.InjectFault(empty.On("GET /"), 2)
	assert.Equal(t, "no snapshots of "+scope.Ref()+"\n", shown(t, o))

	unfinished := restorejobstest.RespondBody(http.StatusOK, "application/json", `{"results":[{"id":"a","status":"queued"}]}`)
	o.Server.InjectFault(empty.On("GET /"), 1)
	o.Server.InjectFault(unfinished.On("GET /"), 1)
	assert.Equal(t, "a  cannot be restored: queued\nno complete snapshot of "+scope.Ref()+"\n", shown(t, o))
}

func TestRun_exits(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 2, harness.ExitCode(t.Output(), run(t.Context(), []string{"-x"}, t.Output())))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output())))
}
