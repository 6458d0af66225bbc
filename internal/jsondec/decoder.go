// Package jsondec reads a JSON document in one pass, driven by hand-written
// decode functions: no reflection, and no allocation but for the strings asked for.
//
// It accepts and refuses exactly the documents that encoding/json does, and gives
// the same strings and numbers, with two differences: names match exactly
// (encoding/json also takes another letter case), and a value of the wrong kind is
// checked and stepped over: it is not an error, and the function that reads it returns false.
//
// A decode function enters an object, asks for each name, and reads or skips
// exactly one value per name:
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
// Whoever began the document ends it with [Decoder.End] and looks at the error there:
// errors are sticky, so nothing need be checked on the way.
package jsondec

// maxDepth is how deep objects and arrays may nest, as in encoding/json.
const maxDepth = 10000

// state says what may come next inside the innermost object or array.
type state uint8

const (
	afterValue state = iota // after a value: a comma or the end
	afterOpen               // after the bracket: a value or the end
	notArray                // after an Array that found something else: More has to say no
)

// Decoder reads one document. Make it with [New] or [NewShared] and keep it on the stack.
//
// Nothing it gives out shares memory with the document's bytes, except the results
// of [Decoder.Key] and [Decoder.Raw]. It must not be used by several goroutines at once.
type Decoder struct {
	data   []byte
	text   string // a copy of data from index copied on, as far as it goes
	copied int
	pos    int
	depth  int
	state  state
	err    error
}

// New starts reading data. Strings are copied when they are asked for.
func New(data []byte) Decoder {
	return Decoder{data: data}
}

// NewShared starts reading data, of which text is a copy. Strings without escapes are
// given out as parts of text and so keep the whole of it in memory. A text of
// another length than data is not used.
func NewShared(data []byte, text string) Decoder {
	if len(text) != len(data) {
		text = ""
	}
	return Decoder{data: data, text: text}
}

// Valid reports whether data is one whole JSON document: nil or a [*SyntaxError].
func Valid(data []byte) error {
	d := New(data)
	d.Skip()
	return d.End()
}

// Object enters the object that comes next and reports true; the caller then asks
// for names until [Decoder.Key] says there are no more. Any other value, null too,
// is skipped and reported false.
func (d *Decoder) Object() bool {
	if d.next() != '{' {
		d.Skip()
		return false
	}
	return d.open()
}

// Key gives the name of the object's next member, and false at its end or after an
// error. The caller reads or skips the member's value before asking again. The bytes
// may be part of the document: they are good until its buffer is reused.
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
		d.pos = end + 2 // as nearly every name is written
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

// Array enters the array that comes next and reports true. Any other value, null
// too, is skipped and reported false, and the next [Decoder.More] says false as well.
// So the result need not be looked at: for d.Array(); d.More(); { … }. An array
// inside an array must be read in that form, as More belongs to the latest Array.
func (d *Decoder) Array() bool {
	if d.next() != '[' {
		d.Skip()
		d.state = notArray
		return false
	}
	return d.open()
}

// More reports whether the array has another value, which the caller then reads or
// skips. It is false at the array's end and after an error.
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

// Skip steps over the next value and checks its syntax in full.
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

// Raw steps over the next value and gives its bytes, nil after an error. They are
// part of the document, good until its buffer is reused.
func (d *Decoder) Raw() []byte {
	d.next()
	start := d.pos
	d.Skip()
	if d.err != nil {
		return nil
	}
	return d.data[start:d.pos:d.pos]
}

// BeginCopy copies what comes next, n bytes or what is left, so that strings without escapes
// become parts of the copy, as with [NewShared], until [Decoder.EndCopy].
func (d *Decoder) BeginCopy(n int) {
	d.next()
	d.copied = d.pos
	d.text = string(d.data[d.pos:min(d.pos+n, len(d.data))])
}

// EndCopy ends a [Decoder.BeginCopy] after the value that came next was read. It gives the bytes
// of that value, and its part of the copy, or "" where the copy was too short. The bytes
// are good until the document's buffer is reused.
func (d *Decoder) EndCopy() (raw []byte, text string) {
	raw = d.data[d.copied:d.pos:d.pos]
	if len(raw) <= len(d.text) {
		text = d.text[:len(raw)]
	}
	d.text = ""
	return raw, text
}

// Offset is how many bytes of the document have been read.
func (d *Decoder) Offset() int {
	return d.pos
}

// Err is the first error met, a [*SyntaxError], or nil.
func (d *Decoder) Err() error {
	return d.err
}

// End checks that the document ends here, white space aside, and gives the first
// error met: a [*SyntaxError] or nil.
func (d *Decoder) End() error {
	if c := d.next(); c != 0 || d.pos < len(d.data) || d.depth > 0 {
		d.fail(d.pos, "the end of the document")
	}
	return d.err
}

// next steps over white space and gives the byte that follows, 0 at the end.
// A 0 byte of the document is not valid outside strings, so callers refuse it alike.
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
