package testutil

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is a server on loopback with one handler. It records the requests that it receives, and
// logs them at the end of the test.
type Server struct {
	*httptest.Server

	mu      sync.Mutex
	records []string
	done    []chan struct{} // closed when the record of the same index is complete
}

// NewServer starts a server, until the end of the test.
func NewServer(tb testing.TB, handler http.HandlerFunc) *Server {
	tb.Helper()
	s := NewUnstartedServer(tb, handler)
	s.Start()
	return s
}

// NewUnstartedServer returns a server that the test starts. The test's end closes it.
func NewUnstartedServer(tb testing.TB, handler http.HandlerFunc) *Server {
	tb.Helper()
	s := &Server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		recorder := &statusRecorder{ResponseWriter: w}
		index := s.recordRequest(r)
		defer func() { s.recordStatus(index, recorder.status) }()
		handler(recorder, r)
	}))
	s.Config.ErrorLog = nil
	tb.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
		tb.Log("requests:\n\t" + strings.Join(s.Requests(), "\n\t"))
	})
	return s
}

func (s *Server) recordRequest(r *http.Request) int {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if scheme == "" {
		scheme = "no credentials"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, fmt.Sprintf("%s %s (%s)", r.Method, r.URL.RequestURI(), scheme))
	s.done = append(s.done, make(chan struct{}))
	return len(s.records) - 1
}

func (s *Server) recordStatus(index, status int) {
	result := strconv.Itoa(status)
	if status == 0 {
		result = "raw bytes or nothing"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records[index] += ": " + result
	close(s.done[index])
}

// Requests returns a line for each request, oldest first: its method, its address, the scheme of
// its credentials, and the status of the response. A client can be done before the status is
// recorded, so Requests waits up to a second for it.
func (s *Server) Requests() []string {
	s.mu.Lock()
	done := slices.Clone(s.done)
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, recorded := range done {
		select {
		case <-recorded:
		case <-ctx.Done(): // a tunnel, or a handler that hangs
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.records)
}

// statusRecorder records the status of a response.
type statusRecorder struct {
	http.ResponseWriter

	status int
}

func (w *statusRecorder) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusRecorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

func (w *statusRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
