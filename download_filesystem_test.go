package restorejobs_test

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

// openFiles lists what this process has open below a directory, where the system reports.
func openFiles(t *testing.T, dir string) []string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Log("open files are not looked at: only Linux lists them")
		return nil
	}
	descriptors, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	var open []string
	for _, descriptor := range descriptors {
		if target, err := os.Readlink("/proc/self/fd/" + descriptor.Name()); err == nil && strings.HasPrefix(target, dir) {
			open = append(open, target)
		}
	}
	return open
}

// TestDownload_directoryVanishes gives the system's error.
func TestDownload_directoryVanishes(t *testing.T) {
	t.Parallel()
	testutil.SkipOnWindows(t, "a directory with open files stays")
	d, dir := newArchive(t, 1<<20), filepath.Join(t.TempDir(), "restore")
	require.NoError(t, os.Mkdir(dir, 0o700))
	d.link = func(w http.ResponseWriter, r *http.Request) {
		assert.NoError(t, os.RemoveAll(dir))
		d.serve(w, r)
	}
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.Empty(t, files)
	assert.Empty(t, openFiles(t, dir))
}

// TestDownload_targetRefusedBeforeRequest, so that no download is used up.
func TestDownload_targetRefusedBeforeRequest(t *testing.T) {
	t.Parallel()
	existing := func(t *testing.T, dir string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fileA), []byte("mine"), 0o600))
	}
	folder := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o700)) }
	}
	for _, c := range []struct {
		name      string
		prepare   func(*testing.T, string)
		dir       string
		overwrite bool
		want      error
	}{
		{name: "file", prepare: existing, want: fs.ErrExist},
		{name: "directory", prepare: folder(fileA), want: fs.ErrExist},
		{name: "directory, overwrite", prepare: folder(fileA), overwrite: true, want: fs.ErrExist},
		{name: "directory for the part", prepare: folder(fileA + ".part")},
		{name: "directory for the note", prepare: folder(fileA + ".part.json")},
		{name: "no such directory", dir: "missing", want: fs.ErrNotExist},
		{name: "file for the directory", prepare: existing, dir: fileA},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, dir := newArchive(t, 1000), t.TempDir()
			if c.prepare != nil {
				c.prepare(t, dir)
			}
			before := entries(t, dir)
			files, err := d.jobs(t).Download(t.Context(), []string{"J"}, filepath.Join(dir, c.dir), restorejobs.DownloadOptions{Existing: existingFiles(c.overwrite)})
			require.Error(t, err)
			if c.want != nil {
				require.ErrorIs(t, err, c.want)
			}
			assert.Equal(t, c.name == "file", strings.Contains(err.Error(), "see DownloadOptions.Existing"), err)
			var path *fs.PathError
			require.ErrorAs(t, err, &path)
			assert.Empty(t, files)
			assert.Empty(t, d.requests())
			assert.Subset(t, append(before, fileA+".part", fileA+".part.json"), entries(t, dir))
		})
	}
}

func TestDownload_overwrite(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1000), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, fileA), []byte("mine"), 0o600))
	d.link = func(w http.ResponseWriter, r *http.Request) {
		assertContent(t, filepath.Join(dir, fileA), []byte("mine"))
		d.serve(w, r)
	}
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace})
	require.NoError(t, err)
	assertOnly(t, dir, fileA, d.content)
}

// A target that appears during the download is not replaced. The error names the part, which is complete.
func TestDownload_targetAppearsMeanwhile(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1000), t.TempDir()
	d.link = func(w http.ResponseWriter, r *http.Request) {
		assert.NoError(t, os.WriteFile(filepath.Join(dir, fileA), []byte("mine"), 0o600))
		d.serve(w, r)
	}
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, fs.ErrExist)
	require.ErrorContains(t, err, "see DownloadOptions.Existing")
	require.ErrorContains(t, err, "[1000 of 1000 bytes are kept in "+fileA+".part]")
	assert.FileExists(t, filepath.Join(dir, fileA+".part"))
	assertContent(t, filepath.Join(dir, fileA), []byte("mine"))

	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace})
	require.NoError(t, err)
	assert.Len(t, files, 1)
	assert.Len(t, d.requests(), 1, "all of it was there")
	assertOnly(t, dir, fileA, d.content)
}

// TestDownload_overwriteUnverifiable: what the user has stays until the new file is checked.
func TestDownload_overwriteUnverifiable(t *testing.T) {
	t.Parallel()
	for name, right := range map[string]bool{"it proves right": true, "it proves wrong": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, dir := newArchive(t, 1000), t.TempDir()
			target := filepath.Join(dir, fileA)
			require.NoError(t, os.WriteFile(target, []byte("mine"), 0o600))
			d.edit = readOnce
			files, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace})
			require.ErrorContains(t, err, "could not be checked")
			require.ErrorContains(t, err, "[1000 of 1000 bytes are kept in "+fileA+".part]")
			assert.Empty(t, files)
			assertContent(t, target, []byte("mine"))

			sum := strings.Repeat("0", 40)
			if right {
				sum = d.sha1()
			}
			d.change(func() { d.edit, d.job["hashes"] = nil, hashes(sum) })
			_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace})
			assert.Len(t, d.requests(), 1)
			if right {
				require.NoError(t, err)
				assertOnly(t, dir, fileA, d.content)
				return
			}
			require.ErrorIs(t, err, restorejobs.ErrChecksumMismatch)
			assertOnly(t, dir, fileA, []byte("mine"))
		})
	}
}

// TestDownload_directoryMoves: no path and no part may be named that is not there.
func TestDownload_directoryMoves(t *testing.T) {
	t.Parallel()
	testutil.SkipOnWindows(t, "a directory with open files stays")
	for name, move := range map[string]func(dir string) error{
		"removed":  os.RemoveAll,
		"renamed":  func(dir string) error { return os.Rename(dir, dir+"-moved") },
		"replaced": func(dir string) error { return errors.Join(os.Rename(dir, dir+"-moved"), os.Mkdir(dir, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, dir := newArchive(t, 1<<20), filepath.Join(t.TempDir(), "restore")
			require.NoError(t, os.Mkdir(dir, 0o700))
			d.link = func(w http.ResponseWriter, r *http.Request) {
				assert.NoError(t, move(dir))
				d.serve(w, r)
			}
			files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "bytes are kept")
			assert.Empty(t, files)
		})
	}
}

func TestDownload_directoryMissing(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1000)
	dir := t.TempDir()
	require.NoError(t, os.RemoveAll(dir))
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	assert.ErrorIs(t, err, os.ErrNotExist)
}
