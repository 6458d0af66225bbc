package fetch

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"example.com/restorejobs/internal/digestauth"
	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/wire"
)

const (
	maxRedirects = 5
	shown        = ", which shows it to anybody on the way; see WithInsecureHTTP"
)

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
	link    *Link
	from    int64  // first byte, 0 for the whole
	ifRange string // what the file must still be, for the rest of it
	once    bool   // it must not be repeated by the transport either
}

// follow follows a link and its redirects. It asks for one thing: whatever happens, no
// request is made twice.
func (c *Client) follow(ctx context.Context, ask *linkRequest) (*http.Response, error) {
	target, err := url.Parse(ask.link.URL.Reveal())
	if err != nil || !webAddress(target) {
		return nil, final("the link is no address that can be fetched")
	}
	if target.Scheme == "http" && !c.PlainHTTP(target.Hostname()) {
		return nil, final("the link is plain http" + shown)
	}
	transport := &wire.Watched{Base: c.Transport}
	address := ask.link.URL.Reveal()
	origin, withSecret := digestauth.Origin(target), true
	for hop := 0; ; hop++ {
		sent, sending := ctx, (*wire.Watch)(nil)
		if ask.once && hop == 0 {
			sent, sending = wire.WithWatch(ctx)
		}
		redact.Link(ctx, address)
		if withSecret && ask.link.HeaderName != "" {
			redact.Authorization(ctx, ask.link.HeaderValue.Reveal())
		}
		response, err := transport.RoundTrip(ask.request(sent, target, withSecret, c.UserAgent))
		if err != nil {
			err = sending.Judge(wire.Told(err))
			unsent := hop == 0 && wire.NotSent(err)
			return nil, &connectionError{err: redact.SecretsOf(ctx).Error(err), unsent: unsent}
		}
		location := response.Header.Get("Location")
		if !wire.IsRedirect(response.StatusCode) || location == "" {
			return response, nil
		}
		_ = response.Body.Close()
		next, err := target.Parse(location)
		switch {
		case hop == maxRedirects:
			return nil, final("the link redirects too often")
		case err != nil || !webAddress(next):
			return nil, final("the link redirects to something that is no web address")
		case target.Scheme == "https" && next.Scheme != "https":
			return nil, final("the link redirects from https to plain http")
		case next.Scheme == "http" && !c.PlainHTTP(next.Hostname()):
			return nil, final("the link leads to plain http" + shown)
		}
		withSecret = withSecret && digestauth.Origin(next) == origin
		target = next
		address = target.String()
	}
}

func webAddress(u *url.URL) bool { return (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" }

// request builds each request anew: nothing of an earlier one, such as a Referer, which
// would be the link, comes along.
func (r *linkRequest) request(ctx context.Context, target *url.URL, withSecret bool, userAgent string) *http.Request {
	header := http.Header{}
	if withSecret && r.link.HeaderName != "" {
		header.Set(r.link.HeaderName, r.link.HeaderValue.Reveal())
	}
	header.Set("Accept", "*/*")
	header.Set("Accept-Encoding", "identity")
	header.Set("User-Agent", userAgent)
	header.Del("Range") // whatever the link calls its header
	header.Del("If-Range")
	if r.from > 0 {
		header.Set("Range", "bytes="+strconv.FormatInt(r.from, 10)+"-")
		header.Set("If-Range", r.ifRange)
	}
	request := (&http.Request{
		Method: http.MethodGet, URL: target, Host: target.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header,
	}).WithContext(ctx)
	if r.once {
		request.Body = emptyBody{}
	}
	return request
}

// emptyBody is a body that net/http cannot know to be empty, and that it cannot get again:
// it does not repeat such a request when an idle connection of the caller's transport
// turns out to be dead.
type emptyBody struct{}

func (emptyBody) Read([]byte) (int, error) { return 0, io.EOF }
func (emptyBody) Close() error             { return nil }
