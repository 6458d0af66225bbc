package download

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Validators identifies one version of a file by its validators (RFC 9110, section 8.8).
type Validators struct {
	// Size is the whole length, -1 where the server did not send it.
	Size int64 `json:"size"`
	// ETag is the header as it came, "" for none.
	ETag string `json:"etag,omitzero"`
	// LastModified is the header as it came, "" for none.
	LastModified string `json:"lastModified,omitzero"`
	// StrongDate reports that LastModified was a strong validator when it was received.
	// A sidecar of an earlier release lacks it: its date is weak.
	StrongDate bool `json:"lastModifiedStrong,omitzero"`
}

// noValidators has no validator: no byte can follow another.
var noValidators = Validators{Size: -1}

// validatorsOf reads the version from a response. A header that came twice is not valid.
func validatorsOf(resp *http.Response) Validators {
	field := func(name string) string { return strings.Join(resp.Header.Values(name), ", ") }
	modified := field("Last-Modified")
	return Validators{
		Size:         resp.ContentLength,
		ETag:         field("ETag"),
		LastModified: modified,
		StrongDate:   isStrongDate(modified, field("Date")),
	}
}

// isStrongDate reports whether a Last-Modified is a strong validator: at least a second
// older than the Date of its response (RFC 9110, section 8.8.2.2).
func isStrongDate(modified, date string) bool {
	if modified == "" || date == "" {
		return false
	}
	made, err := http.ParseTime(modified)
	if err != nil {
		return false
	}
	sent, err := http.ParseTime(date)
	return err == nil && !sent.Before(made.Add(time.Second))
}

// isStrongETag reports an entity tag that is valid and not weak (RFC 9110, section 8.8.3).
func isStrongETag(tag string) bool {
	opaque, quoted := strings.CutPrefix(tag, `"`)
	opaque, closed := strings.CutSuffix(opaque, `"`)
	isTagChar := func(c byte) bool { return c > ' ' && c != '"' && c != 0x7f }
	for i := range len(opaque) {
		if !isTagChar(opaque[i]) {
			return false
		}
	}
	return quoted && closed
}

// validator returns the strong validator, "" for none. A date is one only without an ETag,
// also a weak one (RFC 9110, section 13.1.5).
func (v Validators) validator() string {
	switch {
	case isStrongETag(v.ETag):
		return v.ETag
	case v.ETag == "" && v.StrongDate:
		return v.LastModified
	default:
		return ""
	}
}

// ifRange returns the If-Range that resumes this version, "" where it cannot be resumed.
func (v Validators) ifRange() string {
	if v.Size < 0 {
		return ""
	}
	return v.validator()
}

// decision is what a response to a range request means for the bytes received before.
type decision int

const (
	refuseBody  decision = iota // the body cannot be used: the whole file must be requested
	resumeBody                  // the body follows the bytes that are there
	restartBody                 // the response is what a first request gets: it replaces them
)

// decide evaluates a response to a request for this version from a byte on. The length is that
// of the rest of the file.
func (v Validators) decide(resp *http.Response, from int64) (verdict decision, length int64) {
	switch resp.StatusCode {
	case http.StatusPartialContent:
		length, ok := v.matchesPartial(resp, from)
		if !ok {
			return refuseBody, 0
		}
		return resumeBody, length
	case http.StatusRequestedRangeNotSatisfiable:
		return refuseBody, 0
	case http.StatusOK:
		if v.contradicts(resp, from) {
			return refuseBody, 0
		}
	}
	return restartBody, 0
}

// contradicts reports a 200 that is not the whole file by its length: it is the rest alone,
// or has the validator of this version.
func (v Validators) contradicts(resp *http.Response, from int64) bool {
	length := resp.ContentLength
	if length < 0 || length == v.Size {
		return false
	}
	isSameVersion := validatorsOf(resp).validator() == v.validator()
	return length == v.Size-from || isSameVersion
}

// matchesPartial reports whether a 206 is the rest of this version from a byte on, and the length
// of its body. The validators are compared strongly.
func (v Validators) matchesPartial(resp *http.Response, from int64) (length int64, ok bool) {
	first, last, total, ok := parseContentRange(resp.Header.Get("Content-Range"))
	if !ok || first != from || total != v.Size {
		return 0, false
	}
	length = last - first + 1
	if resp.ContentLength >= 0 && resp.ContentLength != length {
		return 0, false
	}
	part := validatorsOf(resp)
	if v.validator() == "" || part.validator() != v.validator() {
		return 0, false
	}
	if part.LastModified != "" && part.LastModified != v.LastModified {
		return 0, false
	}
	return length, true
}

// parseContentRange reads "bytes first-last/total". A range that is not of bytes, not
// within its total or of an unknown total is none.
func parseContentRange(header string) (first, last, total int64, ok bool) {
	unit, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	rangeSpec, size, slash := strings.Cut(strings.TrimSpace(rest), "/")
	from, to, dash := strings.Cut(rangeSpec, "-")
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
