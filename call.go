package restorejobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.com/restorejobs/internal/challenge"
	"example.com/restorejobs/internal/jsonpass"
	"example.com/restorejobs/internal/redact"
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

// isCreate reports a call that starts a restore. Those of [Client.Do] name no variant.
func (q *call) isCreate() bool { return q.repeat == repeatNone && q.variant != "" }

// maxErrorBody bounds what is kept of an error's body.
const maxErrorBody = 1 << 20

// answer is what came back, with the body read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte // in a pooled buffer: nothing may keep parts of it

	sent    *redact.Sent    // what the request proved itself with
	secrets *redact.Secrets // of it and of the client, nil until needed
}

// do sends a call, again where that is allowed, and hands the answer to decode. What
// decode keeps must not share the answer's body.
func (c *Client) do(ctx context.Context, q *call, decode func(*answer) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("restorejobs: %s: %w", q.operation, err) // nothing was sent
	}
	ctx, _ = redact.Record(ctx)
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
	buffer := buffers.Get().(*bodyBuffer)
	defer putBuffer(buffer)
	got, err := c.exchange(watch.context(ctx), q, buffer)
	if err == nil {
		err = c.judge(q, got, decode)
	}
	watch.done(got, err)
	return err
}

// exchange sends the request and reads the answer whole into buffer.
func (c *Client) exchange(ctx context.Context, q *call, buffer *bodyBuffer) (*answer, error) {
	if err := c.pace.wait(ctx); err != nil {
		return nil, &transportError{&wire.NotSentError{Err: err}}
	}
	if err := ctx.Err(); err != nil {
		return nil, &transportError{&wire.NotSentError{Err: err}}
	}
	var sending *wire.Watch
	if q.repeat == repeatNone {
		ctx, sending = wire.WithWatch(ctx)
	}
	ctx, sent := redact.Record(ctx)
	response, err := c.sender.Do(q.request(ctx, c.userAgent))
	if err != nil {
		return nil, &transportError{redactError(c.secretsOf(sent), sending.Judge(wire.Told(err)))}
	}
	defer response.Body.Close()
	c.pace.learn(response)
	got := &answer{status: response.StatusCode, header: response.Header, sent: sent}
	success := got.status >= 200 && got.status <= 299
	limit := c.maxBody
	if !success {
		limit = maxErrorBody
	}
	announced := max(response.ContentLength, 0)
	isTooLong := announced > limit
	if isTooLong {
		announced = 0
		limit = min(limit, maxErrorBody) // what the error shows
	}
	err = buffer.readFrom(response.Body, announced, limit)
	got.body = buffer.data
	isTooLong = isTooLong || int64(len(got.body)) > limit
	switch {
	case !success: // its status counts, whatever came of the body
		got.body = got.body[:min(len(got.body), maxErrorBody)]
	case isTooLong:
		return got, c.unusable(q, got, &tooLargeError{c.maxBody})
	case err != nil:
		return got, c.unusable(q, got, &cutError{c.secretsIn(got).Error(wire.Told(err))})
	}
	return got, nil
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
	if len(trimJSON(got.body)) == 0 {
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
		err = &unknownOutcomeError{err: err, restore: q.isCreate()}
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

// How an [*Error] is made from an answer: the status first, then whatever of the body
// can be read.

// errorBody is the API's error shape. Parameters are strings, numbers or objects.
type errorBody struct {
	ErrorCode  Code              `json:"errorCode"`
	Reason     string            `json:"reason"`
	Detail     string            `json:"detail"`
	Parameters []json.RawMessage `json:"parameters"`
	BadRequest struct {
		Fields []FieldViolation `json:"fields"`
	} `json:"badRequestDetail"`

	Content  json.RawMessage `json:"content"`
	Envelope json.RawMessage `json:"envelope"`
}

// readErrorBody reads an error, which may come in an envelope under its own status too.
func readErrorBody(body []byte) errorBody {
	read := parseErrorBody(body)
	for _, inner := range [...]json.RawMessage{read.Content, read.Envelope} {
		if found := parseErrorBody(inner); read.ErrorCode == "" && (found.ErrorCode != "" || found.Detail != "") {
			return found
		}
	}
	return read
}

// parseErrorBody reads what can be read: a member of an odd type leaves the others
// readable.
func parseErrorBody(body []byte) errorBody {
	var read errorBody
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(body, &read); err != nil && !errors.As(err, &odd) {
		return errorBody{}
	}
	return read
}

// newError makes the error for a status that is no success.
func (c *Client) newError(q *call, got *answer, status int, body []byte) *Error {
	secrets := c.secretsIn(got)
	shown := &answer{status: got.status, header: secrets.Header(got.header), body: got.body}
	e := &Error{
		StatusCode: status, Operation: q.operation, Variant: q.variant, Method: q.method, Path: q.path,
		RequestID: requestID(got.header, secrets), RetryAfter: retryAfter(got.header, time.Now()), Attempts: 1,
		body: capped(body),
	}
	read := readErrorBody(e.body)
	e.Code, e.Reason, e.Detail, e.Fields = read.ErrorCode, read.Reason, read.Detail, read.BadRequest.Fields
	for _, parameter := range read.Parameters {
		e.Parameters = append(e.Parameters, parameterText(parameter))
	}
	if e.Code == "" {
		e.Code = Code(clean(shown.header.Get("X-Error-Code"), 100))
	}
	if e.Reason == "" {
		e.Reason = http.StatusText(status)
	}
	if nonce, ok := challenge.Parse(got.header); ok && status == http.StatusUnauthorized {
		e.stale = nonce.Stale
	}
	if e.Code == "" { // the API's own errors have one
		e.Hint = odditiesHint(shown, status)
	}
	if e.Hint == "" {
		e.Hint = e.hint()
	}
	if e.stale && c.digest && e.Hint == wrongKey {
		e.Hint = nonceRefused
	}
	e.redact(secrets)
	return e
}

// parameterText gives a string parameter without its quotes, others as they are.
func parameterText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// odditiesHint says what an answer that is not the API's own looks like.
func odditiesHint(got *answer, status int) string {
	if status >= 300 && status <= 399 {
		target, err := url.Parse(got.header.Get("Location"))
		if err != nil || target.Host == "" {
			return "a redirect that is not followed"
		}
		return "a redirect to " + clean(target.Scheme, 20) + "://" + clean(target.Host, 255) + ", which is not followed: check WithBaseURL"
	}
	if status == http.StatusProxyAuthRequired {
		return "this is the proxy: " + wire.ProxyCredentials
	}
	if status == http.StatusBadRequest && bytes.Contains(got.body, []byte("HTTPS")) && bytes.Contains(got.body, []byte("HTTP request")) {
		return "the server speaks TLS on this port: use https in WithBaseURL"
	}
	if kind := wire.NotJSON(got.header); kind != "" {
		return fmt.Sprintf("the body is %q, so this came from a proxy or from something else than the API", kind)
	}
	return ""
}

// unusable makes the error for a success whose body cannot be used.
func (c *Client) unusable(q *call, got *answer, cause error) *Error {
	e := c.newError(q, got, got.status, got.body)
	e.Code, e.Reason, e.Detail, e.Parameters, e.Fields, e.Hint = "", "", "", nil, nil, ""
	secrets := c.secretsIn(got)
	cause = secrets.Error(cause)
	header := secrets.Header(got.header)
	kind := wire.NotJSON(header)
	page := bytes.HasPrefix(trimJSON(got.body), []byte("<"))
	switch {
	case kind != "":
		cause = fmt.Errorf("the body is %q, not JSON, so this came from a proxy or from something else than the API: %w", kind, cause)
	case page:
		cause = fmt.Errorf("the body is a web page, so this came from a proxy or from something else than the API: %w", cause)
	case header.Get("Content-Encoding") != "":
		cause = fmt.Errorf("the body has content encoding %q: %w", clean(header.Get("Content-Encoding"), 50), cause)
	}
	foreign := kind != "" || page
	if q.repeat == repeatNone && !q.isCreate() && !foreign {
		cause = &executedError{cause}
	}
	e.cause = cause
	return e
}

// executedError is why the response to a call that changed something cannot be used. A
// create has none: the restore that it started is unknown.
type executedError struct{ err error }

func (e *executedError) Error() string {
	return "the request was executed, but its response cannot be used: " + e.err.Error()
}
func (e *executedError) Unwrap() error { return e.err }

// capped copies what is kept of a body.
func capped(body []byte) []byte { return append([]byte(nil), body[:min(len(body), maxErrorBody)]...) }
