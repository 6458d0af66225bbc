// Package wire is what lies between a call and the network: connections that leave nothing
// behind, redirects that stay within their origin, and what an error of net/http means: was
// the request sent, would another attempt meet it again, and what helps.
package wire

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

		OnProxyConnectResponse: proxyProblem,
	}
}

// ForLinks makes the transport of downloads, which goes the way of theirs, unless that is
// nil. There is no second use of a connection, because net/http would silently repeat a
// request that fails on one, and no HTTP/2, whose frames cost a third of the speed.
func ForLinks(config *tls.Config, theirs *http.Transport) *Transport {
	own := New(config)
	if theirs != nil {
		own.Proxy, own.DialContext = theirs.Proxy, theirs.DialContext
		own.ProxyConnectHeader, own.GetProxyConnectHeader = theirs.ProxyConnectHeader, theirs.GetProxyConnectHeader
	}
	own.ForceAttemptHTTP2 = false
	own.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	own.DisableKeepAlives, own.DisableCompression = true, true
	own.ResponseHeaderTimeout = 0 // whoever downloads has a clock of its own
	own.MaxResponseHeaderBytes = 1 << 20
	links := Own(own)
	links.reports = true // the protocol that it is given is none
	return links
}

// proxyProblem makes an error of a proxy that does not let through, which net/http tells
// without saying whose words they are.
func proxyProblem(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	switch answer.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusProxyAuthRequired:
		return &NotSentError{Final: true, Err: errors.New("407 from the proxy: " + ProxyCredentials)}
	default:
		return &NotSentError{Err: fmt.Errorf("%d from the proxy, which does not let this through", answer.StatusCode)}
	}
}

// ProxyCredentials is what helps against a proxy that wants some.
const ProxyCredentials = "it wants credentials: put them into HTTPS_PROXY, as http://user:password@host:port" //nolint:gosec // an example

// CloseIdle closes idle connections, but not those of a transport of the caller's.
func CloseIdle(transport http.RoundTripper) func() {
	if own, ok := transport.(*Transport); ok {
		return own.CloseIdleConnections
	}
	return func() {}
}

// Transport are connections of the client's own. net/http lets a dial and a handshake
// go on when the request they were for has ended, for another to use them. Here they end
// with it, so that a call to a host that does not answer leaves nothing behind.
type Transport struct {
	*http.Transport

	reports bool         // every connection: it was not given a protocol that may not
	silent  atomic.Int64 // connections on the way that have not said anything yet
}

// Own makes the connections of a transport the client's own, and changes it for that.
func Own(plain *http.Transport) *Transport {
	t := &Transport{Transport: plain, reports: plain.TLSNextProto == nil}
	if dial := plain.DialContext; dial != nil {
		plain.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			t.silent.Add(1)
			conn, err := dial(ctx, network, address)
			if err != nil {
				t.silent.Add(-1)
				return nil, err
			}
			return &newConnection{Conn: conn, heard: func() { t.silent.Add(-1) }}, nil
		}
	}
	return t
}

// RoundTrip closes idle connections where the context has ended before its connection was
// there: that is what also ends the dials that nobody waits for.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.Transport.RoundTrip(request)
	if err != nil && t.silent.Load() > 0 && request.Context().Err() != nil {
		t.CloseIdleConnections()
	}
	return response, err
}

// newConnection tells when the other side is heard of for the first time, or never will be.
type newConnection struct {
	net.Conn

	once  sync.Once
	heard func()
}

func (c *newConnection) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.once.Do(c.heard)
	return n, err
}

func (c *newConnection) Close() error {
	c.once.Do(c.heard)
	return c.Conn.Close()
}

// Cautious forgives a transport of the caller's what http.Client forgives.
type Cautious struct{ Base http.RoundTripper }

// RoundTrip never returns a response without header and body, or nothing at all.
func (c *Cautious) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := c.Base.RoundTrip(request)
	switch {
	case err != nil:
		return nil, err
	case response == nil:
		return nil, errors.New("the transport gave neither an answer nor an error")
	}
	if response.Header == nil {
		response.Header = http.Header{}
	}
	if response.Body == nil {
		response.Body = http.NoBody
	}
	return response, nil
}
