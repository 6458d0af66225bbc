package contract

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// wireLifecycle has the responses to the create of one recorded restore and to each poll.
type wireLifecycle struct {
	name   string
	row    wireJob // of the create
	polls  []string
	until  restorejobs.WaitGoal
	states []restorejobs.State
}

func wireLifecycles() []wireLifecycle {
	rows := map[string]wireJob{}
	for _, row := range wireJobs() {
		rows[row.file] = row
	}
	running := restorejobs.StateRunning
	finished := restorejobs.StateFinished
	return []wireLifecycle{
		{
			name:   "into a cluster",
			row:    rows["cluster-restore-create-automated.http"],
			polls:  []string{"cluster-restore-automated-running.http", "cluster-restore-automated-finished.http"},
			states: []restorejobs.State{running, finished},
		},
		{
			name:   "download",
			row:    rows["cluster-restore-create-download.http"],
			until:  restorejobs.UntilDownloadable,
			polls:  []string{"cluster-restore-download-running.http", "cluster-restore-download-ready.http"},
			states: []restorejobs.State{running, finished},
		},
		{
			name:   "flex",
			row:    rows["flex-restore-create.http"],
			polls:  []string{"flex-restore-running.http", "flex-restore-completed.http"},
			states: []restorejobs.State{running, finished},
		},
	}
}

// Creates a restore and waits for it, with the responses that the service sent for it.
func TestWireWait_recordedLifecycles(t *testing.T) {
	t.Parallel()
	wire := openWire(t)
	for _, life := range wireLifecycles() {
		t.Run(life.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newReplay(t, wire, append([]string{life.row.file}, life.polls...))
				r.inProcess()
				jobs := life.row.jobs(r.client)
				created, err := jobs.Create(t.Context(), life.row.point, life.row.to)
				require.NoError(t, err)
				require.Equal(t, []string{life.row.id}, restorejobs.JobIDs(created))
				var states []restorejobs.State
				done, err := jobs.Wait(t.Context(), restorejobs.JobIDs(created), restorejobs.WaitOptions{
					Goal: life.until,
					OnUpdate: func(u restorejobs.WaitUpdate) error {
						states = append(states, u.State)
						return nil
					},
				})
				require.NoError(t, err)
				require.Len(t, done, 1)
				sameJob(t, wire[life.polls[len(life.polls)-1]].body, done[0])
				assert.Equal(t, life.states, states)
				life.requests(t, r)
			})
		})
	}
}

// requests checks for one create and one poll for each response, with the recorded paths.
func (l *wireLifecycle) requests(t *testing.T, r *replay) {
	t.Helper()
	require.Len(t, r.requests, 1+len(l.polls))
	assert.Equal(t, http.MethodPost, r.requests[0].Method)
	for _, req := range r.requests[1:] {
		assert.Equal(t, http.MethodGet, req.Method)
		assert.Equal(t, l.row.path()+"/"+l.row.id, req.URL.Path)
	}
}

// A wait ends with the recorded job that failed.
func TestWireWait_failedDownload(t *testing.T) {
	t.Parallel()
	wire := openWire(t)
	for _, goal := range []restorejobs.WaitGoal{restorejobs.UntilFinished, restorejobs.UntilDownloadable} {
		const file = "cluster-restore-download-failed.http"
		synctest.Test(t, func(t *testing.T) {
			r := newReplay(t, wire, []string{file})
			r.inProcess()
			jobs := r.client.AtlasV2.Cluster("67ed14e199f1e137982e43b3", "backupRestores-743").Jobs
			done, err := jobs.Wait(t.Context(), []string{"67ed1a59b5479f7decdfddfe"}, restorejobs.WaitOptions{Goal: goal})
			require.ErrorIs(t, err, restorejobs.ErrJobFailed)
			require.NotErrorIs(t, err, restorejobs.ErrJobCancelled)
			require.Len(t, done, 1)
			sameJob(t, wire[file].body, done[0])
			assert.Len(t, r.requests, 1)
		})
	}
}

// A recorded job without a link cannot be downloaded.
func TestWireDownload_notReady(t *testing.T) {
	t.Parallel()
	wire := openWire(t)
	replayed(t, wire, []string{"cluster-restore-download-running.http"}, func(r *replay) {
		var archive strings.Builder
		_, err := r.client.AtlasV2.Cluster(recordedProject, recordedCluster).Jobs.
			DownloadTo(wireContext(r.t), recordedDownload, &archive, restorejobs.DownloadOptions{})
		require.ErrorIs(r.t, err, restorejobs.ErrDownloadNotReady)
		assert.Empty(r.t, archive.String())
	})
}
