//go:build unix

package restorejobs_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// pacedArchive serves a file at a rate for each connection, and counts what it sends.
type pacedArchive struct {
	*archive

	rate int64
	sent atomic.Int64
	at   atomic.Int64 // closes full when so many bytes were sent, 0 for never
	full chan struct{}
}

func newPacedArchive(t *testing.T, d *archive) *pacedArchive {
	t.Helper()
	p := &pacedArchive{archive: d, rate: 40e6, full: make(chan struct{})}
	d.change(func() {
		d.link = func(w http.ResponseWriter, r *http.Request) { d.serve(&pacedWriter{ResponseWriter: w, archive: p}, r) }
	})
	return p
}

type pacedWriter struct {
	http.ResponseWriter

	archive *pacedArchive
}

func (w *pacedWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	_ = http.NewResponseController(w.ResponseWriter).Flush()
	before := w.archive.sent.Add(int64(n)) - int64(n)
	if at := w.archive.at.Load(); at > 0 && before < at && before+int64(n) >= at {
		close(w.archive.full)
	}
	time.Sleep(time.Duration(int64(n) * int64(time.Second) / w.archive.rate))
	return n, err
}

// TestDownload_resumesRangesAfterKill kills a download over several connections at random points.
// The next call keeps the ranges, and fetches again at most 4 MiB for each connection.
func TestDownload_resumesRangesAfterKill(t *testing.T) {
	t.Parallel()
	const size = 80 << 20
	content := randomBytes(size)
	for seed := range uint64(3) {
		d, dir := newArchive(t, 0), t.TempDir()
		d.content = content
		d.delivery("maxDownloads", restorejobs.UnlimitedDownloads)
		p := newPacedArchive(t, d)
		p.at.Store(rand.New(rand.NewPCG(seed, 2)).Int64N(size/2) + 24<<20)
		child := childProcess(t.Context(), "download", d.URL, dir)
		require.NoError(t, child.Start())
		<-p.full
		require.NoError(t, child.Process.Kill())
		require.ErrorContains(t, child.Wait(), "killed")

		text, err := os.ReadFile(filepath.Join(dir, fileA+".part.json"))
		require.NoError(t, err)
		var sidecar struct {
			Ranges []any `json:"ranges"`
		}
		require.NoError(t, json.Unmarshal(text, &sidecar))
		assert.NotEmpty(t, sidecar.Ranges)
		d.change(func() { d.job["hashes"] = hashes(d.sha1()) })
		files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
		require.NoError(t, err)
		assert.True(t, files[0].Verified)
		assertOnly(t, dir, fileA, content)
		again := p.sent.Load() - size
		assert.LessOrEqual(t, again, int64(4*4<<20))
		t.Logf("killed at %d with %d ranges: %d bytes fetched again", p.at.Load(), len(sidecar.Ranges), again)
	}
}

// A limit of downloads permits ranges only up to half of it, and a single-use link none.
func TestDownload_connectionsOfLimitedLinks(t *testing.T) {
	t.Parallel()
	content := make([]byte, 66<<20)
	for limit, most := range map[int]int{2: 1, 3: 2, 5: 3} {
		d, dir := newArchive(t, 0), t.TempDir()
		d.content = content
		d.delivery("maxDownloads", limit)
		d.job["hashes"] = hashes(d.sha1())
		newPacedArchive(t, d).rate = 400e6
		_, err := d.download(t, dir, restorejobs.DownloadOptions{Connections: 4, ReuseSingleUseLinks: true})
		require.NoError(t, err)
		assert.LessOrEqual(t, len(d.requests()), most, strconv.Itoa(limit))
		assertContent(t, filepath.Join(dir, fileA), content)
	}
}

// TestDownload_memoryOfConnections is bounded, whatever the size.
func TestDownload_memoryOfConnections(t *testing.T) { //nolint:paralleltest // it counts what the whole process allocates
	d, dir := newAtlasArchive(t, 0), t.TempDir()
	d.content = make([]byte, 128<<20)
	jobs := d.jobs(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := jobs.Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Connections: 4})
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	allocated := after.TotalAlloc - before.TotalAlloc
	assert.Less(t, allocated, uint64(16<<20))
	assert.GreaterOrEqual(t, len(d.requests()), 4)
	t.Logf("%d KiB allocated", allocated>>10)
}
