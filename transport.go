package restorejobs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
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
