package restorejobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"

	"example.com/restorejobs/internal/jsonpass"
	"example.com/restorejobs/internal/wire"
)

// call is one question to the API: what to send, and how it may be repeated.
type call struct {
	operation string
	variant   Variant
	method    string
	base      *url.URL
	path      string // escaped, below the base
	query     string
	accept    string
	body      []byte
	repeat    repeat
}

// repeat says when a call may be sent again.
type repeat int

const (
	repeatRead  repeat = iota // any time: it changes nothing
	repeatNone                // only when it certainly did not run
	repeatNever               // not at all: the caller asks again by itself
)

// maxErrorBody bounds what is kept of an error's body.
const maxErrorBody = 1 << 20

// answer is what came back, with the body read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte // in a pooled buffer: nothing may keep parts of it
}

// do sends a call, again where that is allowed, and hands the answer to decode. What
// decode keeps must not share the answer's body.
func (c *Client) do(ctx context.Context, q *call, decode func(*answer) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("restorejobs: %s: %w", q.operation, err) // nothing was sent
	}
	retry := c.retry.start()
	for attempt := 1; ; attempt++ {
		err := c.attempt(ctx, q, attempt, decode)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || !mayRepeat(q, err) || !retry.wait(ctx, attempt, err) {
			return c.final(ctx, q, attempt, err)
		}
	}
}

// attempt makes the exchange once and reports it to the observers.
func (c *Client) attempt(ctx context.Context, q *call, attempt int, decode func(*answer) error) error {
	watch := c.watch(ctx, q, attempt)
	buffer := buffers.Get().(*bytes.Buffer)
	defer putBuffer(buffer)
	got, err := c.exchange(watch.context(ctx), q, buffer)
	if err == nil {
		err = c.judge(q, got, decode)
	}
	watch.done(got, err)
	return err
}

// maxGrow bounds what is made room for before a body comes: its announced length may be
// a lie.
const maxGrow = 4 << 20

// exchange sends the request and reads the answer whole into buffer.
func (c *Client) exchange(ctx context.Context, q *call, buffer *bytes.Buffer) (*answer, error) {
	if err := c.pace.wait(ctx); err != nil {
		return nil, &transportError{&wire.NotSentError{Err: err}}
	}
	if err := ctx.Err(); err != nil {
		return nil, &transportError{&wire.NotSentError{Err: err}}
	}
	var sending *wire.Watch
	if q.repeat != repeatRead { // which may be sent twice
		sending = wire.NewWatch(c.transport)
	}
	response, err := c.sender.Do(q.request(sending.Context(ctx), c.userAgent))
	if err != nil {
		return nil, &transportError{sending.Judge(wire.WithoutURL(err))}
	}
	defer response.Body.Close()
	c.pace.learn(response)
	got := &answer{status: response.StatusCode, header: response.Header}
	success := got.status >= 200 && got.status <= 299
	limit := c.maxBody
	if !success {
		limit = maxErrorBody
	}
	if length := response.ContentLength; length > 0 && length <= limit {
		makeRoom(buffer, int(min(length, maxGrow))+bytes.MinRead) // what ReadFrom wants free at the end
	}
	_, err = buffer.ReadFrom(io.LimitReader(response.Body, limit+1))
	got.body = buffer.Bytes()
	tooLong := int64(len(got.body)) > limit
	switch {
	case !success: // its status counts, whatever came of the body
		got.body = got.body[:min(len(got.body), maxErrorBody)]
	case tooLong:
		return got, c.unusable(q, got, fmt.Errorf("the body is larger than the limit of %d bytes, see WithMaxResponseBytes", limit))
	case err != nil:
		return got, c.unusable(q, got, &cutError{wire.WithoutURL(err)})
	}
	return got, nil
}

// makeRoom gives an empty buffer room for n bytes and a little more, so that the next page,
// which is never as long to the byte, fits too. Buffer.Grow would double.
func makeRoom(buffer *bytes.Buffer, n int) {
	if buffer.Cap() < n {
		*buffer = *bytes.NewBuffer(make([]byte, 0, n+n/8))
	}
}

// judge lets the status decide first, then decodes.
func (c *Client) judge(q *call, got *answer, decode func(*answer) error) error {
	if got.status < 200 || got.status > 299 {
		return c.newError(q, got, got.status, got.body)
	}
	err := decode(got)
	var inner *innerError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &inner):
		return c.newError(q, got, inner.status, inner.body)
	default:
		return c.unusable(q, got, err)
	}
}

// nothing decodes an answer that nothing is wanted of: an empty body, or JSON that holds
// no error. A web page says that the call never reached the API.
func nothing(got *answer) error {
	if len(bytes.TrimSpace(got.body)) == 0 {
		return nil
	}
	if _, _, err := unwrap(got.body); err != nil {
		return err
	}
	return jsonpass.Valid(got.body)
}

// final dresses the last error of a call.
func (c *Client) final(ctx context.Context, q *call, attempts int, err error) error {
	var api *Error
	if errors.As(err, &api) {
		api.Attempts = attempts
		attempts = 0 // its text has them
	}
	lost, ended := q.repeat == repeatNone && mayHaveRun(err), ctx.Err()
	if ended != nil && errors.Is(err, ended) {
		ended = nil // known already
	}
	if direct, ok := err.(*Error); ok && !lost && ended == nil { //nolint:errorlint // one that is wrapped gets its text below
		return direct
	}
	if lost {
		err = &unknownOutcomeError{err: err, restore: q.variant != ""}
	}
	if ended != nil {
		err = &endedError{err: err, cause: ended}
	}
	return fmt.Errorf("restorejobs: %s: %w%s", q.operation, err, attemptsText(attempts))
}

// attemptsText prints how many attempts were made, where there was more than one.
type attemptsText int

func (n attemptsText) Format(f fmt.State, _ rune) {
	if n > 1 {
		writeState(f, fmt.Sprintf(" [%d attempts]", int(n)))
	}
}

// request builds the HTTP request. It cannot fail: the path is made of checked
// segments, and the body is in memory so that every attempt can send it.
func (q *call) request(ctx context.Context, userAgent string) *http.Request {
	target := *q.base
	target.RawQuery = q.query
	escaped := q.path
	if q.base.Path != "" {
		escaped = q.base.EscapedPath() + q.path
	}
	target.Path, target.RawPath = escaped, ""
	if strings.IndexByte(escaped, '%') >= 0 {
		if plain, err := url.PathUnescape(escaped); err == nil {
			target.Path, target.RawPath = plain, escaped
		}
	}
	values := [...]string{q.accept, userAgent}
	request := (&http.Request{
		Method: q.method, URL: &target, Host: target.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Accept": values[:1:1], "User-Agent": values[1:]},
	}).WithContext(ctx)
	if q.body != nil {
		request.Header["Content-Type"] = []string{q.accept}
		request.ContentLength = int64(len(q.body))
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(q.body)), nil }
		request.Body, _ = request.GetBody()
	}
	return request
}

// buffers holds answer bodies while they are decoded.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// putBuffer gives a buffer back unless one huge answer has made it a burden.
func putBuffer(b *bytes.Buffer) {
	const largest = 4 << 20
	if b.Cap() <= largest {
		b.Reset()
		buffers.Put(b)
	}
}

// escapeSegment escapes one path segment.
func escapeSegment(segment string) string {
	if plainSegment(segment) {
		return segment
	}
	return url.PathEscape(segment)
}

// plainSegment reports an id of letters, digits, "-" and "_", as nearly all are.
func plainSegment(id string) bool {
	for i := range len(id) {
		if c := id[i]; (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// unescapeSegment reads back what escapeSegment wrote.
func unescapeSegment(segment string) (string, error) {
	plain, err := url.PathUnescape(segment)
	if err != nil {
		return "", fmt.Errorf("ref: %q is not escaped as a path segment is", clean(segment, 100))
	}
	return plain, nil
}

// segmentProblem returns what forbids an id as a path segment, "" for nothing. Whatever
// could lead to another path, here or behind a proxy that unescapes, is refused; the
// rest is escaped.
func segmentProblem(name, id string) string {
	switch {
	case id == "":
		return name + " must not be empty"
	case plainSegment(id):
		return ""
	case id == "." || id == "..":
		return name + ` must not be "." or ".."`
	case strings.ContainsAny(id, `/\%?#`):
		return name + ` must not contain / \ % ? or #`
	case strings.ContainsFunc(id, unicode.IsControl):
		return name + " must not contain control characters"
	}
	return ""
}

// retryAfter reads the Retry-After header: seconds or a date. Nonsense and the past
// count as nothing.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if text == "" {
		return 0
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(date.Sub(now), 0)
	}
	return parseSeconds(text)
}

// parseSeconds reads whole seconds, with a bound that keeps a time.Duration sane.
func parseSeconds(text string) time.Duration {
	const longest = 366 * 24 * 3600
	var seconds int64
	for _, digit := range text {
		if digit < '0' || digit > '9' {
			return 0
		}
		seconds = min(seconds*10+int64(digit-'0'), longest)
	}
	return time.Duration(seconds) * time.Second
}
