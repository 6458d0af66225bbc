package restorejobs_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

// The service removes a used link. The job stays finished, and the other files can be downloaded.
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

	waited, err := jobs.Wait(clienttest.ShortContext(t), restorejobs.JobIDs(created), restorejobs.WaitOptions{})
	require.NoError(t, err)
	assert.Equal(t, restorejobs.StateFinished, waited[0].State())
	assert.Len(t, waited[0].DownloadLinks(), 2)
	_, err = jobs.Download(t.Context(), []string{job.ID}, t.TempDir(), restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, restorejobs.ErrDownloadsExhausted, "fewer files would look like all")
	require.NotErrorIs(t, err, restorejobs.ErrDownloadNotReady, "it will not be ready later")
	require.ErrorContains(t, err, "no link for "+links[0].ReplicaSet)

	waited, err = jobs.Wait(clienttest.ShortContext(t), restorejobs.JobIDs(created), restorejobs.WaitOptions{Goal: restorejobs.UntilDownloadable})
	require.ErrorIs(t, err, restorejobs.ErrDownloadsExhausted)
	require.NotErrorIs(t, err, restorejobs.ErrJobExpired)
	require.ErrorContains(t, err, "finished, its links are used up, or some of them")
	assert.Len(t, waited[0].DownloadLinks(), 2, "the others can still be fetched")
	files, err := jobs.Download(t.Context(), []string{job.ID}, t.TempDir(), restorejobs.DownloadOptions{ReplicaSet: links[1].ReplicaSet})
	require.NoError(t, err)
	assert.Len(t, files, 1)
}
