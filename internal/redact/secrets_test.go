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
	s.AddAuthorization("Basic " + base64.StdEncoding.EncodeToString([]byte("proxy:short")))
	s.AddAuthorization("odd-key-0123")
	s.AddAuthorization("Key other-key-0123")
	for _, text := range []string{"eyJhbGciOiJ", "client:password", "Y2xpZW50OnBhc3N3b3Jk", "ent:passw", "odd-key-0", "other-key", "short"} {
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

func TestAddLink_valuesOnly(t *testing.T) {
	t.Parallel()
	s := &redact.Secrets{}
	s.AddLink("https://someuser:password1@bucket.example.com:8443/pull/9b1d7c3f5e2a/rs0.tar.gz?AWSAccessKeyId=AKIAEXAMPLE&Signature=abcd%2FEFGH&flag0123")
	for text, want := range map[string]string{
		"GET /pull/9b1d7c3f5e2a/rs0.tar.gz":                     "GET " + redact.Placeholder,
		"AWSAccessKeyId=AKIAEXAMPLE&Signature=abcd/EFGH":        "AWSAccessKeyId=[redacted]&Signature=[redacted]",
		"no key AKIAEXAMPLE, flag0123":                          "no key [redacted], [redacted]",
		"https://someuser:password1@bucket.example.com:8443/":   "https://[redacted]@bucket.example.com:8443/",
		"SignatureDoesNotMatch: see https://docs.example.com":   "SignatureDoesNotMatch: see https://docs.example.com",
		"dial tcp: lookup bucket.example.com: no such host":     "dial tcp: lookup bucket.example.com: no such host",
		"the parameter AWSAccessKeyId is missing, or Signature": "the parameter AWSAccessKeyId is missing, or Signature",
	} {
		assert.Equal(t, want, s.Text(text), text)
	}
	invalid := &redact.Secrets{}
	invalid.AddLink("https://host/%zz/secret-path")
	assert.Equal(t, redact.Placeholder, invalid.Text("secret-path"), "all of an invalid link is secret")
}
