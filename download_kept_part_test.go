package restorejobs_test

import (
	"context"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// TestDownload_cancelledVerificationKeepsPart: whoever stops a call while it checks what an earlier
// one has left still has it.
func TestDownload_cancelledVerificationKeepsPart(t *testing.T) {
	t.Parallel()
	d := newDepot(t, 8<<20)
	dir := t.TempDir()
	d.link = func(w http.ResponseWriter, _ *http.Request) { // half of it, then nobody is there
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

// TestDownload_cancelledVerificationOfUsedLink: there is no second download of this file.
func TestDownload_cancelledVerificationOfUsedLink(t *testing.T) {
	t.Parallel()
	d, dir := newDepot(t, 8<<20), t.TempDir()
	d.delivery("maxDownloads", 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, fileA), []byte("old"), 0o600))
	d.edit = readOnce
	over := restorejobs.DownloadOptions{Overwrite: true}
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

// TestDownload_targetAppearsErrorNamesPart: all of it is in the part, and the error says so.
func TestDownload_targetAppearsErrorNamesPart(t *testing.T) {
	t.Parallel()
	d, dir := newDepot(t, 1000), t.TempDir()
	d.link = func(w http.ResponseWriter, r *http.Request) {
		assert.NoError(t, os.WriteFile(filepath.Join(dir, fileA), []byte("mine"), 0o600))
		d.serve(w, r)
	}
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, fs.ErrExist)
	assert.FileExists(t, filepath.Join(dir, fileA+".part"))
	require.ErrorContains(t, err, "[1000 of 1000 bytes are kept in "+fileA+".part]")
}
