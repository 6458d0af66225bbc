package jsondec

import (
	"fmt"
	"io"
	"strconv"
)

// SyntaxError is the position of the first invalid byte of a document. It matches
// [io.ErrUnexpectedEOF] if the document ends too early, as a truncated body does. Its text
// contains at most one character of the document.
type SyntaxError struct {
	// Offset is the index of the invalid byte, or the length of a document that ends too early.
	Offset int64

	want string
	got  string // the invalid byte, quoted; empty if the document ends too early
}

// Error describes the failure.
func (e *SyntaxError) Error() string {
	got := e.got
	if got == "" {
		got = "unexpected end"
	}
	return fmt.Sprintf("invalid JSON at offset %d: %s where %s was expected", e.Offset, got, e.want)
}

// Unwrap returns [io.ErrUnexpectedEOF] for a document that ends too early, else nil.
func (e *SyntaxError) Unwrap() error {
	if e.got == "" {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// fail records the first error and moves to the end of the document, so that every further read
// fails without effect.
func (d *Decoder) fail(at int, want string) {
	if d.err == nil {
		e := &SyntaxError{Offset: int64(at), want: want}
		if at < len(d.data) {
			e.got = strconv.QuoteToASCII(string(d.data[at : at+1]))
		}
		d.err = e
	}
	d.pos = len(d.data)
}
