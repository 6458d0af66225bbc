package allocations_test

import (
	"crypto/sha1"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// benchmarkSize is the archive of the download benchmarks: 1 GiB, or less under -short.
func benchmarkSize() int64 {
	if testing.Short() {
		return 64 << 20
	}
	return 1 << 30
}

// newArchiveServer serves a job of Atlas and its archive, which the system sends from a
// file, so that serving weighs as little as it can on the figures.
func newArchiveServer(b *testing.B, size int64) *httptest.Server {
	b.Helper()
	archive, err := os.Create(filepath.Join(b.TempDir(), "archive"))
	require.NoError(b, err)
	b.Cleanup(func() { _ = archive.Close() })
	piece := make([]byte, 1<<20)
	for i := range piece {
		piece[i] = byte(i * i >> 7)
	}
	for range size / int64(len(piece)) {
		_, err := archive.Write(piece)
		require.NoError(b, err)
	}
	require.NoError(b, archive.Sync())
	mux := http.NewServeMux()
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"id":"J","deliveryType":"download","deliveryUrl":["http://%s/key/archive.tar.gz"]}`, r.Host)
	})
	mux.HandleFunc("/key/", func(w http.ResponseWriter, r *http.Request) {
		file, err := os.Open(archive.Name())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer func() { _ = file.Close() }()
		w.Header().Set("Content-Type", "application/gzip")
		http.ServeContent(w, r, "", time.Time{}, file)
	})
	server := httptest.NewServer(mux)
	b.Cleanup(server.Close)
	return server
}

// newArchiveJobs returns the jobs of a new archive server.
func newArchiveJobs(b *testing.B, size int64) *restorejobs.Jobs {
	b.Helper()
	server := newArchiveServer(b, size)
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), restorejobs.WithBaseURL(server.URL))
	require.NoError(b, err)
	return client.AtlasV2.Cluster("P", "C").Jobs
}

// BenchmarkDownload is a whole download: received, hashed, written, on the disk and
// renamed. Compare with the three below. Set TMPDIR to choose the file system.
func BenchmarkDownload(b *testing.B) {
	size := benchmarkSize()
	jobs := newArchiveJobs(b, size)
	dir := b.TempDir()
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		files, err := jobs.Download(b.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
		if err != nil || files[0].Size != size {
			b.Fatal(err, files)
		}
		remove(b, files[0].Path)
	}
}

// BenchmarkDownloadTo is a download into a writer that costs nothing: receiving and
// hashing.
func BenchmarkDownloadTo(b *testing.B) {
	size := benchmarkSize()
	jobs := newArchiveJobs(b, size)
	b.SetBytes(size)
	for b.Loop() {
		file, err := jobs.DownloadTo(b.Context(), "J", io.Discard, restorejobs.DownloadOptions{})
		if err != nil || file.Size != size {
			b.Fatal(err, file)
		}
	}
}

// BenchmarkOnePassCopy is the same by one io.Copy to a file and a hash, which leaves
// the file to the system's cache.
func BenchmarkOnePassCopy(b *testing.B) {
	size := benchmarkSize()
	server := newArchiveServer(b, size)
	path := filepath.Join(b.TempDir(), "archive")
	b.SetBytes(size)
	for b.Loop() {
		resp, err := server.Client().Get(server.URL + "/key/archive.tar.gz")
		if err != nil {
			b.Fatal(err)
		}
		file, err := os.Create(path)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.MultiWriter(file, sha1.New()), resp.Body)
		if err != nil || n != size {
			b.Fatal(n, err)
		}
		_, _ = resp.Body.Close(), file.Close()
		remove(b, path)
	}
}

// BenchmarkSHA1 is the limit: hashing alone.
func BenchmarkSHA1(b *testing.B) {
	size, piece := benchmarkSize(), make([]byte, 1<<20)
	b.SetBytes(size)
	for b.Loop() {
		hash := sha1.New()
		for range size / int64(len(piece)) {
			_, _ = hash.Write(piece)
		}
		_ = hash.Sum(nil)
	}
}

// remove makes room for the next round, off the clock.
func remove(b *testing.B, path string) {
	b.Helper()
	b.StopTimer()
	if err := os.Remove(path); err != nil {
		b.Fatal(err)
	}
	b.StartTimer()
}
