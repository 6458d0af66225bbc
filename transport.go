package restorejobs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"example.com/restorejobs/internal/digestauth"
)

// buildTransport returns the connections: the caller's, or our own.
func (s *settings) buildTransport() http.RoundTripper {
	given := s.transport
	if s.httpSource != nil && s.httpSource.Transport != nil {
		if given != nil {
			s.refuse("WithTransport and WithHTTPClient: both bring a transport")
		}
		given = s.httpSource.Transport
	}
	if given == nil {
		return newOwnTransport(newTransport(s.tlsConfig(s.tls)))
	}
	plain, ok := given.(*http.Transport)
	untouched := s.tls == nil && len(s.rootCAs) == 0
	switch {
	case untouched && ok:
		return given
	case untouched:
		return &cautious{given}
	case !ok:
		s.refuse("WithTLSConfig and WithRootCAs: set them on the transport itself")
		return given
	}
	plain = plain.Clone()
	if s.tls != nil {
		plain.TLSClientConfig = s.tls
	}
	plain.TLSClientConfig = s.tlsConfig(plain.TLSClientConfig)
	return newOwnTransport(plain)
}

// cautious forgives a transport of the caller's what http.Client forgives.
type cautious struct{ base http.RoundTripper }

// RoundTrip never returns a response without header and body, or nothing at all.
func (c *cautious) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := c.base.RoundTrip(request)
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

// tlsConfig adds the root CAs to a config; nil stands for the defaults.
func (s *settings) tlsConfig(config *tls.Config) *tls.Config {
	if len(s.rootCAs) == 0 {
		return config
	}
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	pool := config.RootCAs
	if pool == nil {
		var err error
		if pool, err = x509.SystemCertPool(); err != nil {
			pool = x509.NewCertPool()
		}
	} else {
		pool = pool.Clone()
	}
	for _, pem := range s.rootCAs {
		pool.AppendCertsFromPEM(pem)
	}
	config = config.Clone()
	config.RootCAs = pool
	return config
}

// newTransport has timeouts for everything but bodies, and keeps enough connections for
// read-ahead and many callers.
func newTransport(config *tls.Config) *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		TLSClientConfig:       config,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 2 * time.Minute,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   256,

		OnProxyConnectResponse: proxyProblem,
	}
}

// proxyProblem makes an error of a proxy that does not let through, which net/http tells
// without saying whose words they are.
func proxyProblem(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	switch answer.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusProxyAuthRequired:
		return &notSentError{final: true, err: errors.New("407 from the proxy: " + proxyCredentials)}
	default:
		return &notSentError{err: fmt.Errorf("%d from the proxy, which does not let this through", answer.StatusCode)}
	}
}

// proxyCredentials is what helps against a proxy that wants some.
const proxyCredentials = "it wants credentials: put them into HTTPS_PROXY, as http://user:password@host:port" //nolint:gosec // an example

// closeIdle closes idle connections, but not those of a transport of the caller's.
func closeIdle(transport http.RoundTripper) func() {
	if own, ok := transport.(*ownTransport); ok {
		return own.CloseIdleConnections
	}
	return func() {}
}

// sender puts redirects on top of a signed transport.
func (s *settings) sender(signed http.RoundTripper) sender {
	source := s.httpSource
	if source == nil || source.Jar == nil && source.Timeout == 0 && source.CheckRedirect == nil {
		return &follower{base: signed}
	}
	return &http.Client{
		Transport: &redirectGuard{signed}, Jar: source.Jar, Timeout: source.Timeout,
		CheckRedirect: checkRedirect(source.CheckRedirect),
	}
}

// maxRedirects is how often one read is sent on.
const maxRedirects = 5

// sender makes one HTTP exchange with redirects: a follower, or the http.Client of a caller
// who wants its cookies or its timeout.
type sender interface {
	Do(request *http.Request) (*http.Response, error)
}

// follower follows reads within their origin, which is all that is ever followed, and
// spares what http.Client does beside that.
type follower struct{ base http.RoundTripper }

// Do sends the request, and sends it on while it is a read that is redirected within its
// origin. Any other redirect is returned as it is.
func (f *follower) Do(request *http.Request) (*http.Response, error) {
	for hops := 0; ; hops++ {
		response, err := f.base.RoundTrip(request)
		if err != nil {
			return nil, err
		}
		next := redirected(request, response)
		if next == nil || hops == maxRedirects {
			return response, nil
		}
		drain(response.Body)
		request = next
	}
}

// redirected returns the request that a redirect leads to, nil where there is none that may
// be followed.
func redirected(request *http.Request, response *http.Response) *http.Request {
	switch response.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil
	}
	location := response.Header.Get("Location")
	target, err := request.URL.Parse(location)
	if err != nil || location == "" || !mayFollow(request, target.User == nil && digestauth.Origin(target) == digestauth.Origin(request.URL)) {
		return nil
	}
	next := request.Clone(request.Context())
	next.URL, next.Host = target, target.Host
	return next
}

// mayFollow says what may be sent on: a read, within its origin.
func mayFollow(request *http.Request, sameOrigin bool) bool {
	return sameOrigin && (request.Method == http.MethodGet || request.Method == http.MethodHead)
}

// checkRedirect is the same rule for an http.Client, asked before the caller's own.
func checkRedirect(theirs func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		sameOrigin := next.URL.User == nil && digestauth.Origin(next.URL) == digestauth.Origin(via[0].URL)
		if len(via) > maxRedirects || !mayFollow(via[0], sameOrigin) {
			return http.ErrUseLastResponse
		}
		if theirs != nil {
			return theirs(next, via)
		}
		return nil
	}
}

// redirectGuard takes away a Location that nobody can read: net/http would fail with it,
// and lose the status.
type redirectGuard struct{ base http.RoundTripper }

func (g *redirectGuard) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := g.base.RoundTrip(request)
	if err != nil || response.StatusCode < 300 || response.StatusCode > 399 {
		return response, err
	}
	if _, err := url.Parse(response.Header.Get("Location")); err != nil {
		response.Header.Del("Location")
	}
	return response, nil
}

// connectionWatch tells whether a request that failed had a connection. Without one it
// certainly was not sent, whatever the error says: a context that ended while dialling, a
// proxy that refused, a handshake that took too long. It needs a transport that reports to
// httptrace, as net/http's does; others are not believed to have sent nothing.
type connectionWatch struct{ missing atomic.Bool }

// watchConnection watches calls that must not be sent twice; reads need no watch.
func watchConnection(q *call, transport http.RoundTripper) *connectionWatch {
	if q.repeat == repeatRead {
		return nil
	}
	w := &connectionWatch{}
	switch transport.(type) {
	case *http.Transport, *ownTransport: // which fail before they look for a connection where a proxy function does
		w.missing.Store(true)
	}
	return w
}

// context makes the transport report. A request has several connections in turn where a
// challenge is answered; the last counts, because what came before it was refused.
func (w *connectionWatch) context(ctx context.Context) context.Context {
	if w == nil {
		return ctx
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:          func(string) { w.missing.Store(true) },
		GotConn:          func(httptrace.GotConnInfo) { w.missing.Store(false) },
		WroteHeaderField: func(string, []string) { w.missing.Store(false) },
		WroteHeaders:     func() { w.missing.Store(false) },
	})
}

// judge marks the error of a request that had no connection.
func (w *connectionWatch) judge(err error) error {
	if w == nil || !w.missing.Load() || certainlyNotSent(err) {
		return err
	}
	return &notSentError{err: err}
}

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
