package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Placeholder replaces what is redacted.
const Placeholder = "[redacted]"

// OneLine returns a text as one line for an error or a log, of at most limit bytes and an
// ellipsis. Control characters and characters that reorder text, such as U+202E, become
// spaces. [Placeholder] replaces URLs, because a URL can be its own key.
func OneLine(text string, limit int) string {
	words := strings.FieldsFunc(text, isUnprintable)
	for i, word := range words {
		if strings.Contains(word, "://") {
			words[i] = Placeholder
		}
	}
	return truncate(strings.Join(words, " "), limit)
}

// Printable returns a text of our own with the texts of a server in it. Each character that
// [OneLine] replaces becomes a space.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if isUnprintable(r) {
			return ' '
		}
		return r
	}, text)
}

func isUnprintable(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError
}

// truncate cuts a text at a character that ends within limit bytes.
func truncate(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + "…"
}
