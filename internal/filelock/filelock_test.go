package filelock_test

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/filelock"
)

func TestNew_excludesOthersUntilUnlock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.lock")
	first, err := filelock.New(path)
	require.NoError(t, err)
	_, err = filelock.New(path)
	require.ErrorIs(t, err, filelock.ErrLocked)
	first.Unlock()
	assert.FileExists(t, path, "another process may wait to open it")
	second, err := filelock.New(path)
	require.NoError(t, err)
	second.Unlock()
}

func TestNew_missingFolder(t *testing.T) {
	t.Parallel()
	_, err := filelock.New(filepath.Join(t.TempDir(), "missing", "journal.lock"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NotErrorIs(t, err, filelock.ErrLocked)
}
