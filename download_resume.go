package restorejobs

import (
	"net/http"
	"strconv"
	"strings"
)

// proof is what tells one version of a file from another.
type proof struct {
	// size is the whole length, -1 where the server did not tell.
	size int64
	// etag and modified are the headers as they came, "" for none.
	etag, modified string
}

// noProof is the proof of nothing: no byte can follow another.
var noProof = proof{size: -1}

// proofOf reads it off the answer that has the whole file.
func proofOf(response *http.Response) proof {
	return proof{
		size: response.ContentLength, etag: response.Header.Get("ETag"), modified: response.Header.Get("Last-Modified"),
	}
}

// condition is the If-Range that goes on with this version: a weak ETag promises nothing
// about bytes. "" means that this file cannot be gone on with.
func (p proof) condition() string {
	switch {
	case p.size < 0:
		return ""
	case strings.HasPrefix(p.etag, `"`):
		return p.etag
	default:
		return p.modified
	}
}

// continues reports whether a 206 is the rest of this version from a byte on, and how
// much of it comes.
func (p proof) continues(response *http.Response, from int64) (length int64, ok bool) {
	first, last, total, ok := parseContentRange(response.Header.Get("Content-Range"))
	if !ok || first != from || total != p.size {
		return 0, false
	}
	length = last - first + 1
	if response.ContentLength >= 0 && response.ContentLength != length {
		return 0, false
	}
	etag, modified := response.Header.Get("ETag"), response.Header.Get("Last-Modified")
	if etag != p.etag && (etag != "" || p.condition() == p.etag) {
		return 0, false
	}
	return length, modified == p.modified || modified == "" && p.condition() == p.etag
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

func formatInt(n int64) string { return strconv.FormatInt(n, 10) }
