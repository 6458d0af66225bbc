package jsondec

import (
	"strconv"
	"strings"
)

// Kind is the kind of a value, as its first byte tells.
type Kind uint8

// The kinds of values. KindInvalid is what begins no value, the end of the document included.
const (
	KindInvalid Kind = iota
	KindNull
	KindBool
	KindNumber
	KindString
	KindObject
	KindArray
)

// Kind tells the kind of the next value and leaves it to be read.
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

// String reads a string. A number gives its own characters; null and every other kind
// are skipped and leave dst as it was. It returns false for another kind than null.
func String[T ~string](d *Decoder, dst *T) bool {
	first := d.next()
	s, ok := d.string()
	if ok {
		*dst = T(s)
	}
	return ok || first == 'n'
}

// Int reads a whole number, as a number or as a string that holds one. 1.0 and 1e3
// are whole; nothing is rounded. Null, other kinds, fractions, and what T cannot
// hold are skipped and leave dst as it was. It returns false for these, except null.
func Int[T ~int | ~int32 | ~int64](d *Decoder, dst *T) bool {
	first := d.next()
	n, ok := d.int()
	if ok = ok && int64(T(n)) == n; ok {
		*dst = T(n)
	}
	return ok || first == 'n'
}

// Bool reads true or false, also as the number 1 or 0 and as a string in any letter case. Null
// and every other value are skipped and leave dst as it was. It returns false for these,
// except null.
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

func (d *Decoder) string() (string, bool) {
	c := d.next()
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

// substring gives the bytes from start to end as a string.
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
		if end, ok := number(s, 0); !ok || end < len(s) {
			return 0, false
		}
		return parseInt64(string(s))
	}
	if c != '-' && !isDigit(c) {
		d.Skip()
		return 0, false
	}
	start := d.pos
	if !d.number() {
		return 0, false
	}
	return parseInt64(string(d.data[start:d.pos]))
}

// parseInt64 gives the value of a JSON number, and false if it is no int64.
func parseInt64(s string) (int64, bool) {
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
