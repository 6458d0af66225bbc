package restorejobs_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/restorejobstest"
)

// The tests in this file run in bubbles of testing/synctest: time passes when everybody
// waits, and a goroutine that stays behind fails the test.

// newBubbleServer gives a ready download of the embedded server, in process.
func newBubbleServer(t *testing.T, size int64) (*restorejobstest.Server, *restorejobs.Jobs, string) {
	t.Helper()
	server := restorejobstest.NewServer(
		restorejobstest.InProcess(), restorejobstest.WithRestoreDuration(0), restorejobstest.WithArchiveSize(size))
	jobs := jobsOf(t, server, restorejobstest.OpsManagerCluster)
	link := restorejobs.DownloadLinkOptions{MaxDownloads: 100}
	created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(restorejobstest.OpsManagerCluster.Snapshots()[0]), restorejobs.ToDownloadWith(link))
	require.NoError(t, err)
	return server, jobs, created[0].ID
}

func downloads(server *restorejobstest.Server) int {
	n := 0
	for _, request := range server.Requests() {
		if request.Download {
			n++
		}
	}
	return n
}

func TestDownload_reconnectsAfterStall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   restorejobstest.Fault
		timeout time.Duration
		waits   time.Duration // at least
	}{
		"before the answer":     {restorejobstest.DelayResponse(time.Hour), 0, time.Minute},
		"in the middle":         {restorejobstest.StallBody(1000, time.Hour), 0, time.Minute},
		"with a timeout":        {restorejobstest.StallBody(1000, time.Hour), 10 * time.Second, 10 * time.Second},
		"not long enough":       {restorejobstest.StallBody(1000, 59*time.Second), 0, 59 * time.Second},
		"without a timeout":     {restorejobstest.StallBody(1000, 10*time.Hour), -1, 10 * time.Hour},
		"no answer, no timeout": {restorejobstest.DelayResponse(10 * time.Hour), -1, 10 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, jobs, id := newBubbleServer(t, 1<<20)
				server.InjectFault(c.fault.At(restorejobstest.Downloads), 1)
				start := time.Now()
				files, err := jobs.Download(t.Context(), []string{id}, t.TempDir(), restorejobs.DownloadOptions{StallTimeout: c.timeout})
				require.NoError(t, err)
				assert.True(t, files[0].Verified)
				assert.GreaterOrEqual(t, time.Since(start), c.waits)
				assert.Less(t, time.Since(start), c.waits+5*time.Second)
				want := 2
				if c.timeout < 0 || c.waits < time.Minute && c.timeout == 0 {
					want = 1
				}
				assert.Equal(t, want, downloads(server))
			})
		})
	}
}

// TestDownload_stallTimeout end in an error that is a timeout, and not the context's.
func TestDownload_stallTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, jobs, id := newBubbleServer(t, 1<<20)
		server.InjectFault(restorejobstest.DelayResponse(time.Hour).At(restorejobstest.Downloads), 100)
		start := time.Now()
		_, err := jobs.Download(t.Context(), []string{id}, t.TempDir(), restorejobs.DownloadOptions{})
		require.ErrorContains(t, err, "the server sent nothing for 1m0s")
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		var timeout interface{ Timeout() bool }
		require.ErrorAs(t, err, &timeout)
		assert.True(t, timeout.Timeout())
		assert.Equal(t, 6, downloads(server))
		assert.Less(t, time.Since(start), 6*time.Minute+30*time.Second)
	})
}

// TestDownloadTo_slowWriterIsNotAStall: the clock runs only while the server is waited for.
func TestDownloadTo_slowWriterIsNotAStall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, jobs, id := newBubbleServer(t, 4<<20)
		slow := writerFunc(func(p []byte) (int, error) { time.Sleep(10 * time.Minute); return len(p), nil })
		_, err := jobs.DownloadTo(t.Context(), id, slow, restorejobs.DownloadOptions{})
		require.NoError(t, err)
		assert.Equal(t, 1, downloads(server))
	})
}

// TestDownload_cancelled ends a download immediately, wherever it is, and keeps what there is.
func TestDownload_cancelled(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]restorejobstest.Fault{
		"before the answer": restorejobstest.DelayResponse(time.Hour).At(restorejobstest.Downloads),
		"in the middle":     restorejobstest.StallBody(300<<10, time.Hour).At(restorejobstest.Downloads),
		"between tries":     restorejobstest.TooManyRequests(20 * time.Second).At(restorejobstest.Downloads),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, jobs, id := newBubbleServer(t, 1<<20)
				server.InjectFault(fault, 1)
				dir := t.TempDir()
				ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, errors.New("ctrl-c"))
				defer cancel()
				start := time.Now()
				_, err := jobs.Download(ctx, []string{id}, dir, restorejobs.DownloadOptions{})
				assert.LessOrEqual(t, time.Since(start), 10*time.Second)
				if name == "between tries" {
					require.ErrorIs(t, err, restorejobs.ErrRateLimited, "given up at once: it would be too late")
				} else {
					require.ErrorIs(t, err, context.DeadlineExceeded)
				}
				if name == "in the middle" {
					require.ErrorContains(t, err, "[307200 of 1048576 bytes are kept in ")
				} else {
					assert.Empty(t, entries(t, dir))
				}
				files, err := jobs.Download(t.Context(), []string{id}, dir, restorejobs.DownloadOptions{})
				require.NoError(t, err)
				assert.True(t, files[0].Verified)
				assert.Len(t, entries(t, dir), 1)
			})
		})
	}
}

// TestDownload_retryAfter is obeyed.
func TestDownload_retryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, jobs, id := newBubbleServer(t, 1000)
		server.InjectFault(restorejobstest.TooManyRequests(20*time.Second).At(restorejobstest.Downloads), 1)
		start := time.Now()
		_, err := jobs.Download(t.Context(), []string{id}, t.TempDir(), restorejobs.DownloadOptions{})
		require.NoError(t, err)
		assert.GreaterOrEqual(t, time.Since(start), 20*time.Second)
	})
}

// TestDownload_pollsForChecksum for two seconds in all.
func TestDownload_pollsForChecksum(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, jobs, id := newBubbleServer(t, 1000)
		server.SetJob(id, restorejobstest.SetFields(map[string]any{"hashes": []any{}}))
		start := time.Now()
		files, err := jobs.Download(t.Context(), []string{id}, t.TempDir(), restorejobs.DownloadOptions{})
		require.NoError(t, err)
		assert.False(t, files[0].Verified)
		assert.Equal(t, 2*time.Second, time.Since(start))
	})
}

// TestDownload_leavesNoGoroutine on any way out: the bubble would fail.
func TestDownload_leavesNoGoroutine(t *testing.T) {
	t.Parallel()
	for name, strike := range map[string]func(*restorejobstest.Server){
		"success": func(*restorejobstest.Server) {},
		"cut": func(s *restorejobstest.Server) {
			s.InjectFault(restorejobstest.TruncateBody(1000).At(restorejobstest.Downloads), 100)
		},
		"reset": func(s *restorejobstest.Server) {
			s.InjectFault(restorejobstest.ResetConnection().At(restorejobstest.Downloads), 100)
		},
		"web page": func(s *restorejobstest.Server) {
			s.InjectFault(restorejobstest.RespondHTML(200).At(restorejobstest.Downloads), 100)
		},
		"not found": func(s *restorejobstest.Server) {
			s.InjectFault(restorejobstest.RespondStatus(404).At(restorejobstest.Downloads), 100)
		},
		"bad bytes": func(s *restorejobstest.Server) {
			s.InjectFault(restorejobstest.RewriteBody(func(b []byte) []byte { b[0] ^= 1; return b }).At(restorejobstest.Downloads), 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, jobs, id := newBubbleServer(t, 1<<20)
				strike(server)
				dir := t.TempDir()
				files, err := jobs.Download(t.Context(), []string{id}, dir, restorejobs.DownloadOptions{})
				assert.Equal(t, name == "success", err == nil)
				assert.Equal(t, name == "success", len(files) == 1)
				if name == "bad bytes" {
					require.ErrorIs(t, err, restorejobs.ErrChecksumMismatch)
				}
				for _, entry := range entries(t, dir) {
					assert.Equal(t, name != "success", strings.Contains(entry, ".part"))
				}
				assert.Empty(t, openFiles(t, dir))
				_, err = jobs.DownloadTo(t.Context(), id, io.Discard, restorejobs.DownloadOptions{})
				if name == "success" || name == "bad bytes" {
					require.NoError(t, err)
				} else {
					require.Error(t, err)
				}
			})
		})
	}
}

// TestDownload_progress: at the start, at the end, and four times a second in between.
func TestDownload_progress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const pieces, size = 40, 1000
		drip := restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			body := []byte(`{"id":"J","deliveryType":"download","deliveryUrl":["https://x/` + fileA + `"]}`)
			resp := &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: int64(len(body)), ProtoMajor: 1}
			resp.Body = io.NopCloser(bytes.NewReader(body))
			if r.URL.Host == "x" {
				resp.ContentLength = pieces * size
				resp.Body = io.NopCloser(&dripReader{left: pieces, piece: make([]byte, size), every: 100 * time.Millisecond})
			}
			return resp, nil
		}))
		client, err := restorejobs.NewClient(restorejobs.APIKey("a", "b"), drip)
		require.NoError(t, err)
		var seen []restorejobs.DownloadProgress
		var times []time.Duration
		start := time.Now()
		_, err = client.AtlasV2.Cluster("P", "C").Jobs.Download(t.Context(), []string{"J"}, t.TempDir(), restorejobs.DownloadOptions{
			Progress: func(p restorejobs.DownloadProgress) { seen, times = append(seen, p), append(times, time.Since(start)) },
		})
		require.NoError(t, err)
		require.Len(t, seen, 15) // the first, one at each third drip of a tenth of a second, the last
		for i, p := range seen {
			assert.Equal(t, fileA, p.File)
			assert.EqualValues(t, pieces*size, p.Total)
			assert.Equal(t, i == len(seen)-1, p.Done)
			if i > 0 && !p.Done {
				assert.Equal(t, 300*time.Millisecond, times[i]-times[i-1])
				assert.Equal(t, seen[i-1].Bytes+3*size, p.Bytes)
			}
		}
		assert.Zero(t, seen[0].Bytes)
		assert.EqualValues(t, pieces*size, seen[len(seen)-1].Bytes)
	})
}

type dripReader struct {
	left  int
	piece []byte
	every time.Duration
}

func (r *dripReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	r.left--
	time.Sleep(r.every)
	return copy(p, r.piece), nil
}

// shards is a network with a job of n shards; serve answers for the file of one.
func shards(t *testing.T, n int, serve func(shard string, r *http.Request) (*http.Response, error)) *restorejobs.Jobs {
	t.Helper()
	var components []string
	for i := range n {
		name := string(rune('a' + i))
		components = append(components, `{"replicaSetName":"`+name+`","downloadUrl":"https://x/`+name+`/archive.tar.gz"}`)
	}
	body := `{"id":"J","deliveryType":"download","deliveryUrl":[],"components":[` + strings.Join(components, ",") + `]}`
	client, err := restorejobs.NewClient(restorejobs.APIKey("a", "b"), withoutRetry(),
		restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "x" {
				return serve(r.URL.Path[1:2], r)
			}
			return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(body))}, nil
		})))
	require.NoError(t, err)
	return client.AtlasV2.Cluster("P", "C").Jobs
}

func newResponse(size int64, body io.Reader) *http.Response {
	return &http.Response{StatusCode: 200, Header: http.Header{"Etag": {version1}}, ContentLength: size, ProtoMajor: 1, Body: io.NopCloser(body)}
}

// TestDownload_concurrency: two shards at a time unless told otherwise; progress never twice at a
// time.
func TestDownload_concurrency(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ parallel, want int }{{0, 2}, {1, 1}, {4, 4}, {100, 6}} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				running, most, active := 0, 0, 0
				jobs := shards(t, 6, func(string, *http.Request) (*http.Response, error) {
					mu.Lock()
					running++
					most = max(most, running)
					mu.Unlock()
					time.Sleep(time.Second)
					mu.Lock()
					running--
					mu.Unlock()
					return newResponse(3, strings.NewReader("abc")), nil
				})
				dir := t.TempDir()
				files, err := jobs.Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Concurrency: c.parallel, Progress: func(restorejobs.DownloadProgress) {
					active++
					assert.Equal(t, 1, active)
					time.Sleep(time.Millisecond)
					active--
				}})
				require.NoError(t, err)
				assert.Equal(t, c.want, most)
				assert.Len(t, files, 6)
				assert.Equal(t, []string{
					"a-archive.tar.gz", "b-archive.tar.gz", "c-archive.tar.gz", "d-archive.tar.gz", "e-archive.tar.gz", "f-archive.tar.gz",
				}, entries(t, dir))
				for i, file := range files {
					assert.Equal(t, string(rune('a'+i)), file.ReplicaSet, "in the job's order")
				}
			})
		})
	}
}

// TestDownload_firstErrorStopsOthers, with what they have kept, and what was done returned.
func TestDownload_firstErrorStopsOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		failure := errors.New("the cable was pulled")
		jobs := shards(t, 4, func(shard string, r *http.Request) (*http.Response, error) {
			switch shard {
			case "a": // done after a second
				time.Sleep(time.Second)
				return newResponse(3, strings.NewReader("abc")), nil
			case "b": // slow, and ended by the failure of c
				return newResponse(1<<20, io.MultiReader(bytes.NewReader(make([]byte, 300<<10)), &waitReader{r.Context()})), nil
			case "c":
				time.Sleep(time.Second)
				return nil, failure
			}
			t.Error("d is asked for")
			return nil, failure
		})
		dir := t.TempDir()
		start := time.Now()
		files, err := jobs.Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
		require.ErrorIs(t, err, failure)
		require.NotErrorIs(t, err, context.Canceled)
		require.ErrorContains(t, err, "c-archive.tar.gz")
		assert.Equal(t, 2*time.Second, time.Since(start))
		require.Len(t, files, 1)
		assert.Equal(t, "a", files[0].ReplicaSet)
		assert.Equal(t, []string{
			"a-archive.tar.gz", "a-archive.tar.gz.part.json", "b-archive.tar.gz.part", "b-archive.tar.gz.part.json",
		}, entries(t, dir))
	})
}

// waitReader reads nothing until its request is over.
type waitReader struct {
	ctx context.Context //nolint:containedctx // of the one request
}

func (r *waitReader) Read([]byte) (int, error) {
	<-r.ctx.Done()
	return 0, r.ctx.Err()
}
