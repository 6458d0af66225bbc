package redact

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Text returns the text of a server with [Placeholder] instead of the secrets. A text that is cut
// later must be redacted first: the rest of a cut secret may be too short to recognise.
func (s *Secrets) Text(text string) string {
	return replace(text, s.find(text, true))
}

// replace returns a text with the placeholder for some of its parts.
func replace(text string, found []span) string {
	if len(found) == 0 {
		return text
	}
	var redacted strings.Builder
	end := 0
	for _, f := range found {
		redacted.WriteString(text[end:f.from])
		redacted.WriteString(Placeholder)
		end = f.to
	}
	redacted.WriteString(text[end:])
	return redacted.String()
}

// Body is [Secrets.Text] for a body. Valid JSON stays valid: if a secret is not a part of a string
// but a number, for example, the placeholder replaces the whole body.
func (s *Secrets) Body(body []byte) []byte {
	redacted := s.Text(string(body))
	if redacted == string(body) {
		return body
	}
	if json.Valid(body) && !json.Valid([]byte(redacted)) {
		return []byte(`"` + Placeholder + `"`)
	}
	return []byte(redacted)
}

// Header returns a copy of a header with redacted values.
func (s *Secrets) Header(header http.Header) http.Header {
	redacted := header.Clone()
	for _, values := range redacted {
		for i := range values {
			values[i] = s.Text(values[i])
		}
	}
	return redacted
}

// Error returns err, or an [Opaque] error with a redacted text if err or an error in its chain
// shows a secret. Only runs of [MinRun] bytes count: most of the text is not the server's, and
// can contain a short secret as a word.
func (s *Secrets) Error(err error) error {
	if err == nil || !s.shownBy(err) {
		return err
	}
	text := err.Error()
	return Opaque(replace(text, s.find(text, false)), err)
}

// shownBy reports whether the text or a field of an error, or of an error in its chain, shows a
// secret.
func (s *Secrets) shownBy(err error) bool {
	if len(s.find(err.Error(), false)) > 0 || len(s.find(fmt.Sprintf("%#v", err), false)) > 0 {
		return true
	}
	switch wrapper := err.(type) { //nolint:errorlint // each error of the chain is tested
	case interface{ Unwrap() error }:
		inner := wrapper.Unwrap()
		return inner != nil && s.shownBy(inner)
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(wrapper.Unwrap(), func(inner error) bool { return inner != nil && s.shownBy(inner) })
	}
	return false
}
