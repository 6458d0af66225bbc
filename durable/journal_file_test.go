package durable_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/internal/testutil"
)

func TestFileJournal_refusesWhatIsNotAState(t *testing.T) {
	t.Parallel()
	for content, problem := range map[string]string{
		"":                                  "is empty",
		"{":                                 "is not the JSON of a state",
		"{}":                                "without a version",
		`{"version":"1"}`:                   "is not the JSON of a state",
		`[]`:                                "is not the JSON of a state",
		"{\"version\":1}\x00garbage at end": "is not the JSON of a state",
	} {
		path := filepath.Join(t.TempDir(), "journal.json")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		journal := durable.FileJournal(path)
		_, err := journal.Load(t.Context())
		var stateErr *durable.StateError
		require.ErrorAs(t, err, &stateErr, content)
		assert.Contains(t, stateErr.Problem, problem, content)
		require.ErrorAs(t, journal.Save(t.Context(), durable.State{Version: 1, Revision: 1}), &stateErr, content)
		kept, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, content, string(kept), "an unreadable journal is kept")
	}
}

func TestFileJournal_isReadableByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	testutil.SkipOnWindows(t, "files have no mode")
	dir := t.TempDir()
	journal := durable.FileJournal(filepath.Join(dir, "journal.json"))
	unlock, err := journal.Lock(t.Context())
	require.NoError(t, err)
	defer unlock()
	require.NoError(t, journal.Save(t.Context(), durable.State{Version: 1, Revision: 1}))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), entry.Name())
		names = append(names, entry.Name())
	}
	assert.Equal(t, []string{"journal.json", "journal.json.lock"}, names)
}

func TestFileJournal_namesItsPath(t *testing.T) {
	t.Parallel()
	journal := durable.FileJournal(filepath.Join(t.TempDir(), "missing", "journal.json"))
	_, err := journal.Lock(t.Context())
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "journal.json")
	require.ErrorIs(t, journal.Save(t.Context(), durable.State{Version: 1, Revision: 1}), fs.ErrNotExist)
}
