//go:build go1.26

// The HTTP/2 server of Go 1.25 shares channels between goroutines inside and outside of a
// synctest bubble, which panics.

package transport_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/transport"
)

// pipeListener accepts connections that are made in memory.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443} }

// silentConn drops what is written to it once it is silent, as a firewall does that has dropped
// its state.
type silentConn struct {
	net.Conn
	silent atomic.Bool
}

func (c *silentConn) Write(p []byte) (int, error) {
	if c.silent.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// http2Server is an HTTP/2 server in memory, and the connections to it.
type http2Server struct {
	transport *transport.Transport
	conns     []*silentConn
}

func newHTTP2Server(t *testing.T) *http2Server {
	t.Helper()
	listener := newPipeListener()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, 2, r.ProtoMajor)
		if r.URL.Path == "/slow" {
			time.Sleep(100 * time.Second) // in a bubble
		}
		_, _ = io.WriteString(w, "{}")
	}))
	require.NoError(t, server.Listener.Close())
	server.Listener = listener
	server.EnableHTTP2 = true
	server.StartTLS()
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	s := &http2Server{}
	plain := transport.New(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13})
	plain.Proxy = nil
	plain.DialContext = func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		listener.conns <- server
		conn := &silentConn{Conn: client}
		s.conns = append(s.conns, conn)
		return conn, nil
	}
	s.transport = transport.Track(plain)
	t.Cleanup(func() {
		s.transport.CloseIdleConnections()
		server.CloseClientConnections()
		server.Close()
	})
	return s
}

func (s *http2Server) get(t *testing.T, path string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.com"+path, nil)
	require.NoError(t, err)
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, resp.Body.Close())
	return err
}

// TestNew_silentHTTP2Connection checks that calls after a failed one use a new connection.
func TestNew_silentHTTP2Connection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newHTTP2Server(t)
		require.NoError(t, s.get(t, "/"))
		s.conns[0].silent.Store(true)
		start := time.Now()
		require.Error(t, s.get(t, "/"))
		assert.LessOrEqual(t, time.Since(start), 30*time.Second)
		restart := time.Now()
		require.NoError(t, s.get(t, "/"))
		assert.Less(t, time.Since(restart), time.Second)
		assert.Len(t, s.conns, 2)
	})
}

// TestNew_silentIdleHTTP2Connection checks that a connection that went silent between two calls
// is not reused.
func TestNew_silentIdleHTTP2Connection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newHTTP2Server(t)
		require.NoError(t, s.get(t, "/"))
		s.conns[0].silent.Store(true)
		time.Sleep(31 * time.Second) // in a bubble
		start := time.Now()
		require.NoError(t, s.get(t, "/"))
		assert.Less(t, time.Since(start), time.Second)
		assert.Len(t, s.conns, 2)
	})
}

// TestNew_slowHTTP2Response checks that a slow server, which responds to pings, is not
// disconnected.
func TestNew_slowHTTP2Response(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newHTTP2Server(t)
		require.NoError(t, s.get(t, "/"))
		require.NoError(t, s.get(t, "/slow"))
		assert.Len(t, s.conns, 1)
	})
}
