// Package jsondec reads a JSON document in one pass, with hand-written decode functions. It uses
// no reflection, and allocates memory only for the strings that are read.
//
// It accepts and refuses the same documents as encoding/json, and returns the same strings and
// numbers, with two differences. Names match exactly; encoding/json ignores case. A value of
// the wrong kind is validated and skipped without an error, and the function that reads it
// returns false.
//
// A decode function enters an object, and reads or skips exactly one value for each name:
//
//	func (p *point) decode(d *jsondec.Decoder) {
//		if !d.Object() {
//			return
//		}
//		for key, ok := d.Key(); ok; key, ok = d.Key() {
//			switch string(key) {
//			case "x":
//				jsondec.Int(d, &p.X)
//			case "tags":
//				for d.Array(); d.More(); {
//					…
//				}
//			default:
//				d.Skip()
//			}
//		}
//	}
//
// Errors are sticky: the caller that created the decoder checks the error of [Decoder.End], and
// decode functions check none.
package jsondec

import "bytes"

// maxDepth is how deep objects and arrays may nest, as in encoding/json.
const maxDepth = 10000

// state is the position inside the innermost object or array.
type state uint8

const (
	afterValue state = iota // next: a comma or the end
	afterOpen               // next: a value or the end
	notArray                // Array found another value, so More returns false
)

// Decoder reads one document. Create it with [New] or [NewShared] and keep it on the stack.
//
// Only byte slices, such as the results of [Decoder.Key] and [Decoder.Raw], share memory with the
// document. A Decoder is not safe for concurrent use.
type Decoder struct {
	data       []byte
	text       string // a copy of data from index copied; may have another length
	copied     int
	valueStart int // index of the value that BeginCopy began
	pos        int
	depth      int
	state      state
	err        error

	head     []byte // the start of the first copied object, up to its first colon
	isUnlike bool   // the start of an object has not shown the end of the one before
}

// New returns a decoder of data. Each string that is read is copied.
func New(data []byte) Decoder {
	return Decoder{data: data}
}

// NewShared returns a decoder of data, of which text is a copy. Strings without escapes are
// substrings of text and keep all of it in memory. A text of another length is ignored.
func NewShared(data []byte, text string) Decoder {
	if len(text) != len(data) {
		text = ""
	}
	return Decoder{data: data, text: text}
}

// Valid returns a [*SyntaxError] if data is not exactly one JSON document.
func Valid(data []byte) error {
	d := New(data)
	d.Skip()
	return d.End()
}

// Object enters the next value if it is an object. The caller then calls [Decoder.Key] until it
// returns false. Any other value, including null, is skipped, and Object returns false.
func (d *Decoder) Object() bool {
	if d.next() != '{' {
		d.Skip()
		return false
	}
	return d.open()
}

// Key returns the next name of the object, and false at its end or after an error. The caller
// reads or skips the value before the next call. The bytes may be part of the document, and
// are valid until its buffer is reused.
func (d *Decoder) Key() ([]byte, bool) {
	c := d.next()
	switch {
	case c == '}':
		d.close()
		return nil, false
	case d.state == afterOpen:
	case c == ',':
		d.pos++
		c = d.next()
	default:
		d.fail(d.pos, "a comma or the end of the object")
		return nil, false
	}
	if c != '"' {
		d.fail(d.pos, "a name")
		return nil, false
	}
	d.state = afterValue
	start := d.pos + 1
	if end := indexSpecial(d.data, start); end+1 < len(d.data) && d.data[end] == '"' && d.data[end+1] == ':' {
		d.pos = end + 2 // fast path for nearly every name
		return d.data[start:end:end], true
	}
	key, ok := d.stringBytes()
	if !ok {
		return nil, false
	}
	if d.next() != ':' {
		d.fail(d.pos, "a colon")
		return nil, false
	}
	d.pos++
	return key, true
}

// Array enters the next value if it is an array. Any other value, including null, is skipped;
// Array and the next [Decoder.More] then return false. Callers can therefore ignore the result:
//
//	for d.Array(); d.More(); { … }
//
// Nested arrays must be read in this form, because More belongs to the latest Array.
func (d *Decoder) Array() bool {
	if d.next() != '[' {
		d.Skip()
		d.state = notArray
		return false
	}
	return d.open()
}

// More reports whether the array has another value, which the caller reads or skips before the
// next call. It returns false at the end of the array and after an error.
func (d *Decoder) More() bool {
	if d.state == notArray {
		d.state = afterValue
		return false
	}
	c := d.next()
	switch {
	case c == ']':
		d.close()
		return false
	case d.state == afterOpen && c != 0:
		d.state = afterValue
		return true
	case d.state == afterValue && c == ',':
		d.pos++
		if c = d.next(); c != ']' && c != 0 {
			return true
		}
		d.fail(d.pos, "a value")
	default:
		d.fail(d.pos, "a comma or the end of the array")
	}
	return false
}

// Skip skips the next value and validates it.
func (d *Decoder) Skip() {
	switch c := d.next(); c {
	case '{':
		if d.open() {
			for _, ok := d.Key(); ok; _, ok = d.Key() {
				d.Skip()
			}
		}
	case '[':
		if d.open() {
			for d.More() {
				d.Skip()
			}
		}
	case '"':
		d.scanString()
	case 't':
		d.literal("true")
	case 'f':
		d.literal("false")
	case 'n':
		d.literal("null")
	default:
		d.number()
	}
}

// Raw skips the next value and returns its bytes, or nil after an error. They are part of the
// document, and are valid until its buffer is reused.
func (d *Decoder) Raw() []byte {
	d.next()
	start := d.pos
	d.Skip()
	if d.err != nil {
		return nil
	}
	return d.data[start:d.pos:d.pos]
}

// maxCopy limits a copy of several objects, and the search for the next one.
const maxCopy = 8 << 10

// BeginCopy begins to read the next value of a list. An object without a copy is copied together with
// the objects after it: at most objects in all, and at most 8 KiB unless the first one is longer. Until [Decoder.EndCopy],
// strings without escapes become substrings of the copy, as with [NewShared].
func (d *Decoder) BeginCopy(objects int) {
	d.next()
	d.valueStart = d.pos
	if d.pos < d.copied+len(d.text) {
		return
	}
	end := d.guessEnd(d.pos)
	for ; objects > 1 && end > d.pos; objects-- {
		next := end
		for next < len(d.data) && isBetweenValues(d.data[next]) {
			next++
		}
		nextEnd := d.guessEnd(next)
		if nextEnd == next || nextEnd-d.pos > maxCopy {
			break
		}
		end = nextEnd
	}
	d.copied = d.pos
	d.text = string(d.data[d.pos:end])
}

// EndCopy ends a [Decoder.BeginCopy] after one value was read. It returns the bytes of that value,
// and the same bytes from the copy, or "" if the copy does not have them. The bytes in raw are valid
// until the document's buffer is reused.
func (d *Decoder) EndCopy() (raw []byte, text string) {
	raw = d.data[d.valueStart:d.pos:d.pos]
	if d.pos-d.copied <= len(d.text) {
		return raw, d.text[d.valueStart-d.copied : d.pos-d.copied]
	}
	d.isUnlike = d.isUnlike || d.text != ""
	d.text = ""
	return raw, ""
}

// guessEnd returns where the object at data[i] ends, or i if there is none. The objects of a list
// mostly begin with the same name, so the next one shows the end of this one. To search for its name
// takes a tenth of the time of [objectEnd].
func (d *Decoder) guessEnd(i int) int {
	rest := d.data[i:]
	if len(rest) == 0 || rest[0] != '{' {
		return i
	}
	if d.head == nil {
		d.head = rest[:bytes.IndexByte(rest, ':')+1]
	}
	d.isUnlike = d.isUnlike || len(d.head) == 0
	next := -1
	if !d.isUnlike {
		next = bytes.Index(rest[1:min(len(rest), maxCopy)], d.head)
		d.isUnlike = next < 0 // the last one, a long one, or no other begins so
	}
	if next < 0 {
		return objectEnd(d.data, i)
	}
	return i + len(bytes.TrimRight(rest[:next+1], ", \t\r\n"))
}

func isBetweenValues(c byte) bool { return c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// objectEnd returns the end of the object at data[i], or i if it has no end. It finds the end of a
// well-formed object only, and does not validate.
func objectEnd(data []byte, i int) int {
	start := i
	for depth := 1; depth > 0; {
		if i++; i >= len(data) {
			return start
		}
		switch data[i] {
		case '"':
			if i = quoteEnd(data, i+1); i >= len(data) {
				return start
			}
		case '{':
			depth++
		case '}':
			depth--
		}
	}
	return i + 1
}

// quoteEnd returns the index of the quote that ends the string whose text begins at data[i], or the
// length of data. [bytes.IndexByte] is faster than [indexSpecial].
func quoteEnd(data []byte, i int) int {
	for {
		n := bytes.IndexByte(data[i:], '"')
		if n < 0 {
			return len(data)
		}
		i += n
		escapes := 0
		for data[i-1-escapes] == '\\' { // a quote precedes the string
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
		i++
	}
}

// Offset returns the number of bytes that have been read.
func (d *Decoder) Offset() int {
	return d.pos
}

// Since returns the bytes that were read after an offset. They are part of the document, and are
// valid until its buffer is reused.
func (d *Decoder) Since(offset int) []byte {
	return d.data[offset:d.pos:d.pos]
}

// Remaining returns the number of bytes that have not been read.
func (d *Decoder) Remaining() int {
	return len(d.data) - d.pos
}

// Err returns the first error, a [*SyntaxError], or nil.
func (d *Decoder) Err() error {
	return d.err
}

// End checks that only white space follows, and returns the first error: a [*SyntaxError] or
// nil.
func (d *Decoder) End() error {
	if c := d.next(); c != 0 || d.pos < len(d.data) || d.depth > 0 {
		d.fail(d.pos, "the end of the document")
	}
	return d.err
}

// next skips white space and returns the next byte, or 0 at the end. A 0 byte in the document is
// invalid outside of strings, so callers treat both alike.
func (d *Decoder) next() byte {
	if uint(d.pos) < uint(len(d.data)) {
		if c := d.data[d.pos]; c > ' ' {
			return c
		}
	}
	return d.skipSpace()
}

func (d *Decoder) skipSpace() byte {
	for ; d.pos < len(d.data); d.pos++ {
		switch c := d.data[d.pos]; c {
		case ' ', '\n', '\t', '\r':
		default:
			return c
		}
	}
	return 0
}

func (d *Decoder) open() bool {
	if d.depth++; d.depth > maxDepth {
		d.fail(d.pos, "less nesting")
		return false
	}
	d.pos++
	d.state = afterOpen
	return true
}

func (d *Decoder) close() {
	d.depth--
	d.pos++
	d.state = afterValue
}
