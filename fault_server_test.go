package restorejobs_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// fake is a server on loopback that does what one handler says. It notes what reached
// it, and prints that when the test ends.
type fake struct {
	*httptest.Server

	mu   sync.Mutex
	seen []string
	over []chan struct{} // closed when the request of the same number has been noted whole
}

func newFake(t *testing.T, serve http.HandlerFunc) *fake {
	t.Helper()
	f := newUnstartedFake(t, serve)
	f.Start()
	return f
}

func newUnstartedFake(t *testing.T, serve http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		noted := &notingWriter{ResponseWriter: w}
		number := f.note(r)
		defer func() { f.noteAnswer(number, noted.status) }()
		serve(noted, r)
	}))
	f.Config.ErrorLog = nil
	t.Cleanup(func() {
		f.CloseClientConnections()
		f.Close()
		t.Log("reached the server:\n\t" + strings.Join(f.requests(), "\n\t"))
	})
	return f
}

// note notes a request and returns its number.
func (f *fake) note(r *http.Request) int {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if scheme == "" {
		scheme = "no credentials"
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, fmt.Sprintf("%s %s (%s)", r.Method, r.URL.RequestURI(), scheme))
	f.over = append(f.over, make(chan struct{}))
	return len(f.seen) - 1
}

func (f *fake) noteAnswer(number, status int) {
	answer := strconv.Itoa(status)
	if status == 0 {
		answer = "raw bytes or nothing"
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen[number] += ": " + answer
	close(f.over[number])
}

// requests lists what reached the server, oldest first. A client can be done before the
// server has noted its answer, so it waits a little for those.
func (f *fake) requests() []string {
	f.mu.Lock()
	over := slices.Clone(f.over)
	f.mu.Unlock()
	late, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, noted := range over {
		select {
		case <-noted:
		case <-late.Done(): // a tunnel, or one that hangs for ever
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.seen)
}

// client makes a client with a bearer token and no delays between attempts.
func (f *fake) client(t *testing.T, opts ...restorejobs.Option) *restorejobs.Client {
	t.Helper()
	return newTestClient(t, bearer("canary-token"), append([]restorejobs.Option{restorejobs.WithBaseURL(f.URL)}, opts...)...)
}

// newTestClient makes a client that does not wait between attempts, and closes it.
func newTestClient(t *testing.T, credentials restorejobs.Credentials, opts ...restorejobs.Option) *restorejobs.Client {
	t.Helper()
	quick := restorejobs.WithRetry(restorejobs.RetryPolicy{MinDelay: -1})
	client, err := restorejobs.NewClient(credentials, append([]restorejobs.Option{quick}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = client.RevokeToken(context.WithoutCancel(t.Context()))
		client.CloseIdleConnections()
	})
	return client
}

func bearer(text string) restorejobs.Credentials {
	return restorejobs.BearerToken(func(context.Context) (string, error) { return text, nil })
}

// notingWriter notes the status.
type notingWriter struct {
	http.ResponseWriter

	status int
}

func (w *notingWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *notingWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

func (w *notingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// answerWith serves this status, content type and body.
func answerWith(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{contentType}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// rawBytes sends these bytes and nothing else, and closes the connection.
func rawBytes(bytes string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, bytes)
		_ = conn.Close()
	}
}

// resetAfter sends these bytes and then resets the connection.
func resetAfter(bytes string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, bytes)
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}

// stallAfter sends these bytes and then nothing until the client leaves.
func stallAfter(bytes string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, bytes)
		_, _ = io.Copy(io.Discard, buffered)
	}
}

// sequence serves the first request with the first handler and so on; the last stays.
func sequence(handlers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	next := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		handler := handlers[min(next, len(handlers)-1)]
		next++
		mu.Unlock()
		handler(w, r)
	}
}

const (
	someProject = "5ba5e0000000000000000001"
	someCluster = "5ba5e0000000000000000002"
	oneJobID    = "5ba5e0000000000000000003"
	oneJob      = `{"id":"` + oneJobID + `","statusName":"FINISHED"}`
	onePage     = `{"results":[` + oneJob + `],"totalCount":1}`
)

// good answers every verb as it should be.
func good(w http.ResponseWriter, r *http.Request) {
	body := oneJob
	switch {
	case r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
		return
	case strings.HasSuffix(r.URL.Path, "/restorableTimeRanges"):
		body = `[{"start":{"date":"2018-09-10T20:04:48Z","increment":1},"end":{"date":"2018-09-10T20:04:49Z","increment":1}}]`
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/restoreJobs"):
		body = onePage
	}
	answerWith(http.StatusOK, "application/json", body)(w, r)
}

// verb is one of the calls a client can make.
type verb struct {
	name string
	run  func(context.Context, *restorejobs.Client) error
}

func verbs() []verb {
	manager := func(c *restorejobs.Client) *restorejobs.Jobs {
		return c.OpsManager.Cluster(someProject, someCluster).Jobs
	}
	return []verb{
		{"Get", func(ctx context.Context, c *restorejobs.Client) error {
			_, err := manager(c).Get(ctx, oneJobID)
			return err
		}},
		{"List", func(ctx context.Context, c *restorejobs.Client) error {
			_, err := manager(c).List(ctx, restorejobs.ListOptions{})
			return err
		}},
		{"All", func(ctx context.Context, c *restorejobs.Client) error {
			for _, err := range manager(c).All(ctx, restorejobs.ListOptions{}) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"Create", createDownload},
		{"Cancel", func(ctx context.Context, c *restorejobs.Client) error {
			return c.AtlasV2.Cluster(someProject, "Cluster0").Jobs.Cancel(ctx, oneJobID)
		}},
		{"RestorableTimeRanges", func(ctx context.Context, c *restorejobs.Client) error {
			_, err := manager(c).RestorableTimeRanges(ctx)
			return err
		}},
		{"Do", func(ctx context.Context, c *restorejobs.Client) error {
			var out map[string]any
			return c.Do(ctx, http.MethodGet, "/api/public/v1.0/groups", nil, &out)
		}},
	}
}

func createDownload(ctx context.Context, c *restorejobs.Client) error {
	_, err := c.OpsManager.Cluster(someProject, someCluster).Jobs.Create(ctx, restorejobs.FromSnapshot("5ba5e0000000000000000004"),
		restorejobs.ToDownload())
	return err
}

func getOne(ctx context.Context, c *restorejobs.Client) error { return verbs()[0].run(ctx, c) }

// shortContext bounds what a test waits for on a busy machine.
func shortContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// inProcess is a transport that answers by itself, for bubbles of synctest.
type inProcess func(*http.Request) (*http.Response, error)

func (f inProcess) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// reply makes a response; headers come in pairs.
func reply(r *http.Request, status int, contentType, body string, headers ...string) *http.Response {
	resp := &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
	if contentType != "" {
		resp.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(headers); i += 2 {
		resp.Header.Set(headers[i], headers[i+1])
	}
	return resp
}
