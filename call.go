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

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/digestauth/challenge"
	"example.com/restorejobs/internal/jsondec"
	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// apiRequest is one question to the API: what to send, and how it may be repeated.
type apiRequest struct {
	operation string
	variant   Variant
	method    string
	base      *url.URL
	path      string // escaped, below the base
	query     string
	accept    string
	body      []byte
	retryMode retryMode
}

// retryMode says when a call may be sent again.
type retryMode int

const (
	retryIdempotent retryMode = iota // any time: it changes nothing
	retryIfUnsent                    // only when it certainly did not run
	retryNever                       // not at all: the caller asks again by itself
)

// isCreate reports a call that starts a restore. Those of [Client.Do] name no variant.
func (req *apiRequest) isCreate() bool { return req.retryMode == retryIfUnsent && req.variant != "" }

// maxErrorBody bounds what is kept of an error's body.
const maxErrorBody = transport.MaxErrorBody

// response is what came back, with the body read to its end.
type response struct {
	status int
	header http.Header
	body   []byte // in a pooled buffer: nothing may keep parts of it

	sent    *redact.Sent    // what the request proved itself with
	secrets *redact.Secrets // of it and of the client, nil until needed
}

// do sends a call, again where that is allowed, and hands the answer to decode. What
// decode keeps must not share the answer's body.
func (c *Client) do(ctx context.Context, req *apiRequest, decode func(*response) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("restorejobs: %s: %w", req.operation, err) // nothing was sent
	}
	ctx, _ = redact.Record(ctx)
	retry := c.retry.newRetrier()
	for attempt := 1; ; attempt++ {
		err := c.attempt(ctx, req, attempt, decode)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || !req.retryMode.allows(classify(err)) || !retry.waitBeforeRetry(ctx, attempt, err) {
			return c.wrapError(ctx, req, attempt, err)
		}
	}
}

// attempt makes the exchange once and reports it to the observers.
func (c *Client) attempt(ctx context.Context, req *apiRequest, attempt int, decode func(*response) error) error {
	recorder := c.startAttempt(ctx, req, attempt)
	buffer := bufferPool.Get().(*bodyBuffer)
	defer putBuffer(buffer)
	resp, err := c.roundTrip(recorder.withTrace(ctx), req, buffer)
	if err == nil {
		err = c.checkResponse(req, resp, decode)
	}
	recorder.finish(resp, err)
	return err
}

// roundTrip sends the request and reads the answer whole into buffer.
func (c *Client) roundTrip(ctx context.Context, req *apiRequest, buffer *bodyBuffer) (*response, error) {
	if err := c.rateLimiter.wait(ctx); err != nil {
		return nil, &api.TransportError{Err: &transport.NotSentError{Err: err}}
	}
	if err := ctx.Err(); err != nil {
		return nil, &api.TransportError{Err: &transport.NotSentError{Err: err}}
	}
	var sending *transport.SendTracker
	if req.retryMode == retryIfUnsent {
		ctx, sending = transport.WithSendTracker(ctx)
	}
	ctx, sent := redact.Record(ctx)
	httpResp, err := c.doer.Do(req.request(ctx, c.userAgent))
	if err != nil {
		return nil, &api.TransportError{Err: redactError(c.secretsOf(sent), sending.Classify(transport.SanitizeError(err)))}
	}
	defer httpResp.Body.Close()
	c.rateLimiter.update(httpResp)
	resp := &response{status: httpResp.StatusCode, header: httpResp.Header, sent: sent}
	success := resp.status >= 200 && resp.status <= 299
	limit := c.maxBody
	if !success {
		limit = maxErrorBody
	}
	announced := max(httpResp.ContentLength, 0)
	isTooLong := announced > limit
	if isTooLong {
		announced = 0
		limit = min(limit, maxErrorBody) // what the error shows
	}
	err = buffer.readFrom(httpResp.Body, announced, limit)
	resp.body = buffer.data
	isTooLong = isTooLong || int64(len(resp.body)) > limit
	switch {
	case !success: // its status counts, whatever came of the body
		resp.body = resp.body[:min(len(resp.body), maxErrorBody)]
	case isTooLong:
		return resp, c.newBodyError(req, resp, &api.TooLargeError{Limit: c.maxBody})
	case err != nil:
		return resp, c.newBodyError(req, resp, &api.TruncatedError{Err: c.secretsIn(resp).Error(transport.SanitizeError(err))})
	}
	return resp, nil
}

// checkResponse lets the status decide first, then decodes.
func (c *Client) checkResponse(req *apiRequest, resp *response, decode func(*response) error) error {
	if resp.status < 200 || resp.status > 299 {
		return c.newError(req, resp, resp.status, resp.body)
	}
	err := decode(resp)
	var inner *envelopeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &inner):
		return c.newError(req, resp, inner.status, inner.body)
	default:
		return c.newBodyError(req, resp, err)
	}
}

// discardBody decodes an answer that nothing is wanted of: an empty body, or JSON that holds
// no error. A web page says that the call never reached the API.
func discardBody(resp *response) error {
	if len(trimJSON(resp.body)) == 0 {
		return nil
	}
	if _, _, err := unwrapEnvelope(resp.body); err != nil {
		return err
	}
	return jsondec.Valid(resp.body)
}

// wrapError dresses the last error of a call.
func (c *Client) wrapError(ctx context.Context, req *apiRequest, attempts int, err error) error {
	var apiErr *Error
	if errors.As(err, &apiErr) {
		apiErr.Attempts = attempts
		attempts = 0 // its text has them
	}
	unknownOutcome, ctxErr := req.retryMode == retryIfUnsent && mayHaveExecuted(err), ctx.Err()
	if ctxErr != nil && errors.Is(err, ctxErr) {
		ctxErr = nil // known already
	}
	if apiErr, ok := err.(*Error); ok && !unknownOutcome && ctxErr == nil { //nolint:errorlint // one that is wrapped gets its text below
		return apiErr
	}
	if unknownOutcome {
		err = &unknownOutcomeError{err: err, isCreate: req.isCreate()}
	}
	if ctxErr != nil {
		err = &contextEndedError{err: err, cause: ctxErr}
	}
	return fmt.Errorf("restorejobs: %s: %w%s", req.operation, err, attemptsSuffix(attempts))
}

// attemptsSuffix prints how many attempts were made, where there was more than one.
type attemptsSuffix int

func (a attemptsSuffix) Format(f fmt.State, _ rune) {
	if a > 1 {
		writeString(f, fmt.Sprintf(" [%d attempts]", int(a)))
	}
}

// request builds the HTTP request. It cannot fail: the path is made of checked
// segments, and the body is in memory so that every attempt can send it.
func (req *apiRequest) request(ctx context.Context, userAgent string) *http.Request {
	target := *req.base
	target.RawQuery = req.query
	escaped := req.path
	if req.base.Path != "" {
		escaped = req.base.EscapedPath() + req.path
	}
	target.Path, target.RawPath = escaped, ""
	if strings.IndexByte(escaped, '%') >= 0 {
		if plain, err := url.PathUnescape(escaped); err == nil {
			target.Path, target.RawPath = plain, escaped
		}
	}
	values := [...]string{req.accept, userAgent}
	httpReq := (&http.Request{
		Method: req.method, URL: &target, Host: target.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Accept": values[:1:1], "User-Agent": values[1:]},
	}).WithContext(ctx)
	if req.body != nil {
		httpReq.Header["Content-Type"] = []string{req.accept}
		httpReq.ContentLength = int64(len(req.body))
		httpReq.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(req.body)), nil }
		httpReq.Body, _ = httpReq.GetBody()
	}
	return httpReq
}

// How an [*Error] is made from an answer: the status first, then whatever of the body
// can be read.

// errorBody is the API's error shape. Parameters are strings, numbers or objects.
type errorBody struct {
	ErrorCode  ErrorCode         `json:"errorCode"`
	Reason     string            `json:"reason"`
	Detail     string            `json:"detail"`
	Parameters []json.RawMessage `json:"parameters"`
	BadRequest struct {
		Fields []FieldViolation `json:"fields"`
	} `json:"badRequestDetail"`

	Content  json.RawMessage `json:"content"`
	Envelope json.RawMessage `json:"envelope"`
}

// decodeErrorBody reads an error, which may come in an envelope under its own status too.
func decodeErrorBody(body []byte) errorBody {
	read := unmarshalErrorBody(body)
	for _, inner := range [...]json.RawMessage{read.Content, read.Envelope} {
		if found := unmarshalErrorBody(inner); read.ErrorCode == "" && (found.ErrorCode != "" || found.Detail != "") {
			return found
		}
	}
	return read
}

// unmarshalErrorBody reads what can be read: a member of an odd type leaves the others
// readable.
func unmarshalErrorBody(body []byte) errorBody {
	var read errorBody
	var typeErr *json.UnmarshalTypeError
	if err := json.Unmarshal(body, &read); err != nil && !errors.As(err, &typeErr) {
		return errorBody{}
	}
	return read
}

// newError makes the error for a status that is no success.
func (c *Client) newError(req *apiRequest, resp *response, status int, body []byte) *Error {
	secrets := c.secretsIn(resp)
	shown := &response{status: resp.status, header: secrets.Header(resp.header), body: resp.body}
	e := &Error{
		StatusCode: status, Operation: req.operation, Variant: req.variant, Method: req.method, Path: req.path,
		RequestID: requestID(resp.header, secrets), RetryAfter: retryAfter(resp.header, time.Now()), Attempts: 1,
		body: truncateBody(body), isWrite: req.retryMode == retryIfUnsent,
	}
	read := decodeErrorBody(e.body)
	e.Code, e.Reason, e.Detail, e.FieldViolations = read.ErrorCode, read.Reason, read.Detail, read.BadRequest.Fields
	for _, parameter := range read.Parameters {
		e.Parameters = append(e.Parameters, parameterString(parameter))
	}
	if e.Code == "" {
		e.Code = ErrorCode(sanitize(shown.header.Get("X-Error-Code"), 100))
	}
	if e.Reason == "" {
		e.Reason = http.StatusText(status)
	}
	if nonce, ok := challenge.Parse(resp.header); ok && status == http.StatusUnauthorized {
		e.staleNonce = nonce.Stale
	}
	if e.Code == "" { // the API's own errors have one
		e.Hint = nonAPIHint(shown, status)
	}
	if e.Hint == "" {
		e.Hint = e.hint()
	}
	if e.staleNonce && c.digest && e.Hint == wrongKey {
		e.Hint = nonceRefused
	}
	e.redact(secrets)
	return e
}

// parameterString gives a string parameter without its quotes, others as they are.
func parameterString(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// nonAPIHint says what an answer that is not the API's own looks like.
func nonAPIHint(resp *response, status int) string {
	if status >= 300 && status <= 399 {
		target, err := url.Parse(resp.header.Get("Location"))
		if err != nil || target.Host == "" {
			return "a redirect that is not followed"
		}
		return "a redirect to " + sanitize(target.Scheme, 20) + "://" + sanitize(target.Host, 255) + ", which is not followed: check WithBaseURL"
	}
	if status == http.StatusProxyAuthRequired {
		return "this is the proxy: " + transport.ProxyAuthHint
	}
	if status == http.StatusBadRequest && bytes.Contains(resp.body, []byte("HTTPS")) && bytes.Contains(resp.body, []byte("HTTP request")) {
		return "the server speaks TLS on this port: use https in WithBaseURL"
	}
	return transport.ForeignBodyHint(resp.header, nil)
}

// newBodyError makes the error for a success whose body cannot be used.
func (c *Client) newBodyError(req *apiRequest, resp *response, cause error) *Error {
	e := c.newError(req, resp, resp.status, resp.body)
	e.Code, e.Reason, e.Detail, e.Parameters, e.FieldViolations, e.Hint = "", "", "", nil, nil, ""
	secrets := c.secretsIn(resp)
	cause = secrets.Error(cause)
	header := secrets.Header(resp.header)
	foreign := transport.ForeignBodyHint(header, resp.body)
	switch {
	case foreign != "":
		cause = fmt.Errorf("%s: %w", foreign, cause)
	case header.Get("Content-Encoding") != "":
		cause = fmt.Errorf("the body has content encoding %q: %w", sanitize(header.Get("Content-Encoding"), 50), cause)
	}
	if req.retryMode == retryIfUnsent && !req.isCreate() && foreign == "" {
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

// Class is permanent: another request would be executed again.
func (e *executedError) Class() api.Class { return api.Permanent }

// truncateBody copies what is kept of a body.
func truncateBody(body []byte) []byte {
	return append([]byte(nil), body[:min(len(body), maxErrorBody)]...)
}
