package transport

import (
	"errors"
	"io"
	"net/url"
	"strings"

	"example.com/restorejobs/internal/redact"
)

// maxErrorLen limits the text of an error in bytes.
const maxErrorLen = 500

// SanitizeError removes URLs and quoted response text from an error of net/http, and limits its
// length. A [NotSentError] keeps its text, which is our own.
func SanitizeError(err error) error {
	if isMarkedNotSent(err) {
		return trimURLErrors(err)
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if wrapper, ok := e.(*url.Error); ok { //nolint:errorlint // a caller's transport can return one inside net/http's
			err = wrapper.Err
		}
	}
	return sanitizeText(err)
}

// trimURLErrors removes the outermost errors that have a URL.
func trimURLErrors(err error) error {
	for {
		wrapper, ok := err.(*url.Error) //nolint:errorlint // as above
		if !ok {
			return err
		}
		err = wrapper.Err
	}
}

// sanitizeText returns an error whose text can be shown.
func sanitizeText(err error) error {
	if start, ok := cutAtQuote(err.Error()); ok {
		return redact.Opaque(redact.OneLine(start, maxErrorLen)+" (the received text is not shown)", err)
	}
	text := redact.OneLine(err.Error(), maxErrorLen)
	var inner *url.Error
	if errors.As(err, &inner) { // one of joined errors
		return redact.Opaque(text, err)
	}
	if isBareEOF(err) {
		text = "the server closed the connection"
	}
	if text == err.Error() {
		return err
	}
	return &sanitizedError{text: text, err: err}
}

// isBareEOF reports the text with which net/http reports a closed connection.
func isBareEOF(err error) bool {
	var sanitized *sanitizedError
	return errors.Is(err, io.EOF) && !errors.As(err, &sanitized)
}

// sanitizedError is an error with another text.
type sanitizedError struct {
	text string
	err  error
}

func (e *sanitizedError) Error() string { return e.text }
func (e *sanitizedError) Unwrap() error { return e.err }

// quotingPhrases precede response text in the errors of net/http and its dependencies. That text
// can be an echo of the request with its key.
var quotingPhrases = [...]string{
	"malformed HTTP",
	"malformed MIME header",
	"bad Content-Length",
	"invalid empty Content-Length",
	"multiple Content-Length headers",
	"bad trailer key",
	"transfer encoding",
	"parse Location header",
	"invalid header field",
	"pseudo-header",
	"debug=",
}

// cutAtQuote returns a text up to its first quotation, and whether it has one.
func cutAtQuote(text string) (start string, ok bool) {
	first := len(text)
	for _, phrase := range quotingPhrases {
		at := strings.Index(text, phrase)
		if at < 0 {
			continue
		}
		at += len(phrase)
		if end := strings.IndexAny(text[at:], `":;[`); end >= 0 {
			first = min(first, at+end)
			ok = true
		}
	}
	return strings.TrimSpace(text[:first]), ok
}
