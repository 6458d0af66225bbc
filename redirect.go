package restorejobs

import (
	"net/http"
	"net/url"

	"example.com/restorejobs/internal/digestauth"
)

// maxRedirects is how often one read is sent on.
const maxRedirects = 5

// sender makes one HTTP exchange with redirects: a follower, or the http.Client of a caller
// who wants its cookies or its timeout.
type sender interface {
	Do(request *http.Request) (*http.Response, error)
}

// follower follows reads within their origin, which is all that is ever followed, and
// spares what http.Client does beside that.
type follower struct{ base http.RoundTripper }

// Do sends the request, and sends it on while it is a read that is redirected within its
// origin. Any other redirect is returned as it is.
func (f *follower) Do(request *http.Request) (*http.Response, error) {
	for hops := 0; ; hops++ {
		response, err := f.base.RoundTrip(request)
		if err != nil {
			return nil, err
		}
		next := redirected(request, response)
		if next == nil || hops == maxRedirects {
			return response, nil
		}
		drain(response.Body)
		request = next
	}
}

// redirected returns the request that a redirect leads to, nil where there is none that may
// be followed.
func redirected(request *http.Request, response *http.Response) *http.Request {
	switch response.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil
	}
	location := response.Header.Get("Location")
	target, err := request.URL.Parse(location)
	if err != nil || location == "" || !mayFollow(request, target.User == nil && digestauth.Origin(target) == digestauth.Origin(request.URL)) {
		return nil
	}
	next := request.Clone(request.Context())
	next.URL, next.Host = target, target.Host
	return next
}

// mayFollow says what may be sent on: a read, within its origin.
func mayFollow(request *http.Request, sameOrigin bool) bool {
	return sameOrigin && (request.Method == http.MethodGet || request.Method == http.MethodHead)
}

// checkRedirect is the same rule for an http.Client, asked before the caller's own.
func checkRedirect(theirs func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
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

// redirectGuard takes away a Location that nobody can read: net/http would fail with it,
// and lose the status.
type redirectGuard struct{ base http.RoundTripper }

func (g *redirectGuard) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := g.base.RoundTrip(request)
	if err != nil || response.StatusCode < 300 || response.StatusCode > 399 {
		return response, err
	}
	if _, err := url.Parse(response.Header.Get("Location")); err != nil {
		response.Header.Del("Location")
	}
	return response, nil
}
