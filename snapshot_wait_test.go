package restorejobs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/restorejobstest"
)

// waitForSnapshot waits for the snapshot S of an Atlas cluster whose bodies are these, one a poll.
func waitForSnapshot(t *testing.T, opts restorejobs.WaitOptions, each ...string) (*restorejobs.Snapshot, *scriptedAPI, error) {
	t.Helper()
	s := newScriptedAPI(bodies(each...))
	snapshot, err := s.client(t).AtlasV2.Cluster("p", "c").Snapshots.Wait(t.Context(), "S", opts)
	return snapshot, s, err
}

const (
	queuedSnapshot    = `{"id":"S","status":"queued"}`
	runningSnapshot   = `{"id":"S","status":"inProgress","createdAt":"2026-08-10T03:28:08Z"}`
	completedSnapshot = `{"id":"S","status":"completed","createdAt":"2026-08-10T03:28:08Z"}`
)

func TestSnapshotsWait_everySource(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		t.Run(scope.String(), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
				id := server.TakeSnapshot(scope, scope.Cluster())
				start := time.Now()
				snapshot, err := sourceOf(t, server, scope).Snapshots.Wait(t.Context(), id, restorejobs.WaitOptions{})
				require.NoError(t, err)
				assert.True(t, snapshot.IsRestorable())
				assert.GreaterOrEqual(t, time.Since(start), 173*time.Second)
				assert.Less(t, time.Since(start), 4*time.Minute)
			})
		})
	}
}

func TestSnapshotsWait_updates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		opts := restorejobs.WaitOptions{MinInterval: time.Minute, MaxInterval: -1, Heartbeat: 50 * time.Second}
		opts.OnUpdate = func(u restorejobs.WaitUpdate) error {
			seen = append(seen, fmt.Sprintf("%s %s>%s %t %s", u.ID, u.Previous, u.State, u.Heartbeat, u.Snapshot))
			assert.Nil(t, u.Job)
			return nil
		}
		snapshot, s, err := waitForSnapshot(t, opts, queuedSnapshot, runningSnapshot, `{"id":"S","status":"odd"}`, completedSnapshot)
		require.NoError(t, err)
		assert.Equal(t, completedSnapshot, string(snapshot.RawJSON()))
		assert.Equal(t, []string{
			"S >running false snapshot S pending",
			"S running>running true snapshot S pending",
			"S running>running true snapshot S pending of 2026-08-10T03:28:08Z",
			"S running>unknown false snapshot S unknown",
			"S unknown>unknown true snapshot S unknown",
			"S unknown>finished false snapshot S completed of 2026-08-10T03:28:08Z",
		}, seen)
		assert.Len(t, s.requests(), 4)
	})
}

func TestSnapshotsWait_failures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, text string }{
		{`{"id":"S","status":"failed"}`, "restorejobs: wait: 1 snapshot ended badly: S failed (1 poll in 0s)"},
		{`{"id":"S","status":"FAILED","finishTime":"2026-08-10T03:28:08Z"}`, "restorejobs: wait: 1 snapshot ended badly: S failed (1 poll in 0s)"},
		{`{"id":"S","complete":true,"missingShards":[{"id":"a"}]}`, "restorejobs: wait: 1 snapshot ended badly: S finished, but a shard is missing (1 poll in 0s)"},
		{`{"id":"S","complete":true,"missingShards":[{},{}]}`, "restorejobs: wait: 1 snapshot ended badly: S finished, but 2 shards are missing (1 poll in 0s)"},
	} {
		synctest.Test(t, func(t *testing.T) {
			snapshot, _, err := waitForSnapshot(t, restorejobs.WaitOptions{}, c.body)
			require.ErrorIs(t, err, restorejobs.ErrSnapshotFailed)
			require.NotErrorIs(t, err, restorejobs.ErrJobFailed)
			assert.Equal(t, c.text, err.Error())
			assert.Equal(t, c.body, string(snapshot.RawJSON()))
			e := waitError(t, err)
			assert.Empty(t, e.Failed)
			assert.Empty(t, e.PendingIDs)
		})
	}
}

func TestSnapshotsWait_unknownStateGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, body := range []string{
			`{"id":"S","status":"deleting"}`, `{"id":"S","groupId":"g"}`, `{"id":"S","complete":true,"missingShards":"s0"}`,
		} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			s := newScriptedAPI(bodies(body))
			snapshot, err := s.client(t).AtlasV2.Cluster("p", "c").Snapshots.Wait(ctx, "S", restorejobs.WaitOptions{})
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, restorejobs.SnapshotUnknown, snapshot.State())
			e := waitError(t, err)
			assert.Equal(t, []string{"S"}, e.PendingIDs)
			assert.Empty(t, e.PendingJobs)
			require.ErrorContains(t, err, "1 snapshot pending: S")
		}
	})
}

func TestSnapshotsWait_notFoundGrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) {
			if time.Since(start) < 15*time.Second {
				return testutil.APIError(http.StatusNotFound, "SNAPSHOT_NOT_FOUND"), nil
			}
			return testutil.JSON(http.StatusOK, completedSnapshot), nil
		})
		_, err := s.client(t).OpsManager.Cluster("p", "c").Snapshots.Wait(t.Context(), "S", restorejobs.WaitOptions{})
		require.NoError(t, err)
	})
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) {
			return testutil.APIError(http.StatusNotFound, "SNAPSHOT_NOT_FOUND"), nil
		})
		snapshot, err := s.client(t).OpsManager.Cluster("p", "c").Snapshots.Wait(t.Context(), "S", restorejobs.WaitOptions{NotFoundGrace: -1})
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
		assert.Nil(t, snapshot)
		assert.Len(t, s.requests(), 1)
	})
}

// TestSnapshotsWait_toleratedErrors has the limits of Jobs.Wait, and no retries of its own requests.
func TestSnapshotsWait_toleratedErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(func(n int, _ *http.Request) (*http.Response, error) {
			switch {
			case n == 1:
				return testutil.JSON(http.StatusOK, queuedSnapshot), nil
			case n <= 3:
				return testutil.APIError(http.StatusBadGateway, ""), nil
			case n == 4:
				return nil, errors.New("connection reset")
			default:
				return testutil.JSON(http.StatusOK, completedSnapshot), nil
			}
		})
		failures := 0
		snapshot, err := s.client(t).AtlasV2.Flex("p", "c").Snapshots.Wait(t.Context(), "S", restorejobs.WaitOptions{
			MinInterval: time.Second,
			OnUpdate: func(u restorejobs.WaitUpdate) error {
				if u.Err != nil {
					failures++
					assert.Equal(t, restorejobs.StateRunning, u.State)
				}
				return nil
			},
		})
		require.NoError(t, err)
		assert.True(t, snapshot.IsRestorable())
		assert.Equal(t, 3, failures)
		assert.Len(t, s.requests(), 5)
	})
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) {
			return testutil.APIError(http.StatusBadGateway, ""), nil
		})
		_, err := s.client(t).AtlasV2.Flex("p", "c").Snapshots.Wait(t.Context(), "S", restorejobs.WaitOptions{MaxConsecutiveErrors: 2})
		require.ErrorIs(t, err, restorejobs.ErrUnavailable)
		assert.Len(t, s.requests(), 3)
	})
}

func TestSnapshotsWait_errorOfOnUpdate(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	synctest.Test(t, func(t *testing.T) {
		opts := restorejobs.WaitOptions{OnUpdate: func(restorejobs.WaitUpdate) error { return stop }}
		snapshot, _, err := waitForSnapshot(t, opts, queuedSnapshot)
		require.ErrorIs(t, err, stop)
		assert.Equal(t, "S", snapshot.ID)
	})
}

func TestSnapshotsWait_invalidArguments(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	client := service.client(t)
	_, err := client.AtlasV2.Cluster("", "c").Snapshots.Wait(t.Context(), "a/b", restorejobs.WaitOptions{
		Goal:        restorejobs.UntilDownloadable,
		MinInterval: 2,
		MaxInterval: 1,
	})
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	for _, part := range []string{"projectID", "snapshotID", "Goal must be UntilFinished for a snapshot", "MinInterval"} {
		require.ErrorContains(t, err, part)
	}
	assert.Empty(t, service.requests())
}

// An ID in upper case is the same ID.
func TestSnapshotsWait_idInUpperCase(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	service.on("GET /backup/snapshots/5BA5E00000000000000000AB", http.StatusOK, `{"id":"5ba5e00000000000000000ab","status":"completed"}`)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	snapshot, err := service.atlas(t).Wait(ctx, "5BA5E00000000000000000AB", restorejobs.WaitOptions{})
	require.NoError(t, err)
	assert.Equal(t, "5ba5e00000000000000000ab", snapshot.ID)
}
