package restorejobs_test

import (
	"context"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// flexDownloadPath is the operation that the refusal of ToDownload names.
func flexDownloadPath(scope restorejobstest.Scope) string {
	return "/api/atlas/v2/groups/" + scope.Project() + "/flexClusters/" + scope.Cluster() + "/backup/download"
}

func TestDo_flexDownload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := restorejobstest.NewServer(restorejobstest.InProcess())
		defer server.Close()
		client, err := server.Client()
		require.NoError(t, err)
		scope := restorejobstest.AtlasV2Flex
		jobs := client.AtlasV2.Flex(scope.Project(), scope.Cluster()).Jobs

		var started restorejobs.Job
		body := map[string]string{"snapshotId": scope.Snapshots()[0]}
		require.NoError(t, client.Do(t.Context(), http.MethodPost, flexDownloadPath(scope), body, &started))
		assert.Equal(t, restorejobs.DeliveryTypeFlexDownload, started.DeliveryType)
		assert.Equal(t, restorejobs.StateRunning, started.State())
		for _, goal := range []restorejobs.WaitGoal{restorejobs.UntilFinished, restorejobs.UntilDownloadable} {
			ended, err := jobs.Wait(t.Context(), []string{started.ID}, restorejobs.WaitOptions{Goal: goal})
			require.NoError(t, err)
			assert.Len(t, ended[0].DownloadLinks(), 1)
		}
		dir := t.TempDir()
		files, err := jobs.Download(t.Context(), []string{started.ID}, dir, restorejobs.DownloadOptions{})
		require.NoError(t, err)
		require.Len(t, files, 1)
		assert.FileExists(t, files[0].Path)
		info, err := os.Stat(files[0].Path)
		require.NoError(t, err)
		assert.Equal(t, info.Size(), files[0].Size)
		assert.Equal(t, 1, server.CreateCount())
	})
}

// A flex cluster has downloads: the refusal names the operation that starts one.
func TestToDownload_flex(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer(restorejobstest.InProcess())
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	scope := restorejobstest.AtlasV2Flex
	jobs := client.AtlasV2.Flex(scope.Project(), scope.Cluster()).Jobs
	point, to := restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload()
	for name, call := range map[string]func(context.Context) error{
		"Create": func(ctx context.Context) error {
			_, err := jobs.Create(ctx, point, to)
			return err
		},
		"FindCreated": func(ctx context.Context) error {
			_, err := jobs.FindCreated(ctx, time.Now(), point, to)
			return err
		},
	} {
		err := call(t.Context())
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument, name)
		assert.NotContains(t, err.Error(), "does not have downloads", name)
		assert.ErrorContains(t, err, "this version does not start downloads of flex clusters", name)
		assert.ErrorContains(t, err, "POST …/flexClusters/{name}/backup/download with Client.Do", name)
	}
	assert.Empty(t, server.Requests())
}
