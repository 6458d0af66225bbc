package api

import (
	"errors"
	"fmt"

	"example.com/restorejobs/internal/transport"
)

// TransportError is an attempt without a response.
type TransportError struct{ Err error }

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

func (e *TruncatedError) Error() string { return "the answer was cut: " + e.Err.Error() }

// Unwrap returns the error of the connection.
func (e *TruncatedError) Unwrap() error { return e.Err }

// Class is [Transient].
func (e *TruncatedError) Class() Class { return Transient }

// TooLargeError is a response whose body exceeds the limit.
type TooLargeError struct{ Limit int64 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the body is larger than the limit of %d bytes, see WithMaxResponseBytes", e.Limit)
}

// Class is [Permanent]: the next response is as large.
func (e *TooLargeError) Class() Class { return Permanent }
