package restorejobs_test

import (
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
)

// openFiles lists what this process has open below a directory, where the system tells.
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

// TestAFolderThatVanishes gives the system's error.
func TestAFolderThatVanishes(t *testing.T) {
	t.Parallel()
	d, dir := newDepot(t, 1<<20), filepath.Join(t.TempDir(), "restore")
	require.NoError(t, os.Mkdir(dir, 0o700))
	d.link = func(w http.ResponseWriter, r *http.Request) {
		assert.NoError(t, os.RemoveAll(dir))
		d.serve(w, r)
	}
	files, err := d.jobs(t).Download(t.Context(), "J", dir, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.Empty(t, files)
	assert.Empty(t, openFiles(t, dir))
}
