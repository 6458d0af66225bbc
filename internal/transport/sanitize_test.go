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

// TestSanitizeError_texts beside what a server in a test can bring about.
func TestSanitizeError_texts(t *testing.T) {
	t.Parallel()
	const hidden = " (what came is not shown)"
	long := strings.Repeat("x", 499)
	for _, c := range []struct{ says, told string }{
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
		{"asked https://vault.example/canary for it", "asked [redacted] for it"},
		{long + "äcanary", long + "…"},
	} {
		said := errors.New(c.says)
		for _, err := range []error{said, fmt.Errorf("%w", said), &url.Error{Op: "Get", URL: "https://canary", Err: said}} {
			told := transport.SanitizeError(err)
			assert.Equal(t, c.told, told.Error())
			require.ErrorIs(t, told, said)
			assert.Equal(t, c.told, transport.SanitizeError(told).Error(), "once is enough")
		}
	}
}

// TestSanitizeError_opaque either, nor printed by any verb; other errors stay what
// they are, however long.
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
