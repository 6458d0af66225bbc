package restorejobs

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.com/restorejobs/internal/digestauth"
	"example.com/restorejobs/internal/wire"
)

const maxDownloadRedirects = 5

// linkRequest is one request for a link.
type linkRequest struct {
	link    *Download
	from    int64  // first byte, 0 for the whole
	ifRange string // what the file must still be, for the rest of it
}

// askLink follows a link and its redirects. It asks for one thing: whatever happens, no
// request is made twice.
func (c *Client) askLink(ctx context.Context, ask *linkRequest) (*http.Response, error) {
	target, err := url.Parse(ask.link.URL.Reveal())
	if err != nil || !webAddress(target) {
		return nil, final("the link is no address that can be fetched")
	}
	if target.Scheme == "http" && !loopback(target.Hostname()) && !c.insecure {
		return nil, final("the link is plain http, which shows it to anybody on the way; see WithInsecureHTTP")
	}
	origin, withSecret := digestauth.Origin(target), true
	for hop := 0; ; hop++ {
		response, err := c.downloads.RoundTrip(ask.request(ctx, target, withSecret, c.userAgent))
		if err != nil {
			return nil, &connectionError{wire.WithoutURL(err)}
		}
		location := response.Header.Get("Location")
		if !redirects(response.StatusCode) || location == "" {
			return response, nil
		}
		_ = response.Body.Close()
		next, err := target.Parse(location)
		switch {
		case hop == maxDownloadRedirects:
			return nil, final("the link redirects too often")
		case err != nil || !webAddress(next):
			return nil, final("the link redirects to something that is no web address")
		case target.Scheme == "https" && next.Scheme != "https":
			return nil, final("the link redirects from https to plain http")
		}
		withSecret = withSecret && digestauth.Origin(next) == origin
		target = next
	}
}

func webAddress(u *url.URL) bool { return (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" }

func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

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
	header.Del("Range")
	header.Del("If-Range")
	if r.from > 0 {
		header.Set("Range", "bytes="+formatInt(r.from)+"-")
		header.Set("If-Range", r.ifRange)
	}
	return (&http.Request{
		Method: http.MethodGet, URL: target, Host: target.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header,
	}).WithContext(ctx)
}

// stallClock ends an exchange in which nothing comes for too long. It runs only while
// the server is waited for.
type stallClock struct {
	after time.Duration
	timer *time.Timer // nil without a limit
}

func newStallClock(after time.Duration, end context.CancelCauseFunc) *stallClock {
	if after < 0 {
		return &stallClock{}
	}
	timer := time.AfterFunc(after, func() { end(&stalledError{after}) })
	timer.Stop()
	return &stallClock{after: after, timer: timer}
}

func (c *stallClock) start() {
	if c.timer != nil {
		c.timer.Reset(c.after)
	}
}

func (c *stallClock) stop() {
	if c.timer != nil {
		c.timer.Stop()
	}
}

// linkBody is a body under the stall clock, counted as it comes.
type linkBody struct {
	body  io.Reader
	clock *stallClock
	meter *meter
}

func (b *linkBody) Read(p []byte) (int, error) {
	b.clock.start()
	n, err := b.body.Read(p)
	b.clock.stop()
	b.meter.add(int64(n))
	return n, err
}

// proof is what tells one version of a file from another.
type proof struct {
	// size is the whole length, -1 where the server did not tell.
	size int64
	// etag and modified are the headers as they came, "" for none.
	etag, modified string
}

// noProof is the proof of nothing: no byte can follow another.
var noProof = proof{size: -1}

// proofOf reads it off the answer that has the whole file.
func proofOf(response *http.Response) proof {
	return proof{
		size: response.ContentLength, etag: response.Header.Get("ETag"), modified: response.Header.Get("Last-Modified"),
	}
}

// condition is the If-Range that goes on with this version: a weak ETag promises nothing
// about bytes. "" means that this file cannot be gone on with.
func (p proof) condition() string {
	switch {
	case p.size < 0:
		return ""
	case strings.HasPrefix(p.etag, `"`):
		return p.etag
	default:
		return p.modified
	}
}

// continues reports whether a 206 is the rest of this version from a byte on, and how
// much of it comes.
func (p proof) continues(response *http.Response, from int64) (length int64, ok bool) {
	first, last, total, ok := parseContentRange(response.Header.Get("Content-Range"))
	if !ok || first != from || total != p.size {
		return 0, false
	}
	length = last - first + 1
	if response.ContentLength >= 0 && response.ContentLength != length {
		return 0, false
	}
	etag, modified := response.Header.Get("ETag"), response.Header.Get("Last-Modified")
	if etag != p.etag && (etag != "" || p.condition() == p.etag) {
		return 0, false
	}
	return length, modified == p.modified || modified == "" && p.condition() == p.etag
}

// parseContentRange reads "bytes first-last/total". A range that is not of bytes, not
// within its total or of an unknown total is none.
func parseContentRange(header string) (first, last, total int64, ok bool) {
	unit, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	span, size, slash := strings.Cut(strings.TrimSpace(rest), "/")
	from, to, dash := strings.Cut(span, "-")
	if !strings.EqualFold(unit, "bytes") || !slash || !dash {
		return 0, 0, 0, false
	}
	first, okFirst := parseDigits(from)
	last, okLast := parseDigits(to)
	total, okTotal := parseDigits(size)
	if !okFirst || !okLast || !okTotal || first > last || last >= total {
		return 0, 0, 0, false
	}
	return first, last, total, true
}

// parseDigits reads a number as HTTP writes it: digits alone.
func parseDigits(text string) (int64, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

func formatInt(n int64) string { return strconv.FormatInt(n, 10) }

// progressEvery bounds how often one file reports.
const progressEvery = 250 * time.Millisecond

// progressGate lets one report through at a time.
type progressGate struct {
	tell func(Progress)
	turn chan struct{} // holds one token; unlike a mutex, waiting for it can be seen by testing/synctest
}

func newProgressGate(tell func(Progress)) *progressGate {
	return &progressGate{tell: tell, turn: make(chan struct{}, 1)}
}

// meter follows one file. It is used by one goroutine.
type meter struct {
	gate *progressGate
	seen Progress
	last time.Time
}

func (d *download) meter(file *wanted) *meter {
	return &meter{gate: d.gate, seen: Progress{File: file.name, ReplicaSet: file.link.ReplicaSet, Total: -1}}
}

// begin says how far the file is before the next byte comes.
func (m *meter) begin(bytes, total int64) {
	m.seen.Bytes, m.seen.Total, m.seen.Resumed = bytes, total, min(bytes, m.seen.Resumed)
	m.report()
}

// resume says how much an earlier call has left.
func (m *meter) resume(bytes, total int64) {
	m.seen.Resumed = bytes
	m.begin(bytes, total)
}

// add counts bytes as they come.
func (m *meter) add(n int64) {
	m.seen.Bytes += n
	if m.gate.tell != nil && time.Since(m.last) >= progressEvery {
		m.report()
	}
}

// end says that the file is in place.
func (m *meter) end(size int64) {
	m.seen.Bytes, m.seen.Total, m.seen.Done = size, size, true
	m.report()
}

func (m *meter) report() {
	if m.gate.tell == nil {
		return
	}
	m.gate.turn <- struct{}{}
	defer func() { <-m.gate.turn }()
	m.gate.tell(m.seen)
	m.last = time.Now()
}
