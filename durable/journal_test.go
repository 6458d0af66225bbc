package durable_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/durable"
)

// journals returns an empty journal of each kind.
func journals(t *testing.T) map[string]durable.Journal {
	t.Helper()
	return map[string]durable.Journal{
		"memory": &durable.MemoryJournal{},
		"file":   durable.FileJournal(filepath.Join(t.TempDir(), "journal.json")),
	}
}

func TestJournal_emptyIsTheBeginning(t *testing.T) {
	t.Parallel()
	for name, journal := range journals(t) {
		state, err := journal.Load(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, durable.State{}, state, name)
	}
}

func TestJournal_keepsEveryField(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 8, 10, 3, 35, 5, 0, time.UTC)
	saved := durable.State{
		Version:  1,
		Revision: 1,
		Plan: durable.Identity{
			Source:      "s",
			Point:       "p",
			Destination: "d",
		},
		Step:          durable.StepWait,
		Run:           2,
		Attempt:       3,
		Begin:         at,
		Choice:        durable.Choice{SnapshotID: "a", Time: at},
		GoalVersion:   7,
		Intent:        at,
		JobIDs:        []string{"j"},
		EarlierJobIDs: []string{"i"},
		Failure:       "f",
		Result:        durable.Result{Source: "s", Files: []durable.FileResult{{Path: "x", Size: 1}}},
	}
	for name, journal := range journals(t) {
		require.NoError(t, journal.Save(t.Context(), saved), name)
		state, err := journal.Load(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, saved, state, name)
	}
}

func TestJournal_refusesAStateThatDoesNotFollow(t *testing.T) {
	t.Parallel()
	for name, journal := range journals(t) {
		for _, revision := range []int64{0, 2} {
			require.ErrorIs(t, journal.Save(t.Context(), durable.State{Version: 1, Revision: revision}), durable.ErrConflict, name)
		}
		require.NoError(t, journal.Save(t.Context(), durable.State{Version: 1, Revision: 1}), name)
		require.ErrorIs(t, journal.Save(t.Context(), durable.State{Version: 1, Revision: 1}), durable.ErrConflict, name)
	}
}

func TestJournal_isLockedOnce(t *testing.T) {
	t.Parallel()
	for name, journal := range journals(t) {
		locker := journal.(durable.Locker)
		unlock, err := locker.Lock(t.Context())
		require.NoError(t, err, name)
		_, err = locker.Lock(t.Context())
		require.ErrorIs(t, err, durable.ErrLocked, name)
		unlock()
		unlock, err = locker.Lock(t.Context())
		require.NoError(t, err, name)
		unlock()
	}
}
