package fetch

import (
	"net/http"
	"strconv"
	"strings"
)

// Version is what tells one version of a file from another.
type Version struct {
	// Size is the whole length, -1 where the server did not tell.
	Size int64 `json:"size"`
	// ETag is the header as it came, "" for none.
	ETag string `json:"etag,omitzero"`
	// LastModified is the header as it came, "" for none.
	LastModified string `json:"lastModified,omitzero"`
}

// noVersion proves nothing: no byte can follow another.
var noVersion = Version{Size: -1}

// versionOf reads it off the answer that has the whole file.
func versionOf(response *http.Response) Version {
	return Version{
		Size: response.ContentLength, ETag: response.Header.Get("ETag"), LastModified: response.Header.Get("Last-Modified"),
	}
}

// condition is the If-Range that goes on with this version: a weak ETag promises nothing
// about bytes. "" means that this file cannot be gone on with.
func (v Version) condition() string {
	switch {
	case v.Size < 0:
		return ""
	case strings.HasPrefix(v.ETag, `"`):
		return v.ETag
	default:
		return v.LastModified
	}
}

// continues reports whether a 206 is the rest of this version from a byte on, and how
// much of it comes.
func (v Version) continues(response *http.Response, from int64) (length int64, ok bool) {
	first, last, total, ok := parseContentRange(response.Header.Get("Content-Range"))
	if !ok || first != from || total != v.Size {
		return 0, false
	}
	length = last - first + 1
	if response.ContentLength >= 0 && response.ContentLength != length {
		return 0, false
	}
	etag, modified := response.Header.Get("ETag"), response.Header.Get("Last-Modified")
	if etag != v.ETag && (etag != "" || v.condition() == v.ETag) {
		return 0, false
	}
	return length, modified == v.LastModified || modified == "" && v.condition() == v.ETag
}

// parseContentRange reads "bytes first-last/total". A range that is not of bytes, not
// within its total or of an unknown total is none.
func parseContentRange(header string) (first, last, total int64, ok bool) {
	unit, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	span, size, slash := strings.Cut(strings.TrimSpace(rest), "/")
	from, to, dash := strings.Cut(span, "-")
	if !strings.EqualFold(unit, "bytes") || !slash || !dash {
		return 0, 0, 0, false
	}
	first, okFirst := parseDigits(from)
	last, okLast := parseDigits(to)
	total, okTotal := parseDigits(size)
	if !okFirst || !okLast || !okTotal || first > last || last >= total {
		return 0, 0, 0, false
	}
	return first, last, total, true
}

// parseDigits reads a number as HTTP writes it: digits alone.
func parseDigits(text string) (int64, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}
