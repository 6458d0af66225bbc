package restorejobs

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"

	"example.com/restorejobs/internal/transport"
)

// buildTransport returns the transport of the API: the caller's, or the default.
func (c *clientConfig) buildTransport() http.RoundTripper {
	custom := c.transport
	if c.httpClient != nil && c.httpClient.Transport != nil {
		if custom != nil {
			c.addProblem("WithTransport and WithHTTPClient: both have a transport")
		}
		custom = c.httpClient.Transport
	}
	if custom == nil {
		return transport.Track(transport.New(c.apiTLSConfig(c.tls)))
	}
	httpTransport, ok := custom.(*http.Transport)
	noTLSOptions := c.tls == nil && len(c.rootCAs) == 0
	switch {
	case noTLSOptions && ok:
		return &transport.CallerTransport{Transport: httpTransport}
	case noTLSOptions:
		return &transport.NilSafe{Base: custom}
	case !ok:
		c.addProblem("WithTLSConfig and WithRootCAs: set them on the transport itself")
		return custom
	}
	httpTransport = httpTransport.Clone()
	if c.tls != nil {
		httpTransport.TLSClientConfig = c.tls
	}
	httpTransport.TLSClientConfig = c.apiTLSConfig(httpTransport.TLSClientConfig)
	return transport.Track(httpTransport)
}

// buildDownloads returns the transport of downloads. It shares the proxy and dialer of the API's,
// and no credentials, cookies or client certificates.
func (c *clientConfig) buildDownloads() http.RoundTripper {
	custom := c.transport
	if custom == nil && c.httpClient != nil {
		custom = c.httpClient.Transport
	}
	callerTransport, isHTTPTransport := custom.(*http.Transport)
	if c.transport != nil && !isHTTPTransport {
		if c.downloadTLS != nil {
			c.addProblem("WithDownloadTLSConfig: set it on the transport itself")
		}
		return &transport.NilSafe{Base: c.transport}
	}
	return transport.NewForDownloads(c.tlsConfig(c.downloadTLS), callerTransport)
}

// apiTLSConfig sets a server name without the IPv6 zone, which crypto/tls expects in the
// certificate otherwise.
func (c *clientConfig) apiTLSConfig(config *tls.Config) *tls.Config {
	config = c.tlsConfig(config)
	address, _, zoned := strings.Cut(c.base().Hostname(), "%")
	named := config != nil && config.ServerName != ""
	if !zoned || named {
		return config
	}
	config = cmp.Or(config, &tls.Config{MinVersion: tls.VersionTLS12}).Clone()
	config.ServerName = address
	return config
}

// tlsConfig adds the root CAs to a config. A nil config means the defaults.
func (c *clientConfig) tlsConfig(config *tls.Config) *tls.Config {
	if len(c.rootCAs) == 0 {
		return config
	}
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	pool := clonePool(config.RootCAs)
	for _, pem := range c.rootCAs {
		pool.AppendCertsFromPEM(pem)
	}
	config = config.Clone()
	config.RootCAs = pool
	return config
}

// clonePool copies a pool. A nil pool means that of the system.
func clonePool(pool *x509.CertPool) *x509.CertPool {
	if pool != nil {
		return pool.Clone()
	}
	system, err := x509.SystemCertPool()
	if err != nil {
		return x509.NewCertPool()
	}
	return system
}

// doer sends a request and follows redirects.
type doer interface {
	Do(req *http.Request) (*http.Response, error)
}

// needsHTTPClient reports a cookie jar, a timeout or a CheckRedirect of the caller. Nothing else requires
// an [http.Client].
func (c *clientConfig) needsHTTPClient() bool {
	custom := c.httpClient
	return custom != nil && (custom.Jar != nil || custom.Timeout != 0 || custom.CheckRedirect != nil)
}

// newDoer adds redirects to a transport that signs.
func (c *clientConfig) newDoer(signed http.RoundTripper) doer {
	if !c.needsHTTPClient() {
		return &transport.RedirectFollower{Base: signed}
	}
	return &http.Client{
		Transport:     &transport.BadLocationFilter{Base: signed},
		Jar:           c.httpClient.Jar,
		Timeout:       c.httpClient.Timeout,
		CheckRedirect: transport.CheckRedirect(c.httpClient.CheckRedirect),
	}
}
