package restorejobs_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/partfile"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

// TestDownload_partialBodyWithStatus200: a server that forgets the status 206 still reports what it sent.
func TestDownload_partialBodyWithStatus200(t *testing.T) {
	t.Parallel()
	d, dir := newAtlasArchive(t, 1<<20), t.TempDir()
	d.link = cutAfter(brokenAt, d.serve)
	_, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.Error(t, err)
	d.change(func() {
		d.asked = nil
		d.link = func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") == "" {
				d.serve(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/gzip")
			w.Header().Set("ETag", version1)
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", brokenAt, len(d.content)-1, len(d.content)))
			w.Header().Set("Content-Length", strconv.Itoa(len(d.content)-brokenAt))
			_, _ = w.Write(d.content[brokenAt:])
		}
	})
	_, err = d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorContains(t, err, "a part of the file, and the whole file was requested")
	_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.Empty(t, d.requests()[2].Get("Range"), "begun anew")
	assertOnly(t, dir, fileA, d.content)
}

// TestDownload_partReplacedDuringVerification while its checksum is requested gets no name.
func TestDownload_partReplacedDuringVerification(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1<<20), t.TempDir()
	part := filepath.Join(dir, fileA+partfile.Suffix)
	d.change(func() {
		d.edit = func(reads int, job map[string]any) {
			if reads == 2 {
				assert.NoError(t, os.Rename(part, part+".old"))
				assert.NoError(t, os.WriteFile(part, []byte("something else"), 0o600))
				job["hashes"] = hashes(d.sha1())
			}
		}
	})
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, partfile.ErrReplaced)
	assert.Empty(t, files)
	assert.NoFileExists(t, filepath.Join(dir, fileA))
}

// TestDownload_responseOfAnotherJob is not a reason to fetch its file.
func TestDownload_responseOfAnotherJob(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1000), t.TempDir()
	d.job["hashes"] = hashes(d.sha1())
	_, err := d.jobs(t).Download(t.Context(), []string{"OTHER"}, dir, restorejobs.DownloadOptions{})
	require.ErrorContains(t, err, "about another job")
	assert.Empty(t, d.requests())

	d.edit = func(reads int, job map[string]any) {
		if reads > 2 {
			job["id"] = "OTHER"
		}
	}
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err, "the first answer named its checksum")
	assert.True(t, files[0].Verified)
	d.job["hashes"] = []any{}
	files, err = d.jobs(t).Download(t.Context(), []string{"J"}, t.TempDir(), restorejobs.DownloadOptions{})
	require.ErrorContains(t, err, "about another job")
	assert.Empty(t, files)
}

// TestDownload_linksWithTheSameName without replica sets: each call knows which part is of which link.
func TestDownload_linksWithTheSameName(t *testing.T) {
	t.Parallel()
	content := map[string][]byte{"/one/archive.tar.gz": bytes.Repeat([]byte("1"), 3000), "/two/archive.tar.gz": bytes.Repeat([]byte("2"), 2000)}
	for round := range 8 { // in which notes are found in another order each
		t.Run(strconv.Itoa(round), func(t *testing.T) {
			t.Parallel()
			d, dir := newArchive(t, 0), t.TempDir()
			d.job = map[string]any{"id": "J", "deliveryType": "download", "deliveryUrl": []any{d.URL + "/one/archive.tar.gz", d.URL + "/two/archive.tar.gz?signed=1"}}
			serve := func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("ETag", strconv.Quote(r.URL.Path))
				w.Header().Set("Content-Type", "application/gzip")
				http.ServeContent(w, r, "", modified, bytes.NewReader(content[r.URL.Path]))
			}
			secondDone := make(chan struct{})
			d.link = func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/one/archive.tar.gz" {
					waitFor(r, secondDone)
					cutAfter(1000, serve)(w, r)
					return
				}
				serve(w, r)
			}
			_, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Progress: func(p restorejobs.DownloadProgress) {
				if p.Done {
					close(secondDone)
				}
			}})
			require.Error(t, err)
			d.change(func() { d.link, d.asked = serve, nil })
			d.job["deliveryUrl"] = []any{d.URL + "/two/archive.tar.gz?signed=2", d.URL + "/one/archive.tar.gz"}
			files, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
			require.NoError(t, err)
			got := map[string]int{}
			for _, file := range files {
				text, err := os.ReadFile(file.Path)
				require.NoError(t, err)
				got[string(text)]++
			}
			assert.Equal(t, map[string]int{string(content["/one/archive.tar.gz"]): 1, string(content["/two/archive.tar.gz"]): 1}, got)
			assert.Len(t, entries(t, dir), 2)
			require.Len(t, d.requests(), 1, "the other was there")
			assert.Equal(t, "bytes=1000-", d.requests()[0].Get("Range"))
		})
	}
}

// waitFor holds a response back, for as long as somebody waits for it.
func waitFor(r *http.Request, what <-chan struct{}) {
	select {
	case <-what:
	case <-r.Context().Done():
	}
}

// TestDownload_privateLinksWithTheSameName: links that cannot be distinguished are refused.
func TestDownload_privateLinksWithTheSameName(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 10)
	private := func(endpoint, way string) any {
		return map[string]any{"endpointId": endpoint, "deliveryUrl": d.URL + way + "/archive.tar.gz"}
	}
	d.job = map[string]any{
		"id": "J", "deliveryType": "download",
		"deliveryUrl":                 []any{d.URL + "/one/archive.tar.gz", d.URL + "/two/archive.tar.gz"},
		"privateDownloadDeliveryUrls": []any{private("vpce-1", "/one"), private("vpce-1", "/two")},
	}
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, t.TempDir(), restorejobs.DownloadOptions{PrivateEndpoint: "vpce-1"})
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	require.ErrorContains(t, err, "nothing tells which of the job's private links")
	assert.Empty(t, d.requests())
}

// TestDownload_namesWithEscapedPercents are found again by a later call.
func TestDownload_namesWithEscapedPercents(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1000), t.TempDir()
	d.job = map[string]any{"id": "J", "deliveryType": "download", "components": []any{
		map[string]any{"replicaSetName": "s0", "downloadUrl": d.address("one%2541.tar.gz")},
		map[string]any{"replicaSetName": "s1", "downloadUrl": d.address("two.tar.gz")},
	}}
	d.link = func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "two") {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		d.serve(w, r)
	}
	_, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Concurrency: 1})
	require.Error(t, err)
	d.change(func() { d.link, d.asked = nil, nil })
	_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.Len(t, d.requests(), 1)
	assert.Equal(t, []string{"one%41.tar.gz", "two.tar.gz"}, entries(t, dir))
}

// TestDownload_keepsSidecarOfAnotherCall: a call that ends removes its notes, but not one that
// is another call's by then.
func TestDownload_keepsSidecarOfAnotherCall(t *testing.T) {
	t.Parallel()
	content := map[string][]byte{"1": bytes.Repeat([]byte("1"), 3<<20), "2": bytes.Repeat([]byte("2"), 3<<20), "3": bytes.Repeat([]byte("3"), 3<<20)}
	arrived, release := make(chan string, 1), map[string]chan struct{}{"/1/s1.gz": make(chan struct{}), "/2/s0.gz": make(chan struct{})}
	d := newArchive(t, 0)
	server := testutil.NewServer(t, func(w http.ResponseWriter, r *http.Request) {
		id := path.Base(r.URL.Path)
		testutil.Respond(http.StatusOK, fmt.Sprintf(`{"id":%q,"deliveryType":"download","components":[
			{"replicaSetName":"s0","downloadUrl":"%s/%s/s0.gz"},{"replicaSetName":"s1","downloadUrl":"%s/%s/s1.gz"}]}`, id, d.URL, id, d.URL, id), "Content-Type", jsonType)(w, r)
	})
	d.link = func(w http.ResponseWriter, r *http.Request) {
		id := path.Base(path.Dir(r.URL.Path))
		body := content[id]
		w.Header().Set("Content-Type", "application/gzip")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		if hold := release[r.URL.Path]; hold != nil {
			_, _ = w.Write(body[:1<<20])
			_ = http.NewResponseController(w).Flush()
			arrived <- id
			waitFor(r, hold)
			body = body[1<<20:]
		}
		_, _ = w.Write(body)
	}
	dir := t.TempDir()
	jobs := clienttest.ForServer(t, server, withoutRetry()).AtlasV2.Cluster(clienttest.ProjectID, clienttest.ClusterID).Jobs
	run := func(id string, opts restorejobs.DownloadOptions) chan error {
		done := make(chan error, 1)
		go func() {
			_, err := jobs.Download(clienttest.ShortContext(t), []string{id}, dir, opts)
			done <- err
		}()
		return done
	}
	onlyS0 := restorejobs.DownloadOptions{ReplicaSet: "s0", Existing: restorejobs.ExistingReplace}
	s0Done := make(chan struct{})
	first := run("1", restorejobs.DownloadOptions{Progress: func(p restorejobs.DownloadProgress) {
		if p.Done && p.ReplicaSet == "s0" {
			close(s0Done)
		}
	}})
	assert.Equal(t, "1", <-arrived)
	<-s0Done
	var second chan error
	require.Eventually(t, func() bool { // the first may hold the lock a moment longer
		second = run("2", onlyS0)
		select {
		case <-arrived:
			return true
		case err := <-second:
			require.ErrorIs(t, err, partfile.ErrBusy)
			return false
		}
	}, 10*time.Second, 10*time.Millisecond)
	close(release["/1/s1.gz"])
	require.NoError(t, <-first)
	_, err := jobs.Download(t.Context(), []string{"3"}, dir, onlyS0)
	require.ErrorIs(t, err, partfile.ErrBusy, "the second is still at it")
	close(release["/2/s0.gz"])
	require.NoError(t, <-second)
	got, err := os.ReadFile(filepath.Join(dir, "s0.gz"))
	require.NoError(t, err)
	assert.Equal(t, content["2"], got)
	assert.Equal(t, []string{"s0.gz", "s1.gz"}, entries(t, dir))
}

// throwing panics when it is written to.
type panickingWriter struct{}

func (panickingWriter) Write([]byte) (int, error) { panic("mine") }

// TestDownload_callbackPanics reach the one who called, who may continue afterwards.
func TestDownload_callbackPanics(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1<<20), t.TempDir()
	d.job["hashes"] = hashes(d.sha1())
	jobs := d.jobs(t)
	for _, done := range []bool{false, true} {
		assert.PanicsWithValue(t, "mine", func() {
			_, _ = jobs.Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Progress: func(p restorejobs.DownloadProgress) {
				if p.Done == done {
					panic("mine")
				}
			}})
		})
	}
	assert.PanicsWithValue(t, "mine", func() {
		_, _ = jobs.DownloadTo(t.Context(), "J", panickingWriter{}, restorejobs.DownloadOptions{})
	})
	files, err := jobs.Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.True(t, files[0].Verified)
	assertOnly(t, dir, fileA, d.content)
}

// TestDownload_progressCallsGoexit, as require.X and t.FailNow do: the download has not succeeded.
func TestDownload_progressCallsGoexit(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1<<20)
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, t.TempDir(), restorejobs.DownloadOptions{
		Progress: func(restorejobs.DownloadProgress) { runtime.Goexit() },
	})
	assert.Empty(t, files)
	require.Error(t, err, "nothing is in place")
}

// exits ends the goroutine that writes to it.
type goexitWriter struct{}

func (goexitWriter) Write([]byte) (int, error) { runtime.Goexit(); return 0, nil }

// TestDownloadTo_writerCallsGoexit does not hold the caller for ever.
func TestDownloadTo_writerCallsGoexit(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 8<<20)
	done := make(chan error, 1)
	go func() {
		_, err := d.jobs(t).DownloadTo(clienttest.ShortContext(t), "J", goexitWriter{}, restorejobs.DownloadOptions{})
		done <- err
	}()
	select {
	case err := <-done:
		require.Error(t, err)
	case <-time.After(15 * time.Second):
		t.Fatal("it hangs")
	}
}

func TestDownload_privateLinksOfSeveralFiles(t *testing.T) {
	t.Parallel()
	d := newAtlasArchive(t, 1000)
	d.job["deliveryUrl"] = []any{d.address("a.tar.gz"), d.address("b.tar.gz")}
	d.job["privateDownloadDeliveryUrls"] = []any{
		map[string]any{"endpointId": "vpce-1", "deliveryUrl": d.address("p/a.tar.gz")},
		map[string]any{"endpointId": "vpce-1", "deliveryUrl": d.address("p/b.tar.gz")},
	}
	jobs := d.jobs(t)
	_, err := jobs.Download(t.Context(), []string{"J"}, t.TempDir(), restorejobs.DownloadOptions{PrivateEndpoint: "vpce-1"})
	var requested []string
	for _, r := range d.asked {
		requested = append(requested, filepath.Base(r.URL.Path))
	}
	if err == nil {
		assert.ElementsMatch(t, []string{"a.tar.gz", "b.tar.gz"}, requested)
	}
}

func TestDownload_responseIsNotAnArchive(t *testing.T) {
	t.Parallel()
	for name, link := range map[string]http.HandlerFunc{
		"json": testutil.Respond(200, `{"error":404,"errorCode":"NOT_FOUND"}`, "Content-Type", "application/json"),
		"empty": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "0")
			w.WriteHeader(200)
		},
		"xml": testutil.Respond(200, "<Error><Code>AccessDenied</Code></Error>", "Content-Type", "application/xml"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newAtlasArchive(t, 10)
			d.link = link
			files, err := d.jobs(t).Download(t.Context(), []string{"J"}, t.TempDir(), restorejobs.DownloadOptions{})
			assert.Error(t, err, "%+v", files)
		})
	}
}

func TestDownload_overwriteKeepsOldFileOnChecksumMismatch(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1000)
	d.job["hashes"] = hashes(strings.Repeat("0", 40))
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, fileA), []byte("mine"), 0o600))
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace})
	require.ErrorIs(t, err, restorejobs.ErrChecksumMismatch)
	text, _ := os.ReadFile(filepath.Join(dir, fileA))
	assert.Equal(t, "mine", string(text))
}
