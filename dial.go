package restorejobs

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// ownTransport are connections of the client's own. net/http lets a dial and a handshake
// go on when the request they were for has ended, for another to use them. Here they end
// with it, so that a call to a host that does not answer leaves nothing behind.
type ownTransport struct {
	*http.Transport

	silent atomic.Int64 // connections on the way that have not said anything yet
}

func newOwnTransport(plain *http.Transport) *ownTransport {
	t := &ownTransport{Transport: plain}
	if dial := plain.DialContext; dial != nil {
		plain.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			t.silent.Add(1)
			conn, err := dial(ctx, network, address)
			if err != nil {
				t.silent.Add(-1)
				return nil, err
			}
			return &newConn{Conn: conn, heard: func() { t.silent.Add(-1) }}, nil
		}
	}
	return t
}

// RoundTrip closes idle connections where the context has ended before its connection was
// there: that is what also ends the dials that nobody waits for.
func (t *ownTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.Transport.RoundTrip(request)
	if err != nil && t.silent.Load() > 0 && request.Context().Err() != nil {
		t.CloseIdleConnections()
	}
	return response, err
}

// newConn tells when the other side is heard of for the first time, or never will be.
type newConn struct {
	net.Conn

	once  sync.Once
	heard func()
}

func (c *newConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.once.Do(c.heard)
	return n, err
}

func (c *newConn) Close() error {
	c.once.Do(c.heard)
	return c.Conn.Close()
}
