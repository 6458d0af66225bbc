package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log"
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
	total   int // jobs
	body    bodySize
	latency time.Duration // before each response
	chunked bool          // responses have no Content-Length
	secure  *tls.Config   // of a server with TLS, nil for none
	http2   bool          // of a server with TLS

	unfinished  atomic.Int64 // responses whose jobs are not finished; 0 for jobs of all kinds
	gate        gate
	requests    atomic.Int64
	connections atomic.Int64
	sent        atomic.Int64 // bytes of jobs and pages
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
		ErrorLog:          log.New(io.Discard, "", 0), // connections that stop closes
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				s.connections.Add(1)
			}
		},
	}
	if s.secure == nil {
		go s.http.Serve(listener) //nolint:errcheck // ends with stop
		return nil
	}
	s.base = "https://" + listener.Addr().String()
	s.http.TLSConfig = s.secure.Clone()
	s.http.Protocols = new(http.Protocols)
	s.http.Protocols.SetHTTP1(!s.http2)
	s.http.Protocols.SetHTTP2(s.http2)
	go s.http.ServeTLS(listener, "", "") //nolint:errcheck // ends with stop
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
	last := path.Base(r.URL.Path)
	if last == "restoreJobs" {
		number, size := pageOf(r.URL)
		p := newPage(g, s.body, number, size, s.total)
		s.sent.Add(p.length)
		s.write(w, p, p.length)
		return
	}
	job := appendJob(nil, g, s.body, jobNumber(last))
	s.sent.Add(int64(len(job)))
	s.write(w, bytes.NewReader(job), int64(len(job)))
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
