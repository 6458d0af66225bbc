package restorejobs_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

const brokenAt = 700 << 10 // where connections break

// TestDownload_reconnectsWithinOneCall within one call, at the byte where it broke.
func TestDownload_reconnectsWithinOneCall(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1<<20), t.TempDir()
	d.edit = func(_ int, job map[string]any) { job["hashes"] = hashes(d.sha1()) }
	d.link = testutil.Sequence(cutAfter(brokenAt, d.serve), cutAfter(1000, d.serve), cutAfter(1, d.serve), d.serve)
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.True(t, files[0].Verified)
	assertOnly(t, dir, fileA, d.content)
	var ranges []string
	for _, header := range d.requests() {
		ranges = append(ranges, header.Get("Range")+header.Get("If-Range"))
	}
	assert.Equal(t, []string{"", "bytes=716800-" + version1, "bytes=717800-" + version1, "bytes=717801-" + version1}, ranges)
}

// TestDownload_connectionsKeepBreaking end in the last error, after a bounded number of tries
// without a new byte; with new bytes the count begins again.
func TestDownload_connectionsKeepBreaking(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		link  func(*archive) http.HandlerFunc
		asked int
		kept  int64
		err   error
	}{
		{"before the first byte", func(*archive) http.HandlerFunc { return abort }, 6, 0, io.EOF},
		{"at the same byte", func(d *archive) http.HandlerFunc {
			return testutil.Sequence(cutAfter(brokenAt, d.serve), abort)
		}, 6, brokenAt, io.EOF},
		{"always a byte further", func(d *archive) http.HandlerFunc { return cutAfter(64<<10, d.serve) }, 16, 0, nil},
		{"at the same byte of a server that starts over", func(d *archive) http.HandlerFunc {
			return cutAfter(brokenAt, withoutValidators(d))
		}, 6, brokenAt, io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, dir := newArchive(t, 1<<20), t.TempDir()
			d.link = c.link(d)
			_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
			assert.Len(t, d.requests(), c.asked)
			if c.err == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, c.err)
			if c.kept == 0 {
				assert.Empty(t, entries(t, dir))
				return
			}
			assert.ErrorContains(t, err, "[716800 of 1048576 bytes are kept in "+fileA+".part]")
			assert.Equal(t, []string{fileA + ".part", fileA + ".part.json"}, entries(t, dir))
			assertContent(t, filepath.Join(dir, fileA+".part"), d.content[:brokenAt])
		})
	}
}

func abort(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// withoutValidators sends the content with nothing that reports its version.
func withoutValidators(d *archive) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "x.gz", time.Time{}, bytes.NewReader(d.content))
	}
}

// createPart breaks a download and gives it up.
func createPart(t *testing.T, d *archive, dir string) {
	t.Helper()
	whole := d.link
	if whole == nil {
		whole = d.serve
	}
	d.link = cutAfter(brokenAt, whole)
	_, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assertContent(t, filepath.Join(dir, fileA+".part"), d.content[:brokenAt])
	d.link = whole
	d.asked = nil
}

// TestDownload_laterCallResumes as another process would.
func TestDownload_laterCallResumes(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1<<20), t.TempDir()
	d.delivery("urlV2", d.address(fileA))
	d.delivery("authHeader", "Authorization")
	d.delivery("authBearer", "Bearer")
	d.delivery("authValue", linkValue)
	createPart(t, d, dir)
	note, err := os.ReadFile(filepath.Join(dir, fileA+".part.json"))
	require.NoError(t, err)
	assert.NotContains(t, string(note), linkKey)
	assert.NotContains(t, string(note), linkValue)
	assert.Contains(t, string(note), `"bytes":716800`)

	var seen []restorejobs.DownloadProgress
	_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Progress: func(p restorejobs.DownloadProgress) { seen = append(seen, p) }})
	require.NoError(t, err)
	assertOnly(t, dir, fileA, d.content)
	require.Len(t, d.requests(), 1)
	assert.Equal(t, "bytes=716800-", d.requests()[0].Get("Range"))
	assert.Equal(t, version1, d.requests()[0].Get("If-Range"))
	assert.Equal(t, restorejobs.DownloadProgress{
		JobID: "J", File: fileA, ReplicaSet: "rs0", Bytes: 1 << 20, Total: 1 << 20, Resumed: brokenAt, Done: true,
	}, seen[len(seen)-1])
}

// TestDownload_restartsWithoutProof where the server cannot prove that the rest belongs to the part, or
// the part is not what its note says.
func TestDownload_restartsWithoutProof(t *testing.T) {
	t.Parallel()
	part, note := fileA+".part", fileA+".part.json"
	rewrite := func(name string, change func([]byte) []byte) func(*testing.T, *archive, string) {
		return func(t *testing.T, _ *archive, dir string) {
			t.Helper()
			path := filepath.Join(dir, name)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, change(text), 0o600))
		}
	}
	replace := func(old, by string) func([]byte) []byte {
		return func(text []byte) []byte { return []byte(strings.Replace(string(text), old, by, 1)) }
	}
	answer := func(code int, header ...string) func(*testing.T, *archive, string) {
		return func(_ *testing.T, d *archive, _ string) {
			d.link = testutil.Sequence(func(w http.ResponseWriter, _ *http.Request) {
				for i := 0; i < len(header); i += 2 {
					w.Header().Set(header[i], header[i+1])
				}
				w.WriteHeader(code)
				_, _ = w.Write([]byte(strings.Repeat("doubtful", 40<<10)))
			}, d.serve)
		}
	}
	for _, c := range []struct {
		name    string
		prepare func(*testing.T, *archive, string)
		asked   int
	}{
		{"another version", func(_ *testing.T, d *archive, _ string) {
			d.content = append([]byte("new"), d.content...)
			d.link = func(w http.ResponseWriter, r *http.Request) { w.Header().Set("ETag", `"v2"`); d.serve(w, r) }
		}, 1},
		{"a server without ranges", func(_ *testing.T, d *archive, _ string) {
			d.link = func(w http.ResponseWriter, r *http.Request) { r.Header.Del("Range"); d.serve(w, r) }
		}, 1},
		{"206 without a range", answer(206, "ETag", version1), 2},
		{"206 of another byte", answer(206, "ETag", version1, "Content-Range", "bytes 716799-1048575/1048576"), 2},
		{"206 of another length", answer(206, "ETag", version1, "Content-Range", "bytes 716800-1048576/1048577"), 2},
		{"206 of another version", answer(206, "ETag", `"v2"`, "Content-Range", "bytes 716800-1048575/1048576"), 2},
		{"206 of an unknown version", answer(206, "Content-Range", "bytes 716800-1048575/1048576"), 2},
		{"206 of several ranges", answer(206, "ETag", version1, "Content-Type", "multipart/byteranges; boundary=x"), 2},
		{"206 of a web page", answer(206, "ETag", version1, "Content-Range", "bytes 716800-1048575/1048576", "Content-Type", "text/html"), 2},
		{"416", answer(416, "Content-Range", "bytes */10"), 2},
		{"a byte of the part turned", rewrite(part, func(b []byte) []byte { b[1000] ^= 1; return b }), 1},
		{"a part that is shorter than its note says", rewrite(part, func(b []byte) []byte { return b[:1000] }), 1},
		{"a part that is gone", func(t *testing.T, _ *archive, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, part))) }, 1},
		{"a note that is gone", func(t *testing.T, _ *archive, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, note))) }, 1},
		{"a note that is cut", rewrite(note, func(b []byte) []byte { return b[:len(b)/2] }), 1},
		{"a note of another file", rewrite(note, replace(`"fileName":"rs0`, `"fileName":"rs1`)), 1},
		{"a note without a version", rewrite(note, func(b []byte) []byte {
			return replace(`,"lastModified":"Mon, 21 Sep 2026 10:00:00 GMT"`, "")(replace(`,"etag":"\"v1\""`, "")(b))
		}), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, dir := newArchive(t, 1<<20), t.TempDir()
			createPart(t, d, dir)
			c.prepare(t, d, dir)
			var last restorejobs.DownloadProgress
			_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Progress: func(p restorejobs.DownloadProgress) { last = p }})
			require.NoError(t, err)
			assertOnly(t, dir, fileA, d.content)
			assert.Len(t, d.requests(), c.asked)
			assert.Zero(t, last.Resumed)
		})
	}
}

// TestDownload_discardsBytesAfterCheckpoint: a process that is killed leaves more than
// its note vouches for.
func TestDownload_discardsBytesAfterCheckpoint(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1<<20), t.TempDir()
	createPart(t, d, dir)
	part := filepath.Join(dir, fileA+".part")
	content, err := os.ReadFile(part)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(part, append(content, make([]byte, 4096)...), 0o600))
	_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assertOnly(t, dir, fileA, d.content)
	assert.Equal(t, "bytes=716800-", d.requests()[0].Get("Range"))
}

// TestDownload_resumesByLastModified continues where there is not a strong ETag.
func TestDownload_resumesByLastModified(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1<<20), t.TempDir()
	d.link = func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "x.gz", modified, bytes.NewReader(d.content))
	}
	createPart(t, d, dir)
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assertOnly(t, dir, fileA, d.content)
	assert.Equal(t, modified.Format(http.TimeFormat), d.requests()[0].Get("If-Range"))
	assert.Equal(t, "bytes=716800-", d.requests()[0].Get("Range"))
}

// TestDownload_completePartNeedsNoRequest needs no request at all.
func TestDownload_completePartNeedsNoRequest(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1<<20), t.TempDir()
	d.delivery("maxDownloads", 1)
	d.link = func(w http.ResponseWriter, r *http.Request) {
		d.serve(w, r)
		assert.NoError(t, os.Mkdir(filepath.Join(dir, fileA), 0o700)) // so that it cannot be put in place
	}
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorContains(t, err, "is a directory")
	require.NoError(t, os.Remove(filepath.Join(dir, fileA)))
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.Equal(t, d.sha1(), files[0].SHA1)
	assert.Len(t, d.requests(), 1)
	assertOnly(t, dir, fileA, d.content)
}

// TestDownload_singleUseLinkIsRequestedOnce is asked once, unless the caller allows more.
func TestDownload_singleUseLinkIsRequestedOnce(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*archive) http.HandlerFunc{
		"cut":        func(d *archive) http.HandlerFunc { return cutAfter(brokenAt, d.serve) },
		"no answer":  func(*archive) http.HandlerFunc { return abort },
		"overloaded": func(*archive) http.HandlerFunc { return testutil.Respond(http.StatusServiceUnavailable, "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, dir := newArchive(t, 1<<20), t.TempDir()
			d.delivery("maxDownloads", 1)
			d.link = fail(d)
			for range 3 {
				_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
				require.ErrorContains(t, err, "see DownloadOptions.ReuseSingleUseLinks")
			}
			_, err := d.jobs(t).DownloadTo(t.Context(), "J", io.Discard, restorejobs.DownloadOptions{})
			require.ErrorContains(t, err, "see DownloadOptions.ReuseSingleUseLinks")
			assert.Len(t, d.requests(), 2, "one by Download, one by DownloadTo")

			d.link = testutil.Sequence(fail(d), d.serve)
			_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{ReuseSingleUseLinks: true})
			require.NoError(t, err)
			assertOnly(t, dir, fileA, d.content)
			if name == "cut" {
				assert.Equal(t, "bytes=716800-", d.requests()[2].Get("Range"))
			}
		})
	}
}

// TestDownload_singleUseLinkAfterDialError uses no download up.
func TestDownload_singleUseLinkAfterDialError(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1<<20), t.TempDir()
	d.delivery("maxDownloads", 1)
	dials := 0
	d.delivery("url", strings.Replace(d.address(fileA), "127.0.0.1", "localhost", 1))
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "localhost") {
			if dials++; dials <= 2 {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
			}
		}
		return (&net.Dialer{}).DialContext(ctx, network, strings.Replace(address, "localhost", "127.0.0.1", 1))
	}}
	_, err := d.jobs(t, restorejobs.WithTransport(transport)).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.Equal(t, 3, dials)
	assert.Len(t, d.requests(), 1)
}

// TestDownload_partOfAnotherJob is not lost, unless the caller says so: two restores of one Atlas
// snapshot have files of one name.
func TestDownload_partOfAnotherJob(t *testing.T) {
	t.Parallel()
	d, dir := newAtlasArchive(t, 1<<20), t.TempDir()
	createPart(t, d, dir)
	d.job["id"] = "K"
	_, err := d.jobs(t).Download(t.Context(), []string{"K"}, dir, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, fs.ErrExist)
	require.ErrorContains(t, err, fileA+".part: the unfinished download of another restore job")
	assert.Empty(t, d.requests())

	d.job["id"] = "J"
	_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.Equal(t, "bytes=716800-", d.requests()[0].Get("Range"), "the part that the user had")
	assertOnly(t, dir, fileA, d.content)

	require.NoError(t, os.Remove(filepath.Join(dir, fileA)))
	createPart(t, d, dir)
	d.job["id"] = "K"
	_, err = d.jobs(t).Download(t.Context(), []string{"K"}, dir, restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace})
	require.NoError(t, err)
	assert.Empty(t, d.requests()[0].Get("Range"), "begun anew")
	assertOnly(t, dir, fileA, d.content)
}
