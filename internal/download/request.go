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

const insecureHint = ", which shows it to anybody on the way; see WithInsecureHTTP"

// Link is where a file is, and what opens it.
type Link struct {
	// URL is its address, which may be its own key.
	URL Secret
	// HeaderName is the header that it needs, "" for none.
	HeaderName string
	// HeaderValue is the value of that header.
	HeaderValue Secret
}

// Secret is a text that does not show itself when it is printed.
type Secret interface{ Reveal() string }

// linkRequest is one request for a link.
type linkRequest struct {
	link      *Link
	from      int64  // first byte, 0 for the whole
	ifRange   string // what the file must still be, for the rest of it
	singleUse bool   // it must not be repeated by the transport either
}

// follow follows a link and its redirects. It asks for one thing: whatever happens, no
// request is made twice.
func (f *Fetcher) follow(ctx context.Context, req *linkRequest) (*http.Response, error) {
	target, err := url.Parse(req.link.URL.Reveal())
	if err != nil || !transport.IsHTTPURL(target) {
		return nil, permanent("the link is no address that can be fetched")
	}
	if target.Scheme == "http" && !f.PlainHTTP(target.Hostname()) {
		return nil, permanent("the link is plain http" + insecureHint)
	}
	tracked := &transport.TrackedTransport{Base: f.Transport}
	address := req.link.URL.Reveal()
	origin, sendHeader := transport.Origin(target), true
	for hop := 0; ; hop++ {
		sent, sending := ctx, (*transport.SendTracker)(nil)
		if req.singleUse && hop == 0 {
			sent, sending = transport.WithSendTracker(ctx)
		}
		redact.Link(ctx, address)
		if sendHeader && req.link.HeaderName != "" {
			redact.Authorization(ctx, req.link.HeaderValue.Reveal())
		}
		resp, err := tracked.RoundTrip(req.request(sent, target, sendHeader, f.UserAgent))
		if err != nil {
			err = sending.Classify(transport.SanitizeError(err))
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
	case to.Scheme == "http" && !f.PlainHTTP(to.Hostname()):
		return errors.New("leads to plain http" + insecureHint)
	}
	return nil
}

// request builds each request anew: nothing of an earlier one, such as a Referer, which
// would be the link, comes along.
func (l *linkRequest) request(ctx context.Context, target *url.URL, sendHeader bool, userAgent string) *http.Request {
	header := http.Header{}
	if sendHeader && l.link.HeaderName != "" {
		header.Set(l.link.HeaderName, l.link.HeaderValue.Reveal())
	}
	header.Set("Accept", "*/*")
	header.Set("Accept-Encoding", "identity")
	header.Set("User-Agent", userAgent)
	header.Del("Range") // whatever the link calls its header
	header.Del("If-Range")
	if l.from > 0 {
		header.Set("Range", "bytes="+strconv.FormatInt(l.from, 10)+"-")
		header.Set("If-Range", l.ifRange)
	}
	req := (&http.Request{
		Method: http.MethodGet, URL: target, Host: target.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header,
	}).WithContext(ctx)
	if l.singleUse {
		req.Body = emptyBody{}
	}
	return req
}

// emptyBody is a body that net/http cannot know to be empty, and that it cannot get again:
// it does not repeat such a request when an idle connection of the caller's transport
// turns out to be dead.
type emptyBody struct{}

func (emptyBody) Read([]byte) (int, error) { return 0, io.EOF }
func (emptyBody) Close() error             { return nil }
