package redact

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// Text returns the text of a server with [Marker] instead of the secrets. A text that is cut
// later must be redacted first: the rest of a cut secret may be too short to recognise.
func (s *Secrets) Text(text string) string {
	return replace(text, s.find(text, true))
}

// replace puts the marker in the place of parts of a text.
func replace(text string, found []span) string {
	if len(found) == 0 {
		return text
	}
	var redacted strings.Builder
	end := 0
	for _, f := range found {
		redacted.WriteString(text[end:f.from])
		redacted.WriteString(Marker)
		end = f.to
	}
	redacted.WriteString(text[end:])
	return redacted.String()
}

// Body is [Secrets.Text] for a body. Valid JSON stays valid: if a secret is more than a part of a
// string, such as a number, the marker replaces the whole body.
func (s *Secrets) Body(body []byte) []byte {
	redacted := s.Text(string(body))
	if redacted == string(body) {
		return body
	}
	if json.Valid(body) && !json.Valid([]byte(redacted)) {
		return []byte(`"` + Marker + `"`)
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

// Error returns err, or an error with a redacted text if err or an error in its chain shows a
// secret. That error is not unwrapped any more, but matches what err matches. Only runs of
// [MinRun] bytes count: most of the text is not the server's, and can have a short secret as a word.
func (s *Secrets) Error(err error) error {
	if err == nil || !s.shownBy(err) {
		return err
	}
	return &redactedError{text: replace(err.Error(), s.find(err.Error(), false)), is: func(target error) bool { return errors.Is(err, target) }}
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

// redactedError keeps the original error in a function, which fmt cannot print.
type redactedError struct {
	text string
	is   func(error) bool
}

func (e *redactedError) Error() string        { return e.text }
func (e *redactedError) Is(target error) bool { return e.is(target) }

// span is a part of a text.
type span struct{ from, to int }

// find returns what must be redacted, in order and without overlaps. Words includes the secrets
// that count as a word only.
func (s *Secrets) find(text string, words bool) []span {
	if s == nil || len(s.parts) == 0 || len(text) < minSecret {
		return nil
	}
	if s.matcher == nil {
		s.matcher = newMatcher(s.parts)
	}
	var found []span
	eachView(text, func(v *view) {
		s.matcher.each(v.text, words, func(from, to int) {
			f := span{v.from(from), v.to(to)}
			if last := len(found) - 1; last >= 0 && found[last].from <= f.from && f.from <= found[last].to {
				found[last].to = max(found[last].to, f.to)
				return
			}
			found = append(found, f)
		})
	})
	if len(found) == 0 {
		return nil
	}
	escapes := (&view{text: text}).unescape(jsonEscaping)
	for i := range found {
		if escapes != nil {
			found[i] = escapes.whole(found[i])
		}
		found[i] = wholeRunes(text, found[i])
	}
	return merge(found)
}

// whole widens a part of the source to whole escapes: the rest of one would not be valid JSON.
func (v *view) whole(f span) span {
	at, exact := slices.BinarySearch(v.start, int32(f.from)) //nolint:gosec // as in unescape
	if !exact {
		at--
	}
	end, _ := slices.BinarySearch(v.start, int32(f.to)) //nolint:gosec // as above
	return span{int(v.start[at]), int(v.start[end])}
}

// wholeRunes widens a part of a text to whole characters.
func wholeRunes(text string, f span) span {
	for n := 0; n < utf8.UTFMax && f.from > 0 && !utf8.RuneStart(text[f.from]); n++ {
		f.from--
	}
	for n := 0; n < utf8.UTFMax && f.to < len(text) && !utf8.RuneStart(text[f.to]); n++ {
		f.to++
	}
	return f
}

// merge sorts spans and joins those that touch.
func merge(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	merged := spans[:1]
	for _, next := range spans[1:] {
		if last := &merged[len(merged)-1]; next.from <= last.to {
			last.to = max(last.to, next.to)
			continue
		}
		merged = append(merged, next)
	}
	return merged
}
