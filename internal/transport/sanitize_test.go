package transport_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/transport"
)

func TestSanitizeError_texts(t *testing.T) {
	t.Parallel()
	const hidden = " (the received text is not shown)"
	long := strings.Repeat("x", 499)
	for _, c := range []struct{ text, want string }{
		{"connection refused", "connection refused"},
		{`http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR, debug="canary"`, `http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR, debug=` + hidden},
		{`failed to parse Location header "canary": parse "canary": no`, "failed to parse Location header" + hidden},
		{`stream error: PROTOCOL_ERROR; invalid header field name "canary"`, "stream error: PROTOCOL_ERROR; invalid header field name" + hidden},
		{`bad trailer key "canary"`, "bad trailer key" + hidden},
		{`malformed HTTP version "bad Content-Length: canary"`, "malformed HTTP version" + hidden},
		{"malformed MIME header line: canary", "malformed MIME header line" + hidden}, // as older versions have it
		{"x509: malformed tbs certificate", "x509: malformed tbs certificate"},
		{`no secret at "kv/x"`, `no secret at "kv/x"`},
		{"two\n lines", "two lines"},
		{"requested https://vault.example/canary first", "requested [redacted] first"},
		{long + "äcanary", long + "…"},
	} {
		cause := errors.New(c.text)
		for _, err := range []error{cause, fmt.Errorf("%w", cause), &url.Error{Op: "Get", URL: "https://canary", Err: cause}} {
			sanitized := transport.SanitizeError(err)
			assert.Equal(t, c.want, sanitized.Error())
			require.ErrorIs(t, sanitized, cause)
			assert.Equal(t, c.want, transport.SanitizeError(sanitized).Error(), "a second time changes nothing")
		}
	}
}

// TestSanitizeError_opaque checks that no verb prints what an error quotes, and that other errors
// can be unwrapped whatever their length is.
func TestSanitizeError_opaque(t *testing.T) {
	t.Parallel()
	const line = textproto.ProtocolError(`malformed MIME header line: "canary"`)
	err := transport.SanitizeError(fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, line))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NoError(t, errors.Unwrap(err))
	for _, verb := range []string{"%v", "%+v", "%#v", "%q"} {
		assert.NotContains(t, fmt.Sprintf(verb, err), "canary")
	}
	var hostname x509.HostnameError
	require.ErrorAs(t, transport.SanitizeError(fmt.Errorf("%s %w", strings.Repeat("x", 1000), x509.HostnameError{Certificate: &x509.Certificate{}})), &hostname)
}

func TestSanitizeError_joinedErrors(t *testing.T) {
	t.Parallel()
	err := errors.Join(&url.Error{Op: "Delete", URL: "https://om.example.net", Err: errRefused}, io.ErrUnexpectedEOF)
	require.False(t, transport.IsNotSent(err), "all must be from before the request")
	assert.False(t, transport.IsNotSent(transport.SanitizeError(err)), transport.SanitizeError(err).Error())
}
