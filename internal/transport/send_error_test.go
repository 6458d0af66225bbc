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

	"example.com/restorejobs/internal/digestauth"
	"example.com/restorejobs/internal/transport"
)

// TestIsNotSent_errors: was the request sent, would another attempt meet the error again,
// and what helps. Whatever is not certain counts as sent.
func TestIsNotSent_errors(t *testing.T) {
	t.Parallel()
	operation := func(op, says string) error { return &net.OpError{Op: op, Net: "tcp", Err: errors.New(says)} }
	for _, c := range []struct {
		name            string
		err             error
		unsent, forGood bool
		remedy          string
	}{
		{"refused", operation("dial", "connection refused"), true, false, ""},
		{"no proxy", operation("proxyconnect", "connection refused"), true, false, ""},
		{"no such host", &net.DNSError{Err: "no such host"}, true, false, ""},
		{"reset", operation("read", "connection reset by peer"), false, false, ""},
		{"broken pipe", operation("write", "broken pipe"), false, false, ""},
		{"reset, then refused", errors.Join(operation("read", "connection reset by peer"), operation("dial", "connection refused")), false, false, ""},
		{"refused twice", errors.Join(operation("dial", "connection refused"), operation("dial", "connection refused")), true, false, ""},
		{"closed", io.EOF, false, false, ""},
		{"cut", io.ErrUnexpectedEOF, false, false, ""},
		{"given up", &transport.NotSentError{Err: io.EOF}, true, false, ""},
		{"given up for good", &transport.NotSentError{Err: io.EOF, Permanent: true}, true, true, ""},
		{"signing given up", &digestauth.NotSentError{Err: io.EOF}, true, false, ""},
		{"no MD5", digestauth.ErrMD5Forbidden, true, true, ""},
		{"unknown authority", x509.UnknownAuthorityError{}, true, true, "WithRootCAs"},
		{"verification", &tls.CertificateVerificationError{Err: errors.New("bad")}, true, true, "WithRootCAs"},
		{"another host", x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"}, true, true, "another host"},
		{"ended", x509.CertificateInvalidError{Reason: x509.Expired}, true, true, "clock"},
		{"no TLS there", http.ErrSchemeMismatch, true, true, "does not speak TLS"},
		{"no TLS record at first", tls.RecordHeaderError{Conn: &net.TCPConn{}}, true, true, "does not speak TLS"},
		{"no TLS record later", tls.RecordHeaderError{}, false, false, "does not speak TLS"},
		{"certificate wanted", operation("remote error", "tls: certificate required"), true, true, "WithTLSConfig"},
		{"another alert", operation("remote error", "tls: internal error"), false, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, err := range []error{c.err, fmt.Errorf("wrapped: %w", c.err), &url.Error{Op: "Get", URL: "https://canary", Err: c.err}} {
				assert.Equal(t, c.unsent, transport.IsNotSent(err))
				assert.Equal(t, c.forGood, transport.IsPermanent(err))
				assert.Contains(t, transport.TLSHint(err), c.remedy)
				assert.Equal(t, c.remedy == "", transport.TLSHint(err) == "")
				assert.NotContains(t, transport.SanitizeError(err).Error(), "canary")
				assert.ErrorIs(t, transport.SanitizeError(err), c.err)
			}
		})
	}
}
