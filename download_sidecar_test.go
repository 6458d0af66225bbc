package restorejobs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// fetchAndKeepSidecars fetches all files of a job. The directory is as a process leaves it that is
// killed after the last rename: every file has its name, and no sidecar is removed.
func fetchAndKeepSidecars(t *testing.T, d *archive, dir string) {
	t.Helper()
	kept := map[string][]byte{}
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Progress: func(p restorejobs.DownloadProgress) {
		if !p.Done {
			return
		}
		sidecars, err := filepath.Glob(filepath.Join(dir, "*.part.json"))
		assert.NoError(t, err)
		for _, path := range sidecars {
			text, err := os.ReadFile(path)
			assert.NoError(t, err)
			kept[path] = text
		}
	}})
	require.NoError(t, err)
	require.NotEmpty(t, kept)
	for path, text := range kept {
		require.NoFileExists(t, path)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
}

// TestDownload_killedBeforeSidecarIsRemoved: the next call finds the file, and removes the sidecar.
func TestDownload_killedBeforeSidecarIsRemoved(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		archive func(*testing.T, int) *archive
		after   func(*archive)
	}{
		"classic": {newArchive, func(d *archive) { d.job["hashes"] = hashes(d.sha1()) }},
		"classic, used up": {newArchive, func(d *archive) {
			d.job["hashes"] = hashes(d.sha1())
			d.delivery("statusName", "MAX_DOWNLOADS_EXCEEDED")
			d.delivery("url", nil)
		}},
		"Atlas":          {newAtlasArchive, func(*archive) {}},
		"Atlas, used up": {newAtlasArchive, func(d *archive) { d.job["deliveryUrl"] = []any{} }},
		"Atlas, expired": {newAtlasArchive, func(d *archive) {
			d.job["deliveryUrl"] = []any{}
			d.job["expired"] = true
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, dir := c.archive(t, 1000), t.TempDir()
			fetchAndKeepSidecars(t, d, dir)
			d.change(func() { c.after(d) })
			files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
			require.NoError(t, err)
			require.Len(t, files, 1)
			assert.Equal(t, d.sha1(), files[0].SHA1)
			assertOnly(t, dir, fileA, d.content)
			assert.Len(t, d.requests(), 1)
		})
	}
}

// TestDownload_killedWhileSidecarsAreRemoved: some are gone, the others are removed by the next call. It
// answers as after a download that was not killed.
func TestDownload_killedWhileSidecarsAreRemoved(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		usedUp bool
		want   error
	}{
		"links work":     {false, fs.ErrExist},
		"links are gone": {true, restorejobs.ErrDownloadNotReady},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, dir := newShardedArchive(t, 1000, "shard-0", "shard-1", "shard-2"), t.TempDir()
			fetchAndKeepSidecars(t, d, dir)
			sidecars, err := filepath.Glob(filepath.Join(dir, "*.part.json"))
			require.NoError(t, err)
			require.Len(t, sidecars, 3)
			require.NoError(t, os.Remove(sidecars[0]))
			for _, path := range sidecars[1:] {
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				marked := strings.Replace(string(text), `{`, `{"jobDone":true,`, 1)
				require.NoError(t, os.WriteFile(path, []byte(marked), 0o600))
			}
			if c.usedUp {
				for i := range 3 {
					d.component(i)["downloadUrl"] = nil
				}
			}
			_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
			require.ErrorIs(t, err, c.want)
			names := []string{"shard-0-archive.tar.gz", "shard-1-archive.tar.gz", "shard-2-archive.tar.gz"}
			assert.Equal(t, names, entries(t, dir))
		})
	}
}
