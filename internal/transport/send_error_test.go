package transport_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/transport"
)

func operationError(op, text string) error {
	return &net.OpError{Op: op, Net: "tcp", Err: errors.New(text)}
}

func TestIsNotSent_errors(t *testing.T) {
	t.Parallel()
	errRefused := operationError("dial", "connection refused")
	errReset := operationError("read", "connection reset by peer")
	for name, c := range map[string]struct {
		err       error
		notSent   bool
		permanent bool
		hint      string
	}{
		"refused":                {errRefused, true, false, ""},
		"proxy refused":          {operationError("proxyconnect", "connection refused"), true, false, ""},
		"no such host":           {&net.DNSError{Err: "no such host"}, true, false, ""},
		"reset":                  {errReset, false, false, ""},
		"broken pipe":            {operationError("write", "broken pipe"), false, false, ""},
		"reset and refused":      {errors.Join(errReset, errRefused), false, false, ""},
		"refused twice":          {errors.Join(errRefused, errRefused), true, false, ""},
		"closed":                 {io.EOF, false, false, ""},
		"truncated":              {io.ErrUnexpectedEOF, false, false, ""},
		"marked":                 {&transport.NotSentError{Err: io.EOF}, true, false, ""},
		"marked permanent":       {&transport.NotSentError{Err: io.EOF, Permanent: true}, true, true, ""},
		"marked by MarkNotSent":  {transport.MarkNotSent(io.EOF), true, false, ""},
		"marked twice":           {transport.MarkNotSent(&transport.NotSentError{Err: io.EOF, Permanent: true}), true, true, ""},
		"unknown authority":      {x509.UnknownAuthorityError{}, true, true, "WithRootCAs"},
		"verification":           {&tls.CertificateVerificationError{Err: errors.New("bad")}, true, true, "WithRootCAs"},
		"other host":             {x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"}, true, true, "another host"},
		"expired":                {x509.CertificateInvalidError{Reason: x509.Expired}, true, true, "clock"},
		"plain http":             {http.ErrSchemeMismatch, true, true, "does not use TLS"},
		"no TLS in handshake":    {tls.RecordHeaderError{Conn: &net.TCPConn{}}, true, true, "does not use TLS"},
		"no TLS after handshake": {tls.RecordHeaderError{}, false, false, "does not use TLS"},
		"certificate required":   {operationError("remote error", "tls: certificate required"), true, true, "WithTLSConfig"},
		"other alert":            {operationError("remote error", "tls: internal error"), false, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, err := range []error{c.err, fmt.Errorf("wrapped: %w", c.err), &url.Error{Op: "Get", URL: "https://canary", Err: c.err}} {
				assert.Equal(t, c.notSent, transport.IsNotSent(err))
				assert.Equal(t, c.permanent, transport.IsPermanent(err))
				assert.Contains(t, transport.TLSHint(err), c.hint)
				assert.Equal(t, c.hint == "", transport.TLSHint(err) == "")
				assert.NotContains(t, transport.SanitizeError(err).Error(), "canary")
				assert.ErrorIs(t, transport.SanitizeError(err), c.err)
			}
		})
	}
}
