package partfile

import (
	"errors"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// written is an open part that holds hello.
func written(t *testing.T) (part *Part, dir string) {
	t.Helper()
	dir = t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = root.Close() })
	part, err = Open(root, "a")
	require.NoError(t, err)
	t.Cleanup(part.Close)
	_, err = part.Write([]byte("hello"))
	require.NoError(t, err)
	require.NoError(t, part.Sidecar().Write([]byte(`{"bytes":5}`)))
	return part, dir
}

// TestCommit_syncFails: a system tells once that bytes did not reach the disk, and shows
// them from its memory afterwards. So nothing of such a part may be taken for kept.
func TestCommit_syncFails(t *testing.T) {
	t.Parallel()
	part, dir := written(t)
	refusal, times := errors.New("refused"), 0
	part.sync = func(*os.File) error {
		times++
		if times == 1 {
			return refusal
		}
		return nil
	}

	require.ErrorIs(t, part.Commit(false), refusal)
	assert.False(t, part.Committed())
	assert.Zero(t, part.Size())
	part.Close()
	info, err := os.Stat(dir + "/a.part")
	require.NoError(t, err)
	assert.Zero(t, info.Size(), "the next call begins anew")
	note, err := os.ReadFile(dir + "/a.part.json")
	require.NoError(t, err)
	assert.JSONEq(t, `{"bytes":5}`, string(note), "and knows what has been asked for")
	assert.NoFileExists(t, dir+"/a")
}

// TestCommit_directorySyncFails: the file has its name by then, which the next call must
// find.
func TestCommit_directorySyncFails(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a directory is not synced on Windows")
	}
	part, dir := written(t)
	refusal := errors.New("refused")
	part.sync = func(f *os.File) error {
		if info, err := f.Stat(); err != nil || info.IsDir() {
			return errors.Join(err, refusal)
		}
		return nil
	}

	require.ErrorIs(t, part.Commit(false), refusal)
	assert.True(t, part.Committed())
	content, err := os.ReadFile(dir + "/a")
	require.NoError(t, err)
	assert.Equal(t, "hello", string(content))
}

// TestFinish_syncsTheNote before the rename: a machine that goes down afterwards must not leave a
// finished file beside a note that does not know it.
func TestFinish_syncsTheNote(t *testing.T) {
	t.Parallel()
	part, dir := written(t)
	refusal := errors.New("refused")
	part.sync = func(f *os.File) error {
		if f == part.sidecar.file {
			return refusal
		}
		return nil
	}
	require.ErrorIs(t, part.Commit(false), refusal)
	assert.False(t, part.Committed())
	assert.NoFileExists(t, dir+"/a")
	assert.FileExists(t, dir+"/a.part")

	part.sync = (*os.File).Sync
	require.NoError(t, part.Commit(false))
	assert.FileExists(t, dir+"/a")
}
