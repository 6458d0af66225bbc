package restorejobs_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// flexDownload starts a download of the seeded snapshot.
func flexDownload(t *testing.T, jobs *restorejobs.Jobs) ([]*restorejobs.Job, error) {
	t.Helper()
	return jobs.Create(t.Context(), restorejobs.FromSnapshot(restorejobstest.AtlasV2Flex.Snapshots()[0]), restorejobs.ToDownload())
}

func TestFlexDownload_fromCreateToFile(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		jobs := jobsOf(t, server, restorejobstest.AtlasV2Flex)
		created, err := flexDownload(t, jobs)
		require.NoError(t, err)
		require.Len(t, created, 1)
		assert.Equal(t, restorejobs.DeliveryTypeFlexDownload, created[0].DeliveryType)
		assert.Equal(t, restorejobs.StateRunning, created[0].State())
		for _, goal := range []restorejobs.WaitGoal{restorejobs.UntilFinished, restorejobs.UntilDownloadable} {
			ended, err := jobs.Wait(t.Context(), restorejobs.JobIDs(created), restorejobs.WaitOptions{Goal: goal})
			require.NoError(t, err)
			assert.Len(t, ended[0].DownloadLinks(), 1)
		}
		files, err := jobs.Download(t.Context(), restorejobs.JobIDs(created), t.TempDir(), restorejobs.DownloadOptions{})
		require.NoError(t, err)
		require.Len(t, files, 1)
		assert.FileExists(t, files[0].Path)
		info, err := os.Stat(files[0].Path)
		require.NoError(t, err)
		assert.Equal(t, info.Size(), files[0].Size)
		assert.Equal(t, 1, server.CreateCount())
	})
}

// The link lives four hours from the request, and the job's expirationDate is six hours after it.
func TestFlexDownload_linkExpires(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		jobs := jobsOf(t, server, restorejobstest.AtlasV2Flex)
		created, err := flexDownload(t, jobs)
		require.NoError(t, err)
		ended, err := jobs.Wait(t.Context(), restorejobs.JobIDs(created), restorejobs.WaitOptions{})
		require.NoError(t, err)
		scheduled := ended[0].RestoreScheduledDate
		assert.True(t, scheduled.Add(4*time.Hour).Equal(ended[0].DownloadLinks()[0].Expires))

		time.Sleep(time.Until(scheduled.Add(4 * time.Hour)))
		_, err = jobs.Download(t.Context(), restorejobs.JobIDs(created), t.TempDir(), restorejobs.DownloadOptions{})
		require.ErrorIs(t, err, restorejobs.ErrLinkExpired)
		_, err = jobs.Wait(t.Context(), restorejobs.JobIDs(created), restorejobs.WaitOptions{Goal: restorejobs.UntilDownloadable})
		require.ErrorIs(t, err, restorejobs.ErrLinkExpired)
	})
}

func TestDownloadLink_expiresOfFlex(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ dates, want string }{
		"six hours":          {`"restoreScheduledDate":"2026-08-10T03:00:00Z","expirationDate":"2026-08-10T09:00:00Z"`, "2026-08-10T07:00:00Z"},
		"an earlier end":     {`"restoreScheduledDate":"2026-08-10T03:00:00Z","expirationDate":"2026-08-10T05:00:00Z"`, "2026-08-10T05:00:00Z"},
		"no expirationDate":  {`"restoreScheduledDate":"2026-08-10T03:00:00Z"`, "2026-08-10T07:00:00Z"},
		"no scheduled date":  {`"expirationDate":"2026-08-10T09:00:00Z"`, "2026-08-10T09:00:00Z"},
		"neither":            {`"projectId":"p"`, "0001-01-01T00:00:00Z"},
		"no delivery type":   {`"restoreScheduledDate":"2026-08-10T03:00:00Z","deliveryType":""`, "2026-08-10T07:00:00Z"},
		"in lower-case type": {`"restoreScheduledDate":"2026-08-10T03:00:00Z","deliveryType":"download"`, "2026-08-10T07:00:00Z"},
	} {
		var job restorejobs.Job
		body := `{"id":"j","status":"COMPLETED","deliveryType":"DOWNLOAD","snapshotUrl":"https://d.example.net/s.tgz",` + test.dates + `}`
		require.NoError(t, json.Unmarshal([]byte(body), &job), name)
		require.Len(t, job.DownloadLinks(), 1, name)
		assert.Equal(t, test.want, job.DownloadLinks()[0].Expires.UTC().Format(time.RFC3339), name)
	}
}

// A download is found by snapshot and delivery type, never a restore of the same snapshot.
func TestFlexDownload_lostResponse(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		scope := restorejobstest.AtlasV2Flex
		jobs := jobsOf(t, server, scope)
		restored, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToCluster("", scope.Target()))
		require.NoError(t, err)
		server.InjectFault(restorejobstest.DropResponse(), 1)
		_, err = flexDownload(t, jobs)
		require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
		var unknown *restorejobs.OutcomeUnknownError
		require.ErrorAs(t, err, &unknown)
		assert.Equal(t, 2, server.CreateCount())

		found, err := unknown.Find(t.Context())
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Len(t, found[0], 1)
		assert.Equal(t, restorejobs.DeliveryTypeFlexDownload, found[0][0].DeliveryType)

		found, err = jobs.FindCreated(t.Context(), unknown.Start, restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToCluster("", scope.Target()))
		require.NoError(t, err)
		assert.Equal(t, [][]string{restorejobs.JobIDs(restored)}, idsOf(found))
	})
}
