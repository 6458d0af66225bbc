// Package redact removes secrets from the text of a server.
//
// A server can repeat a request: a debug page, a proxy or a broken gateway quotes the
// Authorization header in its response. [Sent] records the secrets of a request. [Secrets]
// removes them from every text of the response.
package redact

import (
	"encoding/base64"
	"net/url"
	"strings"
)

const (
	// MinRun is the recognisable part of a secret in bytes: a run of that length is redacted.
	MinRun = 8
	// minSecret is the shortest text that is redacted. A shorter one protects nothing, and is
	// part of ordinary sentences.
	minSecret = 4
	// minHeaderRun is MinRun of a digest header, whose realm and algorithm are common words.
	minHeaderRun = 16
)

// Secrets are the texts that no output may show. Every run of [MinRun] bytes of a secret is
// redacted, and a shorter secret if it is a whole word. It is found unescaped, escaped for JSON,
// URLs or HTML, in base64 (once or twice), in hexadecimal, and as ASCII in UTF-16. The zero value and
// nil redact nothing. It is not safe for concurrent use.
type Secrets struct {
	parts   []part
	matcher *matcher // nil until needed, and after each addition
}

// part is a text that is redacted.
type part struct {
	text   string
	minRun int
}

// Add adds a secret, such as a key, a token or a password.
func (s *Secrets) Add(secret string) { s.add(secret, MinRun) }

// AddName adds a name that belongs to a secret, such as a public key or a client ID. It is
// redacted as a whole. A name shorter than [MinRun] is not added: it may be a common word.
func (s *Secrets) AddName(name string) {
	if len(name) >= MinRun {
		s.add(name, len(name))
	}
}

// AddBasic adds a user name and password, and the pair as the header of Basic authentication
// has it. OAuth escapes both for the header (RFC 6749, section 2.3.1).
func (s *Secrets) AddBasic(username, password string) {
	s.AddName(username)
	s.Add(password)
	pairs := [...]string{
		username + ":" + password,
		url.QueryEscape(username) + ":" + url.QueryEscape(password),
	}
	for _, pair := range pairs {
		s.Add(pair)
		s.Add(base64.StdEncoding.EncodeToString([]byte(pair))) // a server can encode the header again
	}
}

// AddLink adds the secret parts of a download link, which can be its own key: the userinfo, the
// path, the fragment, and the values of the query. The host and the names of parameters are not secret.
func (s *Secrets) AddLink(link string) {
	target, err := url.Parse(link)
	if err != nil || target.Host == "" {
		s.Add(link)
		return
	}
	if target.User != nil {
		password, _ := target.User.Password()
		s.AddBasic(target.User.Username(), password)
	}
	s.Add(target.EscapedPath())
	s.Add(target.EscapedFragment())
	for parameter := range strings.FieldsFuncSeq(target.RawQuery, isSeparator) {
		name, value, hasName := strings.Cut(parameter, "=")
		if !hasName {
			value = name
		}
		s.Add(value)
	}
}

func isSeparator(r rune) bool { return r == '&' || r == ';' }

// AddAuthorization adds the value of a header that authorizes a request.
func (s *Secrets) AddAuthorization(value string) {
	scheme, credentials, _ := strings.Cut(value, " ")
	switch {
	case strings.EqualFold(scheme, "Digest"):
		s.addDigest(value)
	case strings.EqualFold(scheme, "Basic"):
		s.Add(credentials)
		if pair, err := base64.StdEncoding.DecodeString(credentials); err == nil {
			username, password, _ := strings.Cut(string(pair), ":")
			s.AddBasic(username, password)
		}
	case credentials == "":
		s.Add(value)
	default:
		s.Add(credentials)
	}
}

// addDigest adds a digest header without its uri, which errors name themselves.
func (s *Secrets) addDigest(value string) {
	s.Add(field(value, `response="`))
	s.Add(field(value, `cnonce="`))
	before, after, found := strings.Cut(value, `uri="`)
	s.add(before, minHeaderRun)
	if found {
		_, after, _ = strings.Cut(after, `"`)
		s.add(after, minHeaderRun)
	}
}

// field returns the value after a name in a digest header, empty if it is missing.
func field(header, name string) string {
	_, value, _ := strings.Cut(header, name)
	value, _, _ = strings.Cut(value, `"`)
	return value
}

func (s *Secrets) add(text string, minRun int) {
	if len(text) < minSecret {
		return
	}
	s.parts = append(s.parts, part{text: text, minRun: min(minRun, len(text))})
	s.matcher = nil
}
