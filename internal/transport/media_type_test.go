package transport_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/transport"
)

func TestMediaType_isPrintable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ mediaType, nonJSON string }{
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
		assert.Equal(t, want.mediaType, transport.MediaType(header), text)
		assert.Equal(t, want.nonJSON, transport.NonJSONMediaType(header), text)
	}
}

func TestIsPage_mediaTypeOrMarkup(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mediaType string
		body      string
		want      bool
	}{
		{"text/html; charset=utf-8", "log in", true},
		{"application/xhtml+xml", "", true},
		{"application/xml", "<ok/>", true},
		{"application/json", "\n<!DOCTYPE html>", true},
		{"", "<html>", true},
		{"text/plain", "OK", false},
		{"application/octet-stream", "\x00", false},
		{"application/json", "{}", false},
		{"", "", false},
	} {
		header := http.Header{}
		header.Set("Content-Type", c.mediaType)
		assert.Equal(t, c.want, transport.IsPage(header, []byte(c.body)), "%s %q", c.mediaType, c.body)
	}
}

func TestForeignBodyHint_mediaTypeOrMarkup(t *testing.T) {
	t.Parallel()
	const origin = ", so it came from a proxy or something other than the API"
	for _, c := range []struct{ mediaType, body, want string }{
		{"application/json", "{}", ""},
		{"", "", ""},
		{"", "not JSON", ""},
		{"text/plain", "{}", `the body is "text/plain", not JSON` + origin},
		{"text/html", "<html>", `the body is "text/html", not JSON` + origin},
		{"application/json", "\r\n <!DOCTYPE html>", "the body is a web page" + origin},
		{"", "<?xml version='1.0'?>", "the body is a web page" + origin},
	} {
		header := http.Header{}
		header.Set("Content-Type", c.mediaType)
		assert.Equal(t, c.want, transport.ForeignBodyHint(header, []byte(c.body)))
	}
}
