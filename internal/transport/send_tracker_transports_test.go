package transport_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/transport"
)

// TestClassify_alertOnReusedConnection is no broken handshake: that one is over since the first request.
func TestClassify_alertOnReusedConnection(t *testing.T) {
	t.Parallel()
	alert := &net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}
	req, watch := post(t, true)
	through(function(func(r *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, r.Body)
		trace := httptrace.ContextClientTrace(r.Context())
		trace.GotConn(httptrace.GotConnInfo{Reused: true})
		trace.WroteHeaders()
		return nil, alert
	}), req)
	assert.False(t, transport.IsNotSent(watch.Classify(alert)), "a create that was sent on a connection whose handshake is long over")
}

// TestClassify_nestedCall: a transport that makes another watched-through call with the context of the
// request it has just sent.
func TestClassify_nestedCall(t *testing.T) {
	t.Parallel()
	req, watch := post(t, true)
	through(function(func(r *http.Request) (*http.Response, error) {
		httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{})
		_, _ = io.Copy(io.Discard, r.Body) // it is sent
		inner, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "https://om.example.net", nil)
		require.NoError(t, err)
		through(function(func(*http.Request) (*http.Response, error) { // another client's
			return &http.Response{StatusCode: http.StatusUnauthorized, Body: http.NoBody}, nil
		}), inner)
		return nil, io.ErrUnexpectedEOF
	}), req)
	assert.False(t, transport.IsNotSent(watch.Classify(io.ErrUnexpectedEOF)))
}

// deadConn takes one request, and later is found dead before a byte of the second was written.
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

// TestClassify_deadIdleConnection: net/http goes on to dial only because not a byte was written.
func TestClassify_deadIdleConnection(t *testing.T) {
	t.Parallel()
	var conn *deadConn
	dials := 0
	roundTripper := transport.Track(&http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		dials++
		if dials > 1 {
			return nil, errRefused
		}
		here, there := net.Pipe()
		go func() {
			if r, err := http.ReadRequest(bufio.NewReader(there)); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(there, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			}
		}()
		conn = &deadConn{Conn: here}
		return conn, nil
	}})
	first, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://om.example.net", nil)
	require.NoError(t, err)
	resp, err := roundTripper.RoundTrip(first)
	require.NoError(t, err)
	_ = resp.Body.Close()
	conn.dead.Store(true)

	ctx, watch := transport.WithSendTracker(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://om.example.net", strings.NewReader("{}"))
	require.NoError(t, err)
	resp, err = (&transport.TrackedTransport{Base: roundTripper}).RoundTrip(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	require.ErrorIs(t, err, errRefused)
	assert.Equal(t, 2, dials)
	assert.True(t, transport.IsNotSent(watch.Classify(err)), "nothing was written, and then there was nobody to write to")
}

// TestSanitizeError_keepsBothErrors: of several errors in one all must be from before the request.
func TestSanitizeError_keepsBothErrors(t *testing.T) {
	t.Parallel()
	err := errors.Join(&url.Error{Op: "Delete", URL: "https://om.example.net", Err: errRefused}, io.ErrUnexpectedEOF)
	require.False(t, transport.IsNotSent(err))
	assert.False(t, transport.IsNotSent(transport.SanitizeError(err)), transport.SanitizeError(err).Error())
}
