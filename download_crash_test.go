//go:build unix

package restorejobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

// TestDownload_resumesAfterKill breaks a download of 16 MiB, four checkpoints, at random places, in three ways: the
// process is killed, the connection is cut, the context is cancelled. What follows must
// continue and have the right bytes; how many are fetched again is counted.
func TestDownload_resumesAfterKill(t *testing.T) { //nolint:tparallel // the group ends when all rounds have
	t.Parallel()
	const size, kills, others = 16 << 20, 8, 4
	content := randomBytes(size)
	var mu sync.Mutex
	again := map[string]int64{}
	t.Run("", func(t *testing.T) {
		for seed := range uint64(kills + others) {
			way := "killed"
			if seed >= kills {
				way = [...]string{"cut", "cancelled"}[seed%2]
			}
			at := rand.New(rand.NewPCG(seed, 64)).Int64N(size)
			t.Run(fmt.Sprintf("%d %s at %d", seed, way, at), func(t *testing.T) {
				t.Parallel()
				d, dir := newArchive(t, 0), t.TempDir()
				d.change(func() {
					d.content = content
					d.job["hashes"] = hashes(d.sha1())
				})
				breakDownload(t, d, dir, way, at)
				kept := sizeOf(t, filepath.Join(dir, fileA+".part"))
				d.change(func() { d.link, d.asked = nil, nil })
				files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
				require.NoError(t, err)
				assert.True(t, files[0].Verified)
				assertOnly(t, dir, fileA, content)
				from, err := strconv.ParseInt("0"+strings.Trim(d.requests()[0].Get("Range"), "bytes=-"), 10, 64)
				require.NoError(t, err)
				if way == "killed" {
					assert.LessOrEqual(t, kept-from, int64(4<<20+512<<10), "what is since the last mark, which a buffer may have passed")
				} else {
					assert.Equal(t, kept, from, "everything that came is known")
				}
				mu.Lock()
				again[way] += at - from
				mu.Unlock()
				t.Logf("broken at %d, gone on at %d: %d bytes fetched again", at, from, at-from)
			})
		}
	})
	t.Logf("bytes fetched again, of %d kills and %d others of %d: %v", kills, others, size, again)
}

// sizeOf is how much of a file is there, nothing where there is none. What the server sent
// beyond that was on its way: a system takes tens of MiB off a connection before a busy
// program reads them.
func sizeOf(t *testing.T, name string) int64 {
	t.Helper()
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	require.NoError(t, err)
	return info.Size()
}

// breakDownload starts a download and breaks it when the server has sent so many bytes.
func breakDownload(t *testing.T, d *archive, dir, way string, at int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	child := childProcess(ctx, "download", d.URL, dir)
	reached := make(chan struct{})
	link := func(w http.ResponseWriter, r *http.Request) {
		d.serve(&stopWriter{ResponseWriter: w, left: at, stop: func() {
			close(reached)
			if way != "cut" {
				<-r.Context().Done()
			}
			panic(http.ErrAbortHandler)
		}}, r)
	}
	d.change(func() { d.link = link })
	if way == "killed" {
		require.NoError(t, child.Start())
		<-reached
		require.NoError(t, child.Process.Kill())
		require.ErrorContains(t, child.Wait(), "killed")
		return
	}
	if way == "cancelled" {
		go func() {
			<-reached
			cancel()
		}()
	}
	_, err := d.jobs(t, withoutRetry()).Download(ctx, []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.Error(t, err)
}

// stopWriter calls stop after so many bytes of a body.
type stopWriter struct {
	http.ResponseWriter

	left int64
	stop func()
}

func (w *stopWriter) Write(p []byte) (int, error) {
	n := min(int64(len(p)), w.left)
	w.left -= n
	written, err := w.ResponseWriter.Write(p[:n])
	if w.left == 0 {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		w.stop()
	}
	return written, err
}

const (
	childWork = "RESTOREJOBS_TEST_CHILD_WORK"
	childURL  = "RESTOREJOBS_TEST_CHILD_URL"
	childDir  = "RESTOREJOBS_TEST_CHILD_DIR"
)

// childProcess is this test program again, doing one kind of work.
func childProcess(ctx context.Context, work, url, dir string) *exec.Cmd {
	child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestChildProcess$")
	child.Env = append(os.Environ(), childWork+"="+work, childURL+"="+url, childDir+"="+dir)
	return child
}

// TestChildProcess is what a child process does. By itself it tests that it is told.
func TestChildProcess(t *testing.T) {
	t.Parallel()
	work, dir := os.Getenv(childWork), os.Getenv(childDir)
	switch work {
	case "":
		assert.Contains(t, childProcess(t.Context(), "x", "", "").Env, childWork+"=x")
		return
	case "limited": // files of this process may not be larger, as on a disk that is full
		signal.Ignore(syscall.SIGXFSZ)
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}))
	case "unprivileged":
		if os.Geteuid() == 0 { // to whom nothing is read-only
			require.NoError(t, syscall.Setuid(65534))
		}
	}
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), restorejobs.WithBaseURL(os.Getenv(childURL)))
	require.NoError(t, err)
	_, err = client.OpsManager.Cluster("P", "C").Jobs.Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	switch work {
	case "limited":
		require.ErrorIs(t, err, syscall.EFBIG)
		assert.ErrorContains(t, err, "bytes are kept in "+fileA+".part")
	case "unprivileged":
		require.ErrorIs(t, err, fs.ErrPermission)
	default:
		require.NoError(t, err)
	}
}

// TestDownload_diskFull keeps the part, and continues with it when there is room again.
func TestDownload_diskFull(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 3<<20), t.TempDir()
	output, err := childProcess(t.Context(), "limited", d.URL, dir).CombinedOutput()
	require.NoError(t, err, string(output))
	assert.Equal(t, []string{fileA + ".part", fileA + ".part.json"}, entries(t, dir))
	assert.Len(t, d.requests(), 1, "another request would not help")
	_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	from, err := strconv.ParseInt(strings.Trim(d.requests()[1].Get("Range"), "bytes=-"), 10, 64)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, from, int64(512<<10), "what is certain is a buffer less than there was room for, at most")
	assertOnly(t, dir, fileA, d.content)
}

// TestDownload_readOnlyDirectory is seen before anything is fetched.
func TestDownload_readOnlyDirectory(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1000), t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o555))
	output, err := childProcess(t.Context(), "unprivileged", d.URL, dir).CombinedOutput()
	require.NoError(t, err, string(output))
	assert.Empty(t, d.requests())
	assert.Empty(t, entries(t, dir))
}

// TestDownload_twoProcesses that fetch the same file are kept apart.
func TestDownload_twoProcesses(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1<<20), t.TempDir()
	begun, end := make(chan struct{}), make(chan struct{})
	d.change(func() {
		d.job["hashes"] = hashes(d.sha1())
		d.link = func(w http.ResponseWriter, r *http.Request) {
			close(begun)
			<-end
			d.serve(w, r)
		}
	})
	done := make(chan error)
	child := childProcess(t.Context(), "download", d.URL, dir)
	var output bytes.Buffer
	child.Stdout, child.Stderr = &output, &output
	require.NoError(t, child.Start())
	go func() { done <- child.Wait() }()
	<-begun
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorContains(t, err, "another download of the same file is under way")
	close(end)
	require.NoError(t, <-done, output.String())
	assert.Len(t, d.requests(), 1)
	assertOnly(t, dir, fileA, d.content)
}

// TestDownload_memoryIsConstant does not depend on its size. What all goroutines allocate while
// it runs is counted, garbage included.
func TestDownload_memoryIsConstant(t *testing.T) { //nolint:paralleltest // it counts what the whole process allocates
	const size = 256 << 20
	d, dir := newAtlasArchive(t, 0), t.TempDir()
	d.link = serveZeros(size)
	jobs := d.jobs(t)
	var files []restorejobs.DownloadedFile
	var err error
	allocated := testutil.Allocated(func() {
		files, err = jobs.Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	})
	require.NoError(t, err)
	assert.EqualValues(t, size, files[0].Size)
	assert.Less(t, allocated, uint64(16<<20))
	t.Logf("%d KiB allocated for %d MiB", allocated>>10, size>>20)
	require.NoError(t, os.Remove(filepath.Join(dir, fileA)))
}
