package wire

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// Remedy says what helps against an error of TLS, "" for others.
func Remedy(err error) string {
	var record tls.RecordHeaderError
	var hostname x509.HostnameError
	var certificate x509.CertificateInvalidError
	switch {
	case errors.As(err, &hostname):
		return " (the certificate is for another host: check WithBaseURL)"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return " (the server does not speak TLS on this port: check the scheme and port of WithBaseURL)"
	case errors.As(err, &certificate) && certificate.Reason == x509.Expired:
		return " (the server's certificate has ended or not begun, or this machine's clock is wrong)"
	case handshakeRefused(err):
		return " (the server may want a client certificate that it knows: see WithTLSConfig)"
	case HandshakeFailed(err):
		return " (for a private certificate authority use WithRootCAs)"
	}
	return ""
}

// WithoutURL strips the address off the errors of net/http: it may hold what must not be
// seen.
func WithoutURL(err error) error {
	var wrapped *url.Error
	for errors.As(err, &wrapped) { // a transport's own may be inside net/http's
		err = wrapped.Err
	}
	var told *closedError
	if errors.Is(err, io.EOF) && !errors.As(err, &told) {
		return &closedError{err: err}
	}
	return err
}

// closedError says in words what net/http reports as a bare EOF.
type closedError struct{ err error }

func (e *closedError) Error() string { return "the server closed the connection" }
func (e *closedError) Unwrap() error { return e.err }
