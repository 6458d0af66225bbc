package transport_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/transport"
)

// TestMediaType: what is printed of a header is a media type or nothing of it.
func TestMediaType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ kind, notJSON string }{
		"":                                {"", ""},
		"application/json":                {"application/json", ""},
		"Application/JSON; charset=utf-8": {"application/json", ""},
		"application/json; charset":       {"application/json", ""},
		"application/vnd.atlas.2025-03-12+json;charset=utf-8": {"application/vnd.atlas.2025-03-12+json", ""},
		"text/html; charset=iso-8859-1":                       {"text/html", "text/html"},
		"application/jsonp":                                   {"application/jsonp", "application/jsonp"},
		"json":                                                {"json", "json"},
		"text/html, application/json":                         {"text/html", "text/html"},
		"text/html; charset=a; charset=a":                     {"text/html", "text/html"},
		"https://key@host.example/":                           {"unreadable", "unreadable"},
		"; charset=utf-8":                                     {"unreadable", "unreadable"},
		"text/" + strings.Repeat("x", 1000):                   {"unreadable", "unreadable"},
	} {
		header := http.Header{"Content-Type": {text}}
		assert.Equal(t, want.kind, transport.MediaType(header), text)
		assert.Equal(t, want.notJSON, transport.NonJSONMediaType(header), text)
	}
}
