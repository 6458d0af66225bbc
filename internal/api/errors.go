package api

import (
	"errors"
	"fmt"
	"time"

	"example.com/restorejobs/internal/transport"
)

// TransportError is an attempt without a response.
type TransportError struct{ Err error }

// Error describes the failure.
func (e *TransportError) Error() string { return e.Err.Error() + transport.TLSHint(e.Err) }

// Unwrap returns the error of the transport.
func (e *TransportError) Unwrap() error { return e.Err }

// Class is [Transient] or [Unsent], unless the error is permanent. Whether the request was sent
// is decided by its transport only, not by an error of another request in the chain.
func (e *TransportError) Class() Class {
	if transport.IsPermanent(e.Err) {
		return Permanent
	}
	var inner Classified
	if errors.As(e.Err, &inner) && inner.Class() < Transient {
		return inner.Class()
	}
	if transport.IsNotSent(e.Err) {
		return Unsent
	}
	return Transient
}

// TruncatedError is a response whose body ended early.
type TruncatedError struct{ Err error }

// Error describes the failure.
func (e *TruncatedError) Error() string { return "the answer was cut: " + e.Err.Error() }

// Unwrap returns the error of the connection.
func (e *TruncatedError) Unwrap() error { return e.Err }

// Class is [Transient].
func (e *TruncatedError) Class() Class { return Transient }

// TooLargeError is a response whose body exceeds the limit.
type TooLargeError struct{ Limit int64 }

// Error describes the failure.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the body is larger than the limit of %d bytes, see WithMaxResponseBytes", e.Limit)
}

// Class is [Permanent]: the next response is as large.
func (e *TooLargeError) Class() Class { return Permanent }

// InnerError is an error that came inside of a successful response. A decoder returns it.
type InnerError struct {
	Status int
	Body   []byte
}

// Error describes the failure.
func (e *InnerError) Error() string { return fmt.Sprintf("status %d inside the body", e.Status) }

// StatusError is a response whose status, or the status in its envelope, is not a success.
type StatusError struct{ Response *Response }

// Error describes the failure.
func (e *StatusError) Error() string { return fmt.Sprintf("status %d", e.Response.Status) }

// Class is that of the status.
func (e *StatusError) Class() Class { return ClassifyStatus(e.Response.Status) }

// RetryAfter returns the delay that the response requests.
func (e *StatusError) RetryAfter() time.Duration { return e.Response.RetryAfter() }

// BodyError is a successful response whose body cannot be used: a [*TruncatedError], a
// [*TooLargeError], or an error of the decoder.
type BodyError struct {
	Response *Response
	Err      error
}

// Error describes the failure.
func (e *BodyError) Error() string { return e.Err.Error() }

// Unwrap returns why the body cannot be used.
func (e *BodyError) Unwrap() error { return e.Err }

// Class is that of the cause.
func (e *BodyError) Class() Class { return ClassifyBody(e.Err) }

// RetryAfter returns the delay that the response requests.
func (e *BodyError) RetryAfter() time.Duration { return e.Response.RetryAfter() }
