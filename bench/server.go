package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// server is an API on loopback with digest authentication.
type server struct {
	total   int           // jobs
	latency time.Duration // before each response
	chunked bool          // responses have no Content-Length

	unfinished  atomic.Int64 // responses whose jobs are not finished; 0 for jobs of all kinds
	gate        gate
	requests    atomic.Int64
	connections atomic.Int64
	base        string
	http        *http.Server
}

// start opens the listener.
func (s *server) start() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.base = "http://" + listener.Addr().String()
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: time.Minute,
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				s.connections.Add(1)
			}
		},
	}
	go s.http.Serve(listener) //nolint:errcheck // ends with stop
	return nil
}

func (s *server) stop() { _ = s.http.Close() }

// ServeHTTP responds to a Get or a List of any variant.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	time.Sleep(s.latency)
	header := w.Header()
	header.Set("Content-Type", "application/json")
	if challenge, ok := s.gate.pass(r); !ok {
		header.Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusUnauthorized)
		s.write(w, strings.NewReader(denied), int64(len(denied)))
		return
	}
	g := s.generation(r.URL.Path)
	if path.Base(r.URL.Path) == "restoreJobs" {
		number, size := pageOf(r.URL)
		p := newPage(g, number, size, s.total)
		s.write(w, p, p.length)
		return
	}
	job := appendJob(nil, g, 0)
	s.write(w, strings.NewReader(string(job)), int64(len(job)))
}

// write sends a body. If chunked, the end follows separately after the last byte, as behind a proxy
// that compresses or streams.
func (s *server) write(w http.ResponseWriter, body io.Reader, length int64) {
	if !s.chunked {
		w.Header().Set("Content-Length", strconv.FormatInt(length, 10))
	}
	_, _ = io.Copy(w, body)
	if flusher, ok := w.(http.Flusher); ok && s.chunked {
		flusher.Flush()
	}
}

// generation selects the jobs of a response.
func (s *server) generation(path string) generation {
	g := generationOf(path)
	if g != classic || s.unfinished.Load() == 0 {
		return g
	}
	if s.unfinished.Add(-1) > 0 {
		return running
	}
	s.unfinished.Store(1) // from now on, all are finished
	return ended
}

func generationOf(path string) generation {
	if strings.Contains(path, "/backup/restoreJobs") {
		return atlasV2
	}
	return classic
}

func pageOf(u *url.URL) (number, size int) {
	query := u.Query()
	number = 1
	size = 100
	if n, err := strconv.Atoi(query.Get("pageNum")); err == nil {
		number = max(n, 1)
	}
	if n, err := strconv.Atoi(query.Get("itemsPerPage")); err == nil {
		size = min(max(n, 1), 500)
	}
	return number, size
}
