package download

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/partfile"
)

// wholeNotes are the sidecars of a job of three files, all of them in place.
func wholeNotes(t *testing.T) (root *os.Root, dir string) {
	t.Helper()
	root, dir = folder(t)
	for _, name := range []string{"a", "b", "c"} {
		text := `{"jobId":"J","files":3,"fileName":"` + name + `","replicaSet":"rs-` + name + `","asked":true,"size":3,"bytes":3,"sha1":"00"}`
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+partfile.SidecarSuffix), []byte(text), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("123"), 0o600))
	}
	return root, dir
}

func leftIn(t *testing.T, dir string) string {
	t.Helper()
	found, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range found {
		names = append(names, entry.Name())
	}
	return strings.Join(names, " ")
}

func TestRemoveSidecar(t *testing.T) {
	t.Parallel()
	root, dir := wholeNotes(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "d.part.json"), []byte(`{"jobId":"K","size":-1}`), 0o600))
	busy, err := partfile.OpenSidecar(root, "c")
	require.NoError(t, err)
	require.NoError(t, RemoveSidecar(root, []string{"a", "b", "c", "d", "e"}, "J"))
	assert.Equal(t, "a b c c.part.json d.part.json", leftIn(t, dir), "what another process has open stays, and what is another job's")
	busy.Close()
	require.NoError(t, RemoveSidecar(root, []string{"c"}, "J"))
	assert.Equal(t, "a b c d.part.json", leftIn(t, dir))
}

// TestFindExisting_leftover: a process that is killed while it removes the sidecars of a job leaves
// some of them. They do not stay for ever.
func TestFindExisting_leftover(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		marked, removed string
		known           int
		left            string
	}{
		{"before the first mark", "", "", 3, "a a.part.json b b.part.json c c.part.json"},
		{"between the marks", "ab", "", 3, "a a.part.json b b.part.json c c.part.json"},
		{"after the marks", "abc", "", 3, "a a.part.json b b.part.json c c.part.json"},
		{"after the first is removed", "abc", "a", 0, "a b c"},
		{"after the second is removed", "abc", "ab", 0, "a b c"},
		{"another program has removed one", "", "a", 2, "a b b.part.json c c.part.json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			root, dir := wholeNotes(t)
			for name := range strings.SplitSeq(c.marked, "") {
				note, err := partfile.OpenSidecar(root, name)
				require.NoError(t, err)
				require.NoError(t, markJobDone(note, "J"))
				note.Close()
			}
			for name := range strings.SplitSeq(c.removed, "") {
				require.NoError(t, os.Remove(filepath.Join(dir, name+partfile.SidecarSuffix)))
			}
			known, err := FindExisting(root, "J")
			require.NoError(t, err)
			assert.Len(t, known, c.known)
			assert.Equal(t, c.left, leftIn(t, dir))
			assert.Equal(t, c.known == 3, known.AllComplete(""))
		})
	}
}

// TestFindExisting_leftoverOfBusySidecar: a sidecar that another process has open is not removed.
func TestFindExisting_leftoverOfBusySidecar(t *testing.T) {
	t.Parallel()
	root, dir := wholeNotes(t)
	for _, name := range []string{"a", "b", "c"} {
		note, err := partfile.OpenSidecar(root, name)
		require.NoError(t, err)
		require.NoError(t, markJobDone(note, "J"))
		if name != "b" {
			note.Close()
			continue
		}
		t.Cleanup(note.Close)
	}
	require.NoError(t, os.Remove(filepath.Join(dir, "a.part.json")))
	known, err := FindExisting(root, "J")
	require.NoError(t, err)
	assert.Len(t, known, 1)
	assert.Equal(t, "a b b.part.json c", leftIn(t, dir))
}
