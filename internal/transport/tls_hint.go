package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
)

// TLSHint returns how to repair a TLS error, in parentheses after a space. It is empty for other
// errors.
func TLSHint(err error) string {
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &hostname):
		return " (the certificate is for another host: check WithBaseURL)"
	case isPlainHTTP(err):
		return " (the server does not use TLS on this port: check the scheme and port of WithBaseURL)"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return " (the server's certificate has expired or is not yet valid, or this machine's clock is wrong)"
	case isHandshakeRejected(err):
		return " (the server may require a client certificate: see WithTLSConfig)"
	case IsHandshakeError(err):
		return " (for a private certificate authority use WithRootCAs)"
	}
	return ""
}

// isPlainHTTP reports a response that is not TLS, even if it came after the handshake.
func isPlainHTTP(err error) bool {
	var record tls.RecordHeaderError
	return errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}
