package redact_test

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/redact"
)

func TestAddAuthorization_parts(t *testing.T) {
	t.Parallel()
	const digest = `Digest username="publicab", realm="MMS Public API", nonce="T8TZ+2qmlSjF0Ltj", uri="/api/public/v1.0/groups/p", ` +
		`algorithm=MD5, cnonce="00112233aabbccdd", qop=auth, nc=00000001, response="0123456789abcdef0123456789abcdef"`
	s := &redact.Secrets{}
	s.AddAuthorization(digest)
	for text, want := range map[string]string{
		"got " + digest:                     `got [redacted]uri="/api/public/v1.0/groups/p"[redacted]`,
		"got " + digest[:30]:                "got [redacted]",
		"00112233aabbccdd":                  redact.Placeholder,
		"x 456789abcdef0 y":                 "x [redacted] y",
		"MMS Public API, algorithm=MD5":     "MMS Public API, algorithm=MD5",
		"no resource /api/public/v1.0/grou": "no resource /api/public/v1.0/grou",
	} {
		assert.Equal(t, want, s.Text(text), text)
	}
	s.AddAuthorization("Bearer eyJhbGciOiJIUzI1NiJ9.payload")
	s.AddAuthorization("Basic " + base64.StdEncoding.EncodeToString([]byte("client:password")))
	s.AddAuthorization("odd-key-0123")
	s.AddAuthorization("Key other-key-0123")
	for _, text := range []string{"eyJhbGciOiJ", "client:password", "Y2xpZW50OnBhc3N3b3Jk", "ent:passw", "odd-key-0", "other-key"} {
		assert.Equal(t, redact.Placeholder, s.Text(text), text)
	}
}

func TestAddBasic_parts(t *testing.T) {
	t.Parallel()
	s := &redact.Secrets{}
	s.AddBasic("client id", "pass word/ä")
	for _, text := range []string{
		"client id", "pass word/ä", "client+id:pass+word%2F%C3%A4", "pass%20word%2f%c3%a4",
		base64.StdEncoding.EncodeToString([]byte("client+id:pass+word%2F%C3%A4")),
	} {
		got := s.Text(text)
		assert.Less(t, len(got), len(redact.Placeholder)+4, got)
		assert.Contains(t, got, redact.Placeholder)
	}
}
