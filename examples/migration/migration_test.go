package migration

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// scopes are those of the three clients in the document.
var scopes = []restorejobstest.Scope{
	restorejobstest.OpsManagerCluster,
	restorejobstest.AtlasV1Cluster,
	restorejobstest.AtlasV1LegacyCluster,
	restorejobstest.AtlasV2Cluster,
}

var today = time.Date(2026, 8, 10, 12, 0, 0, 0, time.UTC)

// each runs a test for every scope, with a separate server and a fake clock.
func each(t *testing.T, test func(*testing.T, *restorejobstest.Server, restorejobstest.Scope, *restorejobs.Jobs)) {
	t.Helper()
	for _, scope := range scopes {
		t.Run(scope.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(today)) // the fake clock starts in 2000, before the snapshots
				server := restorejobstest.NewServer(restorejobstest.InProcess())
				defer server.Close()
				client, err := server.Client()
				require.NoError(t, err)
				source, err := client.Source(scope.Ref())
				require.NoError(t, err)
				jobs := source.Jobs
				test(t, server, scope, jobs)
			})
		})
	}
}

func TestClients(t *testing.T) {
	t.Parallel()
	client, err := Client("public", "private")
	require.NoError(t, err)
	assert.Contains(t, client.String(), "cloud.mongodb.com")
	client, err = OpsManager("public", "private", "https://opsmanager.example.net:8443")
	require.NoError(t, err)
	assert.Contains(t, client.String(), "opsmanager.example.net:8443")
}

func TestGet(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ *restorejobstest.Server, scope restorejobstest.Scope, jobs *restorejobs.Jobs) {
		var out strings.Builder
		require.NoError(t, Get(t.Context(), jobs, scope.Jobs()[0], &out))
		assert.Contains(t, out.String(), scope.Jobs()[0])
		require.ErrorIs(t, Get(t.Context(), jobs, strings.Repeat("0", 24), &out), restorejobs.ErrNotFound)
	})
}

func TestRunning(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, server *restorejobstest.Server, scope restorejobstest.Scope, jobs *restorejobs.Jobs) {
		created, err := CreateDownload(t.Context(), jobs, scope.Snapshots()[0])
		require.NoError(t, err)
		before, err := Running(t.Context(), jobs)
		require.NoError(t, err)
		assert.Contains(t, before, created[0].ID)
		server.FinishJob(created[0].ID)
		after, err := Running(t.Context(), jobs)
		require.NoError(t, err)
		assert.Len(t, after, len(before)-1)
		assert.NotContains(t, after, created[0].ID)

		server.InjectFault(restorejobstest.RespondStatus(403), 1)
		_, err = Running(t.Context(), jobs)
		require.ErrorIs(t, err, restorejobs.ErrIPNotAllowed)
	})
}

func TestWait(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, server *restorejobstest.Server, scope restorejobstest.Scope, jobs *restorejobs.Jobs) {
		created, err := CreateDownload(t.Context(), jobs, scope.Snapshots()[0])
		require.NoError(t, err)
		ended, err := Wait(t.Context(), jobs, created)
		require.NoError(t, err)
		require.Len(t, ended, 1)
		assert.Equal(t, restorejobs.StateFinished, ended[0].State())

		created, err = CreateDownload(t.Context(), jobs, scope.Snapshots()[0])
		require.NoError(t, err)
		server.FailJob(created[0].ID)
		_, err = Wait(t.Context(), jobs, created)
		require.ErrorIs(t, err, restorejobs.ErrJobFailed)
		assert.ErrorContains(t, err, "start it again")
	})
}

func TestCreatePointInTime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, server *restorejobstest.Server, scope restorejobstest.Scope, jobs *restorejobs.Jobs) {
		at := today.Add(-time.Hour)
		created, err := CreatePointInTime(t.Context(), jobs, at, scope.Project(), scope.Cluster())
		require.NoError(t, err)
		require.Len(t, created, 1)
		assert.Equal(t, 1, server.CreateCount())
	})
}

func TestCreatePointInTime_lostResponse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, server *restorejobstest.Server, scope restorejobstest.Scope, jobs *restorejobs.Jobs) {
		server.InjectFault(restorejobstest.DropResponse().On("POST /"), 1)
		at := today.Add(-time.Hour)
		created, err := CreatePointInTime(t.Context(), jobs, at, scope.Project(), scope.Cluster())
		require.NoError(t, err)
		require.Len(t, created, 1)
		assert.Equal(t, 1, server.CreateCount())

		server.InjectFault(restorejobstest.DropResponse().On("POST /"), 1)
		server.InjectFault(restorejobstest.RespondStatus(403).On("GET /"), 1)
		_, err = CreatePointInTime(t.Context(), jobs, at, scope.Project(), scope.Cluster())
		require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
		require.ErrorIs(t, err, restorejobs.ErrIPNotAllowed)
	})
}

func TestFind(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, server *restorejobstest.Server, scope restorejobstest.Scope, jobs *restorejobs.Jobs) {
		job, err := Find(t.Context(), jobs, scope.Jobs()[0])
		require.NoError(t, err)
		assert.Equal(t, scope.Jobs()[0], job.ID)
		job, err = Find(t.Context(), jobs, strings.Repeat("0", 24))
		require.NoError(t, err)
		assert.Nil(t, job)
		server.InjectFault(restorejobstest.RespondHTML(403), 1)
		_, err = Find(t.Context(), jobs, scope.Jobs()[0])
		require.ErrorIs(t, err, restorejobs.ErrForbidden)
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ *restorejobstest.Server, scope restorejobstest.Scope, jobs *restorejobs.Jobs) {
		created, err := CreateDownload(t.Context(), jobs, scope.Snapshots()[0])
		require.NoError(t, err)
		done, err := Cancel(t.Context(), jobs, created[0].ID)
		require.NoError(t, err)
		cloud := scope == restorejobstest.AtlasV1Cluster || scope == restorejobstest.AtlasV2Cluster
		assert.Equal(t, cloud, done)
		if cloud {
			job, err := jobs.Get(t.Context(), created[0].ID)
			require.NoError(t, err)
			assert.Equal(t, restorejobs.StateCancelled, job.State())
			_, err = Cancel(t.Context(), jobs, strings.Repeat("0", 24))
			require.ErrorIs(t, err, restorejobs.ErrNotFound)
		}
	})
}
