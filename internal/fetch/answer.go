package fetch

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"example.com/restorejobs/internal/wire"
)

var (
	errDoubtful  = errors.New("the server went on with something else than what it began with")
	errNoArchive = errors.New("the server sent a web page, or compressed what it was asked to leave alone, or sent something else that is no archive")
	errPart      = errors.New("the server says that it sent a part of the file, which nobody asked for")
	errNoEnd     = errors.New("the server tells no length and no checksum: whether the file is whole cannot be known")
)

// ErrEmpty is a file without a byte that no checksum speaks for.
var ErrEmpty = errors.New("the server sent nothing, which is no archive, and named no checksum of it")

// begin looks at what the link answered, and gives how many bytes follow, -1 for
// unknown.
func (t *transfer) begin(ctx context.Context, response *http.Response) (length int64, err error) {
	if t.bytes > 0 { // a range was requested
		verdict, length := t.version.decide(response, t.bytes)
		if verdict == resumeBody && !isArchive(response, t.file.Name) {
			verdict = refuseBody
		}
		switch verdict {
		case refuseBody:
			t.version = noVersion // the next request is for all of it
			if response.StatusCode == http.StatusOK && !isWhole(response) {
				return 0, errPart
			}
			return 0, errDoubtful
		case resumeBody:
			t.meter.begin(t.bytes, t.version.Size)
			return length, nil
		case restartBody:
		}
	}
	switch {
	case response.StatusCode != http.StatusOK:
		return 0, t.refused(ctx, response)
	case !isArchive(response, t.file.Name), response.ContentLength == 0 && !t.file.Checksum:
		return 0, errNoArchive
	case !isWhole(response):
		t.version = noVersion // the next request is for all of it
		return 0, errPart
	}
	t.doubt = nil
	if response.ContentLength < 0 && response.ProtoMajor == 1 && len(response.TransferEncoding) == 0 {
		t.doubt = errNoEnd
	}
	if t.doubt != nil && !t.file.Checksum {
		return 0, &finalError{t.doubt}
	}
	if err := t.startOver(versionOf(response)); err != nil {
		return 0, err
	}
	t.meter.begin(0, t.version.Size)
	return t.version.Size, nil
}

// refused tells an answer that is not the file.
func (t *transfer) refused(ctx context.Context, response *http.Response) error {
	again, err := t.file.Owner.Refused(ctx, response)
	if !again {
		return &finalError{err}
	}
	return err
}

// isWhole refuses a part that calls itself 200.
func isWhole(response *http.Response) bool {
	header := response.Header.Get("Content-Range")
	if header == "" {
		return true
	}
	first, last, total, ok := parseContentRange(header)
	return ok && first == 0 && last == total-1 && (response.ContentLength < 0 || response.ContentLength == total)
}

// isArchive refuses the web page of a proxy, and a body that was compressed on its way.
// An archive that is compressed itself is often said to be so on its way too.
func isArchive(response *http.Response, name string) bool {
	if response.Uncompressed || isPage(wire.MediaType(response.Header)) {
		return false
	}
	switch encoding := strings.ToLower(response.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return true
	case "gzip", "x-gzip":
		return strings.HasSuffix(strings.ToLower(name), "gz")
	default:
		return false
	}
}

// isPage reports what programs say to people, or to each other.
func isPage(kind string) bool {
	switch kind {
	case "text/html", "text/xml", "application/xml", "application/json":
		return true
	default:
		return strings.HasSuffix(kind, "+xml") || strings.HasSuffix(kind, "+json")
	}
}
