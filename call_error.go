package restorejobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/apierror"
	"example.com/restorejobs/internal/digestauth/challenge"
	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// errorBuilder makes the public errors of a client's calls.
type errorBuilder struct {
	usesDigest bool // the credentials are an API key
}

// callError returns the public error of a call from the error of its last attempt.
func (b errorBuilder) callError(ctx context.Context, req *api.Request, attempts int, err error) error {
	outcomeUnknown := isLost(req, err)
	err = b.attemptError(req, err)
	apiErr, isResponse := err.(*Error) //nolint:errorlint // attemptError returns it bare
	if isResponse {
		apiErr.Attempts = attempts
		attempts = 0 // its text states them
		outcomeUnknown = apiErr.outcomeUnknown
	}
	var tokenErr *tokenCallError
	if errors.As(err, &tokenErr) {
		tokenErr.err.Attempts = attempts
		attempts = 0
	}
	if ctxErr := ctx.Err(); ctxErr != nil && !errors.Is(err, ctxErr) {
		err = &contextEndedError{err: err, cause: ctxErr}
		isResponse = false
	}
	switch {
	case outcomeUnknown:
		return &OutcomeUnknownError{
			operation: req.Operation,
			isCreate:  isCreate(req),
			attempts:  attempts,
			err:       err,
		}
	case isResponse:
		return err
	default:
		return fmt.Errorf("restorejobs: %s: %w%s", req.Operation, err, attemptsSuffix(attempts))
	}
}

// attemptError returns an [*Error] for a response that is not a success, other errors as they are.
func (b errorBuilder) attemptError(req *api.Request, err error) error {
	switch e := err.(type) { //nolint:errorlint // api.Send returns them bare
	case *api.StatusError:
		return b.newError(req, e.Response)
	case *api.BodyError:
		return newBodyError(req, e)
	default:
		return err
	}
}

// isLost reports whether the response to a sent request that must not be repeated was lost.
func isLost(req *api.Request, err error) bool {
	var sendErr *api.TransportError
	return isWrite(req) && errors.As(err, &sendErr) && !transport.IsNotSent(err)
}

// isWrite reports a request that must not be executed twice.
func isWrite(req *api.Request) bool { return req.Retry == api.RetryIfUnsent }

// isCreate reports a call that starts a restore or a snapshot, not another write.
func isCreate(req *api.Request) bool {
	switch req.Operation {
	case createOperation, createCollectionsOperation, createSnapshotOperation:
		return true
	default:
		return false
	}
}

// newError returns the error for a status that is not a success.
func (b errorBuilder) newError(req *api.Request, resp *api.Response) *Error {
	secrets := secretsOf(req, resp)
	header := secrets.Header(resp.Header)
	e := newResponseError(req, resp)
	read := apierror.Parse(resp.Body)
	e.Code = ErrorCode(read.Code)
	e.Reason = read.Reason
	e.Detail = read.Detail
	for _, field := range read.Fields {
		e.FieldViolations = append(e.FieldViolations, FieldViolation(field))
	}
	e.Parameters = read.Parameters
	if e.Code == "" {
		e.Code = ErrorCode(sanitize(header.Get("X-Error-Code"), 100))
	}
	if e.Reason == "" {
		e.Reason = http.StatusText(e.StatusCode)
	}
	if nonce, ok := challenge.Parse(resp.Header); ok && e.StatusCode == http.StatusUnauthorized {
		e.staleNonce = nonce.Stale
	}
	if e.Code == "" { // errors of the API have one
		e.Hint = nonAPIHint(header, resp.Body, e.StatusCode)
	}
	if e.Hint == "" {
		e.Hint = e.hint()
	}
	if e.staleNonce && b.usesDigest && e.Hint == wrongKey {
		e.Hint = nonceRefused
	}
	e.outcomeUnknown = e.isWrite && leavesOutcomeUnknown(e.StatusCode) && !e.isNotStarted()
	e.redact(secrets)
	return e
}

// newResponseError returns an error with the facts of the request and of the header.
func newResponseError(req *api.Request, resp *api.Response) *Error {
	return &Error{
		StatusCode: resp.Status,
		Operation:  req.Operation,
		Variant:    Variant(req.Variant),
		Method:     req.Method,
		Path:       req.Path,
		RequestID:  requestID(resp.Header, resp.Secrets()),
		RetryAfter: resp.RetryAfter(),
		Attempts:   1,
		isWrite:    isWrite(req),
		body:       keptBody(req, resp),
	}
}

// requestID returns the service's id of a request, redacted.
func requestID(header http.Header, secrets *redact.Secrets) string {
	return sanitize(secrets.Text(api.RequestID(header)), 100)
}

// nonAPIHint describes a response that is not the API's own.
func nonAPIHint(header http.Header, body []byte, status int) string {
	if status >= 300 && status <= 399 {
		return redirectHint(header)
	}
	if status == http.StatusProxyAuthRequired {
		return "this is the proxy: " + transport.ProxyAuthHint
	}
	expectsTLS := bytes.Contains(body, []byte("HTTPS")) && bytes.Contains(body, []byte("HTTP request"))
	if status == http.StatusBadRequest && expectsTLS {
		return "the server speaks TLS on this port: use https in WithBaseURL"
	}
	return transport.ForeignBodyHint(header, nil)
}

func redirectHint(header http.Header) string {
	target, err := url.Parse(header.Get("Location"))
	if err != nil || target.Host == "" {
		return "a redirect that is not followed"
	}
	origin := sanitize(target.Scheme, 20) + "://" + sanitize(target.Host, 255)
	return "a redirect to " + origin + ", which is not followed: check WithBaseURL"
}

// newBodyError returns the error for a success whose body cannot be used.
func newBodyError(req *api.Request, failure *api.BodyError) *Error {
	resp := failure.Response
	secrets := secretsOf(req, resp)
	header := secrets.Header(resp.Header)
	cause := secrets.Error(failure.Err)
	foreign := transport.ForeignBodyHint(header, resp.Body)
	e := newResponseError(req, resp)
	e.outcomeUnknown = isCreate(req) || e.isWrite && transport.IsPage(header, resp.Body)
	isExecuted := e.isWrite && !e.outcomeUnknown
	switch {
	case foreign != "" && isExecuted:
		cause = fmt.Errorf("the body is %q, not JSON: %w", transport.NonJSONMediaType(header), cause)
	case foreign != "":
		cause = fmt.Errorf("%s: %w", foreign, cause)
	case header.Get("Content-Encoding") != "":
		cause = fmt.Errorf("the body has content encoding %q: %w", sanitize(header.Get("Content-Encoding"), 50), cause)
	}
	if isExecuted {
		cause = &executedError{cause}
	}
	e.cause = cause
	e.redact(secrets)
	return e
}

// executedError is why the response to an executed request cannot be used. A create has none: its
// jobs are unknown.
type executedError struct{ err error }

func (e *executedError) Error() string {
	return "the request was executed, but its response cannot be used: " + e.err.Error()
}
func (e *executedError) Unwrap() error { return e.err }

// Class is permanent: another request would be executed again.
func (e *executedError) Class() api.Class { return api.Permanent }

// tokenCallError is a failed request for a token inside of another call.
type tokenCallError struct{ err *Error }

func (e *tokenCallError) Error() string { return e.err.Operation + ": " + e.err.message() }
func (e *tokenCallError) Unwrap() error { return e.err }

// Class is that of the response of the token endpoint.
func (e *tokenCallError) Class() api.Class { return e.err.class() }

// RetryAfter is the delay that the token endpoint requests.
func (e *tokenCallError) RetryAfter() time.Duration { return e.err.RetryAfter }

// contextEndedError adds the context's error to one that hides it.
type contextEndedError struct {
	err   error
	cause error
}

func (e *contextEndedError) Error() string   { return e.cause.Error() + ": " + shortMessage(e.err) }
func (e *contextEndedError) Unwrap() []error { return []error{e.cause, e.err} }
