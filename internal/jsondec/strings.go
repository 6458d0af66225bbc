package jsondec

import (
	"math/bits"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// stringBytes reads the string at pos. The bytes may be part of the document.
func (d *Decoder) stringBytes() ([]byte, bool) {
	start, end, plain := d.scanString()
	if plain {
		return d.data[start:end:end], true
	}
	return unescape(d.data[start:end]), start > 0
}

// scanString skips the string at pos and returns the bounds of the text between its quotes. If
// plain is false, the text needs unescape. After an error all results are zero.
func (d *Decoder) scanString() (start, end int, plain bool) {
	begin := d.pos + 1
	if i := indexSpecial(d.data, begin); i < len(d.data) && d.data[i] == '"' {
		d.pos = i + 1
		return begin, i, true
	}
	return d.scanStringSlow(begin)
}

// scanStringSlow is scanString for strings with escapes or non-ASCII bytes.
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

// Eight bytes of 1, and eight bytes with only the top bit set.
const (
	lowBits  = 0x0101010101010101
	highBits = 0x80 * lowBits
)

// indexSpecial returns the index of the first quote, backslash, control or non-ASCII byte at or
// after i. It tests sixteen bytes at a time, as two words: most strings end in the first ones.
func indexSpecial(data []byte, i int) int {
	for ; i >= 0 && i < len(data)-15; i += 16 { // in this form, word needs no checks
		first := flagSpecial(word(data, i))
		second := flagSpecial(word(data, i+8))
		if (first|second)&highBits == 0 {
			continue
		}
		if found := first & highBits; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
		return i + 8 + bits.TrailingZeros64(second&highBits)/8
	}
	for ; i < len(data); i++ {
		if c := data[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

// flagSpecial sets the top bit of special bytes. The lowest such bit is exact: a difference can carry
// into the byte above it.
func flagSpecial(w uint64) uint64 {
	quoteOrControl := (w ^ 0x02*lowBits) - 0x21*lowBits // the xor exchanges the quote and the blank
	backslash := (w ^ '\\'*lowBits) - lowBits
	return quoteOrControl | backslash | w
}

// word returns eight bytes. The compiler makes one instruction of it, without the slice that
// [binary.LittleEndian] needs.
func word(data []byte, i int) uint64 {
	return uint64(data[i]) | uint64(data[i+1])<<8 | uint64(data[i+2])<<16 | uint64(data[i+3])<<24 |
		uint64(data[i+4])<<32 | uint64(data[i+5])<<40 | uint64(data[i+6])<<48 | uint64(data[i+7])<<56
}

// escapeLen returns the length of the escape after a backslash, or the index of its first invalid
// byte and false.
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

// unescape decodes text that [Decoder.scanString] has validated. Invalid UTF-8 and lone surrogates
// become U+FFFD.
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

// hex returns the code unit of the \uXXXX escape at the start of raw, or -1.
func hex(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return -1
	}
	n, _ := strconv.ParseUint(string(raw[2:6]), 16, 16) // four hexadecimal digits, by escapeLen
	return rune(n)
}
