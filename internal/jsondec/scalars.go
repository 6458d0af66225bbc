package jsondec

import (
	"strconv"
	"strings"
)

// Kind is the kind of a value.
type Kind uint8

// The kinds of values. KindInvalid is the end of the document, or a byte that cannot start a value.
const (
	KindInvalid Kind = iota
	KindNull
	KindBool
	KindNumber
	KindString
	KindObject
	KindArray
)

// Kind returns the kind of the next value without reading it.
func (d *Decoder) Kind() Kind {
	switch c := d.next(); {
	case c == '"':
		return KindString
	case c == '{':
		return KindObject
	case c == '[':
		return KindArray
	case c == 'n':
		return KindNull
	case c == 't' || c == 'f':
		return KindBool
	case c == '-' || isDigit(c):
		return KindNumber
	default:
		return KindInvalid
	}
}

// String reads a string, or the text of a number. Any other value is skipped and dst is
// unchanged; String then returns false, except for null.
func String[T ~string](d *Decoder, dst *T) bool {
	first := d.next()
	s, ok := d.string(first)
	if ok {
		*dst = T(s)
	}
	return ok || first == 'n'
}

// Text is [String] without a copy: the bytes may be part of the document, and are valid until its
// buffer is reused. It returns false for any other value, null included.
func (d *Decoder) Text() ([]byte, bool) {
	c := d.next()
	if c == '"' {
		return d.stringBytes()
	}
	if c != '-' && !isDigit(c) {
		d.Skip()
		return nil, false
	}
	start := d.pos
	ok := d.number()
	return d.data[start:d.pos:d.pos], ok
}

// Int reads a whole number, which may be in a string. 1.0 and 1e3 are whole; no value is rounded.
// Any other value, and one that overflows T, is skipped and dst is unchanged; Int then returns
// false, except for null.
func Int[T ~int | ~int32 | ~int64](d *Decoder, dst *T) bool {
	first := d.next()
	n, ok := d.int()
	if ok = ok && int64(T(n)) == n; ok {
		*dst = T(n)
	}
	return ok || first == 'n'
}

// Bool reads true or false, also as the number 1 or 0, and in a string of any letter case. Any
// other value is skipped and dst is unchanged; Bool then returns false, except for null.
func (d *Decoder) Bool(dst *bool) bool {
	switch first := d.next(); first {
	case 't':
		return setBool(dst, true, d.literal("true"))
	case 'f':
		return setBool(dst, false, d.literal("false"))
	case '"':
		s, _ := d.stringBytes()
		lit := strings.ToLower(string(s))
		isTrue := lit == "true" || lit == "1"
		return setBool(dst, isTrue, isTrue || lit == "false" || lit == "0")
	case 'n', '{', '[':
		d.Skip()
		return first == 'n'
	default:
		n, ok := d.int()
		return setBool(dst, n == 1, ok && (n == 0 || n == 1))
	}
}

func setBool(dst *bool, value, ok bool) bool {
	if ok {
		*dst = value
	}
	return ok
}

// string reads the value whose first byte is c.
func (d *Decoder) string(c byte) (string, bool) {
	if c == '"' {
		start, end, plain := d.scanString()
		if plain {
			return d.substring(start, end), true
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
	return d.substring(start, d.pos), true
}

// substring uses the copy in d.text if that contains these bytes.
func (d *Decoder) substring(start, end int) string {
	if last := end - d.copied; last <= len(d.text) {
		return d.text[start-d.copied : last]
	}
	return string(d.data[start:end])
}

func (d *Decoder) int() (int64, bool) {
	c := d.next()
	if c == '"' {
		s, _ := d.stringBytes()
		if end, ok := scanNumber(s, 0); !ok || end < len(s) {
			return 0, false
		}
		return parseInt64(s)
	}
	if c != '-' && !isDigit(c) {
		d.Skip()
		return 0, false
	}
	start := d.pos
	if !d.number() {
		return 0, false
	}
	return parseInt64(d.data[start:d.pos])
}

// parseInt64 returns the value of a JSON number, and false if it is not an int64.
func parseInt64(number []byte) (int64, bool) {
	const maxDigits = 18 // that cannot overflow
	if len(number) <= maxDigits {
		if n, ok := parseDigits(number); ok {
			return n, true
		}
	}
	return parseInt64Slow(string(number))
}

// parseDigits returns the value of a few digits, and false for another text.
func parseDigits(digits []byte) (n int64, ok bool) {
	for _, c := range digits {
		if !isDigit(c) {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, len(digits) > 0
}

func parseInt64Slow(s string) (int64, bool) {
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
	const maxZeros = 18 // in an int64
	if zeros < 0 || zeros > maxZeros {
		return 0, false
	}
	n, err := strconv.ParseInt(digits+strings.Repeat("0", zeros), 10, 64)
	return n, err == nil
}

// literal skips true, false or null.
func (d *Decoder) literal(lit string) bool {
	rest := d.data[d.pos:]
	if len(rest) >= len(lit) && string(rest[:len(lit)]) == lit {
		d.pos += len(lit)
		return true
	}
	n := 0
	for n < len(rest) && rest[n] == lit[n] {
		n++
	}
	d.fail(d.pos+n, lit)
	return false
}

// number skips the number at pos.
func (d *Decoder) number() bool {
	end, ok := scanNumber(d.data, d.pos)
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

// scanNumber returns the end of the number at data[i], or the index of its first invalid byte and
// false.
func scanNumber(data []byte, i int) (end int, ok bool) {
	if i < len(data) && data[i] == '-' {
		i++
	}
	if i < len(data) && data[i] == '0' {
		i++
	} else if i, ok = scanDigits(data, i); !ok {
		return i, false
	}
	if i < len(data) && data[i] == '.' {
		if i, ok = scanDigits(data, i+1); !ok {
			return i, false
		}
	}
	if i < len(data) && (data[i] == 'e' || data[i] == 'E') {
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		return scanDigits(data, i)
	}
	return i, true
}

// scanDigits returns the end of the digits at data[i], and false if data[i] is not a digit.
func scanDigits(data []byte, i int) (end int, ok bool) {
	start := i
	for i < len(data) && isDigit(data[i]) {
		i++
	}
	return i, i > start
}

func isDigit(c byte) bool {
	return c-'0' <= 9
}
