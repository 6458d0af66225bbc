package restorejobs

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSnapshotState_everyFormat(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]SnapshotState{
		`{"id":"a"}`:                   SnapshotUnknown,
		`{}`:                           SnapshotUnknown,
		`{"id":"a","complete":true}`:   SnapshotCompleted,
		`{"id":"a","complete":"true"}`: SnapshotCompleted,
		`{"id":"a","complete":false}`:  SnapshotPending,
		`{"id":"a","complete":true,"missingShards":[{}]}`:                SnapshotCompleted,
		`{"id":"a","complete":true,"missingShards":null}`:                SnapshotCompleted,
		`{"id":"a","complete":true,"missingShards":"s0"}`:                SnapshotUnknown,
		`{"id":"a","complete":false,"missingShards":"s0"}`:               SnapshotPending,
		`{"id":"a","groupId":"g"}`:                                       SnapshotUnknown,
		`{"id":"a","groupId":"g","complete":null}`:                       SnapshotUnknown,
		`{"id":"a","groupId":"g","complete":"soon"}`:                     SnapshotUnknown,
		`{"id":"a","groupId":"g","complete":{}}`:                         SnapshotUnknown,
		`{"id":"a","created":{"date":"2018-09-10T20:00:00Z"}}`:           SnapshotUnknown,
		`{"id":"a","status":"queued"}`:                                   SnapshotPending,
		`{"id":"a","status":"inProgress"}`:                               SnapshotPending,
		`{"id":"a","status":"inProgress","createdAt":"2026-08-10"}`:      SnapshotPending,
		`{"id":"a","status":"completed"}`:                                SnapshotCompleted,
		`{"id":"a","status":"COMPLETED"}`:                                SnapshotCompleted,
		`{"id":"a","status":"failed"}`:                                   SnapshotFailed,
		`{"id":"a","status":"FAILED","finishTime":"2026-08-10"}`:         SnapshotFailed,
		`{"id":"a","status":"PENDING"}`:                                  SnapshotPending,
		`{"id":"a","status":"QUEUED"}`:                                   SnapshotPending,
		`{"id":"a","status":"RUNNING"}`:                                  SnapshotPending,
		`{"id":"a","status":"deleting"}`:                                 SnapshotUnknown,
		`{"id":"a","status":"completed","status":{}}`:                    SnapshotUnknown,
		`{"id":"a","status":["completed"]}`:                              SnapshotUnknown,
		`{"id":"a","status":null,"createdAt":"2026-08-10T03:28:08Z"}`:    SnapshotUnknown,
		`{"id":"a","status":"completed","missingShards":[{"id":"s"}]}`:   SnapshotCompleted,
		`{"id":"a","finishTime":"2026-08-10T03:28:08Z"}`:                 SnapshotUnknown,
		`{"id":"a","createdAt":"2026-08-10T03:28:08Z","type":"unknown"}`: SnapshotUnknown,
	} {
		var snapshot Snapshot
		require.NoError(t, json.Unmarshal([]byte(body), &snapshot))
		assert.Equal(t, want, snapshot.State(), body)
		if want != SnapshotCompleted {
			assert.False(t, snapshot.IsRestorable(), body)
		}
	}
}

func TestIsRestorable_missingShards(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"id":"a","complete":true}`:                                   true,
		`{"id":"a","complete":true,"missingShards":[]}`:                true,
		`{"id":"a","complete":true,"missingShards":[{}]}`:              false,
		`{"id":"a","complete":true,"missingShards":[null]}`:            false,
		`{"id":"a","complete":true,"missingShards":{"id":"s"}}`:        false,
		`{"id":"a","status":"completed","snapshotType":"fallback"}`:    true,
		`{"id":"a","status":"completed","expiresAt":"1999-01-01"}`:     true,
		`{"id":"a","status":"completed","snapshotType":{"a":"weird"}}`: true,
	} {
		var snapshot Snapshot
		require.NoError(t, json.Unmarshal([]byte(body), &snapshot))
		assert.Equal(t, want, snapshot.IsRestorable(), body)
	}
}

func TestSnapshot_sortTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 8, 10, 3, 28, 8, 0, time.UTC)
	for _, snapshot := range []*Snapshot{
		{CreatedAt: at, Status: "queued"},
		{Created: Timestamp{Date: at}},
		{Created: Timestamp{Date: at.Add(-time.Minute)}, LastOplogAppliedTimestamp: Timestamp{Date: at}},
		{FinishTime: at, StartTime: at.Add(-time.Minute)},
		{StartTime: at, ScheduledTime: at.Add(-time.Minute)},
		{ScheduledTime: at, ID: "5fdfe8800000000000000001"},
		{ID: "6a7945480000000000000001", Status: "queued"},
	} {
		assert.Equal(t, at, snapshot.sortTime(), "%+v", *snapshot)
	}
	assert.Zero(t, (&Snapshot{ID: "a"}).sortTime())
}

func TestSnapshot_isFallback(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{}`:                          false,
		`{"snapshotType":"fallback"}`: true,
		`{"snapshotType":"onDemand"}`: false,
		`{"snapshotType":{}}`:         true,
		`{"snapshotType":null}`:       false,
	} {
		var snapshot Snapshot
		require.NoError(t, json.Unmarshal([]byte(body), &snapshot))
		assert.Equal(t, want, snapshot.isFallback(), body)
	}
}
