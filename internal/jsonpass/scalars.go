package jsonpass

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Kind is the kind of a value, as its first byte tells.
type Kind uint8

// The kinds of values. Invalid is what begins no value, the end of the document included.
const (
	Invalid Kind = iota
	Null
	Bool
	Number
	String
	Object
	Array
)

// Kind tells the kind of the next value and leaves it to be read.
func (d *Decoder) Kind() Kind {
	switch c := d.next(); {
	case c == '"':
		return String
	case c == '{':
		return Object
	case c == '[':
		return Array
	case c == 'n':
		return Null
	case c == 't' || c == 'f':
		return Bool
	case c == '-' || isDigit(c):
		return Number
	default:
		return Invalid
	}
}

// Text reads a string. A number gives its own characters; null and every other kind
// are skipped and leave dst as it was.
func Text[T ~string](d *Decoder, dst *T) {
	if s, ok := d.string(); ok {
		*dst = T(s)
	}
}

// Int reads a whole number, as a number or as a string that holds one. 1.0 and 1e3
// are whole; nothing is rounded. Null, other kinds, fractions, and what T cannot
// hold are skipped and leave dst as it was.
func Int[T ~int | ~int32 | ~int64](d *Decoder, dst *T) {
	if n, ok := d.int(); ok && int64(T(n)) == n {
		*dst = T(n)
	}
}

// Bool reads true or false, also as a string in any letter case. Null and every
// other value are skipped and leave dst as it was.
func (d *Decoder) Bool(dst *bool) {
	switch d.next() {
	case 't':
		if d.literal("true") {
			*dst = true
		}
	case 'f':
		if d.literal("false") {
			*dst = false
		}
	case '"':
		if s, ok := d.chars(); ok {
			if bytes.EqualFold(s, []byte("true")) {
				*dst = true
			} else if bytes.EqualFold(s, []byte("false")) {
				*dst = false
			}
		}
	default:
		d.Skip()
	}
}

func (d *Decoder) string() (string, bool) {
	c := d.next()
	if c == '"' {
		start, end, plain := d.quoted()
		if plain {
			return d.part(start, end), true
		}
		return string(unescape(d.data[start:end])), start > 0
	}
	if c != '-' && !isDigit(c) {
		d.Skip()
		return "", false
	}
	start := d.pos
	if !d.number() {
		return "", false
	}
	return d.part(start, d.pos), true
}

// part gives the bytes from start to end as a string.
func (d *Decoder) part(start, end int) string {
	if d.shared {
		return d.text[start:end]
	}
	return string(d.data[start:end])
}

func (d *Decoder) int() (int64, bool) {
	c := d.next()
	if c == '"' {
		s, _ := d.chars()
		if end, ok := number(s, 0); !ok || end < len(s) {
			return 0, false
		}
		return whole(string(s))
	}
	if c != '-' && !isDigit(c) {
		d.Skip()
		return 0, false
	}
	start := d.pos
	if !d.number() {
		return 0, false
	}
	return whole(string(d.data[start:d.pos]))
}

// whole gives the value of a JSON number, and false if it is no int64.
func whole(s string) (int64, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	before, after, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimRight(before+after, "0")
	if digits == "" || digits == "-" {
		return 0, true
	}
	zeros := len(before) - len(digits)
	if exponent != "" {
		n, err := strconv.Atoi(exponent)
		if err != nil {
			return 0, false
		}
		zeros += n
	}
	const most = 18 // zeros that an int64 has room for
	if zeros < 0 || zeros > most {
		return 0, false
	}
	n, err := strconv.ParseInt(digits+strings.Repeat("0", zeros), 10, 64)
	return n, err == nil
}

// literal steps over true, false or null.
func (d *Decoder) literal(word string) bool {
	rest := d.data[d.pos:]
	if len(rest) >= len(word) && string(rest[:len(word)]) == word {
		d.pos += len(word)
		return true
	}
	n := 0
	for n < len(rest) && rest[n] == word[n] {
		n++
	}
	d.fail(d.pos+n, word)
	return false
}

// number steps over the number at pos.
func (d *Decoder) number() bool {
	end, ok := number(d.data, d.pos)
	if !ok {
		want := "a digit"
		if end == d.pos {
			want = "a value"
		}
		d.fail(end, want)
		return false
	}
	d.pos = end
	return true
}

// number gives the end of the number at data[i], or where it stops being one and false.
func number(data []byte, i int) (end int, ok bool) {
	if i < len(data) && data[i] == '-' {
		i++
	}
	if i < len(data) && data[i] == '0' {
		i++
	} else if i, ok = digits(data, i); !ok {
		return i, false
	}
	if i < len(data) && data[i] == '.' {
		if i, ok = digits(data, i+1); !ok {
			return i, false
		}
	}
	if i < len(data) && (data[i] == 'e' || data[i] == 'E') {
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		return digits(data, i)
	}
	return i, true
}

// digits gives the end of the digits at data[i], and false if there are none.
func digits(data []byte, i int) (end int, ok bool) {
	start := i
	for i < len(data) && isDigit(data[i]) {
		i++
	}
	return i, i > start
}

func isDigit(c byte) bool {
	return c-'0' <= 9
}

// chars reads the string at pos; the bytes may be part of the document.
func (d *Decoder) chars() ([]byte, bool) {
	start, end, plain := d.quoted()
	if plain {
		return d.data[start:end:end], true
	}
	return unescape(d.data[start:end]), start > 0
}

// quoted steps over the string at pos and gives the bounds of what is between its
// quotes: plain if that is the string itself, else for unescape. All is zero after
// an error.
func (d *Decoder) quoted() (start, end int, plain bool) {
	begin := d.pos + 1
	escaped, wide := false, false
	for i := begin; ; {
		i = ordinary(d.data, i)
		if i >= len(d.data) {
			d.fail(i, "the end of a string")
			return 0, 0, false
		}
		switch c := d.data[i]; {
		case c == '"':
			d.pos = i + 1
			return begin, i, !escaped && (!wide || utf8.Valid(d.data[begin:i]))
		case c == '\\':
			n, ok := escape(d.data[i+1:])
			if i += 1 + n; !ok {
				d.fail(i, "an escape")
				return 0, 0, false
			}
			escaped = true
		case c >= utf8.RuneSelf:
			wide = true
			i++
		default:
			d.fail(i, "an escape or a printable character")
			return 0, 0, false
		}
	}
}

// ordinary gives the index of the first byte from i on that is not printable ASCII, or
// is a quote or a backslash. It looks at eight bytes at a time: each term below sets
// the top bit of such bytes, and the lowest bit set is exact.
func ordinary(data []byte, i int) int {
	const (
		ones = 0x0101010101010101
		tops = 0x80 * ones
	)
	for ; i+8 <= len(data); i += 8 {
		w := binary.LittleEndian.Uint64(data[i:])
		quoteOrControl := (w ^ 0x02*ones) - 0x21*ones // a quote and a blank trade places
		backslash := (w ^ '\\'*ones) - ones
		if found := (quoteOrControl | backslash | w) & tops; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(data); i++ {
		if c := data[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

// escape gives the length of the escape that follows a backslash, or where it goes
// wrong and false.
func escape(data []byte) (n int, ok bool) {
	if len(data) == 0 {
		return 0, false
	}
	switch data[0] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 1, true
	case 'u':
		for n = 1; n <= 4; n++ {
			if n >= len(data) || strings.IndexByte("0123456789abcdefABCDEF", data[n]) < 0 {
				return n, false
			}
		}
		return n, true
	}
	return 0, false
}

// unescape gives the string that stands between the quotes, which [Decoder.quoted]
// has checked. Bytes that are not UTF-8 and lone surrogates become U+FFFD.
func unescape(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		if raw[0] != '\\' {
			r, n := utf8.DecodeRune(raw)
			out = utf8.AppendRune(out, r)
			raw = raw[n:]
			continue
		}
		if raw[1] != 'u' {
			out = append(out, plainEscape(raw[1]))
			raw = raw[2:]
			continue
		}
		r := hex(raw)
		raw = raw[6:]
		if utf16.IsSurrogate(r) {
			r = utf16.DecodeRune(r, hex(raw))
			if r != unicode.ReplacementChar {
				raw = raw[6:]
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

func plainEscape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	default:
		return c
	}
}

// hex gives the code unit of the \uXXXX escape that raw begins with, or -1.
func hex(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}
