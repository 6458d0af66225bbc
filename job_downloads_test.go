package restorejobs_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// TestDownload_checksumOfEscapedName: the link escapes what the job's hashes name plainly.
func TestDownload_checksumOfEscapedName(t *testing.T) {
	t.Parallel()
	for _, right := range []bool{true, false} {
		d, dir := newDepot(t, 1000), t.TempDir()
		d.delivery("url", d.address("my%20shard-1536610288-J.tar.gz"))
		sum := strings.Repeat("0", 40)
		if right {
			sum = d.sha1()
		}
		d.job["hashes"] = append(hashes(strings.Repeat("1", 40)),
			map[string]any{"typeName": "SHA1", "fileName": "my shard-1536610288-J.tar.gz", "hash": sum})
		files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
		if !right {
			require.ErrorIs(t, err, restorejobs.ErrChecksumMismatch)
			continue
		}
		require.NoError(t, err)
		assert.True(t, files[0].Verified)
	}
}

// TestWait_partlyDownloadedShards: the service takes a link back when it was used. The job has ended
// all the same, for whoever waits for it then, and the other files can be had.
func TestWait_partlyDownloadedShards(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	scope := restorejobstest.AtlasV2Cluster
	jobs := client.AtlasV2.Cluster(scope.Project(), scope.Sharded()).Jobs
	created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), oneDownload)
	require.NoError(t, err)
	server.Advance(5 * time.Minute)
	job, err := jobs.Get(t.Context(), created[0].ID)
	require.NoError(t, err)
	links := job.DownloadLinks()
	require.Len(t, links, 3)
	_, err = jobs.DownloadTo(t.Context(), job.ID, io.Discard, restorejobs.DownloadOptions{ReplicaSet: links[0].ReplicaSet})
	require.NoError(t, err)

	waited, err := jobs.Wait(shortContext(t), restorejobs.JobIDs(created), restorejobs.WaitOptions{})
	require.NoError(t, err)
	assert.Equal(t, restorejobs.StateFinished, waited[0].State())
	assert.Len(t, waited[0].DownloadLinks(), 2)
	_, err = jobs.Download(t.Context(), []string{job.ID}, t.TempDir(), restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, restorejobs.ErrDownloadNotReady, "fewer files would look like all")
	require.ErrorIs(t, err, restorejobs.ErrDownloadsExhausted, "it will not be ready later")
	require.ErrorContains(t, err, "no link for "+links[0].ReplicaSet)

	waited, err = jobs.Wait(shortContext(t), restorejobs.JobIDs(created), restorejobs.WaitOptions{Goal: restorejobs.UntilDownloadable})
	require.ErrorIs(t, err, restorejobs.ErrDownloadsExhausted)
	require.NotErrorIs(t, err, restorejobs.ErrJobExpired)
	require.ErrorContains(t, err, "finished, its links are used up, or some of them")
	assert.Len(t, waited[0].DownloadLinks(), 2, "the others can still be fetched")
	files, err := jobs.Download(t.Context(), []string{job.ID}, t.TempDir(), restorejobs.DownloadOptions{ReplicaSet: links[1].ReplicaSet})
	require.NoError(t, err)
	assert.Len(t, files, 1)
}
