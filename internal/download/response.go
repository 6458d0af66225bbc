package download

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"example.com/restorejobs/internal/transport"
)

var (
	errVersionChanged    = errors.New("the server went on with something else than what it began with")
	errNotArchive        = errors.New("the server sent a web page, or compressed what it was asked to leave alone, or sent something else that is no archive")
	errUnexpectedPartial = errors.New("the server says that it sent a part of the file, which nobody asked for")
	errLengthUnknown     = errors.New("the server tells no length and no checksum: whether the file is whole cannot be known")
)

// ErrEmptyFile is a file without a byte that no checksum speaks for.
var ErrEmptyFile = errors.New("the server sent nothing, which is no archive, and named no checksum of it")

// handleResponse looks at what the link answered, and gives how many bytes follow, -1 for
// unknown.
func (t *transfer) handleResponse(ctx context.Context, resp *http.Response) (length int64, err error) {
	if t.bytes > 0 { // a range was requested
		verdict, length := t.validators.decide(resp, t.bytes)
		if verdict == resumeBody && !isArchive(resp, t.file.Name) {
			verdict = refuseBody
		}
		switch verdict {
		case refuseBody:
			t.validators = noValidators // the next request is for all of it
			if resp.StatusCode == http.StatusOK && !coversWholeFile(resp) {
				return 0, errUnexpectedPartial
			}
			return 0, errVersionChanged
		case resumeBody:
			t.progress.setPosition(t.bytes, t.validators.Size)
			return length, nil
		case restartBody:
		}
	}
	switch {
	case resp.StatusCode != http.StatusOK:
		return 0, t.responseError(ctx, resp)
	case !isArchive(resp, t.file.Name), resp.ContentLength == 0 && !t.file.HasChecksum:
		return 0, errNotArchive
	case !coversWholeFile(resp):
		t.validators = noValidators // the next request is for all of it
		return 0, errUnexpectedPartial
	}
	t.lengthErr = nil
	if resp.ContentLength < 0 && resp.ProtoMajor == 1 && len(resp.TransferEncoding) == 0 {
		t.lengthErr = errLengthUnknown
	}
	if t.lengthErr != nil && !t.file.HasChecksum {
		return 0, &permanentError{t.lengthErr}
	}
	if err := t.reset(validatorsOf(resp)); err != nil {
		return 0, err
	}
	t.progress.setPosition(0, t.validators.Size)
	return t.validators.Size, nil
}

// responseError tells an answer that is not the file.
func (t *transfer) responseError(ctx context.Context, resp *http.Response) error {
	retryable, err := t.file.Owner.ExplainRefusal(ctx, resp)
	if !retryable {
		return &permanentError{err}
	}
	return err
}

// coversWholeFile refuses a part that calls itself 200.
func coversWholeFile(resp *http.Response) bool {
	header := resp.Header.Get("Content-Range")
	if header == "" {
		return true
	}
	first, last, total, ok := parseContentRange(header)
	return ok && first == 0 && last == total-1 && (resp.ContentLength < 0 || resp.ContentLength == total)
}

// isArchive refuses the web page of a proxy, and a body that was compressed on its way.
// An archive that is compressed itself is often said to be so on its way too.
func isArchive(resp *http.Response, name string) bool {
	if resp.Uncompressed || isDocumentType(transport.MediaType(resp.Header)) {
		return false
	}
	switch encoding := strings.ToLower(resp.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return true
	case "gzip", "x-gzip":
		return strings.HasSuffix(strings.ToLower(name), "gz")
	default:
		return false
	}
}

// isDocumentType reports what programs say to people, or to each other.
func isDocumentType(kind string) bool {
	switch kind {
	case "text/html", "text/xml", "application/xml", "application/json":
		return true
	default:
		return strings.HasSuffix(kind, "+xml") || strings.HasSuffix(kind, "+json")
	}
}
