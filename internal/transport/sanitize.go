package transport

import (
	"errors"
	"io"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.com/restorejobs/internal/redact"
)

// Placeholder stands where something must not be seen.
const Placeholder = redact.Marker

// maxErrorLen is how much is told of an error of others.
const maxErrorLen = 500

// OneLine makes a text of others fit for one line of an error or a log: no control
// characters, no links (they can be keys), and not endless. Characters that reorder the text
// around them, such as U+202E, count as control characters.
func OneLine(text string, limit int) string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError
	})
	for i, word := range words {
		if strings.Contains(word, "://") {
			words[i] = Placeholder
		}
	}
	text = strings.Join(words, " ")
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + "…"
}

// SanitizeError takes out of the errors of net/http what must not be seen: the address, and
// what they quote of an answer. It bounds their length, too.
func SanitizeError(err error) error {
	if isMarkedNotSent(err) {
		return unwrapURLError(err)
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if address, ok := e.(*url.Error); ok { //nolint:errorlint // a transport's own may be inside net/http's
			err = address.Err
		}
	}
	return sanitizeText(err)
}

// unwrapURLError leaves alone what is inside of our own errors: it is looked after already.
func unwrapURLError(err error) error {
	for {
		outer, ok := err.(*url.Error) //nolint:errorlint // see above
		if !ok {
			return err
		}
		err = outer.Err
	}
}

// sanitizeText gives an error the text that may be seen.
func sanitizeText(err error) error {
	if start, ok := cutAtQuote(err.Error()); ok {
		return &opaqueError{text: OneLine(start, maxErrorLen) + " (what came is not shown)", is: func(target error) bool { return errors.Is(err, target) }}
	}
	var address *url.Error
	if errors.As(err, &address) { // one of several errors in one
		return &opaqueError{text: OneLine(err.Error(), maxErrorLen), is: func(target error) bool { return errors.Is(err, target) }}
	}
	var known *sanitizedError
	text := OneLine(err.Error(), maxErrorLen)
	if errors.Is(err, io.EOF) && !errors.As(err, &known) {
		text = "the server closed the connection" // net/http reports a bare EOF
	}
	if text == err.Error() {
		return err
	}
	return &sanitizedError{text: text, err: err}
}

// sanitizedError is an error with another text.
type sanitizedError struct {
	text string
	err  error
}

func (e *sanitizedError) Error() string { return e.text }
func (e *sanitizedError) Unwrap() error { return e.err }

// opaqueError is an error that must not be unwrapped: it quotes. It is still what it was to
// [errors.Is].
type opaqueError struct {
	text string
	is   func(error) bool // no way of printing shows what is in a function
}

func (e *opaqueError) Error() string        { return e.text }
func (e *opaqueError) Is(target error) bool { return e.is(target) }

// quotingPhrases are the words with which net/http, and what it is made of, begin to say what of an
// answer they cannot read. They go on with the answer's own, which may be an echo of the
// request with its key.
var quotingPhrases = [...]string{
	"malformed HTTP", "malformed MIME header", "bad Content-Length", "invalid empty Content-Length", "multiple Content-Length headers",
	"bad trailer key", "transfer encoding", "parse Location header", "invalid header field", "pseudo-header", "debug=",
}

// cutAtQuote gives a text up to where it first quotes; ok is whether it does.
func cutAtQuote(text string) (start string, ok bool) {
	first := len(text)
	for _, words := range quotingPhrases {
		if at := strings.Index(text, words); at >= 0 {
			at += len(words)
			if end := strings.IndexAny(text[at:], `":;[`); end >= 0 {
				first, ok = min(first, at+end), true
			}
		}
	}
	return strings.TrimSpace(text[:first]), ok
}
