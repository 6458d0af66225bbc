package transport_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/transport"
)

func TestTLSHint_causes(t *testing.T) {
	t.Parallel()
	for hint, err := range map[string]error{
		"": errors.Join(io.EOF, errors.New("tls: internal error")),
		" (the certificate is for another host: check WithBaseURL)":                                     x509.HostnameError{Certificate: &x509.Certificate{}},
		" (the server's certificate has expired or is not yet valid, or this machine's clock is wrong)": x509.CertificateInvalidError{Reason: x509.Expired},
		" (for a private certificate authority use WithRootCAs)":                                        x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign},
		" (the server may require a client certificate: see WithTLSConfig)":                             operationError("remote error", "tls: handshake failure"),
	} {
		assert.Equal(t, hint, transport.TLSHint(fmt.Errorf("wrapped: %w", err)))
	}
}
