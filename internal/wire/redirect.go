package wire

import (
	"io"
	"net/http"
	"net/url"

	"example.com/restorejobs/internal/digestauth"
)

// maxRedirects is how often one read is sent on.
const maxRedirects = 5

// Follower follows reads within their origin, which is all that is ever followed, and
// spares what http.Client does beside that.
type Follower struct{ Base http.RoundTripper }

// Do sends the request, and sends it on while it is a read that is redirected within its
// origin. Any other redirect is returned as it is.
func (f *Follower) Do(request *http.Request) (*http.Response, error) {
	for hops := 0; ; hops++ {
		response, err := f.Base.RoundTrip(request)
		if err != nil {
			return nil, err
		}
		next := redirected(request, response)
		if next == nil || hops == maxRedirects {
			return response, nil
		}
		Drain(response.Body)
		request = next
	}
}

// redirected returns the request that a redirect leads to, nil where there is none that may
// be followed.
func redirected(request *http.Request, response *http.Response) *http.Request {
	location := response.Header.Get("Location")
	if !IsRedirect(response.StatusCode) {
		return nil
	}
	target, err := request.URL.Parse(location)
	if err != nil || location == "" || !mayFollow(request, target.User == nil && digestauth.Origin(target) == digestauth.Origin(request.URL)) {
		return nil
	}
	next := request.Clone(request.Context())
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

// mayFollow says what may be sent on: a read, within its origin.
func mayFollow(request *http.Request, sameOrigin bool) bool {
	return sameOrigin && (request.Method == http.MethodGet || request.Method == http.MethodHead)
}

// CheckRedirect is the same rule for an http.Client, asked before the caller's own.
func CheckRedirect(theirs func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
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

// RedirectGuard takes away a Location that nobody can read: net/http would fail with it,
// and lose the status.
type RedirectGuard struct{ Base http.RoundTripper }

// RoundTrip sends the request as it is.
func (g *RedirectGuard) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := g.Base.RoundTrip(request)
	if err != nil || response.StatusCode < 300 || response.StatusCode > 399 {
		return response, err
	}
	if _, err := url.Parse(response.Header.Get("Location")); err != nil {
		response.Header.Del("Location")
	}
	return response, nil
}

// CloseBody closes the body of a request that is not sent.
func CloseBody(request *http.Request) {
	if request.Body != nil {
		_ = request.Body.Close()
	}
}

// Drain reads a short body to its end, so that its connection can be used again.
func Drain(body io.ReadCloser) {
	const most = 64 << 10
	_, _ = io.CopyN(io.Discard, body, most)
	_ = body.Close()
}
