package partfile_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/partfile"
	"example.com/restorejobs/internal/testutil"
)

func folder(t *testing.T) (*os.Root, string) {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = root.Close() })
	return root, dir
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func open(t *testing.T, root *os.Root) *partfile.Part {
	t.Helper()
	p, err := partfile.Open(root, "a")
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

func TestPart_resumes(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	p := open(t, root)
	note, err := p.Sidecar().Bytes()
	require.NoError(t, err)
	assert.Empty(t, note)
	assert.Zero(t, p.Size())
	_, err = p.Write([]byte("hello, world"))
	require.NoError(t, err)
	require.NoError(t, p.Sidecar().Write([]byte(`{"a long":"note"}`)))
	require.NoError(t, p.Sidecar().Write([]byte(`{"n":1}`)))
	p.Close()
	assert.Equal(t, []string{"a.part", "a.part.json"}, names(t, dir))

	p = open(t, root)
	note, err = p.Sidecar().Bytes()
	require.NoError(t, err)
	assert.Equal(t, `{"n":1}`, string(note))
	assert.EqualValues(t, 12, p.Size())
	content, err := io.ReadAll(p.Reader())
	require.NoError(t, err)
	assert.Equal(t, "hello, world", string(content))
	require.NoError(t, p.Truncate(7))
	_, err = p.Write([]byte("you"))
	require.NoError(t, err)
	assert.EqualValues(t, 10, p.Size())
	require.NoError(t, p.Commit(false))
	assert.Equal(t, []string{"a", "a.part.json"}, names(t, dir))
	_, err = partfile.OpenSidecar(root, "a")
	require.ErrorIs(t, err, partfile.ErrBusy)
	p.Close()
	finished, err := partfile.OpenSidecar(root, "a")
	require.NoError(t, err)
	require.NoError(t, finished.Remove())
	_, err = partfile.OpenSidecar(root, "a")
	require.ErrorIs(t, err, fs.ErrNotExist)
	content, err = os.ReadFile(filepath.Join(dir, "a"))
	require.NoError(t, err)
	assert.Equal(t, "hello, you", string(content))
	p.Close() // does nothing more
	assert.Equal(t, []string{"a"}, names(t, dir))
}

// TestCommit_replacedPart: whatever has its name by then is not what was downloaded.
func TestCommit_replacedPart(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	p := open(t, root)
	_, err := p.Write([]byte("hello"))
	require.NoError(t, err)
	part := filepath.Join(dir, "a.part")
	require.NoError(t, os.Rename(part, part+".old"))
	require.NoError(t, os.WriteFile(part, []byte("something else"), 0o600))
	require.ErrorIs(t, p.Commit(true), partfile.ErrReplaced)
	assert.False(t, p.Committed())
	assert.Equal(t, []string{"a.part", "a.part.json", "a.part.old"}, names(t, dir))
}

func TestWrite_flushesLargeParts(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	p := open(t, root)
	piece := make([]byte, 8<<20)
	for range 10 {
		_, err := p.Write(piece)
		require.NoError(t, err)
	}
	require.NoError(t, p.Commit(false))
	info, err := os.Stat(filepath.Join(dir, "a"))
	require.NoError(t, err)
	assert.EqualValues(t, 80<<20, info.Size())
}

// TestTruncate_atItsEnd changes nothing on the disk, whether the part is new or reused.
func TestTruncate_atItsEnd(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	path := filepath.Join(dir, "a.part")
	long := time.Now().Add(-time.Hour).Truncate(time.Second)
	modified := func() time.Time {
		info, err := os.Stat(path)
		require.NoError(t, err)
		return info.ModTime()
	}
	for _, content := range []string{"", "hello"} {
		p := open(t, root)
		assert.EqualValues(t, len(content), p.Size())
		require.NoError(t, os.Chtimes(path, long, long))
		require.NoError(t, p.Truncate(p.Size()))
		assert.Equal(t, long, modified())
		_, err := p.Write([]byte("hello"))
		require.NoError(t, err)
		require.NoError(t, p.Truncate(p.Size()))
		got, err := io.ReadAll(p.Reader())
		require.NoError(t, err)
		assert.Equal(t, content+"hello", string(got))
		require.NoError(t, p.Truncate(5))
		p.Close()
	}
	assert.NotEqual(t, long, modified())
}

func TestDiscard_removesFiles(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	p := open(t, root)
	_, err := p.Write([]byte("bad"))
	require.NoError(t, err)
	p.Discard()
	assert.Empty(t, names(t, dir))
}

func TestOpen_fileMode(t *testing.T) {
	t.Parallel()
	testutil.SkipOnWindows(t, "files have no mode")
	root, dir := folder(t)
	p := open(t, root)
	for _, name := range names(t, dir) {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o600), info.Mode(), name)
	}
	require.NoError(t, p.Commit(false))
}

// TestOpen_isExclusive: a second opener is refused immediately, and succeeds afterwards.
func TestOpen_isExclusive(t *testing.T) {
	t.Parallel()
	root, _ := folder(t)
	p := open(t, root)
	_, err := partfile.Open(root, "a")
	require.ErrorIs(t, err, partfile.ErrBusy)
	other, err := partfile.Open(root, "b")
	require.NoError(t, err)
	other.Close()
	p.Close()
	open(t, root).Close()
}

// TestOpen_concurrentOpeners: many openers come and go while the part is finished or
// discarded under them; no two may hold it at the same time.
func TestOpen_concurrentOpeners(t *testing.T) {
	t.Parallel()
	root, _ := folder(t)
	held := make(chan struct{}, 1)
	done := make(chan struct{})
	for range 4 {
		go func() {
			defer func() { done <- struct{}{} }()
			for range 200 {
				p, err := partfile.Open(root, "a")
				if err != nil {
					assert.ErrorIs(t, err, partfile.ErrBusy)
					continue
				}
				select {
				case held <- struct{}{}:
				default:
					t.Error("two hold the part")
				}
				<-held
				p.Discard()
			}
		}()
	}
	for range 4 {
		<-done
	}
}

func TestCheckTarget_kinds(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	require.NoError(t, root.Mkdir("folder", 0o700))
	require.NoError(t, root.WriteFile("file", []byte("mine"), 0o600))
	testutil.Symlink(t, root, "file", "link")
	testutil.Symlink(t, root, "nowhere", "dangling")
	for name, want := range map[string]struct{ plain, overwrite string }{
		"nothing":  {"", ""},
		"file":     {"file already exists", ""},
		"link":     {"file already exists", ""},
		"dangling": {"file already exists", ""},
		"folder":   {"is a directory", "is a directory"},
	} {
		for overwrite, text := range map[bool]string{false: want.plain, true: want.overwrite} {
			err := partfile.CheckTarget(root, name, overwrite)
			if text == "" {
				require.NoError(t, err, name)
				continue
			}
			require.ErrorIs(t, err, fs.ErrExist, name)
			assert.ErrorContains(t, err, text)
		}
	}

	p, err := partfile.Open(root, "file")
	require.NoError(t, err)
	_, err = p.Write([]byte("theirs"))
	require.NoError(t, err)
	require.ErrorIs(t, p.Commit(false), fs.ErrExist)
	p.Close()
	mine, err := os.ReadFile(filepath.Join(dir, "file"))
	require.NoError(t, err)
	assert.Equal(t, "mine", string(mine))

	p, err = partfile.Open(root, "link")
	require.NoError(t, err)
	require.NoError(t, p.Commit(true))
	info, err := root.Lstat("link")
	require.NoError(t, err)
	assert.True(t, info.Mode().IsRegular(), "a link is replaced, not followed")
	mine, err = os.ReadFile(filepath.Join(dir, "file"))
	require.NoError(t, err)
	assert.Equal(t, "mine", string(mine))
}

// TestOpen_refusesLinks: what somebody else has put where the part goes is not written
// to.
func TestOpen_refusesLinks(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{partfile.Suffix, partfile.SidecarSuffix} {
		root, dir := folder(t)
		require.NoError(t, root.WriteFile("precious", []byte("mine"), 0o600))
		testutil.Symlink(t, root, "precious", "a"+suffix)
		_, err := partfile.Open(root, "a")
		require.ErrorContains(t, err, "not a regular file")
		mine, err := os.ReadFile(filepath.Join(dir, "precious"))
		require.NoError(t, err)
		assert.Equal(t, "mine", string(mine))

		root, _ = folder(t)
		require.NoError(t, root.Mkdir("a"+suffix, 0o700))
		_, err = partfile.Open(root, "a")
		require.ErrorContains(t, err, "directory")
	}
}

func TestCommit_directoryGone(t *testing.T) {
	t.Parallel()
	testutil.SkipOnWindows(t, "a directory with open files stays")
	root, dir := folder(t)
	p := open(t, root)
	require.NoError(t, os.RemoveAll(dir))
	require.ErrorIs(t, p.Commit(false), fs.ErrNotExist)
}

func TestSidecars(t *testing.T) {
	t.Parallel()
	root, _ := folder(t)
	p := open(t, root)
	require.NoError(t, p.Sidecar().Write([]byte("of a")))
	require.NoError(t, root.WriteFile("b.part.json", []byte("of b"), 0o600))
	require.NoError(t, root.WriteFile(".part.json", []byte("of nothing"), 0o600))
	require.NoError(t, root.WriteFile("c.json", []byte("another"), 0o600))
	require.NoError(t, root.Mkdir("d.part.json", 0o700))
	testutil.Symlink(t, root, "b.part.json", "e.part.json")
	notes, err := partfile.Sidecars(root)
	require.NoError(t, err)
	assert.Equal(t, map[string][]byte{"a": []byte("of a"), "b": []byte("of b")}, notes)
}

func TestOpenTarget(t *testing.T) {
	t.Parallel()
	root, _ := folder(t)
	require.NoError(t, root.WriteFile("a", []byte("mine"), 0o600))
	testutil.Symlink(t, root, "a", "link")
	require.NoError(t, root.Mkdir("folder", 0o700))
	f, err := partfile.OpenTarget(root, "a")
	require.NoError(t, err)
	require.NoError(t, f.Close())
	for _, name := range []string{"link", "folder", "nothing"} {
		_, err := partfile.OpenTarget(root, name)
		require.Error(t, err, name)
	}
}
