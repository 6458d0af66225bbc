// Package digestauth is an [http.RoundTripper] that responds to HTTP digest challenges and
// reuses nonces.
//
// A call without a nonce is sent unsigned. The challenge in its response has a nonce. Calls that begin
// meanwhile wait for that challenge, a second at most.
//
// Calls at the same time share a nonce, so their counts can arrive in another order. If the server
// refuses one of them for that, each nonce is used by one call at a time from then on. A nonce that was
// idle for some seconds may have expired, so it is not shared.
package digestauth

import (
	"errors"
	"net/http"

	"example.com/restorejobs/internal/transport"
)

// Errors of a request that cannot be signed, inside a permanent [transport.NotSentError].
var (
	// ErrBodyNotReplayable means that a request has a body but no GetBody, so the body could
	// not be sent again after a challenge.
	ErrBodyNotReplayable = errors.New("digestauth: request body cannot be replayed")

	// ErrMD5Forbidden means that the server offers only MD5 to a process in FIPS mode.
	ErrMD5Forbidden = errors.New("digestauth: the server requires digest authentication with MD5, " +
		"which is forbidden in FIPS mode: use a service account instead of an API key")
)

// notSigned returns the error of a request that cannot be signed. A retry would fail again.
func notSigned(err error) error { return &transport.NotSentError{Err: err, Permanent: true} }

// Config is the configuration of a [Transport].
type Config struct {
	// Username is the public key of a MongoDB API key. It is redacted when a Config is printed.
	Username string

	// Password is the private key. It is redacted when a Config is printed.
	Password string

	// Base sends the requests. It is required.
	Base http.RoundTripper

	// Origins are the origins that receive credentials, such as
	// "https://cloud.mongodb.com:443". Requests to others are sent unchanged.
	Origins []string

	// OwnsRequests is set if no other code can see the signature in the header of a request, such as
	// a CheckRedirect of the caller. Requests are signed without a copy then.
	OwnsRequests bool
}

// Transport is an [http.RoundTripper] that signs requests with HTTP digest authentication. It is
// safe for concurrent use. Use [New].
type Transport struct {
	base         http.RoundTripper
	ownsRequests bool
	credential   credentialFunc
	origins      transport.Origins
	pools        []*pool // of the origins
}

// credentialFunc returns the credential. It is a function because fmt cannot print what a
// function holds.
type credentialFunc func() (username, password string)

// New returns a transport.
func New(c Config) *Transport {
	t := &Transport{
		base:         c.Base,
		ownsRequests: c.OwnsRequests,
		credential:   func() (username, password string) { return c.Username, c.Password },
		origins:      transport.NewOrigins(c.Origins),
	}
	for range t.origins {
		t.pools = append(t.pools, new(pool))
	}
	return t
}

// RoundTrip sends a request and responds to challenges, with at most five requests. It returns
// a 401 if the credential is wrong or lacks a permission, or if no challenge can be used. The
// Request of the response is req, which has no signature unless it was signed without a copy.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL == nil {
		return t.base.RoundTrip(req) // returns the error
	}
	origin := t.origins.Index(req.URL)
	if origin < 0 {
		return t.base.RoundTrip(req)
	}
	r := roundTrip{
		base:        t.base,
		ownsRequest: t.ownsRequests,
		credential:  t.credential,
		pool:        t.pools[origin],
		req:         req,
		trace:       transport.TraceFrom(req.Context()),
		hasBody:     req.Body != nil && req.Body != http.NoBody,
	}
	if r.hasBody && req.GetBody == nil {
		transport.CloseRequestBody(req)
		return nil, notSigned(ErrBodyNotReplayable)
	}
	return r.run()
}
