package restorejobs_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// fetchOneOfTwo downloads two shards, of which the second breaks. The links of Atlas are
// gone once used: so is the first one afterwards.
func fetchOneOfTwo(t *testing.T) (d *archive, dir string) {
	t.Helper()
	d, dir = newShardedArchive(t, 1<<20, "shard-0", "shard-1"), t.TempDir()
	d.link = func(w http.ResponseWriter, r *http.Request) {
		if filepath.Base(filepath.Dir(r.URL.Path)) == "shard-1" {
			cutAfter(brokenAt, d.serve)(w, r)
			return
		}
		d.serve(w, r)
	}
	files, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Concurrency: 1})
	require.Error(t, err)
	require.Len(t, files, 1)
	assert.Equal(t, []string{
		"shard-0-archive.tar.gz", "shard-0-archive.tar.gz.part.json", "shard-1-archive.tar.gz.part", "shard-1-archive.tar.gz.part.json",
	}, entries(t, dir))
	d.link, d.asked = nil, nil
	d.component(0)["downloadUrl"] = nil
	return d, dir
}

func (d *archive) component(i int) map[string]any {
	return d.job["components"].([]any)[i].(map[string]any)
}

// TestDownload_finishedShardsAreKept are not fetched again by the call that continues with the others,
// under the names that they had.
func TestDownload_finishedShardsAreKept(t *testing.T) {
	t.Parallel()
	for _, overwrite := range []bool{false, true} {
		d, dir := fetchOneOfTwo(t)
		files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Existing: existingFiles(overwrite)})
		require.NoError(t, err)
		assert.Len(t, files, 2)
		for _, file := range files {
			assert.Equal(t, filepath.Join(dir, file.ReplicaSet+"-archive.tar.gz"), file.Path)
			assert.Equal(t, d.sha1(), file.SHA1)
			assertContent(t, file.Path, d.content)
		}
		assert.Equal(t, []string{"shard-0-archive.tar.gz", "shard-1-archive.tar.gz"}, entries(t, dir))
		require.Len(t, d.requests(), 1)
		assert.Equal(t, "bytes=716800-", d.requests()[0].Get("Range"))
	}
}

// TestDownload_damagedShardsAreMissing and have changed since are missing again.
func TestDownload_damagedShardsAreMissing(t *testing.T) {
	t.Parallel()
	const shard = "shard-0-archive.tar.gz"
	for name, spoil := range map[string]func(path string) error{
		"gone":    os.Remove,
		"shorter": func(path string) error { return os.Truncate(path, 1000) },
		"other":   func(path string) error { return os.WriteFile(path, make([]byte, 1<<20), 0o600) },
	} {
		d, dir := fetchOneOfTwo(t)
		require.NoError(t, spoil(filepath.Join(dir, shard)))
		_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace})
		require.ErrorContains(t, err, "the job no longer has a link for it", name)
		d.component(0)["downloadUrl"] = d.address("shard-0/archive.tar.gz")
		_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace})
		require.NoError(t, err, name)
		assertContent(t, filepath.Join(dir, shard), d.content)
		assert.Len(t, entries(t, dir), 2)
	}
}

// TestDownload_missingShard is not passed over: not those that are known alone are the job.
func TestDownload_missingShard(t *testing.T) {
	t.Parallel()
	d, dir := fetchOneOfTwo(t)
	d.component(1)["downloadUrl"] = nil
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, restorejobs.ErrDownloadNotReady)
	assert.Empty(t, files)
	files, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{ReplicaSet: "shard-0"})
	require.NoError(t, err, "it is there")
	assert.Len(t, files, 1)
	assert.Empty(t, d.requests())
}

// TestDownload_finishedFileWithWrongChecksum is thrown away.
func TestDownload_finishedFileWithWrongChecksum(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1000), t.TempDir()
	d.edit = readOnce
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.Error(t, err)
	require.Len(t, files, 1)
	d.change(func() {
		d.edit, d.job["hashes"] = nil, hashes("0000000000000000000000000000000000000000")
	})
	files, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, restorejobs.ErrChecksumMismatch)
	assert.Empty(t, files)
	assert.Empty(t, entries(t, dir))
	assert.Len(t, d.requests(), 1)
}

// TestDownload_linkDisappearsWhileFetching while its file is fetched was used up: it had been there.
func TestDownload_linkDisappearsWhileFetching(t *testing.T) {
	t.Parallel()
	d, dir := newShardedArchive(t, 1<<20, "shard-0"), t.TempDir()
	d.link = func(w http.ResponseWriter, _ *http.Request) {
		d.change(func() { d.component(0)["downloadUrl"] = nil })
		w.WriteHeader(http.StatusForbidden)
	}
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, restorejobs.ErrDownloadsExhausted)
	require.NotErrorIs(t, err, restorejobs.ErrForbidden)
	var apiErr *restorejobs.Error
	require.ErrorAs(t, err, &apiErr)
	require.ErrorIs(t, apiErr, restorejobs.ErrForbidden)
	require.NotErrorIs(t, err, restorejobs.ErrDownloadNotReady)
}

// TestDownload_completePartsOfUsedJob: a process that was killed after the last byte has
// lost nothing.
func TestDownload_completePartsOfUsedJob(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1000), t.TempDir()
	d.delivery("maxDownloads", 1)
	d.link = func(w http.ResponseWriter, r *http.Request) {
		d.serve(w, r)
		assert.NoError(t, os.Mkdir(filepath.Join(dir, fileA), 0o700)) // so that it cannot be put in place
	}
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.Error(t, err)
	require.NoError(t, os.Remove(filepath.Join(dir, fileA)))
	d.delivery("statusName", "MAX_DOWNLOADS_EXCEEDED")
	d.delivery("url", nil)
	d.job["hashes"] = hashes(d.sha1())
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.True(t, files[0].Verified)
	assertOnly(t, dir, fileA, d.content)

	_, err = d.jobs(t).Download(t.Context(), []string{"J"}, t.TempDir(), restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, restorejobs.ErrDownloadsExhausted)
}

// TestDownload_cancelledVerificationKeepsPart: the one who stops a call while it checks what an earlier
// one has left still has it.
func TestDownload_cancelledVerificationKeepsPart(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 8<<20)
	dir := t.TempDir()
	d.link = func(w http.ResponseWriter, _ *http.Request) { // half of it, then no further response
		w.Header().Set("ETag", version1)
		w.Header().Set("Content-Type", "application/gzip")
		w.Header().Set("Content-Length", "8388608")
		_, _ = w.Write(d.content[:6<<20])
		panic(http.ErrAbortHandler)
	}
	jobs := d.jobs(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := jobs.Download(ctx, []string{"J"}, dir, restorejobs.DownloadOptions{Progress: func(p restorejobs.DownloadProgress) {
		if p.Bytes == 6<<20 {
			cancel()
		}
	}})
	require.Error(t, err)
	cancel()
	info, err := os.Stat(filepath.Join(dir, fileA+".part"))
	require.NoError(t, err)
	require.Positive(t, info.Size())

	ctx, cancel = context.WithCancel(t.Context())
	_, err = jobs.Download(ctx, []string{"J"}, dir, restorejobs.DownloadOptions{Progress: func(restorejobs.DownloadProgress) { cancel() }})
	require.ErrorIs(t, err, context.Canceled)
	require.FileExists(t, filepath.Join(dir, fileA+".part"))
	require.FileExists(t, filepath.Join(dir, fileA+".part.json"))
}

// TestDownload_cancelledVerificationOfUsedLink: there is not a second download of this file.
func TestDownload_cancelledVerificationOfUsedLink(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 8<<20), t.TempDir()
	d.delivery("maxDownloads", 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, fileA), []byte("old"), 0o600))
	d.edit = readOnce
	over := restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace}
	_, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, over)
	require.ErrorContains(t, err, "[8388608 of 8388608 bytes are kept in "+fileA+".part]")
	d.change(func() {
		d.edit = nil
		d.delivery("statusName", "MAX_DOWNLOADS_EXCEEDED")
	})
	ctx, cancel := context.WithCancel(t.Context())
	over.Progress = func(restorejobs.DownloadProgress) { cancel() }
	_, err = d.jobs(t).Download(ctx, []string{"J"}, dir, over)
	require.ErrorIs(t, err, context.Canceled)
	require.FileExists(t, filepath.Join(dir, fileA+".part"))
}
