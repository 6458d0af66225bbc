package transport

import (
	"errors"
	"net/http"
	"net/url"
)

// maxRedirects limits the redirects that are followed for one request.
const maxRedirects = 5

var (
	errTooManyRedirects = errors.New("redirects too often")
	errInvalidTarget    = errors.New("redirects to an invalid web address")
	errOtherOrigin      = errors.New("redirects to another origin")
)

// RedirectPolicy returns why a redirect from one address to another must not be followed, nil
// if it may be.
type RedirectPolicy func(from, to *url.URL) error

// WithinOrigin is the policy of API requests, which have credentials.
func WithinOrigin(from, to *url.URL) error {
	if to.User != nil || Origin(to) != Origin(from) {
		return errOtherOrigin
	}
	return nil
}

// IsRedirect reports whether a response redirects to another address.
func IsRedirect(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return resp.Header.Get("Location") != ""
	}
	return false
}

// RedirectTarget returns the address that a response redirects to. The error is why the
// redirect must not be followed: its address is invalid, the policy refuses it, or followed,
// the number of redirects before it, is the limit.
func RedirectTarget(from *url.URL, resp *http.Response, followed int, policy RedirectPolicy) (*url.URL, error) {
	if followed >= maxRedirects {
		return nil, errTooManyRedirects
	}
	target, err := from.Parse(resp.Header.Get("Location"))
	if err != nil || !IsHTTPURL(target) {
		return nil, errInvalidTarget
	}
	if err := policy(from, target); err != nil {
		return nil, err
	}
	return target, nil
}

// RedirectFollower sends API requests. It follows redirects of reads within their origin, and
// returns other redirects as responses. It costs less than an [http.Client].
type RedirectFollower struct{ Base http.RoundTripper }

// Do sends a request and follows its redirects.
func (r *RedirectFollower) Do(req *http.Request) (*http.Response, error) {
	for followed := 0; ; followed++ {
		resp, err := r.Base.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		next := nextRequest(req, resp, followed)
		if next == nil {
			return resp, nil
		}
		DrainAndClose(resp.Body)
		req = next
	}
}

// nextRequest returns the request that follows a redirect, nil if there is none to follow.
func nextRequest(req *http.Request, resp *http.Response, followed int) *http.Request {
	if !isRead(req) || !IsRedirect(resp) {
		return nil
	}
	target, err := RedirectTarget(req.URL, resp, followed, WithinOrigin)
	if err != nil {
		return nil
	}
	next := req.Clone(req.Context())
	next.URL = target
	next.Host = target.Host
	return next
}

func isRead(req *http.Request) bool {
	return req.Method == http.MethodGet || req.Method == http.MethodHead
}

// CheckRedirect returns the rules of [RedirectFollower] for an [http.Client]. The caller's own
// check, which can be nil, is called for redirects that the rules permit.
func CheckRedirect(callerCheck func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		first := via[0]
		if len(via) > maxRedirects || !isRead(first) || WithinOrigin(first.URL, next.URL) != nil {
			return http.ErrUseLastResponse
		}
		if callerCheck != nil {
			return callerCheck(next, via)
		}
		return nil
	}
}

// BadLocationFilter removes an invalid Location from responses: an [http.Client] would return
// an error instead of the response.
type BadLocationFilter struct{ Base http.RoundTripper }

// RoundTrip sends the request.
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
