package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// Pipeline sends the calls of a client.
type Pipeline struct {
	Doer interface {
		Do(*http.Request) (*http.Response, error)
	}
	UserAgent   []string // the value of the header, in a list that all requests share
	MaxBody     int64    // of a success, in bytes
	Retry       RetryPolicy
	RateLimiter *RateLimiter
	AddSecrets  func(*redact.Secrets) // adds the credentials, which errors must not show
	// Observe is called after every attempt; nil without observers.
	Observe func(context.Context, *Request, *Attempt)
}

// Send sends a request, repeats it as its mode permits, and decodes the response. The error of the
// last attempt is a [*StatusError], a [*BodyError], a [*TransportError], or the context's
// error before the first attempt.
func Send[T any](ctx context.Context, p *Pipeline, req *Request, decode func(*Response) (T, error)) (value T, attempts int, err error) {
	if err := ctx.Err(); err != nil {
		return value, 0, err
	}
	ctx = req.record(ctx)
	retrier := NewRetrier(p.Retry)
	for number := 1; ; number++ {
		value, err := attempt(ctx, p, req, number, decode)
		if err == nil {
			return value, number, nil
		}
		mayRetry := ctx.Err() == nil && req.Retry.Allows(Classify(err))
		if !mayRetry || !retrier.Wait(ctx, number, requestedDelay(err)) {
			return value, number, err
		}
	}
}

// attempt makes one attempt and reports it to the observers.
func attempt[T any](ctx context.Context, p *Pipeline, req *Request, number int, decode func(*Response) (T, error)) (T, error) {
	recorder := p.startAttempt(number)
	buffer := req.getBuffer()
	var value T
	resp, err := p.roundTrip(recorder.withTrace(ctx), req, buffer)
	if err == nil {
		value, err = decode(resp)
		err = resp.decodeError(err)
	}
	if recorder != nil {
		p.Observe(ctx, req, recorder.finish(resp, err))
	}
	if isKept := resp != nil && resp.buffer == nil; !isKept {
		req.putBuffer(buffer)
	}
	return value, err
}

// decodeError turns an error of decode into one about the response.
func (r *Response) decodeError(err error) error {
	if err == nil {
		return nil
	}
	var inner *InnerError
	if errors.As(err, &inner) {
		return &StatusError{Response: r.keep(inner.Status, inner.Body)}
	}
	return &BodyError{Response: r.keep(r.Status, r.Body), Err: err}
}

// roundTrip sends the request and reads the response whole into buffer. The response is not nil
// after an error about it.
func (p *Pipeline) roundTrip(ctx context.Context, req *Request, buffer *bodyBuffer) (*Response, error) {
	if err := p.RateLimiter.wait(ctx); err != nil {
		return nil, &TransportError{Err: &transport.NotSentError{Err: err}}
	}
	if err := ctx.Err(); err != nil {
		return nil, &TransportError{Err: &transport.NotSentError{Err: err}}
	}
	var sending *transport.SendTracker
	if req.Retry == RetryIfUnsent {
		ctx, sending = transport.WithSendTracker(ctx)
	}
	ctx, sent := redact.Record(ctx)
	httpResp, err := p.Doer.Do(req.httpRequest(ctx, p.UserAgent))
	if err != nil {
		unanswered := Response{sent: sent, addSecrets: p.AddSecrets}
		return nil, &TransportError{Err: redactError(unanswered.Secrets(), sending.Classify(transport.SanitizeError(err)))}
	}
	defer httpResp.Body.Close()
	p.RateLimiter.update(httpResp)
	buffer.response = Response{
		Status:     httpResp.StatusCode,
		Header:     httpResp.Header,
		sent:       sent,
		addSecrets: p.AddSecrets,
		request:    req,
		buffer:     buffer,
	}
	resp := &buffer.response
	if !resp.IsSuccess() {
		resp.receivedAt = time.Now()
	}
	return resp, p.readBody(resp, httpResp, buffer)
}

// readBody reads the body. The status of an error counts whether or not its body can be read.
func (p *Pipeline) readBody(resp *Response, httpResp *http.Response, buffer *bodyBuffer) error {
	limit := p.MaxBody
	if !resp.IsSuccess() {
		limit = transport.MaxErrorBody
	}
	announced := max(httpResp.ContentLength, 0)
	isTooLong := announced > limit
	if isTooLong {
		announced = 0
		limit = min(limit, transport.MaxErrorBody) // for the error only
	}
	err := buffer.readFrom(httpResp.Body, announced, limit)
	resp.Body = buffer.data
	switch {
	case !resp.IsSuccess():
		return &StatusError{Response: resp.keep(resp.Status, resp.Body)}
	case isTooLong || int64(len(resp.Body)) > limit:
		err = &TooLargeError{Limit: p.MaxBody}
	case err != nil:
		err = &TruncatedError{Err: resp.Secrets().Error(transport.SanitizeError(err))}
	default:
		return nil
	}
	return &BodyError{Response: resp.keep(resp.Status, resp.Body), Err: err}
}

// redactError redacts the error of a transport. Whether the request was sent is kept.
func redactError(secrets *redact.Secrets, err error) error {
	redacted := secrets.Error(err)
	if redacted != err && transport.IsNotSent(err) { //nolint:errorlint // the same error is returned
		return &transport.NotSentError{Err: redacted, Permanent: transport.IsPermanent(err)}
	}
	return redacted
}
