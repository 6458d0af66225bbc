package cookbook

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// kitchen is a server on a virtual clock, after its snapshots.
type kitchen struct {
	server *restorejobstest.Server
	client *restorejobs.Client
}

func in(t *testing.T, test func(t *testing.T, k *kitchen)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 8, 11, 0, 0, 0, 0, time.UTC)))
		server := restorejobstest.NewServer(restorejobstest.InProcess())
		defer server.Close()
		client, err := server.Client()
		require.NoError(t, err)
		test(t, &kitchen{server: server, client: client})
	})
}

// source returns a cluster of the server.
func (k *kitchen) source(t *testing.T, scope restorejobstest.Scope, cluster string) *restorejobs.Source {
	t.Helper()
	if scope == restorejobstest.AtlasV2Cluster {
		return k.client.AtlasV2.Cluster(scope.Project(), cluster)
	}
	if scope == restorejobstest.CloudManagerCluster {
		return k.client.CloudManager.Cluster(scope.Project(), cluster)
	}
	require.Equal(t, restorejobstest.OpsManagerCluster, scope)
	return k.client.OpsManager.Cluster(scope.Project(), cluster)
}

var both = []restorejobstest.Scope{restorejobstest.AtlasV2Cluster, restorejobstest.OpsManagerCluster}

func TestRestoreNewest_once(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, k *kitchen) {
		scope := restorejobstest.AtlasV2Cluster
		project := k.server.AddProject(scope, "Staging")
		k.server.AddCluster(restorejobstest.ClusterSpec{Scope: scope, Project: project, Name: "Cluster0", NoSnapshots: true})
		journal := &durable.MemoryJournal{}
		for range 2 {
			result, err := RestoreNewest(t.Context(), k.client, journal)
			require.NoError(t, err)
			assert.Equal(t, scope.Snapshots()[0], result.Choice.SnapshotID)
		}
		assert.Equal(t, 1, k.server.CreateCount())
	})
}

func TestDownloadNightly_folderOfTheTime(t *testing.T) {
	t.Parallel()
	for _, scope := range []restorejobstest.Scope{restorejobstest.CloudManagerCluster, restorejobstest.OpsManagerCluster} {
		in(t, func(t *testing.T, k *kitchen) {
			directory := t.TempDir()
			result, err := DownloadNightly(t.Context(), k.source(t, scope, scope.Cluster()), directory, &durable.MemoryJournal{})
			require.NoError(t, err)
			require.Len(t, result.Files, 1)
			assert.Equal(t, filepath.Join(directory, result.Choice.Time.UTC().Format("2006-01-02T1504Z")), filepath.Dir(result.Files[0].Path))
		})
	}
}

func TestRestoreToTime_eachProduct(t *testing.T) {
	t.Parallel()
	for _, scope := range both {
		in(t, func(t *testing.T, k *kitchen) {
			source := k.source(t, scope, scope.Cluster())
			at := time.Now().Add(-time.Hour + time.Millisecond)
			isRestorable, err := IsRestorable(t.Context(), source, at)
			require.NoError(t, err)
			assert.True(t, isRestorable)
			isRestorable, err = IsRestorable(t.Context(), source, at.AddDate(-20, 0, 0))
			require.NoError(t, err)
			assert.False(t, isRestorable)
			_, err = RestoreToTime(t.Context(), source, k.source(t, scope, scope.Target()), at, &durable.MemoryJournal{})
			require.NoError(t, err)
			assert.Equal(t, 1, k.server.CreateCount())
		})
	}
}

func TestCopyNow_restoresTheNewSnapshot(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, k *kitchen) {
		scope := restorejobstest.AtlasV2Cluster
		target := k.source(t, scope, scope.Target())
		require.NoError(t, CopyNow(t.Context(), k.source(t, scope, scope.Cluster()), target))
		job := k.server.JobsOf(scope, scope.Cluster())[0]
		assert.NotContains(t, scope.Snapshots(), job["snapshotId"])

		deleted := ""
		k.server.Handle("DELETE /api/atlas/v2/groups/{project}/clusters/{cluster}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			deleted = r.PathValue("cluster")
			w.WriteHeader(http.StatusAccepted)
		}))
		require.NoError(t, DeleteCluster(t.Context(), k.client, target))
		assert.Equal(t, scope.Target(), deleted)
	})
}

func TestRestoreCollection_beside(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, k *kitchen) {
		scope := restorejobstest.AtlasV2Cluster
		job, err := RestoreCollection(t.Context(), k.source(t, scope, scope.Cluster()), "sales.orders")
		require.NoError(t, err)
		assert.Equal(t, restorejobs.StateFinished, job.State())
	})
}

func TestUnpack_whileItArrives(t *testing.T) {
	t.Parallel()
	for _, scope := range both {
		in(t, func(t *testing.T, k *kitchen) {
			jobs := k.source(t, scope, scope.Cluster()).Jobs
			created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload())
			require.NoError(t, err)
			_, err = jobs.Wait(t.Context(), restorejobs.JobIDs(created), restorejobs.WaitOptions{})
			require.NoError(t, err)
			directory := t.TempDir()
			require.NoError(t, Unpack(t.Context(), jobs, created[0].ID, directory))
			content, err := os.ReadFile(filepath.Join(directory, "restore", "README"))
			require.NoError(t, err)
			assert.NotEmpty(t, content)
		})
	}
}

func TestUnpack_damagedArchive(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, k *kitchen) {
		scope := restorejobstest.OpsManagerCluster
		jobs := k.source(t, scope, scope.Cluster()).Jobs
		created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload())
		require.NoError(t, err)
		_, err = jobs.Wait(t.Context(), restorejobs.JobIDs(created), restorejobs.WaitOptions{})
		require.NoError(t, err)
		k.server.InjectFault(restorejobstest.RespondBody(http.StatusOK, "application/gzip", "not an archive").At(restorejobstest.Downloads), 10)
		require.Error(t, Unpack(t.Context(), jobs, created[0].ID, t.TempDir()))
	})
}

func TestLinks_ofEveryReplicaSet(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, k *kitchen) {
		scope := restorejobstest.OpsManagerCluster
		links, err := Links(t.Context(), k.source(t, scope, scope.Sharded()), 3)
		require.NoError(t, err)
		require.Len(t, links, 3, "two shards and the config servers")
		for replicaSet, link := range links {
			assert.NotEmpty(t, replicaSet)
			assert.NotEmpty(t, link.URL.Reveal())
			assert.EqualValues(t, 3, link.MaxDownloads)
		}
	})
}

func TestTakeOver_theNewestRunning(t *testing.T) {
	t.Parallel()
	for _, scope := range both {
		in(t, func(t *testing.T, k *kitchen) {
			jobs := k.source(t, scope, scope.Cluster()).Jobs
			_, err := TakeOver(t.Context(), jobs, t.TempDir())
			require.ErrorContains(t, err, "no restore is running")
			snapshots := scope.Snapshots()
			for _, snapshot := range snapshots[:2] {
				_, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(snapshot), restorejobs.ToDownload())
				require.NoError(t, err)
				time.Sleep(time.Second)
			}
			files, err := TakeOver(t.Context(), jobs, t.TempDir())
			require.NoError(t, err)
			require.Len(t, files, 1)
			job, err := jobs.Get(t.Context(), files[0].JobID)
			require.NoError(t, err)
			assert.Equal(t, snapshots[1], job.SnapshotID)
		})
	}
}
