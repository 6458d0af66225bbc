package transport_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

// TestClassify_withholdsBody checks that a body cannot be sent after the call was classified.
func TestClassify_withholdsBody(t *testing.T) {
	t.Parallel()
	req, tracker := newTrackedPost(t, true)
	var kept *http.Request
	sendTracked(withProtocol(failAfter(func(r *http.Request) { kept = r })), req)
	require.True(t, transport.IsNotSent(tracker.Classify(errUnknown)))
	replayed, err := kept.GetBody()
	require.NoError(t, err)
	for _, body := range []io.Reader{kept.Body, replayed} {
		read, err := io.ReadAll(body)
		assert.Empty(t, read)
		require.ErrorContains(t, err, "given up")
	}
}

// TestClassify_brokenHandshake: in TLS 1.3 a request can be on its way when the server rejects
// the client's certificate. If there were more connections, one may have read it.
func TestClassify_brokenHandshake(t *testing.T) {
	t.Parallel()
	for connections, want := range []bool{false, true, false, false} {
		req, tracker := newTrackedPost(t, true)
		sendTracked(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			readBody(r)
			for range connections {
				httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{})
			}
			return nil, errAlert
		}), req)
		assert.Equal(t, want, transport.IsNotSent(tracker.Classify(errAlert)), connections)
	}
}

// TestClassify_alertOnReusedConnection: the handshake of a reused connection is over, so the
// request may have been read.
func TestClassify_alertOnReusedConnection(t *testing.T) {
	t.Parallel()
	alert := &net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}
	req, tracker := newTrackedPost(t, true)
	sendTracked(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		readBody(r)
		trace := httptrace.ContextClientTrace(r.Context())
		trace.GotConn(httptrace.GotConnInfo{Reused: true})
		trace.WroteHeaders()
		return nil, alert
	}), req)
	assert.False(t, transport.IsNotSent(tracker.Classify(alert)))
}

// deadConn fails to write once it is dead.
type deadConn struct {
	net.Conn
	dead atomic.Bool
}

func (c *deadConn) Write(p []byte) (int, error) {
	if c.dead.Load() {
		return 0, &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}
	}
	return c.Conn.Write(p)
}

// newPipeTransport returns a transport whose first connection serves one request. Other dials
// are refused.
func newPipeTransport() (base *transport.Transport, conn *deadConn, dials *int) {
	client, server := net.Pipe()
	conn = &deadConn{Conn: client}
	dials = new(int)
	base = transport.Track(&http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		*dials++
		if *dials > 1 {
			return nil, errRefused
		}
		go func() {
			if r, err := http.ReadRequest(bufio.NewReader(server)); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			}
		}()
		return conn, nil
	}})
	return base, conn, dials
}

// TestClassify_deadIdleConnection: net/http dials again only because nothing was written.
func TestClassify_deadIdleConnection(t *testing.T) {
	t.Parallel()
	base, conn, dials := newPipeTransport()
	resp, err := base.RoundTrip(testutil.Request(t, http.MethodGet, "http://om.example.net", nil))
	require.NoError(t, err)
	_ = resp.Body.Close()
	conn.dead.Store(true)

	ctx, tracker := transport.WithSendTracker(t.Context())
	req := testutil.Request(t, http.MethodPost, "http://om.example.net", strings.NewReader("{}")).WithContext(ctx)
	resp, err = (&transport.TrackedTransport{Base: base}).RoundTrip(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	require.ErrorIs(t, err, errRefused)
	assert.Equal(t, 2, *dials)
	assert.True(t, transport.IsNotSent(tracker.Classify(err)), "nothing was written to either connection")
}
