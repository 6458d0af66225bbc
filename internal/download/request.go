package download

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

const insecureHint = ", which shows it to everybody on its way; see WithInsecureHTTP"

// Link is the address of a file, with the header that authorizes its request.
type Link struct {
	// URL is the address. It can be secret itself.
	URL Secret
	// HeaderName is the header that the request needs, empty for none.
	HeaderName string
	// HeaderValue is the value of that header.
	HeaderValue Secret
}

// Secret is a text that is redacted when it is printed.
type Secret interface{ Reveal() string }

// linkRequest is one request for a link.
type linkRequest struct {
	link      *Link
	from      int64  // first byte, 0 for the whole file
	to        int64  // end of the range, 0 for the end of the file
	ifRange   string // validator of the bytes before it
	singleUse bool   // the transport must not repeat it either
}

// follow requests a link and follows its redirects. It sends no request twice.
func (f *Fetcher) follow(ctx context.Context, req *linkRequest) (*http.Response, error) {
	target, err := url.Parse(req.link.URL.Reveal())
	if err != nil || !transport.IsHTTPURL(target) {
		return nil, permanent("the link is not an http or https address")
	}
	if f.isForbiddenHTTP(target) {
		return nil, permanent("the link is plain http" + insecureHint)
	}
	tracked := &transport.TrackedTransport{Base: f.Transport}
	address := req.link.URL.Reveal()
	origin := transport.Origin(target)
	sendHeader := true
	for hop := 0; ; hop++ {
		reqCtx := ctx
		var tracker *transport.SendTracker
		if req.singleUse && hop == 0 {
			reqCtx, tracker = transport.WithSendTracker(ctx)
		}
		redact.Link(ctx, address)
		if sendHeader && req.link.HeaderName != "" {
			redact.Authorization(ctx, req.link.HeaderValue.Reveal())
		}
		resp, err := tracked.RoundTrip(req.request(reqCtx, target, sendHeader, f.UserAgent))
		if err != nil {
			err = tracker.Classify(transport.SanitizeError(err))
			unsent := hop == 0 && transport.IsNotSent(err)
			return nil, &connectionError{err: redact.SecretsOf(ctx).Error(err), notSent: unsent}
		}
		if !transport.IsRedirect(resp) {
			return resp, nil
		}
		_ = resp.Body.Close()
		next, err := transport.RedirectTarget(target, resp, hop, f.checkRedirect)
		if err != nil {
			return nil, permanent("the link " + err.Error())
		}
		sendHeader = sendHeader && transport.Origin(next) == origin
		target = next
		address = target.String()
	}
}

// checkRedirect is the [transport.RedirectPolicy] of downloads.
func (f *Fetcher) checkRedirect(from, to *url.URL) error {
	switch {
	case from.Scheme == "https" && to.Scheme != "https":
		return errors.New("redirects from https to plain http")
	case f.isForbiddenHTTP(to):
		return errors.New("leads to plain http" + insecureHint)
	}
	return nil
}

// isForbiddenHTTP reports plain http that would leave this machine.
func (f *Fetcher) isForbiddenHTTP(u *url.URL) bool {
	return u.Scheme == "http" && !f.AllowInsecureHTTP && !transport.IsLoopback(u.Hostname())
}

// request builds each request from nothing: a Referer of the one before would show the link.
func (l *linkRequest) request(ctx context.Context, target *url.URL, sendHeader bool, userAgent string) *http.Request {
	header := http.Header{}
	if sendHeader && l.link.HeaderName != "" {
		header.Set(l.link.HeaderName, l.link.HeaderValue.Reveal())
	}
	header.Set("Accept", "*/*")
	header.Set("Accept-Encoding", "identity")
	header.Set("User-Agent", userAgent)
	header.Del("Range") // in case the link names its header so
	header.Del("If-Range")
	if l.from > 0 || l.to > 0 {
		last := ""
		if l.to > 0 {
			last = strconv.FormatInt(l.to-1, 10)
		}
		header.Set("Range", "bytes="+strconv.FormatInt(l.from, 10)+"-"+last)
		header.Set("If-Range", l.ifRange)
	}
	req := (&http.Request{
		Method:     http.MethodGet,
		URL:        target,
		Host:       target.Host,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     header,
	}).WithContext(ctx)
	if l.singleUse {
		req.Body = emptyBody{}
	}
	return req
}

// emptyBody prevents net/http from repeating a request when an idle connection has died: it
// cannot know that the body is empty, and cannot get it again.
type emptyBody struct{}

func (emptyBody) Read([]byte) (int, error) { return 0, io.EOF }
func (emptyBody) Close() error             { return nil }
