package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

func TestRun_lostResponse(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		var out strings.Builder
		err := run(t.Context(), []string{"-scope", scope.String()}, &out)
		assert.Zero(t, harness.ExitCode(t.Output(), err), "%s", scope)
		assert.Regexp(t, `^the response was lost; searching for the restore\nrestore job [0-9a-f]{24} running .*\n(a link works .*\n)?restores started: 1\n$`, out.String(), "%s", scope)
	}
}

func TestCreateOnce_searchFails(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	defer server.Close()
	client, err := server.Client(restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}))
	require.NoError(t, err)
	scope := restorejobstest.OpsManagerCluster
	source, err := client.Source(scope.Ref())
	require.NoError(t, err)
	jobs := source.Jobs
	create := func(ctx context.Context) error {
		_, err := createOnce(ctx, t.Output(), jobs, time.Time{}, restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload())
		return err
	}

	server.InjectFault(restorejobstest.DropResponse().On("POST /"), 1)
	server.InjectFault(restorejobstest.RespondStatus(http.StatusBadGateway).On("GET /"), 1)
	err = create(t.Context())
	require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
	require.ErrorIs(t, err, restorejobs.ErrUnavailable)
	assert.Equal(t, 1, harness.ExitCode(t.Output(), err))

	// A create that never arrived is searched for until the context ends.
	empty := restorejobstest.RewriteBody(func([]byte) []byte { return []byte(`{"results":[],"totalCount":0}`) })
	server.InjectFault(restorejobstest.DropResponse().On("POST /"), 1)
	server.InjectFault(empty.On("GET /"), 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer time.AfterFunc(200*time.Millisecond, cancel).Stop()
	err = create(ctx)
	require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
	assert.Equal(t, 3, harness.ExitCode(t.Output(), err))
}

// The same create by another program at the same time is not used.
func TestCreateOnce_restoresOfOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scope  restorejobstest.Scope
		others int
		jobs   int // that are listed
		told   bool
	}{
		{restorejobstest.OpsManagerCluster, 2, 3, false},
		{restorejobstest.AtlasV2Cluster, 1, 2, false},
		{restorejobstest.OpsManagerCluster, 0, 1, true},
	} {
		for _, sharded := range []bool{false, true} {
			name := c.scope.Ref()
			if sharded {
				name = strings.Replace(name, c.scope.Cluster(), c.scope.Sharded(), 1)
			}
			server := restorejobstest.NewServer()
			defer server.Close()
			client, err := server.Client()
			require.NoError(t, err)
			source, err := client.Source(name)
			require.NoError(t, err)
			jobs := source.Jobs
			point := restorejobs.FromSnapshot(c.scope.Snapshots()[0])
			to := restorejobs.ToDownload()
			for range c.others {
				_, err := jobs.Create(t.Context(), point, to)
				require.NoError(t, err)
			}
			server.InjectFault(restorejobstest.DropResponse().On("POST /"), 1)
			created, err := createOnce(t.Context(), t.Output(), jobs, time.Time{}, point, to)
			assert.Equal(t, c.others+1, server.CreateCount())
			if c.told {
				require.NoError(t, err)
				continue
			}
			require.ErrorContains(t, err, "which one is ours is unknown", name)
			require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
			assert.Equal(t, 1, harness.ExitCode(t.Output(), err))
			assert.GreaterOrEqual(t, len(created), c.jobs, name)
		}
	}
}

// A create is safe if the search for an earlier one found nothing for a minute.
func TestCreateOnce_pendingRunStartedNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := restorejobstest.NewServer(restorejobstest.InProcess())
		defer server.Close()
		client, err := server.Client()
		require.NoError(t, err)
		scope := restorejobstest.OpsManagerCluster
		source, err := client.Source(scope.Ref())
		require.NoError(t, err)
		jobs := source.Jobs
		begun := time.Now()
		created, err := createOnce(t.Context(), t.Output(), jobs, begun.Add(-time.Second), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload())
		require.NoError(t, err)
		assert.Len(t, created, 1)
		assert.Equal(t, 1, server.CreateCount())
		assert.GreaterOrEqual(t, time.Since(begun), time.Minute)
	})
}

// A failed restore of an earlier run is ignored.
func TestCreateOnce_earlierRestoreFailed(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*restorejobstest.Server, string){
		"failed":    (*restorejobstest.Server).FailJob,
		"cancelled": (*restorejobstest.Server).CancelJob,
		"expired":   (*restorejobstest.Server).ExpireLinks,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := restorejobstest.NewServer(restorejobstest.InProcess())
				defer server.Close()
				client, err := server.Client()
				require.NoError(t, err)
				scope := restorejobstest.OpsManagerCluster
				source, err := client.Source(scope.Ref())
				require.NoError(t, err)
				jobs := source.Jobs
				begun := time.Now()
				point := restorejobs.FromSnapshot(scope.Snapshots()[0])
				to := restorejobs.ToDownload()
				earlier, err := jobs.Create(t.Context(), point, to)
				require.NoError(t, err)
				end(server, earlier[0].ID)
				time.Sleep(time.Hour) // until it has ended
				created, err := createOnce(t.Context(), t.Output(), jobs, begun, point, to)
				require.NoError(t, err)
				assert.Equal(t, 2, server.CreateCount())
				assert.NotEqual(t, restorejobs.JobIDs(earlier), restorejobs.JobIDs(created))
			})
		})
	}
}

func TestRun_stateFile(t *testing.T) {
	t.Parallel()
	note := filepath.Join(t.TempDir(), "note")
	exit := func(args ...string) int { return harness.ExitCode(t.Output(), run(t.Context(), args, t.Output())) }
	assert.Equal(t, 2, exit("-note", note, "-since", "2026-08-10T03:35:05Z"))
	assert.Equal(t, 2, exit("-since", "yesterday"))
	assert.Equal(t, 2, exit("-since", time.Now().Add(time.Hour).Format(time.RFC3339)))
	assert.Equal(t, 2, exit("-note", note, "-scope", "MMSCluster", "-into", "p/c"), "refused before it was sent")
	assert.NoFileExists(t, note)
	assert.Zero(t, exit("-note", note))
	assert.NoFileExists(t, note)
	assert.Equal(t, 1, exit("-note", filepath.Join(note, "nowhere")))
	require.NoError(t, os.WriteFile(note, nil, 0o600))
	assert.Equal(t, 1, exit("-note", note), "nobody knows since when")
	assert.FileExists(t, note)
}

func TestRun_exitCodes(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 2, harness.ExitCode(t.Output(), run(t.Context(), []string{"-x"}, t.Output())))
	assert.ErrorContains(t, run(t.Context(), []string{"-ref", "mms/groups/a/clusters/b"}, t.Output()), "bad usage: -snapshot is missing;")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output())))
}
