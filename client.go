package restorejobs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"

	"example.com/restorejobs/internal/bearer"
	"example.com/restorejobs/internal/digestauth"
	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

const (
	defaultBaseURL = "https://cloud.mongodb.com"
	defaultMMSURL  = "https://mms.mongodb.com"
	version        = "0.1.0"
)

// Client talks to every product that has restore jobs, with one set of credentials.
// Make it with [NewClient]. It is immutable and safe for concurrent use; make one and
// share it, for its connections and digest nonces are reused.
//
// The fields hand out the scopes of each product. They are set by NewClient and are not
// to be changed.
type Client struct {
	// CloudManager are the clusters and SCCC hosts of Cloud Manager.
	CloudManager ManagerService
	// OpsManager are the clusters and SCCC hosts of an Ops Manager; needs [WithBaseURL] or
	// [WithBaseURLFromEnv], without which its calls match [ErrInvalidArgument].
	OpsManager ManagerService
	// MMS are the clusters of MMS and, with [WithBaseURL], of Ops Manager 1.5.
	MMS MMSService
	// AtlasV1 are the clusters, serverless instances and legacy clusters of Atlas v1.
	//
	// Deprecated: MongoDB has deprecated Atlas v1 in favour of v2. Use AtlasV2.
	AtlasV1 AtlasV1Service
	// AtlasV2 are the clusters, serverless instances, legacy and flex clusters of Atlas v2.
	AtlasV2 AtlasV2Service

	doer              doer
	transport         http.RoundTripper // what sender stands on: no credentials, no redirects
	downloadTransport http.RoundTripper // for links: nothing of the API's comes along
	closeIdleConns    func()
	revokeToken       func(context.Context) error // the token; nil but for a service account
	baseURLs          map[Variant]*url.URL
	baseURL           *url.URL
	defaultQuery      string
	ignoredBaseURL    string // says why an address in the environment was not taken
	atlasAPIVersion   string
	userAgent         string
	maxBody           int64
	allowInsecureHTTP bool
	retry             RetryPolicy
	observers         observers
	rateLimiter       *rateLimiter          // nil unless asked for
	addSecrets        func(*redact.Secrets) // adds the credentials
	digest            bool                  // the credentials are an API key
}

// NewClient makes a client. Credentials and options are checked here: the error matches
// [ErrInvalidArgument] and lists everything that is wrong. Nothing is sent and nothing
// is read from the environment, but for [WithBaseURLFromEnv] and for the proxies of the
// default transport.
func NewClient(credentials Credentials, opts ...Option) (*Client, error) {
	s := newClientConfig()
	for _, opt := range opts {
		if opt != nil {
			opt(s)
		}
	}
	if problem := credentials.validate(); problem != "" {
		s.addProblem("%s", problem)
	}
	apiTransport, downloadTransport := s.buildTransport(), s.buildDownloads()
	baseURLs := s.buildBases()
	if len(s.problems) > 0 {
		return nil, invalidArgument("make client", s.problems...)
	}
	c := &Client{
		transport: apiTransport, downloadTransport: downloadTransport, baseURLs: baseURLs, baseURL: s.base(), defaultQuery: s.defaultQuery(), ignoredBaseURL: s.unusedBase,
		atlasAPIVersion: s.atlasAPIVersion, userAgent: s.userAgentHeader(), maxBody: s.maxBody,
		allowInsecureHTTP: s.insecure, retry: s.retry.withDefaults(), observers: s.observers,
		addSecrets: credentials.secret.secretAdder(), digest: credentials.secret.kind == apiKey,
	}
	if s.waitOnRateLimit {
		c.rateLimiter = &rateLimiter{maxWait: c.retry.MaxDelay}
	}
	c.CloudManager = ManagerService{c, cloudManagerCluster, cloudManagerHost}
	c.OpsManager = ManagerService{c, opsManagerCluster, opsManagerHost}
	c.MMS, c.AtlasV1, c.AtlasV2 = MMSService{c}, AtlasV1Service{c}, AtlasV2Service{c}
	c.doer = s.newDoer(c.withAuth(credentials.secret, &transport.TrackedTransport{Base: apiTransport}))
	c.closeIdleConns = transport.CloseIdle(apiTransport)
	return c, nil
}

// withAuth puts the credentials on top of the transport. This is the whole stack, from
// the call down: retries, observers and pace (call.go, above signing, so that every attempt
// is signed anew), redirects within the origin, credentials for the client's own origins
// only, a watch on whether writes are sent, and the connections.
func (c *Client) withAuth(secret *credentialData, transport http.RoundTripper) http.RoundTripper {
	origins := c.credentialOrigins()
	if secret.kind == apiKey {
		return digestauth.New(digestauth.Config{
			Username: secret.username, Password: secret.secret, Base: transport, Origins: origins,
		})
	}
	return &bearer.Transport{Base: transport, Token: c.newTokenSource(secret), Origins: origins}
}

// credentialOrigins lists where credentials may go.
func (c *Client) credentialOrigins() []string {
	origins := []string{transport.Origin(c.baseURL)}
	for _, base := range c.baseURLs {
		origins = append(origins, transport.Origin(base))
	}
	return origins
}

// baseURLFor returns a variant's base URL, or the problem with it.
func (c *Client) baseURLFor(v Variant) (*url.URL, string) {
	if base := c.baseURLs[v]; base != nil {
		return base, ""
	}
	problem := string(v) + " needs WithBaseURL: it runs on a host of its own"
	if c.ignoredBaseURL != "" {
		problem += " (" + c.ignoredBaseURL + ")"
	}
	return nil, problem
}

// acceptHeader returns the media type to ask for; dated is the operation's own version.
func (c *Client) acceptHeader(apiVersion string) string {
	switch {
	case apiVersion == "":
		return "application/json"
	case c.atlasAPIVersion != "":
		apiVersion = c.atlasAPIVersion
	}
	return "application/vnd.atlas." + apiVersion + "+json"
}

// Do sends a request that this library has no method for, with the same credentials,
// retries, errors and guards. Method is GET, HEAD, POST, PUT, PATCH or DELETE. Path begins
// with a slash, below the base URL, and may have a query; an empty, "." or ".." segment, and
// an escaped / \ % ? # or control character, are refused. [WithEnvelope] and [WithPrettyJSON] add
// nothing. A body that is not nil is sent as JSON.
//
// Out, unless nil, gets the response: a *[]byte or *[json.RawMessage] as it is, anything else
// by encoding/json, without an envelope. It must be nil for HEAD. A 2xx without a body does
// not change it; for GET that is an error unless 204.
//
// GET and HEAD are retried, others only when they certainly did not run. A lost response of
// these matches [ErrOutcomeUnknown], and so does a 2xx that is a web page or not JSON by its
// type: a proxy may have sent it. Any other 2xx that cannot be decoded is an [*Error] that
// does not. Atlas v2 gets the version of [WithAtlasAPIVersion], else 2025-03-12.
func (c *Client) Do(ctx context.Context, method, path string, body, out any) error {
	req, err := c.newDoRequest(method, path, body, out)
	if err != nil {
		return err
	}
	return c.do(ctx, req, func(resp *response) error { return decodeDoResponse(req, resp, out) })
}

func (c *Client) newDoRequest(method, path string, body, out any) (*apiRequest, error) {
	operation := sanitize(method, 20) + " " + sanitize(strings.SplitN(path, "?", 2)[0], 200)
	plain, query, _ := strings.Cut(path, "?")
	var problems []string
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		problems = append(problems, "method must be GET, HEAD, POST, PUT, PATCH or DELETE")
	}
	if problem := validatePath(plain); problem != "" {
		problems = append(problems, problem)
	}
	if method == http.MethodHead && out != nil {
		problems = append(problems, "out must be nil for HEAD, whose answer has no body")
	}
	if _, err := url.ParseQuery(query); err != nil || strings.ContainsAny(query, "# ") {
		problems = append(problems, "path: its query is not well-formed")
	}
	req := &apiRequest{operation: operation, method: method, base: c.baseURL, path: plain, query: query, retryMode: retryIfUnsent}
	if method == http.MethodGet || method == http.MethodHead {
		req.retryMode = retryIdempotent
	}
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			problems = append(problems, "body: "+err.Error())
		}
		req.body = encoded
	}
	apiVersion := ""
	if strings.HasPrefix(plain, "/api/atlas/v2/") || plain == "/api/atlas/v2" {
		apiVersion = latestAtlasVersion
	}
	req.accept = c.acceptHeader(apiVersion)
	return req, invalidArgument(operation, problems...)
}

// validatePath returns what forbids a path, "" for nothing.
func validatePath(path string) string {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return "path must begin with a slash and name no host"
	}
	for segment := range strings.SplitSeq(strings.TrimSuffix(rest, "/"), "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil {
			return "path: a segment is not escaped well"
		}
		if problem := validateSegment("a segment of path", plain); problem != "" {
			return problem
		}
	}
	return ""
}

// decodeDoResponse reads an answer into out. Out stays as it is where a 204, or a success of a
// call that is not a read, has no body.
func decodeDoResponse(req *apiRequest, resp *response, out any) error {
	body := trimJSON(resp.body)
	mayBeEmpty := resp.status == http.StatusNoContent || req.retryMode != retryIdempotent
	if out == nil || mayBeEmpty && len(body) == 0 {
		return discardBody(resp)
	}
	if len(body) > 0 {
		inner, _, err := unwrapEnvelope(body)
		if err != nil {
			return err
		}
		body = inner
	}
	switch out := out.(type) {
	case *[]byte:
		*out = append([]byte(nil), body...)
		return nil
	case *json.RawMessage:
		*out = append([]byte(nil), body...)
		return nil
	}
	if len(body) == 0 {
		return errEmptyBody
	}
	return json.Unmarshal(body, out)
}

// RevokeToken revokes the token of a service account, if one was fetched. It is optional: a
// token expires within the hour. The client still works afterwards, and fetches a new token.
// A call that is in progress may fetch one too, so call RevokeToken after the last. If it is
// refused, the error is an [*Error] and the token is kept. It does nothing for other
// credentials.
//
// API: Atlas "Service Accounts", revoke.
func (c *Client) RevokeToken(ctx context.Context) error {
	if c.revokeToken == nil {
		return nil
	}
	return c.revokeToken(ctx)
}

// CloseIdleConnections closes the connections that are not in use. It does not change a
// transport that the caller has provided. The client still works afterwards.
func (c *Client) CloseIdleConnections() { c.closeIdleConns() }

// String names the base URL's host and nothing else.
func (c *Client) String() string { return "restorejobs client for " + c.baseURL.Host }

// Format prints [Client.String] for every verb.
func (c *Client) Format(f fmt.State, _ rune) { writeString(f, c.String()) }

// LogValue gives [Client.String] for log/slog.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// isLoopback reports whether a host is this machine.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
