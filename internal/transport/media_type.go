package transport

import (
	"mime"
	"net/http"
	"strings"
)

// MediaType gives the media type of a body in lower case, without its parameters: "" where
// none is said, "unreadable" for what is none. It is fit to be printed.
func MediaType(header http.Header) string {
	text := header.Get("Content-Type")
	if text == "" {
		return ""
	}
	if end := strings.IndexAny(text, ";,"); end >= 0 { // a parameter, or what a proxy added
		text = text[:end]
	}
	const longest = 100
	kind, _, err := mime.ParseMediaType(text)
	if err != nil || len(kind) > longest {
		return "unreadable"
	}
	return kind
}

// NonJSONMediaType gives the media type of a body that says it is no JSON, "" for others. JSON is
// application/json and every +json, such as Atlas v2's.
func NonJSONMediaType(header http.Header) string {
	kind := MediaType(header)
	if kind == "application/json" || strings.HasSuffix(kind, "+json") {
		return ""
	}
	return kind
}
