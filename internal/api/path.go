package api

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSegmentLen exceeds every id and name of a service.
const maxSegmentLen = 255

// EscapeSegment escapes one path segment.
func EscapeSegment(segment string) string {
	if IsPlainSegment(segment) {
		return segment
	}
	return url.PathEscape(segment)
}

// UnescapeSegment reverses [EscapeSegment].
func UnescapeSegment(segment string) (string, error) { return url.PathUnescape(segment) }

// IsPlainSegment reports whether an id has only letters, digits, "-" and "_". Most ids do.
func IsPlainSegment(id string) bool {
	for i := range len(id) {
		if !plainBytes[id[i]] {
			return false
		}
	}
	return true
}

// plainBytes are the bytes of plain segments. Each call tests about 150 bytes of its path.
var plainBytes = func() (plain [256]bool) {
	for c := range plain {
		isLetter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		isDigit := c >= '0' && c <= '9'
		plain[c] = isLetter || isDigit || c == '-' || c == '_'
	}
	return plain
}()

// ValidateSegment returns the rule that an id breaks as a path segment, empty for a valid id. An
// id is invalid if it can lead to another path, here or behind a proxy that unescapes.
func ValidateSegment(name, id string) string {
	switch {
	case id == "":
		return name + " must not be empty"
	case IsPlainSegment(id) && len(id) <= maxSegmentLen:
		return ""
	case id == "." || id == "..":
		return name + ` must not be "." or ".."`
	case strings.ContainsAny(id, `/\%?#`):
		return name + ` must not contain / \ % ? or #`
	case !utf8.ValidString(id):
		return name + " must be UTF-8"
	case strings.ContainsFunc(id, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return name + " must not contain control or other invisible characters"
	case strings.TrimSpace(id) != id:
		return name + " must not begin or end with white space"
	case len(id) > maxSegmentLen:
		return fmt.Sprintf("%s must be at most %d bytes", name, maxSegmentLen)
	}
	return ""
}

// ValidatePath returns the rule that an escaped path breaks, empty for a valid path.
func ValidatePath(path string) string {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return "path must begin with a slash and name no host"
	}
	for segment := range strings.SplitSeq(strings.TrimSuffix(rest, "/"), "/") {
		plain, err := UnescapeSegment(segment)
		if err != nil {
			return "path: a segment is not escaped well"
		}
		if problem := ValidateSegment("a segment of path", plain); problem != "" {
			return problem
		}
	}
	return ""
}
