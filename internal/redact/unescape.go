package redact

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxEscapings is how often a text is decoded: a server can escape what is escaped already.
const maxEscapings = 2

// escaping is a way to escape characters. Each is decoded separately, because a secret can
// have escapes of its own.
type escaping struct {
	lead byte   // begins every escape
	mark string // is in every text that is worth decoding
	// decode decodes the escape at the beginning of a text. Length is 0 if it is not one.
	decode func(text string) (plain string, length int)
}

var (
	jsonEscaping = escaping{'\\', `\`, jsonEscape}
	escapings    = [...]escaping{
		jsonEscaping,
		{'%', "%", urlEscape},
		{'%', "%25", repeatedURLEscape},
		{'&', "&", htmlEscape},
		{0, "\x00", nulEscape},
	}
)

// view is a text with its escapes decoded.
type view struct {
	text string
	// start maps each byte of text to the first byte of its escape in the source, with the
	// source's length at the end. It is nil if text is the source.
	start []int32
}

// from returns the offset in the source of the byte at i.
func (v *view) from(i int) int {
	if v.start == nil {
		return i
	}
	return int(v.start[i])
}

// to returns the offset in the source after the byte at i-1, with the whole of its escape.
func (v *view) to(i int) int {
	if v.start == nil {
		return i
	}
	last := v.start[i-1]
	for i < len(v.text) && v.start[i] == last {
		i++
	}
	return int(v.start[i])
}

// eachView calls f with a text, and with its escapes decoded in every way.
func eachView(text string, f func(v *view)) { decodeViews(&view{text: text}, maxEscapings, f) }

func decodeViews(v *view, depth int, f func(v *view)) {
	f(v)
	if depth == 0 {
		return
	}
	for _, e := range escapings {
		if next := v.unescape(e); next != nil {
			decodeViews(next, depth-1, f)
		}
	}
}

// unescape decodes one way to escape. It returns nil if the text has no such escape.
func (v *view) unescape(e escaping) *view {
	if !strings.Contains(v.text, e.mark) {
		return nil
	}
	var decoded strings.Builder
	decoded.Grow(len(v.text))
	start := make([]int32, 0, len(v.text)+1)
	changed := false
	for i := 0; i < len(v.text); {
		plain := ""
		length := 0
		if v.text[i] == e.lead {
			plain, length = e.decode(v.text[i:])
		}
		changed = changed || length > 0
		if length == 0 {
			plain = v.text[i : i+1]
			length = 1
		}
		decoded.WriteString(plain)
		for range len(plain) {
			start = append(start, int32(v.from(i))) //nolint:gosec // texts are at most a few MiB
		}
		i += length
	}
	if !changed {
		return nil
	}
	start = append(start, int32(v.from(len(v.text)))) //nolint:gosec // as above
	return &view{text: decoded.String(), start: start}
}

func jsonEscape(text string) (plain string, length int) {
	if len(text) < 2 {
		return "", 0
	}
	switch text[1] {
	case '"', '\\', '/', '\'':
		return text[1:2], 2
	case 'b':
		return "\b", 2
	case 'f':
		return "\f", 2
	case 'n':
		return "\n", 2
	case 'r':
		return "\r", 2
	case 't':
		return "\t", 2
	case 'u':
		return unicodeEscape(text)
	}
	return "", 0
}

// unicodeEscape decodes \uXXXX, and two of them that are one character.
func unicodeEscape(text string) (plain string, length int) {
	const size = len(`\u0000`)
	high, ok := codeUnit(text)
	if !ok {
		return "", 0
	}
	if utf16.IsSurrogate(high) {
		if low, ok := codeUnit(text[size:]); ok && utf16.DecodeRune(high, low) != utf8.RuneError {
			return string(utf16.DecodeRune(high, low)), 2 * size
		}
	}
	return string(high), size
}

func codeUnit(text string) (rune, bool) {
	if len(text) < 6 || text[:2] != `\u` {
		return 0, false
	}
	unit, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(unit), err == nil
}

func urlEscape(text string) (plain string, length int) {
	if len(text) < 3 {
		return "", 0
	}
	value, err := strconv.ParseUint(text[1:3], 16, 8)
	if err != nil {
		return "", 0
	}
	return string([]byte{byte(value)}), 3
}

// repeatedURLEscape decodes %XX that was escaped any number of times, as in %252541.
func repeatedURLEscape(text string) (plain string, length int) {
	const percent = "25"
	end := 1
	for strings.HasPrefix(text[end:], percent) {
		end += len(percent)
	}
	if plain, length := urlEscape("%" + text[end:min(end+2, len(text))]); length > 0 {
		return plain, end + 2
	}
	if end == 1 {
		return "", 0
	}
	return "%", end
}

// nulEscape drops the bytes that UTF-16 has between the characters of ASCII.
func nulEscape(string) (plain string, length int) { return "", 1 }

func htmlEscape(text string) (plain string, length int) {
	const longest = 10
	end := strings.IndexByte(text[:min(len(text), longest)], ';')
	if end < 0 {
		return "", 0
	}
	entity := text[:end+1]
	plain = html.UnescapeString(entity)
	if plain == entity {
		return "", 0
	}
	return plain, len(entity)
}
