package jsondec

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// stringBytes reads the string at pos; the bytes may be part of the document.
func (d *Decoder) stringBytes() ([]byte, bool) {
	start, end, plain := d.scanString()
	if plain {
		return d.data[start:end:end], true
	}
	return unescape(d.data[start:end]), start > 0
}

// scanString steps over the string at pos and gives the bounds of what is between its
// quotes: plain if that is the string itself, else for unescape. All is zero after
// an error.
func (d *Decoder) scanString() (start, end int, plain bool) {
	begin := d.pos + 1
	if i := indexSpecial(d.data, begin); i < len(d.data) && d.data[i] == '"' {
		d.pos = i + 1
		return begin, i, true
	}
	return d.scanStringSlow(begin)
}

// scanStringSlow is quoted for a string with more in it than printable ASCII.
func (d *Decoder) scanStringSlow(begin int) (start, end int, plain bool) {
	escaped := false
	wide := false
	for i := begin; ; {
		i = indexSpecial(d.data, i)
		if i >= len(d.data) {
			d.fail(i, "the end of a string")
			return 0, 0, false
		}
		switch c := d.data[i]; {
		case c == '"':
			d.pos = i + 1
			return begin, i, !escaped && (!wide || utf8.Valid(d.data[begin:i]))
		case c == '\\':
			n, ok := escapeLen(d.data[i+1:])
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

// A word with every byte 1, and one with the top bit of every byte set.
const (
	lowBits  = 0x0101010101010101
	highBits = 0x80 * lowBits
)

// indexSpecial gives the index of the first byte from i on that is not printable ASCII, or
// is a quote or a backslash. It looks at eight bytes at a time: each term below sets
// the top bit of such bytes, and the lowest bit set is exact.
func indexSpecial(data []byte, i int) int {
	for ; i+8 <= len(data); i += 8 {
		w := binary.LittleEndian.Uint64(data[i:])
		quoteOrControl := (w ^ 0x02*lowBits) - 0x21*lowBits // a quote and a blank trade places
		backslash := (w ^ '\\'*lowBits) - lowBits
		if found := (quoteOrControl | backslash | w) & highBits; found != 0 {
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

// escapeLen gives the length of the escape that follows a backslash, or where it goes
// wrong and false.
func escapeLen(data []byte) (n int, ok bool) {
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

// unescape gives the string that stands between the quotes, which [Decoder.scanString]
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
			c := raw[1]
			if k := strings.IndexByte("bfnrt", c); k >= 0 {
				c = "\b\f\n\r\t"[k]
			}
			out = append(out, c)
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

// hex gives the code unit of the \uXXXX escape that raw begins with, or -1.
func hex(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return -1
	}
	n, _ := strconv.ParseUint(string(raw[2:6]), 16, 16) // four digits, as escape has seen
	return rune(n)
}
