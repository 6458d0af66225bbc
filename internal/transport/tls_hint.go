package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
)

// TLSHint says what helps against an error of TLS, "" for others.
func TLSHint(err error) string {
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
	case isHandshakeRejected(err):
		return " (the server may want a client certificate that it knows: see WithTLSConfig)"
	case IsHandshakeError(err):
		return " (for a private certificate authority use WithRootCAs)"
	}
	return ""
}
