package restorejobs_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

const (
	linkKey   = "k3y-0f-the-l1nk" // what no error, note or log may show
	linkValue = "s3cret-header-va1ue"
	fileA     = "rs0-1536610288-J.tar.gz"
	version1  = `"v1"`
)

var modified = time.Date(2026, 9, 21, 10, 0, 0, 0, time.UTC)

// archive is an API with one job, and the files behind its links.
type archive struct {
	*httptest.Server

	content []byte

	mu     sync.Mutex
	job    map[string]any
	others map[string]http.HandlerFunc         // how other jobs are answered, by id
	edit   func(reads int, job map[string]any) // before the job is answered, reads counted from 1
	link   http.HandlerFunc                    // instead of serving content
	reads  int
	asked  []*http.Request // for links
}

// readOnce breaks off every reading of the job but the first.
func readOnce(reads int, _ map[string]any) {
	if reads > 1 {
		panic(http.ErrAbortHandler)
	}
}

// newArchive has a classic job that is ready, with a link that is its own key.
func newArchive(t *testing.T, size int) *archive {
	t.Helper()
	d := &archive{content: randomBytes(size)}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Server = httptest.NewServer(d)
	t.Cleanup(d.Close)
	d.job = map[string]any{
		"id": "J", "statusName": "FINISHED", "groupId": "P", "clusterId": "C", "hashes": []any{},
		"delivery": map[string]any{"methodName": "HTTP", "statusName": "READY", "url": d.address(fileA), "maxDownloads": 9},
	}
	return d
}

// newAtlasArchive has a download of an Atlas cluster that is ready, with one file.
func newAtlasArchive(t *testing.T, size int) *archive {
	t.Helper()
	d := newArchive(t, size)
	d.job = map[string]any{"id": "J", "deliveryType": "download", "deliveryUrl": []any{d.address(fileA)}}
	return d
}

// newShardedArchive has a download of a sharded Atlas cluster, with files that are all
// called the same.
func newShardedArchive(t *testing.T, size int, replicaSets ...string) *archive {
	t.Helper()
	d := newArchive(t, size)
	var components []any
	for _, name := range replicaSets {
		components = append(components, map[string]any{"replicaSetName": name, "downloadUrl": d.address(name + "/archive.tar.gz")})
	}
	d.job = map[string]any{"id": "J", "deliveryType": "download", "deliveryUrl": []any{}, "components": components}
	return d
}

func randomBytes(size int) []byte {
	random := rand.NewChaCha8([32]byte{1, 2, 3})
	b := make([]byte, size)
	_, _ = random.Read(b)
	return b
}

func (d *archive) address(name string) string { return d.URL + "/pull/" + linkKey + "/" + name }

func (d *archive) sha1() string {
	sum := sha1.Sum(d.content)
	return hex.EncodeToString(sum[:])
}

// delivery changes the classic job.
func (d *archive) delivery(key string, value any) { d.job["delivery"].(map[string]any)[key] = value }

func hashes(sum string) []any {
	return []any{map[string]any{"typeName": "SHA1", "fileName": fileA, "hash": sum}}
}

func (d *archive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/api/") {
		w.Header().Set("Content-Type", "application/json")
		d.mu.Lock()
		other := d.others[path.Base(r.URL.Path)]
		d.mu.Unlock()
		if other != nil {
			other(w, r)
			return
		}
		_, _ = w.Write(d.answer())
		return
	}
	d.mu.Lock()
	d.asked = append(d.asked, r)
	link := d.link
	d.mu.Unlock()
	if link == nil {
		link = d.serve
	}
	link(w, r)
}

func (d *archive) answer() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reads++
	if d.edit != nil {
		d.edit(d.reads, d.job)
	}
	text, err := json.Marshal(d.job)
	if err != nil {
		panic(err)
	}
	return text
}

// serve sends the content as a careful server does.
func (d *archive) serve(w http.ResponseWriter, r *http.Request) {
	if w.Header().Get("ETag") == "" {
		w.Header().Set("ETag", version1)
	}
	w.Header().Set("Content-Type", "application/gzip")
	d.mu.Lock()
	content := d.content
	d.mu.Unlock()
	http.ServeContent(w, r, "", modified, bytes.NewReader(content))
}

// change changes the archive for requests of another process, which the race detector
// cannot see coming after it.
func (d *archive) change(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

// requests gives the headers of the requests for links so far.
func (d *archive) requests() []http.Header {
	d.mu.Lock()
	defer d.mu.Unlock()
	var headers []http.Header
	for _, r := range d.asked {
		headers = append(headers, r.Header)
	}
	return headers
}

func (d *archive) jobReads() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.reads
}

// jobs is a handle whose retries take no time.
func (d *archive) jobs(t *testing.T, opts ...restorejobs.Option) *restorejobs.Jobs {
	t.Helper()
	opts = append([]restorejobs.Option{
		restorejobs.WithBaseURL(d.URL), restorejobs.WithRetry(restorejobs.RetryPolicy{MinDelay: -1}),
	}, opts...)
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), opts...)
	require.NoError(t, err)
	return client.OpsManager.Cluster("P", "C").Jobs
}

// withoutRetry gives up after the first broken connection.
func withoutRetry() restorejobs.Option {
	return restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1})
}

// cutAfter sends n bytes of a body and breaks the connection.
func cutAfter(n int64, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		next(&cutWriter{ResponseWriter: w, left: n}, r)
	}
}

type cutWriter struct {
	http.ResponseWriter

	left int64
}

func (w *cutWriter) Write(p []byte) (int, error) {
	if int64(len(p)) >= w.left {
		_, _ = w.ResponseWriter.Write(p[:w.left])
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	w.left -= int64(len(p))
	return w.ResponseWriter.Write(p)
}

// entries lists a directory.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	found, err := os.ReadDir(dir)
	require.NoError(t, err)
	names := []string{}
	for _, entry := range found {
		names = append(names, entry.Name())
	}
	return names
}

// assertOnly asserts that a directory holds one file, with this content.
func assertOnly(t *testing.T, dir, name string, content []byte) {
	t.Helper()
	assert.Equal(t, []string{name}, entries(t, dir))
	assertContent(t, filepath.Join(dir, name), content)
}

func assertContent(t *testing.T, path string, content []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(content, got), "%s is not the file: %d bytes for %d", path, len(got), len(content))
}

// assertRedacted asserts that an error shows nothing of a link.
func assertRedacted(t *testing.T, err error) {
	t.Helper()
	for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s"} {
		text := fmt.Sprintf(verb, err)
		assert.NotContains(t, text, linkKey)
		assert.NotContains(t, text, linkValue)
	}
}

// existingFiles is the option that replaces existing files, or the default.
func existingFiles(replace bool) restorejobs.ExistingFiles {
	if replace {
		return restorejobs.ExistingReplace
	}
	return restorejobs.ExistingRefuse
}

// serveZeros serves a file of any whole number of MiB without holding it.
func serveZeros(size int) http.HandlerFunc {
	piece := make([]byte, 1<<20)
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(size))
		for range size / len(piece) {
			_, _ = w.Write(piece)
		}
	}
}
