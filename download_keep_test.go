package restorejobs_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

const recordA = "." + fileA + ".download.json"

var keep = restorejobs.DownloadOptions{Existing: restorejobs.ExistingKeep}

// download is one Download of the job in dir.
func (d *archive) download(t *testing.T, dir string, opts restorejobs.DownloadOptions) ([]restorejobs.DownloadedFile, error) {
	t.Helper()
	return d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, opts)
}

// A second download with ExistingKeep returns the files of the first, whatever the job has become.
func TestDownload_keepsAtlasFile(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(d *archive){
		"unchanged":   func(*archive) {},
		"used link":   func(d *archive) { d.job["deliveryUrl"] = []any{} },
		"expired":     func(d *archive) { d.job["expired"] = true },
		"job is gone": func(d *archive) { d.edit = func(int, map[string]any) { panic(http.ErrAbortHandler) } },
	} {
		d, dir := newAtlasArchive(t, 1000), t.TempDir()
		first, err := d.download(t, dir, keep)
		require.NoError(t, err, name)
		assert.Equal(t, []string{recordA, fileA}, entries(t, dir), name)
		d.change(func() { change(d) })
		var reports []restorejobs.DownloadProgress
		opts := keep
		opts.Progress = func(p restorejobs.DownloadProgress) { reports = append(reports, p) }
		again, err := d.download(t, dir, opts)
		require.NoError(t, err, name)
		assert.Equal(t, first, again, name)
		assert.Len(t, d.requests(), 1, name)
		assert.Equal(t, []string{recordA, fileA}, entries(t, dir), name)
		last := reports[len(reports)-1]
		assert.Equal(t, restorejobs.DownloadProgress{JobID: "J", File: fileA, Bytes: 1000, Total: 1000, Resumed: 1000, Done: true}, last, name)
	}
}

// A classic job names a checksum, which proves a file that has no record.
func TestDownload_keepsClassicFileByChecksum(t *testing.T) {
	t.Parallel()
	for name, usedUp := range map[string]bool{"link": false, "used link": true} {
		d, dir := newArchive(t, 1000), t.TempDir()
		first, err := d.download(t, dir, restorejobs.DownloadOptions{})
		require.NoError(t, err, name)
		assert.Equal(t, []string{fileA}, entries(t, dir), name)
		d.job["hashes"] = hashes(d.sha1())
		if usedUp {
			d.delivery("statusName", "MAX_DOWNLOADS_EXCEEDED")
			d.delivery("url", nil)
		}
		again, err := d.download(t, dir, keep)
		require.NoError(t, err, name)
		require.Len(t, again, 1, name)
		assert.Equal(t, first[0].SHA1, again[0].SHA1, name)
		assert.True(t, again[0].Verified, name)
		assert.Len(t, d.requests(), 1, name)
		assert.Equal(t, []string{recordA, fileA}, entries(t, dir), name)
	}
}

// A file that nothing proves is refused before anything is fetched.
func TestDownload_keepRefusesUnknownFile(t *testing.T) {
	t.Parallel()
	d, dir := newAtlasArchive(t, 1000), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, fileA), d.content, 0o600))
	_, err := d.download(t, dir, keep)
	require.ErrorIs(t, err, fs.ErrExist)
	require.NotErrorIs(t, err, restorejobs.ErrChecksumMismatch)
	require.ErrorContains(t, err, "nothing proves that it is the file of this job")
	assert.Empty(t, d.requests())
	assertOnly(t, dir, fileA, d.content)
}

// A file that has changed since is an error, and is neither replaced nor removed.
func TestDownload_keepDetectsChangedFile(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string) error{
		"shorter": func(path string) error { return os.Truncate(path, 10) },
		"other":   func(path string) error { return os.WriteFile(path, make([]byte, 1000), 0o600) },
	} {
		for _, classic := range []bool{false, true} {
			d, dir := newAtlasArchive(t, 1000), t.TempDir()
			if classic {
				d = newArchive(t, 1000)
			}
			_, err := d.download(t, dir, keep)
			require.NoError(t, err, name)
			require.NoError(t, change(filepath.Join(dir, fileA)))
			_, err = d.download(t, dir, keep)
			require.ErrorIs(t, err, restorejobs.ErrChecksumMismatch, name)
			require.ErrorIs(t, err, fs.ErrExist, name)
			assert.Len(t, d.requests(), 1, name)
			assert.FileExists(t, filepath.Join(dir, fileA), name)

			_, err = d.download(t, dir, restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace})
			require.NoError(t, err, name)
			assertOnly(t, dir, fileA, d.content)
		}
	}
}

// A file that was removed is fetched again, and its record is replaced.
func TestDownload_keepFetchesRemovedFile(t *testing.T) {
	t.Parallel()
	d, dir := newAtlasArchive(t, 1000), t.TempDir()
	_, err := d.download(t, dir, keep)
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(dir, fileA)))
	_, err = d.download(t, dir, keep)
	require.NoError(t, err)
	assert.Len(t, d.requests(), 2)
	assert.Equal(t, []string{recordA, fileA}, entries(t, dir))
}

// Of two shards, the one that exists is kept, and the link of the other is used.
func TestDownload_keepsSomeShards(t *testing.T) {
	t.Parallel()
	d, dir := newShardedArchive(t, 1000, "shard-0", "shard-1"), t.TempDir()
	opts := keep
	opts.ReplicaSet = "shard-0"
	first, err := d.download(t, dir, opts)
	require.NoError(t, err)
	d.component(0)["downloadUrl"] = nil // used
	both, err := d.download(t, dir, keep)
	require.NoError(t, err)
	require.Len(t, both, 2)
	assert.Contains(t, both, first[0])
	assert.Len(t, d.requests(), 2)
	again, err := d.download(t, dir, keep)
	require.NoError(t, err)
	assert.ElementsMatch(t, both, again)
	assert.Len(t, d.requests(), 2)
}

// A record of a file that was removed goes with the next call that keeps files.
func TestDownload_keepRemovesOldRecords(t *testing.T) {
	t.Parallel()
	d, dir := newAtlasArchive(t, 1000), t.TempDir()
	_, err := d.download(t, dir, keep)
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(dir, fileA)))
	d.job = map[string]any{"id": "K", "deliveryType": "download", "deliveryUrl": []any{d.address("b.tar.gz")}}
	_, err = d.jobs(t).Download(t.Context(), []string{"K"}, dir, keep)
	require.NoError(t, err)
	assert.Equal(t, []string{".b.tar.gz.download.json", "b.tar.gz"}, entries(t, dir))
}

// Names of the caller are the names of the parts too, and are refused where they are not safe.
func TestDownload_name(t *testing.T) {
	t.Parallel()
	d, dir := newShardedArchive(t, 1<<20, "shard-0", "shard-1"), t.TempDir()
	opts := restorejobs.DownloadOptions{
		Concurrency: 1,
		Name:        func(link restorejobs.DownloadLink) string { return "orders-" + link.ReplicaSet + ".tgz" },
	}
	d.link = cutAfter(brokenAt, d.serve)
	_, err := d.download(t, dir, opts)
	require.Error(t, err)
	assert.Equal(t, []string{"orders-shard-0.tgz.part", "orders-shard-0.tgz.part.json"}, entries(t, dir))
	d.change(func() { d.link = nil })
	files, err := d.download(t, dir, opts)
	require.NoError(t, err)
	assert.Equal(t, []string{"orders-shard-0.tgz", "orders-shard-1.tgz"}, entries(t, dir))
	for _, file := range files {
		assert.Equal(t, filepath.Join(dir, "orders-"+file.ReplicaSet+".tgz"), file.Path)
	}
	assert.Equal(t, "bytes=716800-", d.requests()[1].Get("Range"))
}

// A file that a call has begun keeps its name, so that no byte and no shard is lost.
func TestDownload_nameOfEarlierCallStays(t *testing.T) {
	t.Parallel()
	d, dir := fetchOneOfTwo(t)
	files, err := d.download(t, dir, restorejobs.DownloadOptions{Name: func(restorejobs.DownloadLink) string { return "new" }})
	require.NoError(t, err)
	assert.Len(t, files, 2)
	assert.Equal(t, []string{"shard-0-archive.tar.gz", "shard-1-archive.tar.gz"}, entries(t, dir))
}

func TestDownload_nameIsValidated(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a/b":         "must not contain",
		`a\b`:         "must not contain",
		"..":          "must not",
		".hidden":     "must not",
		"NUL.tar.gz":  "must not",
		"a.part":      "must not",
		"a.part.json": "must not",
		"a.":          "must not",
		"same":        "for two files",
	} {
		d, dir := newShardedArchive(t, 1000, "shard-0", "shard-1"), t.TempDir()
		_, err := d.download(t, dir, restorejobs.DownloadOptions{Name: func(restorejobs.DownloadLink) string { return name }})
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument, name)
		require.ErrorContains(t, err, "Name", name)
		require.ErrorContains(t, err, want, name)
		assert.Empty(t, d.requests(), name)
		assert.Empty(t, entries(t, dir), name)
	}
	d, dir := newArchive(t, 1000), t.TempDir()
	_, err := d.download(t, dir, restorejobs.DownloadOptions{Name: func(restorejobs.DownloadLink) string { return "" }})
	require.NoError(t, err)
	assertOnly(t, dir, fileA, d.content)
}
