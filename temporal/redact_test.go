package restoretemporal

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRedactText_links(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain text: 5 of 6": "plain text: 5 of 6",
		`Get "https://host.example:8080/path?key=secret": EOF`: `Get "https://host.example:8080/[redacted]": EOF`,
		"https://user:password@host/":                          "https://host/[redacted]",
		"see s3://bucket/key now":                              "see s3://bucket/[redacted] now",
		"file:///secret":                                       "[link]",
		"https://%zz/secret":                                   "[link]",
		"bad \xff bytes":                                       "bad ? bytes",
	} {
		assert.Equal(t, want, redactText(text))
	}
}

func TestRedactText_long(t *testing.T) {
	t.Parallel()
	text := redactText(strings.Repeat("ü", 5000))
	assert.LessOrEqual(t, len(text), maxFailureText)
	assert.True(t, strings.HasSuffix(text, "ü…"))
}
