// Package transport is what lies between a call and the network: connections that leave nothing
// behind, redirects that stay within their origin, and what an error of net/http means: was
// the request sent, would another attempt meet it again, and what helps.
package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// pingAfter is the silence of an HTTP/2 connection that is tested with a ping. Without
	// it, a connection whose path is dead stays in use for minutes.
	pingAfter = 15 * time.Second
	// pingTimeout is how long such a ping may stay without a response.
	pingTimeout = 15 * time.Second
)

// New makes a transport with timeouts for everything but bodies, that keeps enough
// connections for read-ahead and many callers. A silent HTTP/2 connection is closed.
func New(config *tls.Config) *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
		TLSClientConfig:       config,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 2 * time.Minute,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   256,

		OnProxyConnectResponse: proxyResponseError,
	}
}

// NewForDownloads makes the transport of downloads, which goes the way of theirs, unless that is
// nil. There is no second use of a connection, because net/http would silently repeat a
// request that fails on one, and no HTTP/2, whose frames cost a third of the speed.
func NewForDownloads(config *tls.Config, callerTransport *http.Transport) *Transport {
	base := New(config)
	if callerTransport != nil {
		base.Proxy, base.DialContext = callerTransport.Proxy, callerTransport.DialContext
		base.ProxyConnectHeader, base.GetProxyConnectHeader = callerTransport.ProxyConnectHeader, callerTransport.GetProxyConnectHeader
	}
	base.ForceAttemptHTTP2 = false
	base.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	base.DisableKeepAlives, base.DisableCompression = true, true
	base.ResponseHeaderTimeout = 0 // whoever downloads has a clock of its own
	base.MaxResponseHeaderBytes = 1 << 20
	tracked := Track(base)
	tracked.tracksAllConns = true // the protocol that it is given is none
	return tracked
}

// proxyResponseError makes an error of a proxy that does not let through, which net/http tells
// without saying whose words they are.
func proxyResponseError(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusProxyAuthRequired:
		return &NotSentError{Permanent: true, Err: errors.New("407 from the proxy: " + ProxyAuthHint)}
	default:
		return &NotSentError{Err: fmt.Errorf("%d from the proxy, which does not let this through", resp.StatusCode)}
	}
}

// ProxyAuthHint is what helps against a proxy that wants some.
const ProxyAuthHint = "it wants credentials: put them into HTTPS_PROXY, as http://user:password@host:port"

// CloseIdle closes idle connections, but not those of a transport of the caller's.
func CloseIdle(transport http.RoundTripper) func() {
	if tracked, ok := transport.(*Transport); ok {
		return tracked.CloseIdleConnections
	}
	return func() {}
}

// Transport are connections of the client's own. net/http lets a dial and a handshake
// go on when the request they were for has ended, for another to use them. Here they end
// with it, so that a call to a host that does not answer leaves nothing behind.
type Transport struct {
	*http.Transport

	tracksAllConns bool         // every connection: it was not given a protocol that may not
	pendingConns   atomic.Int64 // connections on the way that have not said anything yet
}

// Track makes the connections of a transport the client's own, and changes it for that.
func Track(plain *http.Transport) *Transport {
	t := &Transport{Transport: plain, tracksAllConns: plain.TLSNextProto == nil}
	if dial := plain.DialContext; dial != nil {
		plain.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			t.pendingConns.Add(1)
			conn, err := dial(ctx, network, address)
			if err != nil {
				t.pendingConns.Add(-1)
				return nil, err
			}
			return &trackedConn{Conn: conn, onFirstRead: func() { t.pendingConns.Add(-1) }}, nil
		}
	}
	return t
}

// RoundTrip closes idle connections where the context has ended before its connection was
// there: that is what also ends the dials that nobody waits for.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.Transport.RoundTrip(req)
	if err != nil && t.pendingConns.Load() > 0 && req.Context().Err() != nil {
		t.CloseIdleConnections()
	}
	return resp, err
}

// trackedConn tells when the other side is heard of for the first time, or never will be.
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

// NilSafe forgives a transport of the caller's what http.Client forgives.
type NilSafe struct{ Base http.RoundTripper }

// RoundTrip never returns a response without header and body, or nothing at all.
func (n *NilSafe) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := n.Base.RoundTrip(req)
	switch {
	case err != nil:
		return nil, err
	case resp == nil:
		return nil, errors.New("the transport gave neither an answer nor an error")
	}
	if resp.Header == nil {
		resp.Header = http.Header{}
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	return resp, nil
}
