package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"

	"example.com/restorejobs/internal/digestauth"
)

// NotSentError is a call that was given up before it was sent.
type NotSentError struct {
	Err       error
	Permanent bool // another attempt would meet it again
}

func (e *NotSentError) Error() string { return e.Err.Error() }
func (e *NotSentError) Unwrap() error { return e.Err }

// IsNotSent reports an error from before the request: the connection was never
// made, or there was nothing to sign it with. Of several errors in one, all must be.
func IsNotSent(err error) bool {
	for e := err; e != nil; e = errors.Unwrap(e) {
		switch e := e.(type) { //nolint:errorlint // the outermost word counts, and none of another call's inside
		case *sentError:
			return false
		case *NotSentError, *digestauth.NotSentError:
			return true
		case interface{ Unwrap() []error }:
			return !slices.ContainsFunc(e.Unwrap(), func(one error) bool { return !IsNotSent(one) })
		}
	}
	return isDialError(err) || IsHandshakeError(err) || isSigningError(err)
}

// isMarkedNotSent reports an error that whoever gave up has marked.
func isMarkedNotSent(err error) bool {
	var here *NotSentError
	var signing *digestauth.NotSentError
	return errors.As(err, &here) || errors.As(err, &signing)
}

// isDialError reports a connection that was never made.
func isDialError(err error) bool {
	var operation *net.OpError
	var dns *net.DNSError
	if errors.As(err, &operation) && (operation.Op == "dial" || operation.Op == "proxyconnect") {
		return true
	}
	return errors.As(err, &dns)
}

// isSigningError reports a digest challenge that could not be answered.
func isSigningError(err error) bool {
	return errors.Is(err, digestauth.ErrMD5Forbidden) || errors.Is(err, digestauth.ErrBodyNotReplayable)
}

// IsHandshakeError reports an error of the TLS handshake, which is before any request.
func IsHandshakeError(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		record       tls.RecordHeaderError
		unknown      x509.UnknownAuthorityError
		hostname     x509.HostnameError
		certificate  x509.CertificateInvalidError
	)
	return errors.As(err, &verification) || errors.As(err, &record) && record.Conn != nil || errors.As(err, &unknown) ||
		errors.As(err, &hostname) || errors.As(err, &certificate) ||
		errors.Is(err, http.ErrSchemeMismatch) || isHandshakeRejected(err)
}

// isHandshakeRejected reports that the server does not take our part of the handshake, most
// often because it wants a certificate. It reads no request then, though in TLS 1.3 one
// may be on its way.
func isHandshakeRejected(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "remote error" &&
		(strings.Contains(operation.Error(), "certificate") || strings.Contains(operation.Error(), "handshake failure"))
}

// IsPermanent reports an error that another attempt will meet again.
func IsPermanent(err error) bool {
	var notSent *NotSentError
	return IsHandshakeError(err) || isSigningError(err) || errors.As(err, &notSent) && notSent.Permanent
}
