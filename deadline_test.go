package restorejobs_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

// stage is a point at which a server can stop responding.
type stage struct {
	name  string
	serve http.HandlerFunc // nil: connections are accepted, without a response
	key   bool             // sign by digest instead of a token
	idle  bool             // keeps connections for the next request
	opts  []restorejobs.Option
	make  func() restorejobs.Credentials
}

func stages() []stage {
	const challenge = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n"
	account := func() restorejobs.Credentials { return restorejobs.ServiceAccount("id", "secret") }
	signed := func(then http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "" {
				testutil.RawBytes(challenge+"Content-Length: 0\r\nConnection: close\r\n\r\n")(w, r)
				return
			}
			then(w, r)
		}
	}
	unavailable := restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: 1000, MinDelay: 100 * time.Millisecond, MaxDelay: 100 * time.Millisecond})
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	// A clone is a transport of the client's own, which ends its dials.
	cloned := []restorejobs.Option{restorejobs.WithTransport(&http.Transport{DialContext: dial}), restorejobs.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12})}
	return []stage{
		{name: "dial", serve: clienttest.Succeed, opts: cloned},
		{name: "TLS handshake"},
		{name: "status line", serve: testutil.StallAfter("")},
		{name: "half a status line", serve: testutil.StallAfter("HTTP/1.1 2")},
		{name: "header", serve: testutil.StallAfter("HTTP/1.1 200 OK\r\nContent-Type: appl")},
		{name: "body", serve: testutil.StallAfter("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")},
		{name: "half the body", serve: testutil.StallAfter("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"id\":")},
		{name: "a chunk", serve: testutil.StallAfter("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"id\"")},
		{name: "body of an error", serve: testutil.StallAfter("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 99\r\n\r\n{")},
		{name: "body of a challenge", serve: testutil.StallAfter(challenge + "Content-Length: 99\r\n\r\n{"), key: true},
		{name: "after the challenge", serve: signed(testutil.StallAfter("")), key: true},
		{name: "body after the challenge", serve: signed(testutil.StallAfter("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")), key: true},
		{name: "after a redirect", idle: true, serve: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("again") {
				testutil.StallAfter("")(w, r)
				return
			}
			redirect(307, r.URL.Path+"?again")(w, r)
		}},
		{name: "between attempts", idle: true, serve: testutil.Respond(503, webPage, "Content-Type", "text/html"), opts: []restorejobs.Option{unavailable}},
		{name: "token", serve: testutil.StallAfter(""), make: account},
		{name: "body of a token", serve: testutil.StallAfter("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"), make: account},
		{name: "the caller's token", serve: clienttest.Succeed, make: func() restorejobs.Credentials {
			return restorejobs.BearerToken(func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() })
		}},
	}
}

// ended is how a call ended.
type ended struct {
	stage, verb string
	err         error
	took        time.Duration
}

// callDeadline is enough for hundreds of calls at a time to reach their stage on a busy machine.
const callDeadline = 2 * time.Second

// TestDeadline_everyCall lets every operation meet a server that stops at every stage, with a short
// context: it returns with its error, and its goroutines and connections end.
//
//nolint:paralleltest // counts goroutines
func TestDeadline_everyCall(t *testing.T) {
	before := runtime.NumGoroutine()
	var group sync.WaitGroup
	var servers []*stageServer
	var clients []*restorejobs.Client
	results := make(chan ended, 1000)
	for _, stage := range stages() {
		server := newStageServer(t, stage, &group)
		servers = append(servers, server)
		for _, call := range deadlineCalls(t.TempDir()) {
			client := clienttest.New(t, stage.credentials(), append(stage.opts, restorejobs.WithBaseURL(server.base))...)
			clients = append(clients, client)
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), callDeadline)
				defer cancel()
				start := time.Now()
				err := call.Run(ctx, client)
				results <- ended{stage.name, call.Name, err, time.Since(start)}
			})
		}
	}
	var all []ended
	for range clients {
		all = append(all, <-results)
	}
	for _, server := range servers {
		if !server.idle {
			eventually(t, server.name, func() bool { return server.open.Load() == 0 })
		}
	}
	for _, client := range clients {
		require.NoError(t, client.RevokeToken(t.Context()))
		client.CloseIdleConnections()
	}
	for _, server := range servers {
		eventually(t, server.name, func() bool { return server.open.Load() == 0 })
		_ = server.Listener.Close()
		server.Close()
	}
	group.Wait()
	eventually(t, "goroutines", func() bool { return runtime.NumGoroutine() <= before })
	checkEnded(t, all)
}

// stageServer is the server of a stage, and counts the connections that are open.
type stageServer struct {
	*testutil.Server
	stage

	base string
	open atomic.Int64
}

func newStageServer(t *testing.T, stage stage, group *sync.WaitGroup) *stageServer {
	t.Helper()
	s := &stageServer{Server: testutil.NewUnstartedServer(t, stage.serve), stage: stage}
	s.Listener = &countedListener{s.Listener, &s.open}
	if stage.serve == nil {
		s.base = "https://" + s.Listener.Addr().String()
		group.Go(func() { acceptAll(s.Listener) })
		return s
	}
	s.base = "http://" + s.Listener.Addr().String()
	s.Start()
	return s
}

func (s *stage) credentials() restorejobs.Credentials {
	switch {
	case s.key:
		return restorejobs.APIKey("public", "private")
	case s.make != nil:
		return s.make()
	default:
		return clienttest.Bearer("t")
	}
}

func checkEnded(t *testing.T, all []ended) {
	t.Helper()
	slowest := time.Duration(0)
	for _, end := range all {
		what := fmt.Sprintf("%s, %s: %v", end.stage, end.verb, end.err)
		slowest = max(slowest, end.took)
		require.Error(t, end.err, what)
		if end.stage == "between attempts" && end.verb != "Wait" { // whichever comes first
			isUnavailable := errors.Is(end.err, restorejobs.ErrUnavailable) || errors.Is(end.err, restorejobs.ErrOutcomeUnknown)
			assert.True(t, errors.Is(end.err, context.DeadlineExceeded) || isUnavailable, what)
		} else {
			assert.Equal(t, endsByContext(end), errors.Is(end.err, context.DeadlineExceeded), what)
		}
		if isCreateCall(end.verb) {
			assert.Equal(t, leavesOutcomeUnknown[end.stage], errors.Is(end.err, restorejobs.ErrOutcomeUnknown), what)
		}
		assert.LessOrEqual(t, strings.Count(end.err.Error(), "restorejobs:"), 1, what)
		assert.NotContains(t, end.err.Error(), "://", what)
	}
	t.Logf("%d calls, the slowest took %v", len(all), slowest)
	assert.Less(t, slowest, callDeadline+3*time.Second, "generous, for a busy machine: TestDeadline_realClock is exact")
}

// isCreateCall reports the calls that start a restore or a snapshot.
func isCreateCall(name string) bool {
	return strings.HasPrefix(name, "Create") || strings.HasSuffix(name, ".Create")
}

// endsByContext is false for a redirect that is not followed, which is a response.
func endsByContext(end ended) bool {
	isRead := !isCreateCall(end.verb) && end.verb != "Cancel" && end.verb != "RestorableTimeRanges"
	return isRead || end.stage != "after a redirect"
}

// leavesOutcomeUnknown lists the stages at which a create was on its way.
var leavesOutcomeUnknown = map[string]bool{
	"status line": true, "half a status line": true, "header": true, "body": true, "half the body": true, "a chunk": true, "body of an error": true,
	"after the challenge": true, "body after the challenge": true, "between attempts": true,
}

// eventually waits for what ends soon after a call has returned. It polls on the test's goroutine,
// because goroutines are counted.
func eventually(t *testing.T, what string, settled func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if settled() {
			return
		}
		<-tick.C
	}
	stacks := make([]byte, 1<<20)
	t.Errorf("%s: still there after 5 seconds\n%s", what, stacks[:runtime.Stack(stacks, true)])
}

// countedListener counts the connections that are open.
type countedListener struct {
	net.Listener

	open *atomic.Int64
}

func (l *countedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.open.Add(1)
	return &countedConn{Conn: conn, open: l.open}, nil
}

type countedConn struct {
	net.Conn

	open *atomic.Int64
	once sync.Once
}

func (c *countedConn) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

// acceptAll accepts connections and does not respond.
func acceptAll(listener net.Listener) {
	var group sync.WaitGroup
	for {
		conn, err := listener.Accept()
		if err != nil {
			group.Wait()
			return
		}
		group.Go(func() {
			defer func() { _ = conn.Close() }()
			_, _ = io.Copy(io.Discard, conn)
		})
	}
}

// deadlineCalls returns the calls of every operation, and those that are made of others.
func deadlineCalls(dir string) []clienttest.Call {
	ids := []string{clienttest.JobID}
	wait := clienttest.Call{Name: "Wait", Run: func(ctx context.Context, c *restorejobs.Client) error {
		_, err := clienttest.Jobs(c).Wait(ctx, ids, restorejobs.WaitOptions{})
		return err
	}}
	download := clienttest.Call{Name: "Download", Run: func(ctx context.Context, c *restorejobs.Client) error {
		_, err := clienttest.Jobs(c).Download(ctx, ids, dir, restorejobs.DownloadOptions{})
		return err
	}}
	return append(clienttest.Calls(), wait, download)
}

// TestDeadline_realClock ends each call exactly at its deadline.
func TestDeadline_realClock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, fault := range map[string]restorejobstest.Fault{
		"challenge":           restorejobstest.DelayResponse(time.Hour).At(restorejobstest.BeforeAuth),
		"body of a challenge": restorejobstest.StallBody(10, time.Hour).At(restorejobstest.BeforeAuth),
		"response":            restorejobstest.DelayResponse(time.Hour),
		"body":                restorejobstest.StallBody(0, time.Hour),
		"half the body":       restorejobstest.StallBody(15, time.Hour),
	} {
		for _, call := range deadlineCalls(dir) {
			t.Run(name+", "+call.Name, func(t *testing.T) {
				t.Parallel()
				inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
					client, err := server.Client()
					require.NoError(t, err)
					server.InjectFault(fault, 1000)
					ctx, cancel := context.WithTimeout(t.Context(), callDeadline)
					defer cancel()
					start := time.Now()
					err = call.Run(ctx, client)
					require.ErrorIs(t, err, context.DeadlineExceeded)
					assert.Equal(t, callDeadline, time.Since(start))
				})
			})
		}
	}
}
