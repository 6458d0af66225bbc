// Package transport sends HTTP requests. It knows nothing of authentication or of the API.
//
// It has the connections of the client ([New], [Track]), the rules for redirects, the origin of
// a URL and the tracing of requests. It classifies the errors of net/http: was the request sent
// ([IsNotSent]), would a retry fail the same way ([IsPermanent]), what can be shown
// ([SanitizeError]).
package transport

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// Transport is a transport of the client's own. net/http continues a dial or a handshake after
// its request was canceled. This one ends them, so that a canceled call to a host that does not
// respond keeps no goroutine.
type Transport struct {
	*http.Transport

	tracksAllConns bool         // no protocol was added that may have connections of its own
	pendingConns   atomic.Int64 // connections that nothing was read from yet
}

// Track returns a [Transport] with the settings of plain, and changes plain for that.
func Track(plain *http.Transport) *Transport {
	t := &Transport{
		Transport:      plain,
		tracksAllConns: plain.TLSNextProto == nil,
	}
	plain.Proxy = recordedProxy(plain.Proxy)
	plain.OnProxyConnectResponse = checkedProxy(plain.OnProxyConnectResponse)
	dial := plain.DialContext
	if dial == nil {
		return t
	}
	plain.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		t.pendingConns.Add(1)
		conn, err := dial(ctx, network, address)
		if err != nil {
			t.pendingConns.Add(-1)
			return nil, err
		}
		return &trackedConn{Conn: conn, onFirstRead: func() { t.pendingConns.Add(-1) }}, nil
	}
	return t
}

// RoundTrip sends the request. If its context ends during a dial or a handshake, idle
// connections are closed, which ends these too.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.Transport.RoundTrip(req)
	if err != nil && t.pendingConns.Load() > 0 && req.Context().Err() != nil {
		t.CloseIdleConnections()
	}
	return resp, err
}

// CloseIdle returns a function that closes the idle connections of a [Transport]. It does
// nothing for a transport of the caller.
func CloseIdle(transport http.RoundTripper) func() {
	if tracked, ok := transport.(*Transport); ok {
		return tracked.CloseIdleConnections
	}
	return func() {}
}

// trackedConn calls onFirstRead once, for the first byte or for the end of the connection.
type trackedConn struct {
	net.Conn

	once        sync.Once
	onFirstRead func()
}

func (t *trackedConn) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.once.Do(t.onFirstRead)
	return n, err
}

func (t *trackedConn) Close() error {
	t.once.Do(t.onFirstRead)
	return t.Conn.Close()
}
