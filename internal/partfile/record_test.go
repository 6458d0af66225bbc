package partfile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRecords_withoutTargetAreRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = root.Close() })
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), nil, 0o600))
	require.NoError(t, WriteRecord(root, "a", []byte("1")))
	require.NoError(t, WriteRecord(root, "a", []byte("12")))
	require.NoError(t, WriteRecord(root, "b", []byte("3")))
	records, err := Records(root)
	require.NoError(t, err)
	assert.Equal(t, map[string][]byte{"a": []byte("12")}, records)
	assert.NoFileExists(t, filepath.Join(dir, recordName("b")))
	require.NoError(t, RemoveRecord(root, "a"))
	require.NoError(t, RemoveRecord(root, "a"))
	records, err = Records(root)
	require.NoError(t, err)
	assert.Empty(t, records)
}

// The same record is not written again: its directory may be read-only.
func TestWriteRecord_unchanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = root.Close() })
	require.NoError(t, WriteRecord(root, "a", []byte("1")))
	before, err := os.Stat(filepath.Join(dir, recordName("a")))
	require.NoError(t, err)
	require.NoError(t, WriteRecord(root, "a", []byte("1")))
	after, err := os.Stat(filepath.Join(dir, recordName("a")))
	require.NoError(t, err)
	assert.True(t, os.SameFile(before, after))
}
