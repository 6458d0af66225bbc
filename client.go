package restorejobs

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/bearer"
	"example.com/restorejobs/internal/digestauth"
	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/sharedread"
	"example.com/restorejobs/internal/transport"
)

const (
	tokenPath  = "/api/oauth/token"  //nolint:gosec // a path
	revokePath = "/api/oauth/revoke" //nolint:gosec // a path
)

// Client sends requests to every product that has restore jobs, with one set of credentials. Make
// it with [NewClient] or [NewClientFromEnv]. It is immutable and safe for concurrent use. Share
// one, because it reuses connections and digest nonces.
//
// Each field returns the [Source] of a cluster, host or instance of one product. Do not change
// the fields.
type Client struct {
	// CloudManager returns the clusters and SCCC hosts of Cloud Manager.
	CloudManager ManagerService
	// OpsManager returns the clusters and SCCC hosts of an Ops Manager. Without [WithBaseURL] or
	// [WithBaseURLFromEnv], its calls match [ErrBaseURLRequired].
	OpsManager ManagerService
	// MMS returns the clusters of MMS and, with [WithBaseURL], of Ops Manager 1.5.
	MMS MMSService
	// AtlasV1 returns the clusters and legacy clusters of Atlas v1, and serverless instances, whose
	// operations ended on 2026-01-22.
	//
	// Deprecated: MongoDB has deprecated Atlas v1 in favour of v2. Use AtlasV2.
	AtlasV1 AtlasV1Service
	// AtlasV2 returns the clusters, legacy clusters and flex clusters of Atlas v2, and serverless
	// instances, whose operations ended on 2026-01-22.
	AtlasV2 AtlasV2Service

	pipeline          api.Pipeline
	downloadTransport http.RoundTripper // for links, without the API's credentials and cookies
	closeIdleConns    func()
	revokeToken       func(context.Context) error // nil without a service account
	baseURLs          map[Variant]*url.URL
	baseURL           *url.URL
	ignoredBaseURL    string // why an address of the environment is not used
	defaultQuery      string
	atlasAPIVersion   string
	userAgent         string
	allowInsecureHTTP bool
	addSecrets        func(*redact.Secrets) // adds the credentials
	errors            errorBuilder
	automation        *sharedread.Group[projectKey, automationReading] // which concurrent waits share
}

// NewClient makes a client. If credentials or options are invalid, the error matches
// [ErrInvalidArgument] and lists all problems. NewClient sends no request. It reads the
// environment for [WithBaseURLFromEnv] and for the proxies of the default transport only.
func NewClient(credentials Credentials, opts ...Option) (*Client, error) {
	config := newClientConfig()
	for _, opt := range opts {
		if opt != nil {
			opt(config)
		}
	}
	if problem := credentials.validate(); problem != "" {
		config.addProblem("%s", problem)
	}
	apiTransport := config.buildTransport()
	downloadTransport := config.buildDownloads()
	baseURLs := config.buildBases()
	if len(config.problems) > 0 {
		return nil, invalidArgument("make client", config.problems...)
	}
	c := &Client{
		downloadTransport: downloadTransport,
		closeIdleConns:    transport.CloseIdle(apiTransport),
		baseURLs:          baseURLs,
		baseURL:           config.base(),
		ignoredBaseURL:    config.ignoredBaseURL,
		defaultQuery:      config.defaultQuery(),
		atlasAPIVersion:   config.atlasAPIVersion,
		userAgent:         config.userAgentHeader(),
		allowInsecureHTTP: config.allowInsecureHTTP,
		addSecrets:        credentials.secret.secretAdder(),
		errors:            errorBuilder{usesDigest: credentials.secret.kind == apiKey},
		automation:        &sharedread.Group[projectKey, automationReading]{},
	}
	c.CloudManager = ManagerService{c, cloudManagerCluster, cloudManagerHost}
	c.OpsManager = ManagerService{c, opsManagerCluster, opsManagerHost}
	c.MMS = MMSService{c}
	c.AtlasV1 = AtlasV1Service{c}
	c.AtlasV2 = AtlasV2Service{c}
	c.pipeline = api.Pipeline{
		Doer:       config.newDoer(c.withAuth(credentials.secret, apiTransport, !config.needsHTTPClient())),
		UserAgent:  []string{c.userAgent},
		MaxBody:    config.maxBody,
		Retry:      config.retry.resolve(),
		AddSecrets: c.addSecrets,
		Observe:    config.observers.observeFunc(c.errors),
	}
	if config.waitOnRateLimit {
		c.pipeline.RateLimiter = &api.RateLimiter{MaxWait: c.pipeline.Retry.MaxDelay}
	}
	return c, nil
}

// withAuth adds the credentials to the transport. The whole stack, from the call down: retries,
// observers and rate limit; redirects within the origin; credentials for the client's origins
// only, for each attempt; send tracking; connections. ownsRequests is that of [digestauth.Config].
func (c *Client) withAuth(secret *credentialData, apiTransport http.RoundTripper, ownsRequests bool) http.RoundTripper {
	origins := c.credentialOrigins()
	tracked := &transport.TrackedTransport{Base: apiTransport}
	if secret.kind == apiKey {
		return digestauth.New(digestauth.Config{
			Username:     secret.username,
			Password:     secret.secret,
			Base:         tracked,
			Origins:      origins,
			OwnsRequests: ownsRequests,
		})
	}
	source, revoke := newTokenSource(secret, &bearer.Endpoint{
		Base:       apiTransport,
		UserAgent:  c.userAgent,
		BaseURL:    c.baseURL.String(),
		TokenPath:  tokenPath,
		RevokePath: revokePath,
	})
	c.revokeToken = revoke
	return &bearer.Transport{
		Base:         tracked,
		Token:        withTokenErrors(source),
		Origins:      transport.NewOrigins(origins),
		OwnsRequests: ownsRequests,
	}
}

// credentialOrigins are the origins that credentials may be sent to.
func (c *Client) credentialOrigins() []string {
	origins := []string{transport.Origin(c.baseURL)}
	for _, base := range c.baseURLs {
		origins = append(origins, transport.Origin(base))
	}
	return origins
}

// baseURLFor returns the base URL of a variant, or an error that matches ErrBaseURLRequired.
func (c *Client) baseURLFor(operation string, v Variant) (*url.URL, error) {
	if base := c.baseURLs[v]; base != nil {
		return base, nil
	}
	problem := string(v) + " needs WithBaseURL: it runs on a host of its own"
	if c.ignoredBaseURL != "" {
		problem += " (" + c.ignoredBaseURL + ")"
	}
	return nil, &invalidError{
		operation: operation,
		problems:  []string{problem},
		sentinel:  ErrBaseURLRequired,
	}
}

// acceptHeader returns the media type of a version of Atlas v2, or of plain JSON for "".
func (c *Client) acceptHeader(apiVersion string) string {
	if apiVersion != "" && c.atlasAPIVersion != "" {
		apiVersion = c.atlasAPIVersion
	}
	switch apiVersion {
	case "":
		return "application/json"
	case atlasVersion20230101: // of most calls
		return "application/vnd.atlas." + atlasVersion20230101 + "+json"
	default:
		return "application/vnd.atlas." + apiVersion + "+json"
	}
}

// acceptHeaderSince is acceptHeader for an operation that does not exist in earlier versions.
func (c *Client) acceptHeaderSince(firstVersion string) string {
	if c.atlasAPIVersion < firstVersion {
		return "application/vnd.atlas." + firstVersion + "+json"
	}
	return c.acceptHeader(firstVersion)
}

// secretsOf returns the secrets of the client and of the requests in a record.
func (c *Client) secretsOf(sent *redact.Sent) *redact.Secrets {
	secrets := &redact.Secrets{}
	c.addSecrets(secrets)
	sent.AddTo(secrets)
	return secrets
}

// RevokeToken revokes the token of a service account, if one was requested. It is optional: a
// token expires within the hour. The client still works afterwards, and requests a new token.
// A call that is in progress can request one too, so call RevokeToken after the last. If it is
// refused, the error is an [*Error] and the token is kept. It does nothing for other
// credentials.
//
// API: Atlas "Service Accounts", revoke.
func (c *Client) RevokeToken(ctx context.Context) error {
	if c.revokeToken == nil {
		return nil
	}
	return revokeError(c.revokeToken(ctx))
}

// CloseIdleConnections closes the connections that are not in use. It does not change a
// transport that the caller has provided. The client still works afterwards.
func (c *Client) CloseIdleConnections() { c.closeIdleConns() }

// String returns the host of the base URL only.
func (c *Client) String() string { return "restorejobs client for " + c.baseURL.Host }

// Format prints [Client.String] for every verb.
func (c *Client) Format(f fmt.State, _ rune) { writeString(f, c.String()) }

// LogValue returns [Client.String] for log/slog.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }
