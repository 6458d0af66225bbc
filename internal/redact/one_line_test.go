package redact_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/redact"
)

func TestOneLine_printable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                  "",
		"plain":                             "plain",
		" two\r\n\tlines\u2028more ":        "two lines more",
		"a\x00b\x1b[31mc":                   "a b [31mc",
		"rtl\u202eexe.gpj \u2066x\u2069":    "rtl exe.gpj x",
		"invalid\xff\xfetext":               "invalid text",
		"see https://key@host/secret, then": "see [redacted] then",
		"ftp://a b ://c":                    "[redacted] b [redacted]",
	} {
		assert.Equal(t, want, redact.OneLine(text, 100), text)
	}
}

func TestOneLine_limit(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "äö", redact.OneLine("äö", 4))
	assert.Equal(t, "ä…", redact.OneLine("äö", 3), "a character is not cut")
	assert.Equal(t, "…", redact.OneLine("äö", 0))
	long := redact.OneLine(strings.Repeat("ä ", 1000), 99)
	assert.True(t, utf8.ValidString(long))
	assert.LessOrEqual(t, len(long), 99+len("…"))
}

func TestPrintable_characters(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                       "",
		"{a  b https://host/x ä}":                "{a  b https://host/x ä}",
		"two\r\n\tlines\u2028more\x1b\u202e\xff": "two   lines more   ",
	} {
		assert.Equal(t, want, redact.Printable(text), text)
	}
}
