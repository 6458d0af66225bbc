package transport

import (
	"io"
	"net/http"
	"net/url"

	"example.com/restorejobs/internal/digestauth"
)

// maxRedirects is how often one read is sent on.
const maxRedirects = 5

// RedirectFollower follows reads within their origin, which is all that is ever followed, and
// spares what http.Client does beside that.
type RedirectFollower struct{ Base http.RoundTripper }

// Do sends the request, and sends it on while it is a read that is redirected within its
// origin. Any other redirect is returned as it is.
func (r *RedirectFollower) Do(req *http.Request) (*http.Response, error) {
	for hops := 0; ; hops++ {
		resp, err := r.Base.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		next := nextRequest(req, resp)
		if next == nil || hops == maxRedirects {
			return resp, nil
		}
		DrainAndClose(resp.Body)
		req = next
	}
}

// nextRequest returns the request that a redirect leads to, nil where there is none that may
// be followed.
func nextRequest(req *http.Request, resp *http.Response) *http.Request {
	location := resp.Header.Get("Location")
	if !IsRedirect(resp.StatusCode) {
		return nil
	}
	target, err := req.URL.Parse(location)
	if err != nil || location == "" || !canFollow(req, target.User == nil && digestauth.Origin(target) == digestauth.Origin(req.URL)) {
		return nil
	}
	next := req.Clone(req.Context())
	next.URL, next.Host = target, target.Host
	return next
}

// IsRedirect reports the statuses that lead to another address.
func IsRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// canFollow says what may be sent on: a read, within its origin.
func canFollow(req *http.Request, sameOrigin bool) bool {
	return sameOrigin && (req.Method == http.MethodGet || req.Method == http.MethodHead)
}

// CheckRedirect is the same rule for an http.Client, asked before the caller's own.
func CheckRedirect(callerCheck func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		sameOrigin := next.URL.User == nil && digestauth.Origin(next.URL) == digestauth.Origin(via[0].URL)
		if len(via) > maxRedirects || !canFollow(via[0], sameOrigin) {
			return http.ErrUseLastResponse
		}
		if callerCheck != nil {
			return callerCheck(next, via)
		}
		return nil
	}
}

// BadLocationFilter takes away a Location that nobody can read: net/http would fail with it,
// and lose the status.
type BadLocationFilter struct{ Base http.RoundTripper }

// RoundTrip sends the request as it is.
func (b *BadLocationFilter) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.Base.RoundTrip(req)
	if err != nil || resp.StatusCode < 300 || resp.StatusCode > 399 {
		return resp, err
	}
	if _, err := url.Parse(resp.Header.Get("Location")); err != nil {
		resp.Header.Del("Location")
	}
	return resp, nil
}

// CloseRequestBody closes the body of a request that is not sent.
func CloseRequestBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// DrainAndClose reads a short body to its end, so that its connection can be used again.
func DrainAndClose(body io.ReadCloser) {
	const most = 64 << 10
	_, _ = io.CopyN(io.Discard, body, most)
	_ = body.Close()
}
