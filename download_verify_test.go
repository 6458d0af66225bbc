package restorejobs_test

import (
	"bytes"
	"io"
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

// TestDownload_emptyFile: no byte at all is not an archive, unless the server names the checksum
// of nothing.
func TestDownload_emptyFile(t *testing.T) {
	t.Parallel()
	const sum = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
	d, dir := newArchive(t, 0), t.TempDir()
	d.job["hashes"] = hashes(sum)
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.Equal(t, []restorejobs.DownloadedFile{{JobID: "J", Path: filepath.Join(dir, fileA), SHA1: sum, Verified: true, ReplicaSet: "rs0"}}, files)
	assertOnly(t, dir, fileA, nil)

	for name, newServer := range map[string]func(*testing.T, int) *archive{"classic": newArchive, "atlas": newAtlasArchive} {
		for kind, link := range map[string]http.HandlerFunc{
			"with its length": testutil.Respond(http.StatusOK, "", "Content-Type", "application/gzip"),
			"in chunks":       testutil.RawBytes("HTTP/1.1 200 OK\r\nContent-Type: application/gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				d, dir := newServer(t, 1000), t.TempDir()
				d.link = link
				files, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
				require.ErrorContains(t, err, "not an archive")
				assert.Empty(t, files)
				assert.NoFileExists(t, filepath.Join(dir, fileA))
				var got bytes.Buffer
				_, err = d.jobs(t, withoutRetry()).DownloadTo(t.Context(), "J", &got, restorejobs.DownloadOptions{})
				require.ErrorContains(t, err, "not an archive")
			})
		}
	}
}

// TestDownload_bodyEndsWithConnection: a body that ends with its connection is taken where a checksum
// can tell that it is whole.
func TestDownload_bodyEndsWithConnection(t *testing.T) {
	t.Parallel()
	endless := func(content []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			connection, buffer, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			_, _ = buffer.WriteString("HTTP/1.0 200 OK\r\nContent-Type: application/gzip\r\n\r\n")
			_, _ = buffer.Write(content)
			_, _ = buffer.Flush(), connection.Close()
		}
	}
	d, dir := newArchive(t, 1000), t.TempDir()
	d.link = endless(d.content)
	d.edit = func(_ int, job map[string]any) { job["hashes"] = hashes(d.sha1()) }
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.True(t, files[0].Verified)

	d.edit, dir = func(_ int, job map[string]any) { job["hashes"] = nil }, t.TempDir()
	files, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace})
	require.ErrorContains(t, err, "whether the file is whole cannot be known")
	assert.Len(t, files, 1)
	assertContent(t, filepath.Join(dir, fileA), d.content)

	d, dir = newAtlasArchive(t, 1000), t.TempDir()
	d.link = endless(d.content)
	files, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace})
	require.ErrorContains(t, err, "whether the file is whole cannot be known")
	assert.Empty(t, files)
	assert.Len(t, d.requests(), 1, "asked once: it will not be better")
}

func TestDownload_checksum(t *testing.T) {
	t.Parallel()
	wrong := strings.Repeat("0", 40)
	for _, c := range []struct {
		name     string
		sums     []string // of the job, reading by reading
		verified bool
		fails    bool
		reads    int
	}{
		{"there before", []string{"right"}, true, false, 1},
		{"there afterwards", []string{"", "right"}, true, false, 2},
		{"there at last", []string{"", "", "", "right"}, true, false, 4},
		{"never there", []string{""}, false, false, 4},
		{"of an earlier download, then right", []string{wrong, wrong, "right"}, true, false, 3},
		{"wrong afterwards", []string{"", wrong}, false, true, 2},
		{"wrong all the time", []string{wrong}, false, true, 4},
		{"wrong, then another wrong", []string{wrong, strings.Repeat("1", 40)}, false, true, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, dir := newArchive(t, 1000), t.TempDir()
			d.edit = func(reads int, job map[string]any) {
				switch sum := c.sums[min(reads, len(c.sums))-1]; sum {
				case "":
					job["hashes"] = []any{}
				case "right":
					job["hashes"] = hashes(strings.ToUpper(d.sha1()))
				default:
					job["hashes"] = hashes(sum)
				}
			}
			require.NoError(t, os.WriteFile(filepath.Join(dir, fileA), []byte("mine"), 0o600))
			files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace})
			assert.Equal(t, c.reads, d.jobReads())
			if !c.fails {
				require.NoError(t, err)
				assert.Equal(t, c.verified, files[0].Verified)
				assert.Equal(t, d.sha1(), files[0].SHA1)
				assertOnly(t, dir, fileA, d.content)
				return
			}
			require.ErrorIs(t, err, restorejobs.ErrChecksumMismatch)
			assert.Empty(t, files)
			assert.ErrorContains(t, err, d.sha1())
			assert.ErrorContains(t, err, c.sums[len(c.sums)-1])
			assert.ErrorContains(t, err, fileA)
			assertOnly(t, dir, fileA, []byte("mine"))
		})
	}
}

// TestDownload_jobUnreadableDuringVerification does not cost the file that is there, and does not pass
// for a success either.
func TestDownload_jobUnreadableDuringVerification(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1000), t.TempDir()
	d.edit = func(reads int, _ map[string]any) {
		if reads > 1 {
			panic(http.ErrAbortHandler)
		}
	}
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorContains(t, err, "could not be checked")
	require.ErrorIs(t, err, io.EOF)
	assert.Equal(t, []restorejobs.DownloadedFile{{JobID: "J", Path: filepath.Join(dir, fileA), Size: 1000, SHA1: d.sha1(), ReplicaSet: "rs0"}}, files)
	assertContent(t, filepath.Join(dir, fileA), d.content)

	d.change(func() {
		d.edit, d.job["hashes"] = nil, hashes(d.sha1())
		d.delivery("statusName", "MAX_DOWNLOADS_EXCEEDED")
	})
	files, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.True(t, files[0].Verified, "the next call makes up for it")
	assert.Len(t, d.requests(), 1)
	assertOnly(t, dir, fileA, d.content)
}
