// Package digestauth is an http.RoundTripper that answers HTTP digest
// challenges and reuses the nonces it is given.
//
// A nonce is lent to one request at a time, so the counts that a server sees on
// it rise one by one. A call that finds no idle nonce goes out unsigned, and the
// challenge it gets back brings a new one.
package digestauth

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// maxRequests bounds the requests that one call may cost.
	maxRequests = 5
	// maxIdle bounds the nonces kept for one origin.
	maxIdle = 256
	// maxIdleTime is how long a nonce is worth keeping. Using one that the server
	// has forgotten costs no more than having none.
	maxIdleTime = 5 * time.Minute
	// maxPeekedBody bounds what is read of the body of a refused leg.
	maxPeekedBody = 64 << 10
)

// Errors that a call may end with besides those of its base transport. None of
// them follows a request that the server may have run.
var (
	// ErrBodyNotReplayable means that a request has a body but no GetBody, so it
	// could not be sent again after a challenge. Nothing was sent.
	ErrBodyNotReplayable = errors.New("digestauth: request body cannot be replayed")

	// ErrMD5Forbidden means that the server offers nothing but MD5 to a process in
	// FIPS mode.
	ErrMD5Forbidden = errors.New("digestauth: the server asks for digest authentication with MD5, " +
		"which is forbidden in FIPS mode: use a service account instead of an API key")
)

// Config is what a [Transport] is made from.
type Config struct {
	// Username and Password are the credential; for MongoDB the public and the
	// private key. They are left out when a Config is printed.
	Username, Password string

	// Base sends the requests. It is required.
	Base http.RoundTripper

	// Origins are the origins that may be given credentials, such as
	// "https://cloud.mongodb.com:443". Requests to others are passed to Base as
	// they are, and their challenges are not answered.
	Origins []string
}

// Transport is an [http.RoundTripper] that signs requests with HTTP digest
// authentication. It is safe for concurrent use. Make one with [New].
type Transport struct {
	base       http.RoundTripper
	credential credentialFunc
	pools      map[string]*pool

	poolsByHost map[hostKey]*pool // the same, as they are usually written
}

// hostKey is the scheme and host of a URL as they stand there, usually without a port
// that is the default.
type hostKey struct{ scheme, host string }

// credentialFunc gives the credential. It is a function because no way of printing shows
// what is in one, however deep in a struct it is found.
type credentialFunc func() (username, password string)

// New returns a transport for c.
func New(c Config) *Transport {
	t := &Transport{
		base:       c.Base,
		credential: func() (username, password string) { return c.Username, c.Password },
		pools:      make(map[string]*pool, len(c.Origins)), poolsByHost: make(map[hostKey]*pool, len(c.Origins)),
	}
	for _, origin := range c.Origins {
		if u, err := url.Parse(origin); err == nil {
			origin := Origin(u)
			p := cmp.Or(t.pools[origin], new(pool))
			t.pools[origin] = p
			scheme, host, _ := strings.Cut(origin, "://")
			host = strings.TrimSuffix(host, ":"+defaultPort(scheme))
			t.poolsByHost[hostKey{scheme, strings.ReplaceAll(host, "%25", "%")}] = p
		}
	}
	return t
}

// Origin returns the origin of u as scheme://host:port in lower case, with the
// port filled in if it is the default one of http or https. The zone of an IPv6
// address keeps its case, because it names an interface, and is escaped as in a URL.
func Origin(u *url.URL) string {
	scheme, port := strings.ToLower(u.Scheme), u.Port()
	if port == "" {
		port = defaultPort(scheme)
	}
	host, zone, zoned := strings.Cut(u.Hostname(), "%")
	host = strings.ToLower(host)
	if zoned {
		host += "%25" + strings.ReplaceAll(zone, "%", "%25")
	}
	if strings.Contains(host, ":") { // IPv6
		host = "[" + host + "]"
	}
	return scheme + "://" + host + ":" + port
}

// defaultPort is the port of a scheme where a URL has none, "" for other schemes.
func defaultPort(scheme string) string {
	switch scheme {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}

// RoundTrip sends req and answers the server's challenge, at the cost of at most
// five requests. A 401 that it returns is the server's last word, with its body
// readable: the credential is wrong, or right but not allowed to do this, or the
// server offers nothing that can be answered. Errors of the base transport are
// returned as they are.
//
// The Request of the response is req, which never holds the signature.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL == nil {
		return t.base.RoundTrip(req) // which knows what to say
	}
	p := t.poolsByHost[hostKey{req.URL.Scheme, req.URL.Host}]
	if p == nil {
		p = t.pools[Origin(req.URL)]
	}
	if p == nil {
		return t.base.RoundTrip(req)
	}
	c := roundTrip{
		base:       t.base,
		credential: t.credential,
		pool:       p,
		req:        req,
		trace:      traceFrom(req.Context()),
		hasBody:    req.Body != nil && req.Body != http.NoBody,
	}
	if c.hasBody && req.GetBody == nil {
		_ = req.Body.Close()
		return nil, ErrBodyNotReplayable
	}
	return c.run()
}
