package download

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/api"
)

const rangesSize = 12 << 20

// rangeServer serves one file. It counts the connections that it serves at the same time.
type rangeServer struct {
	*httptest.Server

	content []byte
	etag    string
	rate    int64 // bytes a second of one connection, 0 for no limit
	handle  func(w http.ResponseWriter, r *http.Request, from int64) bool

	mu     sync.Mutex
	asked  []string
	active int
	most   int
	sent   atomic.Int64
	onSent func(total int64) // may be nil
}

func newRangeServer(t *testing.T) *rangeServer {
	t.Helper()
	random := rand.NewChaCha8([32]byte{9})
	s := &rangeServer{content: make([]byte, rangesSize), etag: strong, rate: 40 << 20}
	_, _ = random.Read(s.content)
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *rangeServer) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.Header.Get("Range"))
	s.active++
	s.most = max(s.most, s.active)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.active--
		s.mu.Unlock()
	}()
	first, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Range"), "bytes="), "-")
	from, _ := strconv.ParseInt("0"+first, 10, 64)
	if s.handle != nil && s.handle(w, r, from) {
		return
	}
	s.file(w, r)
}

// file serves the file as a careful server does.
func (s *rangeServer) file(w http.ResponseWriter, r *http.Request) {
	if w.Header().Get("ETag") == "" {
		w.Header().Set("ETag", s.etag)
	}
	w.Header().Set("Content-Type", "application/gzip")
	http.ServeContent(&paced{ResponseWriter: w, server: s, rate: s.rate}, r, "", time.Time{}, bytes.NewReader(s.content))
}

// paced limits the rate of a response.
type paced struct {
	http.ResponseWriter

	server *rangeServer
	rate   int64
}

func (p *paced) Write(b []byte) (int, error) {
	n, err := p.ResponseWriter.Write(b)
	total := p.server.sent.Add(int64(n))
	if p.server.onSent != nil {
		p.server.onSent(total)
	}
	if p.rate > 0 {
		_ = http.NewResponseController(p.ResponseWriter).Flush()
		time.Sleep(time.Duration(int64(n) * int64(time.Second) / p.rate))
	}
	return n, err
}

func (s *rangeServer) sum() string {
	sum := sha1.Sum(s.content)
	return hex.EncodeToString(sum[:])
}

// rangesFetcher uses several connections for small files too.
func rangesFetcher() *Fetcher {
	transport := &http.Transport{DisableKeepAlives: true}
	return &Fetcher{
		Transport:    transport,
		StallTimeout: 5 * time.Second,
		Retry:        api.RetryPolicy{MaxRetries: 5, MaxDelay: time.Second},
		minLeft:      2 << 20,
	}
}

func (s *rangeServer) ranged() *File {
	f := file()
	f.Link = Link{URL: plainURL(s.URL + "/a.tar.gz")}
	f.Connections = 4
	f.ExtraRequests = -1
	return f
}

type plainURL string

func (p plainURL) Reveal() string { return string(p) }

// fetchRanges downloads the file and compares it.
func fetchRanges(t *testing.T, s *rangeServer, f *File) {
	t.Helper()
	root, dir := folder(t)
	result, err := fetchAndCommit(t, rangesFetcher(), root, f)
	require.NoError(t, err)
	assert.Equal(t, s.sum(), result.SHA1)
	got, err := os.ReadFile(filepath.Join(dir, "a.tar.gz"))
	require.NoError(t, err)
	assert.True(t, bytes.Equal(s.content, got))
}

func TestConnections_fetchRanges(t *testing.T) {
	t.Parallel()
	s := newRangeServer(t)
	var reports []Progress
	f := s.ranged()
	f.Progress = func(p Progress) { reports = append(reports, p) }
	fetchRanges(t, s, f)
	assert.Equal(t, 4, s.most)
	assert.Empty(t, s.asked[0], "the first request is the plain one")
	for _, asked := range s.asked[1:] {
		assert.Regexp(t, `^bytes=\d+-\d+$`, asked)
	}
	assert.Equal(t, Progress{Bytes: rangesSize, Total: rangesSize, Done: true}, reports[len(reports)-1])
}

// What makes ranges unsafe, or more than the link permits, is one connection as before.
func TestConnections_onlyWhereSafe(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(s *rangeServer, f *File){
		"single use":       func(_ *rangeServer, f *File) { f.SingleUse = true },
		"one connection":   func(_ *rangeServer, f *File) { f.Connections = 1 },
		"no more requests": func(_ *rangeServer, f *File) { f.ExtraRequests = 0 },
		"weak validator":   func(s *rangeServer, _ *File) { s.etag = `W/"v1"` },
		"small":            func(s *rangeServer, _ *File) { s.content = s.content[:1<<20] },
		"no ranges": func(s *rangeServer, _ *File) {
			s.handle = func(w http.ResponseWriter, _ *http.Request, _ int64) bool {
				w.Header().Set("Accept-Ranges", "none")
				w.Header().Set("Content-Length", strconv.Itoa(len(s.content)))
				w.Header().Set("ETag", strong)
				_, _ = w.Write(s.content)
				return true
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRangeServer(t)
			f := s.ranged()
			change(s, f)
			fetchRanges(t, s, f)
			assert.Equal(t, []string{""}, s.asked)
		})
	}
}

// A link with a limit is requested no more often than half of it.
func TestConnections_limitedRequests(t *testing.T) {
	t.Parallel()
	for _, limit := range []int64{1, 2, 3} {
		s := newRangeServer(t)
		f := s.ranged()
		f.ExtraRequests = limit
		fetchRanges(t, s, f)
		assert.LessOrEqual(t, len(s.asked), 1+int(limit))
		assert.Greater(t, s.most, 1)
	}
}

// A slow first connection is joined by others, after it has been measured.
func TestConnections_slowOnly(t *testing.T) {
	t.Parallel()
	s := newRangeServer(t)
	s.rate = 10 << 20
	f := s.ranged()
	f.SlowOnly = true
	fetchRanges(t, s, f)
	assert.Equal(t, 4, s.most)
}

// Of servers that lie, the file is right or the error is.
func TestConnections_lyingServers(t *testing.T) {
	t.Parallel()
	type handler = func(w http.ResponseWriter, r *http.Request, from int64) bool
	changed := func(s *rangeServer) { // the file changes after the third range
		var mu sync.Mutex
		asked := 0
		old := s.content
		s.content = append(bytes.Clone(s.content[:rangesSize-5]), "other"...)
		s.handle = func(w http.ResponseWriter, r *http.Request, _ int64) bool {
			mu.Lock()
			defer mu.Unlock()
			if asked++; asked > 3 {
				s.etag = `"v2"`
				return false
			}
			w.Header().Set("ETag", strong)
			mu.Unlock()
			defer mu.Lock()
			http.ServeContent(&paced{ResponseWriter: w, server: s, rate: s.rate}, r, "a.gz", time.Time{}, bytes.NewReader(old))
			return true
		}
	}
	for name, c := range map[string]struct {
		handle  func(s *rangeServer) handler
		setup   func(s *rangeServer)
		most    int // requests
		atLeast int
	}{
		"ranges of another version": {handle: func(*rangeServer) handler {
			return func(w http.ResponseWriter, r *http.Request, from int64) bool {
				if from > 0 {
					w.Header().Set("ETag", `"v2"`)
					r.Header.Del("If-Range")
				}
				return false
			}
		}, most: 2},
		"200 for a range": {handle: func(*rangeServer) handler {
			return func(_ http.ResponseWriter, r *http.Request, _ int64) bool {
				r.Header.Del("Range")
				return false
			}
		}, most: 2},
		"wrong Content-Range": {handle: func(s *rangeServer) handler {
			return func(w http.ResponseWriter, _ *http.Request, from int64) bool {
				if from == 0 {
					return false
				}
				w.Header().Set("ETag", strong)
				w.Header().Set("Content-Range", "bytes 0-99/"+strconv.Itoa(rangesSize))
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(s.content[:100])
				return true
			}
		}, most: 2},
		"416": {handle: func(*rangeServer) handler {
			return func(w http.ResponseWriter, _ *http.Request, from int64) bool {
				if from > 0 {
					w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				}
				return from > 0
			}
		}, most: 2},
		"short parts": {handle: func(*rangeServer) handler {
			return func(_ http.ResponseWriter, r *http.Request, from int64) bool {
				if from > 0 {
					r.Header.Set("Range", "bytes="+strconv.FormatInt(from, 10)+"-"+strconv.FormatInt(min(from+500<<10, rangesSize-1), 10))
				}
				return false
			}
		}, atLeast: 10},
		"parts that break": {handle: func(s *rangeServer) handler {
			return func(w http.ResponseWriter, r *http.Request, from int64) bool {
				if from == 0 {
					return false
				}
				w.Header().Set("ETag", strong)
				http.ServeContent(&breaking{ResponseWriter: w, left: 700 << 10}, r, "a.gz", time.Time{}, bytes.NewReader(s.content))
				return true
			}
		}, atLeast: 5},
		"long parts": {handle: func(*rangeServer) handler {
			return func(_ http.ResponseWriter, r *http.Request, from int64) bool {
				if from > 0 { // to the end, whatever was requested
					r.Header.Set("Range", "bytes="+strconv.FormatInt(from, 10)+"-")
				}
				return false
			}
		}},
		"one slow connection": {handle: func(s *rangeServer) handler {
			return func(w http.ResponseWriter, r *http.Request, from int64) bool {
				if from == 0 {
					w.Header().Set("ETag", strong)
					http.ServeContent(&paced{ResponseWriter: w, server: s, rate: 200 << 10}, r, "a.gz", time.Time{}, bytes.NewReader(s.content))
				}
				return from == 0
			}
		}, most: 20},
		"two connections at most": {handle: func(s *rangeServer) handler {
			return func(w http.ResponseWriter, _ *http.Request, _ int64) bool {
				s.mu.Lock()
				defer s.mu.Unlock()
				if s.active > 2 {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
				return s.active > 2
			}
		}},
		"forbidden second connection": {handle: func(*rangeServer) handler {
			return func(w http.ResponseWriter, _ *http.Request, from int64) bool {
				if from > 0 {
					w.WriteHeader(http.StatusForbidden)
				}
				return from > 0
			}
		}, most: 2},
		"changed file": {setup: changed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRangeServer(t)
			if c.setup != nil {
				c.setup(s)
			} else {
				s.handle = c.handle(s)
			}
			fetchRanges(t, s, s.ranged())
			if c.most > 0 {
				assert.LessOrEqual(t, len(s.asked), c.most, s.asked)
			}
			assert.GreaterOrEqual(t, len(s.asked), c.atLeast, s.asked)
		})
	}
}

// breaking breaks a connection after so many bytes.
type breaking struct {
	http.ResponseWriter

	left int
}

func (b *breaking) Write(p []byte) (int, error) {
	if len(p) > b.left {
		_, _ = b.ResponseWriter.Write(p[:b.left])
		_ = http.NewResponseController(b.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	b.left -= len(p)
	return b.ResponseWriter.Write(p)
}

// A part that was cancelled at any time is resumed as ranges, by several connections or by one.
func TestConnections_resume(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			s := newRangeServer(t)
			root, dir := folder(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			at := rand.New(rand.NewPCG(seed, 1)).Int64N(rangesSize*3/4) + 1<<20
			s.onSent = func(total int64) {
				if total >= at {
					cancel()
				}
			}
			f := s.ranged()
			_, err := rangesFetcher().Fetch(ctx, root, f)
			require.Error(t, err)
			var sidecar Sidecar
			require.NoError(t, json.Unmarshal([]byte(read(t, dir, "a.tar.gz.part.json")), &sidecar))
			kept := sidecar.kept()
			assert.Positive(t, kept)
			if seed%4 == 3 { // a machine that went down can have lost a range
				if len(sidecar.Ranges) > 0 {
					r := sidecar.Ranges[0]
					part, err := os.OpenFile(filepath.Join(dir, "a.tar.gz.part"), os.O_RDWR, 0)
					require.NoError(t, err)
					_, err = part.WriteAt([]byte("damaged"), r.Start)
					require.NoError(t, err)
					require.NoError(t, part.Close())
					kept -= r.End - r.Start
				}
			}
			sent := s.sent.Load()
			f = s.ranged()
			if seed%2 == 1 {
				f.Connections = 1
			}
			result, err := fetchAndCommit(t, rangesFetcher(), root, f)
			require.NoError(t, err)
			assert.Equal(t, s.sum(), result.SHA1)
			assert.Equal(t, []string{"a.tar.gz", "a.tar.gz.part.json"}, names(t, dir))
			again := s.sent.Load() - sent - (rangesSize - kept)
			t.Logf("kept %d with %d ranges, fetched %d too many", kept, len(sidecar.Ranges), again)
		})
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// A panic of Progress is the caller's, and leaves no goroutine that writes.
func TestConnections_progressPanics(t *testing.T) {
	t.Parallel()
	s := newRangeServer(t)
	s.rate = 5 << 20
	root, _ := folder(t)
	f := s.ranged()
	f.Progress = func(p Progress) {
		if p.Bytes > 1<<20 {
			panic("mine")
		}
	}
	assert.PanicsWithValue(t, "mine", func() { _, _ = rangesFetcher().Fetch(t.Context(), root, f) })
}

// A link that ends in the middle is its own error, and the ranges stay.
func TestConnections_linkEnds(t *testing.T) {
	t.Parallel()
	s := newRangeServer(t)
	var mu sync.Mutex
	count := 0
	s.handle = func(w http.ResponseWriter, r *http.Request, _ int64) bool {
		mu.Lock()
		count++
		isGone := count > 4
		mu.Unlock()
		if isGone {
			w.WriteHeader(http.StatusGone)
			return true
		}
		w.Header().Set("ETag", strong)
		http.ServeContent(&breaking{ResponseWriter: w, left: 1 << 20}, r, "a.gz", time.Time{}, bytes.NewReader(s.content))
		return true
	}
	root, dir := folder(t)
	_, err := rangesFetcher().Fetch(t.Context(), root, s.ranged())
	var resp *ResponseError
	require.ErrorAs(t, err, &resp)
	assert.Equal(t, http.StatusGone, resp.StatusCode)
	require.ErrorContains(t, err, "bytes are kept in a.tar.gz.part")
	var sidecar Sidecar
	require.NoError(t, json.Unmarshal([]byte(read(t, dir, "a.tar.gz.part.json")), &sidecar))
	assert.GreaterOrEqual(t, sidecar.kept(), int64(3<<20))
	s.handle = nil
	result, err := fetchAndCommit(t, rangesFetcher(), root, s.ranged())
	require.NoError(t, err)
	assert.Equal(t, s.sum(), result.SHA1)
}

var _ io.Writer = (*paced)(nil)
