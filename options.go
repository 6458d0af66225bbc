package restorejobs

import (
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

const (
	version        = "0.2.0"
	defaultBaseURL = "https://cloud.mongodb.com"
	defaultMMSURL  = "https://mms.mongodb.com"
	defaultMaxBody = 64 << 20
)

// Option configures a client. The order of options does not matter: [NewClient] checks them
// together. If an option is repeated, the last one is used, unless its comment permits several.
type Option func(*clientConfig)

// clientConfig collects the options and the problems with them.
type clientConfig struct {
	problems          []string
	baseURL           *url.URL
	ignoredBaseURL    string // an address of the environment that does not belong to the key
	transport         http.RoundTripper
	httpClient        *http.Client
	tls               *tls.Config
	rootCAs           [][]byte
	downloadTLS       *tls.Config
	userAgent         string
	retry             RetryPolicy
	observers         observers
	atlasAPIVersion   string
	envelope          bool
	pretty            bool
	allowInsecureHTTP bool
	maxBody           int64
	waitOnRateLimit   bool
}

func newClientConfig() *clientConfig { return &clientConfig{maxBody: defaultMaxBody} }

func (c *clientConfig) addProblem(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// WithBaseURL sets the base URL of all variants: scheme, host, port, and the path before /api if
// a proxy adds one. It must not have a user, query or fragment. An IPv6 zone is escaped, as in
// http://[fe80::1%25eth0]:8080. Credentials are sent to its origin only. Default
// https://cloud.mongodb.com, and https://mms.mongodb.com for MMS. Ops Manager has no default; see
// [ErrBaseURLRequired]. For plain http see [WithInsecureHTTP].
func WithBaseURL(base string) Option {
	return func(c *clientConfig) { c.setBaseURL("WithBaseURL", base) }
}

// setBaseURL names the option or variable in the problem.
func (c *clientConfig) setBaseURL(optionName, base string) {
	u, err := url.Parse(strings.TrimSpace(base))
	if err != nil {
		c.addProblem("%s: not a URL", optionName)
		return
	}
	isHTTP := u.Scheme == "https" || u.Scheme == "http"
	hasQuery := u.RawQuery != "" || u.ForceQuery
	switch {
	case !isHTTP, u.Hostname() == "":
		c.addProblem("%s: must be like https://host:port", optionName)
	case u.User != nil:
		c.addProblem("%s: must not hold a user or password; use APIKey", optionName)
	case hasQuery, u.Fragment != "":
		c.addProblem("%s: must not have a query or fragment", optionName)
	case strings.Contains(u.EscapedPath()+"/", "/api/"):
		c.addProblem("%s: ends before /api; the client adds the rest", optionName)
	default:
		u.Path = strings.TrimRight(u.Path, "/")
		u.RawPath = strings.TrimRight(u.RawPath, "/")
		c.baseURL = u
	}
}

// WithTransport sends all requests through a transport of the caller, which must not be nil. The
// default transport closes an HTTP/2 connection after 30 s of silence.
//
// It excludes a [WithHTTPClient] that has a transport. TLS options require an *http.Transport,
// which is cloned. Downloads use the proxy and dialer of an *http.Transport. They use another
// transport as it is, so it must not add credentials.
//
// For a transport that is not an *http.Transport, a create counts as sent when its body was read.
// The transport should read no body before it has a connection.
func WithTransport(transport http.RoundTripper) Option {
	return func(c *clientConfig) {
		httpTransport, isHTTPTransport := transport.(*http.Transport)
		isNil := transport == nil || isHTTPTransport && httpTransport == nil
		if isNil {
			c.addProblem("WithTransport: must not be nil")
			return
		}
		c.transport = transport
	}
}

// WithHTTPClient uses the transport, cookie jar and timeout of a client of the caller, which is
// copied and must not be nil. The timeout includes reading the body. Its CheckRedirect is called
// for redirects that this library permits: GET and HEAD within the origin, up to five. Downloads
// use the proxy and dialer of an *http.Transport only.
func WithHTTPClient(client *http.Client) Option {
	return func(c *clientConfig) {
		if client == nil {
			c.addProblem("WithHTTPClient: must not be nil")
			return
		}
		c.httpClient = client
	}
}

// WithTLSConfig sets TLS for the API, such as client certificates. The config is cloned, and
// must not be nil. For download hosts see [WithDownloadTLSConfig].
func WithTLSConfig(config *tls.Config) Option {
	return func(c *clientConfig) {
		if config == nil {
			c.addProblem("WithTLSConfig: must not be nil")
			return
		}
		c.tls = config.Clone()
	}
}

// WithRootCAs trusts the certificate authorities in PEM data, for the API and for downloads. They
// are added to those of the system, or of a TLS config. The data must hold a certificate. Several
// are permitted.
func WithRootCAs(pem []byte) Option {
	return func(c *clientConfig) {
		if !x509.NewCertPool().AppendCertsFromPEM(pem) {
			c.addProblem("WithRootCAs: holds no certificate in PEM form")
			return
		}
		c.rootCAs = append(c.rootCAs, pem)
	}
}

// WithDownloadTLSConfig sets TLS for download hosts. The config is cloned, and must not be nil.
// Download hosts never get the client certificates of the API.
func WithDownloadTLSConfig(config *tls.Config) Option {
	return func(c *clientConfig) {
		if config == nil {
			c.addProblem("WithDownloadTLSConfig: must not be nil")
			return
		}
		c.downloadTLS = config.Clone()
	}
}

// WithUserAgent sets the program's name before the library's in the User-Agent header. It must be
// printable ASCII, and not empty.
func WithUserAgent(name string) Option {
	return func(c *clientConfig) {
		isControlOrUnicode := func(r rune) bool { return r < ' ' || r > '~' }
		if name == "" || strings.ContainsFunc(name, isControlOrUnicode) {
			c.addProblem("WithUserAgent: must be printable ASCII")
		}
		c.userAgent = name
	}
}

// WithRetry sets the retry policy; see [RetryPolicy] for the defaults.
func WithRetry(policy RetryPolicy) Option {
	return func(c *clientConfig) { c.retry = policy }
}

// WithAtlasAPIVersion sets the date in the media type of Atlas v2, such as "2025-03-12". Default
// 2023-01-01, 2024-11-13 for flex clusters, 2024-08-05 for the state of clusters, and 2025-03-12 for
// collection restores. An earlier date does not apply to the last two. The service responds with the
// newest version that is not later. Other variants ignore it.
//
// API: Atlas "Versioned API Overview".
func WithAtlasAPIVersion(date string) Option {
	return func(c *clientConfig) {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			c.addProblem("WithAtlasAPIVersion: must be a date like 2025-03-12")
		}
		c.atlasAPIVersion = date
	}
}

// WithEnvelope requests responses in an envelope, for proxies that hide the status. Default off.
// It does not apply to [Client.Do]. MMS does not document it. The client reads envelopes with and
// without this option.
//
// API: query parameter envelope of every variant but MMS.
func WithEnvelope() Option { return func(c *clientConfig) { c.envelope = true } }

// WithPrettyJSON requests indented JSON, as in [Job.RawJSON]. Default off. It does not apply to
// [Client.Do]. MMS does not document it.
//
// API: query parameter pretty of every variant but MMS.
func WithPrettyJSON() Option { return func(c *clientConfig) { c.pretty = true } }

// WithInsecureHTTP permits credentials and download links over plain http, which anybody on the
// network path can read. Default loopback only: localhost, 127.0.0.0/8 and ::1.
func WithInsecureHTTP() Option { return func(c *clientConfig) { c.allowInsecureHTTP = true } }

// WithMaxResponseBytes limits the body of a response in bytes, after decompression. Default
// 64 MiB; at least 1. A larger body is an [*Error]. So is a list with more entries than one per
// KiB of the limit, though 5,000 are always permitted. Bodies of errors are kept up to 1 MiB.
// Downloads have no limit.
//
// A read allocates at most 1.5 times the length of a body that is announced. Otherwise it
// allocates up to 1.5 times the limit for a body of more than half the limit, and up to 2.25
// times the length of a shorter one.
func WithMaxResponseBytes(n int64) Option {
	return func(c *clientConfig) {
		if n < 1 {
			c.addProblem("WithMaxResponseBytes: must be at least 1")
		}
		c.maxBody = min(n, math.MaxInt64-1) // one more byte is read to detect a larger body
	}
}

// WithRateLimitWait delays all calls of the client while the rate limit is used up (Atlas v2), and
// after a 429. The delay is the service's Retry-After, at least one second, and at most
// [RetryPolicy].MaxDelay. Default off.
func WithRateLimitWait() Option { return func(c *clientConfig) { c.waitOnRateLimit = true } }

// WithLogger logs one line for each attempt of a call, with the context of the call. The level is
// Debug for a success, Info for a 3xx or 4xx, and Warn for 429, 5xx, broken connections and
// responses that cannot be used.
//
// The attributes are operation, variant, method, path, status, attempt, requests and duration (a
// [time.Duration]: nanoseconds in JSON), and requestId and error if known. They hold no secret,
// query or body. Downloads are not logged; see [DownloadOptions].Progress. Several loggers and
// observers are permitted.
//
// The first response that announces the end of an endpoint adds a warning with variant, method and
// path, and the dates deprecation and sunset. There is one for each method and path without ids.
func WithLogger(logger *slog.Logger) Option {
	return func(c *clientConfig) {
		if logger == nil {
			c.addProblem("WithLogger: must not be nil")
			return
		}
		c.observers = append(c.observers, logObserver(logger))
	}
}

// WithObserver calls f after each attempt of a call, on the goroutine of the call. The function
// must be safe for concurrent use, because [Jobs.All] and [Jobs.Wait] send requests concurrently,
// and must not block. Downloads are not observed. Several observers are permitted.
func WithObserver(f func(context.Context, Attempt)) Option {
	return func(c *clientConfig) {
		if f == nil {
			c.addProblem("WithObserver: must not be nil")
			return
		}
		c.observers = append(c.observers, f)
	}
}

func (c *clientConfig) base() *url.URL {
	if c.baseURL != nil {
		return c.baseURL
	}
	return mustBaseURL(defaultBaseURL)
}

// mustBaseURL parses one of the defaults.
func mustBaseURL(address string) *url.URL {
	scheme, host, _ := strings.Cut(address, "://")
	return &url.URL{Scheme: scheme, Host: host}
}

// buildBases returns the base URL of each variant. Ops Manager has no default.
func (c *clientConfig) buildBases() map[Variant]*url.URL {
	base := c.base()
	isPlainHTTP := base.Scheme == "http" && !transport.IsLoopback(base.Hostname())
	if isPlainHTTP && !c.allowInsecureHTTP {
		c.addProblem("base URL: credentials over plain http to %s; use https, or WithInsecureHTTP", sanitize(base.Host, 100))
	}
	baseURLs := map[Variant]*url.URL{
		VariantCloudManager: base,
		VariantAtlasV1:      base,
		VariantAtlasV2:      base,
		VariantMMS:          mustBaseURL(defaultMMSURL),
	}
	if c.baseURL != nil {
		baseURLs[VariantMMS] = c.baseURL
		baseURLs[VariantOpsManager] = c.baseURL
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
