package restorejobs_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

const partA = fileA + ".part"

// abandonPart leaves a part of job J, which is answered as change makes it from then on. The job
// of the archive is K, of the same snapshot.
func abandonPart(t *testing.T, d *archive, dir string, change func(job map[string]any)) {
	t.Helper()
	d.job["snapshotId"] = "S"
	createPart(t, d, dir)
	job := maps.Clone(d.job)
	if delivery, ok := job["delivery"].(map[string]any); ok {
		job["delivery"] = maps.Clone(delivery)
	}
	change(job)
	text, err := json.Marshal(job)
	require.NoError(t, err)
	d.others = map[string]http.HandlerFunc{"J": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text) }}
	d.job["id"] = "K"
}

func (d *archive) downloadK(t *testing.T, dir string) ([]restorejobs.DownloadedFile, error) {
	t.Helper()
	return d.jobs(t, withoutRetry()).Download(t.Context(), []string{"K"}, dir, restorejobs.DownloadOptions{})
}

// The part of a job that can never be resumed is resumed by the next job of the snapshot.
func TestDownload_resumesAbandonedPart(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(job map[string]any){
		"expired":   func(job map[string]any) { job["expired"] = true },
		"used":      func(job map[string]any) { job["finishedAt"], job["deliveryUrl"] = "2026-09-21T10:00:00Z", []any{} },
		"cancelled": func(job map[string]any) { job["cancelled"] = true },
		"failed":    func(job map[string]any) { job["failed"] = true },
	} {
		d, dir := newAtlasArchive(t, 1<<20), t.TempDir()
		abandonPart(t, d, dir, change)
		files, err := d.downloadK(t, dir)
		require.NoError(t, err, name)
		require.Len(t, files, 1, name)
		assert.Equal(t, d.sha1(), files[0].SHA1, name)
		assert.Equal(t, "bytes=716800-", d.requests()[0].Get("Range"), name)
		assert.Equal(t, version1, d.requests()[0].Get("If-Range"), name)
		assert.Len(t, d.requests(), 1, name)
		assertOnly(t, dir, fileA, d.content)
	}
}

// A job that has gone from the service is known to be abandoned if it was of the same source.
func TestDownload_resumesPartOfMissingJob(t *testing.T) {
	t.Parallel()
	missing := testutil.Respond(http.StatusNotFound, `{"error":404,"errorCode":"RESTORE_JOB_NOT_FOUND"}`)
	for name, spoil := range map[string]func(text string) string{
		"same source":    func(text string) string { return text },
		"other source":   func(text string) string { return strings.Replace(text, "/clusters/C", "/clusters/X", 1) },
		"unknown source": func(text string) string { return strings.Replace(text, `"source"`, `"other"`, 1) },
	} {
		d, dir := newAtlasArchive(t, 1<<20), t.TempDir()
		abandonPart(t, d, dir, func(map[string]any) {})
		d.others["J"] = missing
		sidecar := filepath.Join(dir, partA+".json")
		text, err := os.ReadFile(sidecar)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(sidecar, []byte(spoil(string(text))), 0o600))
		_, err = d.downloadK(t, dir)
		if name != "same source" {
			require.ErrorIs(t, err, fs.ErrExist, name)
			assert.Empty(t, d.requests(), name)
			continue
		}
		require.NoError(t, err, name)
		assert.Equal(t, "bytes=716800-", d.requests()[0].Get("Range"), name)
		assertOnly(t, dir, fileA, d.content)
	}
}

// Where the server does not prove the same file, all of it is fetched, in the one request.
func TestDownload_replacesAbandonedPart(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(d *archive){
		"other version": func(d *archive) {
			d.link = func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("ETag", `"v2"`)
				d.serve(w, r)
			}
		},
		"other length":   func(d *archive) { d.content = d.content[:900<<10] },
		"other snapshot": func(d *archive) { d.job["snapshotId"] = "S2" },
	} {
		d, dir := newAtlasArchive(t, 1<<20), t.TempDir()
		abandonPart(t, d, dir, func(job map[string]any) { job["expired"] = true })
		change(d)
		_, err := d.jobs(t).Download(t.Context(), []string{"K"}, dir, restorejobs.DownloadOptions{})
		require.NoError(t, err, name)
		assertOnly(t, dir, fileA, d.content)
		if name == "other snapshot" {
			assert.Empty(t, d.requests()[0].Get("Range"), name)
		}
	}
}

// A date proves nothing about the file of another link.
func TestDownload_abandonedPartWithDateOnly(t *testing.T) {
	t.Parallel()
	d, dir := newAtlasArchive(t, 1<<20), t.TempDir()
	d.link = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/gzip")
		http.ServeContent(w, r, "", modified, bytes.NewReader(d.content))
	}
	abandonPart(t, d, dir, func(job map[string]any) { job["expired"] = true })
	_, err := d.downloadK(t, dir)
	require.NoError(t, err)
	assert.Empty(t, d.requests()[0].Get("Range"))
	assertOnly(t, dir, fileA, d.content)
}

// A part that its job can resume, or that is complete, is refused as before.
func TestDownload_refusesPartOfLivingJob(t *testing.T) {
	t.Parallel()
	d, dir := newAtlasArchive(t, 1<<20), t.TempDir()
	abandonPart(t, d, dir, func(map[string]any) {})
	_, err := d.downloadK(t, dir)
	require.ErrorIs(t, err, fs.ErrExist)
	require.ErrorContains(t, err, "the unfinished download of another restore job")
	assert.Empty(t, d.requests())

	d.others["J"] = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	_, err = d.downloadK(t, dir)
	require.Error(t, err)
	assert.Empty(t, d.requests())
	assert.FileExists(t, filepath.Join(dir, partA))
}

// A link for one download that was requested cannot be resumed, whatever its job reports.
func TestDownload_abandonedSingleUsePart(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1<<20), t.TempDir()
	d.delivery("maxDownloads", 1)
	d.link = cutAfter(brokenAt, d.serve)
	_, err := d.download(t, dir, restorejobs.DownloadOptions{})
	require.Error(t, err)
	text, err := json.Marshal(d.job)
	require.NoError(t, err)
	d.change(func() {
		d.others = map[string]http.HandlerFunc{"J": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text) }}
		d.job["id"] = "K"
		d.link, d.asked = nil, nil
	})
	_, err = d.downloadK(t, dir)
	require.NoError(t, err)
	assert.Equal(t, "bytes=716800-", d.requests()[0].Get("Range"))
	assertOnly(t, dir, fileA, d.content)
}

// A part that its job may resume is resumed by the job that supersedes it.
func TestDownload_supersedesPartOfLivingJob(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"living", "unreadable"} {
		d, dir := newAtlasArchive(t, 1<<20), t.TempDir()
		abandonPart(t, d, dir, func(map[string]any) {})
		if name == "unreadable" {
			d.others["J"] = testutil.Respond(http.StatusForbidden, `{"error":403}`)
		}
		_, err := d.downloadK(t, dir)
		require.ErrorIs(t, err, fs.ErrExist, name)
		require.Empty(t, d.requests(), name)
		opts := restorejobs.DownloadOptions{Supersedes: []string{"J"}}
		_, err = d.jobs(t, withoutRetry()).Download(t.Context(), []string{"K"}, dir, opts)
		require.NoError(t, err, name)
		isResumed := d.requests()[0].Get("Range") == "bytes=716800-"
		assert.Equal(t, name == "living", isResumed, name)
		assertOnly(t, dir, fileA, d.content)
	}
}

// The complete file of a superseded job is replaced, whatever is recorded of it. Others stay.
func TestDownload_supersedesCompleteFile(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, dir string){
		"recorded": func(*testing.T, string) {},
		"without the name": func(t *testing.T, dir string) { // killed before the rename
			t.Helper()
			record, err := os.ReadFile(filepath.Join(dir, "."+fileA+".download.json"))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, partA+".json"), record, 0o600))
			require.NoError(t, os.Remove(filepath.Join(dir, "."+fileA+".download.json")))
			require.NoError(t, os.Rename(filepath.Join(dir, fileA), filepath.Join(dir, partA)))
		},
		"with the name": func(t *testing.T, dir string) { // killed after it
			t.Helper()
			require.NoError(t, os.Rename(filepath.Join(dir, "."+fileA+".download.json"), filepath.Join(dir, partA+".json")))
		},
	} {
		d, dir := newAtlasArchive(t, 1<<20), t.TempDir()
		keep := restorejobs.DownloadOptions{Existing: restorejobs.ExistingKeep}
		_, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, keep)
		require.NoError(t, err, name)
		spoil(t, dir)
		d.job["id"] = "K"
		d.content = d.content[:900<<10] // another file
		d.others = map[string]http.HandlerFunc{"J": testutil.Respond(http.StatusNotFound, `{"error":404,"errorCode":"RESTORE_JOB_NOT_FOUND"}`)}
		_, err = d.jobs(t, withoutRetry()).Download(t.Context(), []string{"K"}, dir, keep)
		require.ErrorIs(t, err, fs.ErrExist, name)
		keep.Supersedes = []string{"X", "J"}
		files, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"K"}, dir, keep)
		require.NoError(t, err, name)
		assert.Equal(t, "K", files[0].JobID, name)
		assert.Equal(t, d.sha1(), files[0].SHA1, name)
		assert.NoFileExists(t, filepath.Join(dir, partA), name)
		assert.NoFileExists(t, filepath.Join(dir, partA+".json"), name)
	}
}

func TestDownload_supersedesItself(t *testing.T) {
	t.Parallel()
	d := newAtlasArchive(t, 1<<10)
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, t.TempDir(), restorejobs.DownloadOptions{Supersedes: []string{"J"}})
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	require.ErrorContains(t, err, "Supersedes must not contain jobIDs[0]")
}
