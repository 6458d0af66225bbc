package restorejobs

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.com/restorejobs/internal/transport"
)

// Option changes how a client is made. Options may be given in any order; [NewClient]
// checks them together. Of one that is given more than once the last counts, except where
// its comment says that it may be.
type Option func(*clientConfig)

// clientConfig collect the options.
type clientConfig struct {
	problems        []string
	baseURL         *url.URL
	unusedBase      string // an address in the environment that does not go with the key
	transport       http.RoundTripper
	httpClient      *http.Client
	tls             *tls.Config
	rootCAs         [][]byte
	downloadTLS     *tls.Config
	userAgent       string
	retry           RetryPolicy
	observers       observers
	atlasAPIVersion string
	envelope        bool
	pretty          bool
	insecure        bool
	maxBody         int64
	waitOnRateLimit bool
}

const defaultMaxBody = 64 << 20

func newClientConfig() *clientConfig { return &clientConfig{maxBody: defaultMaxBody} }

func (c *clientConfig) addProblem(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// WithBaseURL sets where the API of all variants is: scheme, host, port, and the path
// before /api where a proxy adds one, without user, query and fragment. An IPv6 zone is
// escaped, as in http://[fe80::1%25eth0]:8080. Credentials go there and nowhere else. The default is https://cloud.mongodb.com, and https://mms.mongodb.com for
// MMS; Ops Manager has none. For plain http see [WithInsecureHTTP].
func WithBaseURL(base string) Option {
	return func(s *clientConfig) { s.setBaseURL("WithBaseURL", base) }
}

// setBaseURL checks a base URL, and sets it or names whose it is in the problem.
func (c *clientConfig) setBaseURL(optionName, base string) {
	u, err := url.Parse(strings.TrimSpace(base))
	switch {
	case err != nil:
		c.addProblem("%s: not a URL", optionName)
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		c.addProblem("%s: must be like https://host:port", optionName)
	case u.User != nil:
		c.addProblem("%s: must not hold a user or password; use APIKey", optionName)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		c.addProblem("%s: must not have a query or fragment", optionName)
	case strings.Contains(u.EscapedPath()+"/", "/api/"):
		c.addProblem("%s: ends before /api; the client adds the rest", optionName)
	default:
		u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
		c.baseURL = u
	}
}

// WithTransport sends everything through a transport of the caller's, which is not
// changed and must not be nil. The default one closes an HTTP/2 connection that has been
// silent for 30 s. TLS options cannot be combined with it, unless it is an
// *http.Transport, which is cloned then; nor can a [WithHTTPClient] that has a transport.
// Downloads take its proxy and dialer, if it is one; any other transport gets their requests
// too, and must add no credentials. A transport of another kind that has read a create's body
// counts as having sent it, so it should read none before it has a connection.
func WithTransport(transport http.RoundTripper) Option {
	return func(s *clientConfig) {
		if httpTransport, ok := transport.(*http.Transport); transport == nil || ok && httpTransport == nil {
			s.addProblem("WithTransport: must not be nil")
			return
		}
		s.transport = transport
	}
}

// WithHTTPClient takes transport, cookie jar and timeout from a client of the caller's.
// Downloads take the proxy and dialer of an *http.Transport, and nothing else.
// It is copied, not changed; its CheckRedirect is asked after this library's own rule,
// which follows GET and HEAD within the origin only, up to five times. Its Timeout also
// bounds reading the body.
func WithHTTPClient(client *http.Client) Option {
	return func(s *clientConfig) {
		if client == nil {
			s.addProblem("WithHTTPClient: must not be nil")
			return
		}
		s.httpClient = client
	}
}

// WithTLSConfig sets TLS for the API, client certificates for example. It is cloned.
// For download hosts see [WithDownloadTLSConfig].
func WithTLSConfig(config *tls.Config) Option {
	return func(s *clientConfig) {
		if config == nil {
			s.addProblem("WithTLSConfig: must not be nil")
			return
		}
		s.tls = config.Clone()
	}
}

// WithRootCAs trusts the certificate authorities of a PEM file, at least one, besides the
// system's or those of a TLS config that is given, for the API and for downloads. It may be
// given more than once.
func WithRootCAs(pem []byte) Option {
	return func(s *clientConfig) {
		if !x509.NewCertPool().AppendCertsFromPEM(pem) {
			s.addProblem("WithRootCAs: holds no certificate in PEM form")
			return
		}
		s.rootCAs = append(s.rootCAs, pem)
	}
}

// WithDownloadTLSConfig sets TLS for download hosts, which may differ from the API's. It
// is cloned. Client certificates of the API are never shown to them.
func WithDownloadTLSConfig(config *tls.Config) Option {
	return func(s *clientConfig) {
		if config == nil {
			s.addProblem("WithDownloadTLSConfig: must not be nil")
			return
		}
		s.downloadTLS = config.Clone()
	}
}

// WithUserAgent puts the program's name before this library's in the User-Agent header:
// printable ASCII, not empty.
func WithUserAgent(name string) Option {
	return func(s *clientConfig) {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' }) {
			s.addProblem("WithUserAgent: must be printable ASCII")
		}
		s.userAgent = name
	}
}

// WithRetry sets the retry policy; see [RetryPolicy] for the defaults.
func WithRetry(policy RetryPolicy) Option {
	return func(s *clientConfig) { s.retry = policy }
}

// WithAtlasAPIVersion sets the date in Atlas v2's media type, such as "2025-03-12"; by
// default every operation asks for the version it was written for: 2023-01-01, and
// 2024-11-13 for flex clusters. The service answers with the newest version that is not
// later. Other variants ignore it.
//
// API: Atlas "Versioned API Overview".
func WithAtlasAPIVersion(date string) Option {
	return func(s *clientConfig) {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			s.addProblem("WithAtlasAPIVersion: must be a date like 2025-03-12")
		}
		s.atlasAPIVersion = date
	}
}

// WithEnvelope asks the API to wrap its answers, for proxies that hide the status. Off
// by default, and not for [Client.Do]. MMS does not document it. Wrapped answers are
// understood either way.
//
// API: query parameter envelope of every variant but MMS.
func WithEnvelope() Option { return func(s *clientConfig) { s.envelope = true } }

// WithPrettyJSON asks the API for indented JSON, which [Job.RawJSON] then shows. Off by
// default, and not for [Client.Do]. MMS does not document it.
//
// API: query parameter pretty of every variant but MMS.
func WithPrettyJSON() Option { return func(s *clientConfig) { s.pretty = true } }

// WithInsecureHTTP lets credentials travel over plain http, readable by anybody on the
// way, and download links too. Without it, only loopback may be spoken to that way:
// localhost, 127.0.0.0/8 and ::1.
func WithInsecureHTTP() Option { return func(s *clientConfig) { s.insecure = true } }

// WithMaxResponseBytes bounds an answer's body in bytes, after decompression: 64 MiB by
// default, at least 1. A larger one is an [*Error], and so is a list with more entries than
// one for each KiB of the bound, though 5,000 are always allowed. Reading a body allocates at most
// one and a half times the bound. Bodies of errors are kept up to 1 MiB; downloads have no bound.
func WithMaxResponseBytes(n int64) Option {
	return func(s *clientConfig) {
		if n < 1 {
			s.addProblem("WithMaxResponseBytes: must be at least 1")
		}
		s.maxBody = min(n, math.MaxInt64-1) // one more is read, to tell
	}
}

// WithRateLimitWait makes all calls of the client wait before sending when the service has
// said that nothing is left of the rate limit (Atlas v2), or has answered 429: as long as its
// Retry-After, at least one second, and never longer than [RetryPolicy.MaxDelay]. Off by
// default.
func WithRateLimitWait() Option { return func(s *clientConfig) { s.waitOnRateLimit = true } }

// WithLogger logs one line per attempt of a call, with its context: Debug for a success,
// Info for a 3xx or 4xx, Warn for 429, 5xx, broken connections and answers that cannot be
// used. Its attributes are operation, variant, method, path, status, attempt, requests,
// duration (a [time.Duration]: nanoseconds in JSON), and where there are any requestId and
// error. No line has a secret, query or body. The fetching of files is not logged: see
// [DownloadOptions].Progress. Several loggers and observers may be given.
func WithLogger(logger *slog.Logger) Option {
	return func(s *clientConfig) {
		if logger == nil {
			s.addProblem("WithLogger: must not be nil")
			return
		}
		s.observers = append(s.observers, logObserver(logger))
	}
}

// WithObserver calls f once for each attempt of a call, after it, on the goroutine that made
// it. F must be safe for concurrent use, because All and Wait send several requests at once,
// and must not block. The fetching of files is not observed. Several observers may be given.
func WithObserver(f func(context.Context, Attempt)) Option {
	return func(s *clientConfig) {
		if f == nil {
			s.addProblem("WithObserver: must not be nil")
			return
		}
		s.observers = append(s.observers, f)
	}
}

func (c *clientConfig) base() *url.URL {
	if c.baseURL != nil {
		return c.baseURL
	}
	return mustBaseURL(defaultBaseURL)
}

// mustBaseURL reads one of our own addresses.
func mustBaseURL(address string) *url.URL {
	scheme, host, _ := strings.Cut(address, "://")
	return &url.URL{Scheme: scheme, Host: host}
}

// buildBases gives every variant its base URL; an Ops Manager has none by default.
func (c *clientConfig) buildBases() map[Variant]*url.URL {
	base := c.base()
	if base.Scheme == "http" && !isLoopback(base.Hostname()) && !c.insecure {
		c.addProblem("base URL: credentials over plain http to %s; use https, or WithInsecureHTTP", sanitize(base.Host, 100))
	}
	baseURLs := map[Variant]*url.URL{
		VariantCloudManager: base, VariantAtlasV1: base, VariantAtlasV2: base,
		VariantOpsManager: c.baseURL, VariantMMS: c.baseURL,
	}
	if c.baseURL == nil {
		baseURLs[VariantMMS] = mustBaseURL(defaultMMSURL)
		delete(baseURLs, VariantOpsManager)
	}
	return baseURLs
}

func (c *clientConfig) defaultQuery() string {
	values := url.Values{}
	if c.envelope {
		values.Set("envelope", "true")
	}
	if c.pretty {
		values.Set("pretty", "true")
	}
	return values.Encode()
}

func (c *clientConfig) userAgentHeader() string {
	own := "restorejobs-go/" + version
	if c.userAgent != "" {
		return c.userAgent + " " + own
	}
	return own
}

// buildTransport returns the connections: the caller's, or our own.
func (c *clientConfig) buildTransport() http.RoundTripper {
	custom := c.transport
	if c.httpClient != nil && c.httpClient.Transport != nil {
		if custom != nil {
			c.addProblem("WithTransport and WithHTTPClient: both bring a transport")
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
		return custom
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

// buildDownloads makes the transport of downloads: the same way to the network as the
// API's, and nothing else of it.
func (c *clientConfig) buildDownloads() http.RoundTripper {
	custom := c.transport
	if custom == nil && c.httpClient != nil {
		custom = c.httpClient.Transport
	}
	callerTransport, httpTransport := custom.(*http.Transport)
	if c.transport != nil && !httpTransport {
		if c.downloadTLS != nil {
			c.addProblem("WithDownloadTLSConfig: set it on the transport itself")
		}
		return &transport.NilSafe{Base: c.transport}
	}
	return transport.NewForDownloads(c.tlsConfig(c.downloadTLS), callerTransport)
}

// apiTLSConfig is tlsConfig for the base URL. Without the name that it sets, crypto/tls
// expects an IPv6 zone in the certificate.
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

// tlsConfig adds the root CAs to a config; nil stands for the defaults.
func (c *clientConfig) tlsConfig(config *tls.Config) *tls.Config {
	if len(c.rootCAs) == 0 {
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
	for _, pem := range c.rootCAs {
		pool.AppendCertsFromPEM(pem)
	}
	config = config.Clone()
	config.RootCAs = pool
	return config
}

// newDoer puts redirects on top of a signed transport.
func (c *clientConfig) newDoer(signed http.RoundTripper) doer {
	source := c.httpClient
	if source == nil || source.Jar == nil && source.Timeout == 0 && source.CheckRedirect == nil {
		return &transport.RedirectFollower{Base: signed}
	}
	return &http.Client{
		Transport: &transport.BadLocationFilter{Base: signed}, Jar: source.Jar, Timeout: source.Timeout,
		CheckRedirect: transport.CheckRedirect(source.CheckRedirect),
	}
}

// doer makes one HTTP exchange with redirects: a follower, or the http.Client of a caller
// who wants its cookies or its timeout.
type doer interface {
	Do(req *http.Request) (*http.Response, error)
}
