package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
)

// NotSentError is an error from before a request was sent.
type NotSentError struct {
	Err       error
	Permanent bool // a retry would fail the same way
}

// Error describes the failure.
func (e *NotSentError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *NotSentError) Unwrap() error { return e.Err }

// MarkNotSent returns err as a [NotSentError], unless it is one already.
func MarkNotSent(err error) error {
	if isMarkedNotSent(err) {
		return err
	}
	return &NotSentError{Err: err}
}

func isMarkedNotSent(err error) bool {
	var notSent *NotSentError
	return errors.As(err, &notSent)
}

// sentError marks a request that may have been executed. Its cause can be a dial error, of a
// transport with its own retries.
type sentError struct{ err error }

// Error describes the failure.
func (e *sentError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *sentError) Unwrap() error { return e.err }

// IsNotSent reports whether an error is from before the request was sent: it is marked so, or
// no connection was made. If errors are joined, all of them must be.
func IsNotSent(err error) bool {
	for e := err; e != nil; e = errors.Unwrap(e) {
		switch e := e.(type) { //nolint:errorlint // the outermost mark counts: an inner one can be another request's
		case *sentError:
			return false
		case *NotSentError:
			return true
		case interface{ Unwrap() []error }:
			return !slices.ContainsFunc(e.Unwrap(), isMaybeSent)
		}
	}
	return isDialError(err) || IsHandshakeError(err)
}

func isMaybeSent(err error) bool { return !IsNotSent(err) }

// isDialError reports a connection that was never made.
func isDialError(err error) bool {
	var operation *net.OpError
	if errors.As(err, &operation) && isDial(operation.Op) {
		return true
	}
	var dns *net.DNSError
	return errors.As(err, &dns)
}

func isDial(operation string) bool { return operation == "dial" || operation == "proxyconnect" }

// IsHandshakeError reports an error of the TLS handshake, which precedes every request.
func IsHandshakeError(err error) bool {
	return isCertificateError(err) || isPlainHTTPHandshake(err) || isHandshakeRejected(err)
}

func isCertificateError(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		hostname     x509.HostnameError
		invalid      x509.CertificateInvalidError
	)
	return errors.As(err, &verification) || errors.As(err, &authority) ||
		errors.As(err, &hostname) || errors.As(err, &invalid)
}

// isPlainHTTPHandshake reports a response to the handshake that is not TLS. Only the first
// record has a connection.
func isPlainHTTPHandshake(err error) bool {
	var record tls.RecordHeaderError
	isFirst := errors.As(err, &record) && record.Conn != nil
	return isFirst || errors.Is(err, http.ErrSchemeMismatch)
}

// isHandshakeRejected reports an alert of the server, mostly because it requires a certificate.
// The server reads no request then, although in TLS 1.3 one can be on its way.
func isHandshakeRejected(err error) bool {
	var operation *net.OpError
	if !errors.As(err, &operation) || operation.Op != "remote error" {
		return false
	}
	text := operation.Error()
	return strings.Contains(text, "certificate") || strings.Contains(text, "handshake failure")
}

// IsPermanent reports an error that a retry would meet again.
func IsPermanent(err error) bool {
	var notSent *NotSentError
	isMarked := errors.As(err, &notSent) && notSent.Permanent
	return isMarked || IsHandshakeError(err)
}
