package jsondec

import (
	"fmt"
	"io"
	"strconv"
)

// SyntaxError says where a document stops being JSON. When the reason is that it
// ends too early, as a body that was cut does, it matches [io.ErrUnexpectedEOF].
// Its text holds at most one character of the document.
type SyntaxError struct {
	// Offset is the index of the offending byte; at an early end, the length of the document.
	Offset int64

	want string
	got  string // the offending byte, quoted; empty at an early end
}

func (e *SyntaxError) Error() string {
	got := e.got
	if got == "" {
		got = "unexpected end"
	}
	return fmt.Sprintf("invalid JSON at offset %d: %s where %s was expected", e.Offset, got, e.want)
}

// Unwrap gives [io.ErrUnexpectedEOF] for a document that ends too early, else nil.
func (e *SyntaxError) Unwrap() error {
	if e.got == "" {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// fail records the first error and moves to the end of the document, where every
// further step fails at once and changes nothing.
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
