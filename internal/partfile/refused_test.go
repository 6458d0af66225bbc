package partfile

import (
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestADiskThatRefuses: a system tells once that bytes did not reach the disk, and shows
// them from its memory afterwards. So nothing of such a part may be taken for kept.
func TestADiskThatRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = root.Close() })
	part, err := Open(root, "a")
	require.NoError(t, err)
	_, err = part.Write([]byte("hello"))
	require.NoError(t, err)
	require.NoError(t, part.SetNote([]byte(`{"bytes":5}`)))
	refusal, times := errors.New("refused"), 0
	part.sync = func(*os.File) error {
		times++
		if times == 1 {
			return refusal
		}
		return nil
	}

	require.ErrorIs(t, part.Finish(false), refusal)
	assert.False(t, part.Named())
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
