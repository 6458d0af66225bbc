package restorejobs_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

// restore is a create that a scope of the test server takes.
type restore struct {
	point restorejobs.RestorePoint
	to    restorejobs.Destination
}

// restores are what can be started on a scope.
func restores(scope restorejobstest.Scope) map[string]restore {
	snapshot := restorejobs.FromSnapshot(scope.Snapshots()[0])
	into := restorejobs.ToCluster(scope.Project(), scope.Cluster())
	if scope == restorejobstest.CloudManagerHost || scope == restorejobstest.OpsManagerHost { // a host is no cluster
		into = restorejobs.ToCluster(scope.Project(), scope.Target())
	}
	download := restorejobs.ToDownload()
	entry := restorejobs.Timestamp{Date: time.Date(2026, 8, 10, 3, 4, 5, 0, time.UTC), Increment: 7} // in every window
	all := map[string]restore{
		"download":  {snapshot, download},
		"automated": {snapshot, into},
		"time":      {restorejobs.FromPointInTime(entry.Date), into},
		"oplog":     {restorejobs.FromOplog(entry), into},
	}
	switch scope {
	case restorejobstest.AtlasV2Flex:
		return map[string]restore{"automated": all["automated"]}
	case restorejobstest.MMSCluster:
		return map[string]restore{
			"download": all["download"],
			"time":     {restorejobs.FromPointInTime(entry.Date), download}, "oplog": {restorejobs.FromOplog(entry), download},
		}
	default:
		return all
	}
}

// handle returns the jobs of a scope.
func handle(t *testing.T, client *restorejobs.Client, scope restorejobstest.Scope, cluster string) *restorejobs.Jobs {
	t.Helper()
	ref := strings.TrimSuffix(scope.Ref(), scope.Cluster()) + cluster
	source, err := client.Source(ref)
	require.NoError(t, err)
	require.Equal(t, ref, source.Ref(), "another process can resume with it")
	return source.Jobs
}

// clusters are the clusters of a scope: a replica set, and a sharded one where there can be.
func clusters(scope restorejobstest.Scope) []string {
	if scope.Sharded() != "" {
		return []string{scope.Cluster(), scope.Sharded()}
	}
	return []string{scope.Cluster()}
}

// eachRestore runs a test for every restore that every variant has.
func eachRestore(t *testing.T, test func(t *testing.T, server *restorejobstest.Server, jobs *restorejobs.Jobs, r restore)) {
	t.Helper()
	for _, scope := range restorejobstest.Scopes() {
		for _, cluster := range clusters(scope) {
			for name, r := range restores(scope) {
				t.Run(scope.String()+"/"+cluster+"/"+name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						time.Sleep(time.Until(time.Date(2026, 8, 11, 0, 0, 0, 0, time.UTC)))
						server := restorejobstest.NewServer(restorejobstest.InProcess(), restorejobstest.WithRestoreDuration(time.Hour))
						defer server.Close()
						client, err := server.Client()
						require.NoError(t, err)
						test(t, server, handle(t, client, scope, cluster), r)
					})
				})
			}
		}
	}
}

// A restore is started and waited for on every variant, with the same code.
func TestWait_everyVariant(t *testing.T) {
	t.Parallel()
	eachRestore(t, func(t *testing.T, _ *restorejobstest.Server, jobs *restorejobs.Jobs, r restore) {
		created, err := jobs.Create(t.Context(), r.point, r.to)
		require.NoError(t, err)
		start := time.Now()
		ended, err := jobs.Wait(t.Context(), restorejobs.JobIDs(created), restorejobs.WaitOptions{})
		require.NoError(t, err)
		assert.Equal(t, restorejobs.JobIDs(created), restorejobs.JobIDs(ended))
		if created[0].State() != restorejobs.StateFinished { // a point-in-time job of the managers is finished when it is made
			assert.GreaterOrEqual(t, time.Since(start), time.Hour)
		}
		for _, job := range ended {
			assert.Equal(t, restorejobs.StateFinished, job.State())
		}
		_, err = jobs.Wait(t.Context(), restorejobs.JobIDs(created), restorejobs.WaitOptions{Goal: restorejobs.UntilDownloadable})
		if len(ended[0].DownloadLinks()) > 0 {
			assert.NoError(t, err)
		} else {
			assert.Error(t, err)
		}
	})
}

// An Ops Manager that is being upgraded: everything that goes wrong then, one after the
// other.
func TestWait_serverUpgrade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := restorejobstest.NewServer(restorejobstest.InProcess(), restorejobstest.WithRestoreDuration(time.Hour))
		defer server.Close()
		client, err := server.Client()
		require.NoError(t, err)
		scope := restorejobstest.OpsManagerCluster
		jobs := client.OpsManager.Cluster(scope.Project(), scope.Sharded()).Jobs
		created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload())
		require.NoError(t, err)
		for _, fault := range []restorejobstest.Fault{
			restorejobstest.ResetConnection(), restorejobstest.TruncateBody(100), restorejobstest.RespondStatus(500), restorejobstest.RespondHTML(503),
			restorejobstest.RespondHTML(404), restorejobstest.TooManyRequests(time.Minute), restorejobstest.RespondHTML(200),
			restorejobstest.ResetConnection().At(restorejobstest.BeforeAuth), restorejobstest.RespondEmpty(), restorejobstest.ShortenBody(50),
		} {
			server.InjectFault(fault, 1)
		}
		failures := 0
		ended, err := jobs.Wait(t.Context(), restorejobs.JobIDs(created), restorejobs.WaitOptions{OnUpdate: func(u restorejobs.WaitUpdate) error {
			if u.Err != nil {
				failures++
			}
			return nil
		}})
		require.NoError(t, err)
		assert.Equal(t, 10, failures)
		assert.Len(t, ended, 3, "two shards and the config server")
	})
}

// The end of a wait does not change the job.
func TestWait_cancelledLeavesJobRunning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := restorejobstest.NewServer(restorejobstest.InProcess())
		defer server.Close()
		client, err := server.Client()
		require.NoError(t, err)
		scope := restorejobstest.AtlasV2Cluster
		jobs := client.AtlasV2.Cluster(scope.Project(), scope.Cluster()).Jobs
		created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload())
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = jobs.Wait(ctx, restorejobs.JobIDs(created), restorejobs.WaitOptions{})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		for _, request := range server.Requests() {
			assert.NotEqual(t, http.MethodDelete, request.Method)
		}
		_, err = jobs.Wait(t.Context(), waitError(t, err).PendingIDs, restorejobs.WaitOptions{})
		require.NoError(t, err, "waited for again")
	})
}

func TestWait_classicLinkMissingAfterExpiry(t *testing.T) {
	t.Parallel()
	f := testutil.NewServer(t, testutil.Respond(200, `{"id":"j","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","expires":"2014-07-09T09:20:00Z"}}`, "Content-Type", "application/json"))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := clienttest.ForServer(t, f).OpsManager.Cluster("p", "c").Jobs.Wait(ctx, []string{"j"}, restorejobs.WaitOptions{Goal: restorejobs.UntilDownloadable, MinInterval: 50 * time.Millisecond})
	assert.False(t, errors.Is(err, context.DeadlineExceeded), "%v", err)
}

func TestWait_downloadableLinkExpired(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"classic": `{"id":"j","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":"http://127.0.0.1:1/a.tar.gz","expires":"2014-07-09T09:20:00Z"}}`,
		"cloud":   `{"id":"j","deliveryType":"download","deliveryUrl":["http://127.0.0.1:1/a.tar.gz"],"expired":false,"expiresAt":"2014-07-09T09:20:00Z"}`,
		"flex":    `{"id":"j","status":"COMPLETED","deliveryType":"DOWNLOAD","snapshotUrl":"http://127.0.0.1:1/a.tar.gz","expirationDate":"2014-07-09T09:20:00Z"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := testutil.NewServer(t, testutil.Respond(200, body, "Content-Type", "application/json"))
			jobs := clienttest.ForServer(t, f).OpsManager.Cluster("p", "c").Jobs
			_, err := jobs.Wait(t.Context(), []string{"j"}, restorejobs.WaitOptions{Goal: restorejobs.UntilDownloadable, MinInterval: -1})
			_, refused := jobs.Download(t.Context(), []string{"j"}, t.TempDir(), restorejobs.DownloadOptions{})
			require.ErrorIs(t, refused, restorejobs.ErrLinkExpired)
			assert.ErrorIs(t, err, restorejobs.ErrLinkExpired)
		})
	}
}
