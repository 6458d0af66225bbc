package restorejobs

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSnapshot_unmarshalErrors(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`[]`, `"x"`, `42`, `true`} {
		kept := Snapshot{ID: "kept"}
		require.ErrorContains(t, kept.UnmarshalJSON([]byte(body)), "not a JSON object", body)
		assert.Equal(t, "kept", kept.ID)
	}
	for _, body := range []string{``, `{`, `{"id":`, `{"id":"a"}}`, `nul`} {
		var snapshot Snapshot
		require.ErrorContains(t, snapshot.UnmarshalJSON([]byte(body)), "restorejobs: a snapshot: ", body)
	}
	kept := Snapshot{ID: "kept"}
	require.NoError(t, json.Unmarshal([]byte(`null`), &kept))
	assert.Equal(t, "kept", kept.ID)
}

func TestSnapshot_marshalsWhatItWasReadFrom(t *testing.T) {
	t.Parallel()
	const body = `{"id":"a","status":"completed","future":{"x":[1.50]}}`
	var snapshot Snapshot
	require.NoError(t, json.Unmarshal([]byte(body), &snapshot))
	snapshot.ID = "changed"
	stored, err := json.Marshal([]Snapshot{snapshot})
	require.NoError(t, err)
	assert.Equal(t, "["+body+"]", string(stored))

	byHand := Snapshot{ID: "a", Created: Timestamp{Date: time.Date(2018, 9, 10, 20, 0, 0, 0, time.UTC), Increment: 2}, Complete: true}
	stored, err = json.Marshal(byHand)
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":"a","created":{"date":"2018-09-10T20:00:00Z","increment":2},"complete":true}`, string(stored))
	var again Snapshot
	require.NoError(t, json.Unmarshal(stored, &again))
	assert.Equal(t, SnapshotCompleted, again.State())
	assert.Equal(t, byHand.Time(), again.Time())
}

func TestSnapshot_doesNotShareTheInput(t *testing.T) {
	t.Parallel()
	body := []byte(`{"id":"abc","status":"completed"}`)
	snapshot, _, err := parseSnapshot(body)
	require.NoError(t, err)
	clear(body)
	assert.Equal(t, "abc", snapshot.ID)
	assert.Equal(t, SnapshotStatusCompleted, snapshot.Status)
}
