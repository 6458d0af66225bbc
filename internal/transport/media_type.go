package transport

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strings"
)

// maxMediaType limits a media type in bytes: it becomes part of errors.
const maxMediaType = 100

// MediaType returns the media type of a body in lower case without parameters. It is empty if
// missing, and "unreadable" if invalid, so that it can be printed.
func MediaType(header http.Header) string {
	text := header.Get("Content-Type")
	if text == "" {
		return ""
	}
	if end := strings.IndexAny(text, ";,"); end >= 0 { // a comma is before what a proxy added
		text = text[:end]
	}
	mediaType, _, err := mime.ParseMediaType(text)
	if err != nil || len(mediaType) > maxMediaType {
		return "unreadable"
	}
	return mediaType
}

// NonJSONMediaType returns the media type of a body that is not JSON, empty for others. JSON is
// application/json and every +json, such as those of Atlas v2.
func NonJSONMediaType(header http.Header) string {
	mediaType := MediaType(header)
	if mediaType == "application/json" || strings.HasSuffix(mediaType, "+json") {
		return ""
	}
	return mediaType
}

// IsMarkup reports whether a body is HTML or XML, whatever its media type is.
func IsMarkup(body []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) }

// IsPage reports whether a body is HTML or XML, by its media type or its text.
func IsPage(header http.Header, body []byte) bool {
	return strings.Contains(MediaType(header), "html") || IsMarkup(body)
}

// ForeignBodyHint describes a body that is not the API's, by its media type or its text. It is
// empty if the body can be the API's.
func ForeignBodyHint(header http.Header, body []byte) string {
	const origin = "so it came from a proxy or something other than the API"
	if mediaType := NonJSONMediaType(header); mediaType != "" {
		return fmt.Sprintf("the body is %q, not JSON, %s", mediaType, origin)
	}
	if IsMarkup(body) {
		return "the body is a web page, " + origin
	}
	return ""
}
