package download

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

var (
	errNotArchive        = errors.New("the server sent a web page, or compressed the file on its way, or sent something else that is not an archive")
	errUnexpectedPartial = errors.New("the server sent a part of the file, and the whole file was requested")
	errLengthUnknown     = errors.New("the server sends neither a length nor a checksum: whether the file is whole cannot be known")
)

// ErrVersionChanged is a response to a range request that is not the rest of the same file.
var ErrVersionChanged = errors.New("the server resumed the download with another version of the file")

// ErrEmptyFile is a file without a byte, which no checksum proves.
var ErrEmptyFile = errors.New("the server sent nothing, which is not an archive, and has no checksum for it")

// maxErrorBody limits how much of an error response is read.
const maxErrorBody = 64 << 10

// handleResponse checks a response and returns how many bytes of the file follow, -1 if unknown.
func (t *transfer) handleResponse(ctx context.Context, resp *http.Response) (length int64, err error) {
	isEmpty := resp.ContentLength == 0 && !t.file.HasChecksum
	if t.bytes > 0 { // a range was requested
		verdict, length := t.validators.decide(resp, t.bytes)
		if verdict == resumeBody && !t.isArchive(resp) {
			verdict = refuseBody
		}
		switch verdict {
		case refuseBody:
			t.validators = noValidators // the next request is for all of it
			if resp.StatusCode == http.StatusOK && !coversWholeFile(resp) {
				return 0, errUnexpectedPartial
			}
			return 0, ErrVersionChanged
		case resumeBody:
			t.progress.setPosition(t.bytes, t.validators.Size)
			return length, nil
		case restartBody:
		}
	}
	switch {
	case resp.StatusCode != http.StatusOK:
		return 0, newResponseError(ctx, resp)
	case !t.isArchive(resp), isEmpty:
		return 0, errNotArchive
	case !coversWholeFile(resp):
		t.validators = noValidators // the next request is for all of it
		return 0, errUnexpectedPartial
	}
	t.lengthErr = nil
	if endsWithConnection(resp) {
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

// endsWithConnection reports a body whose end looks like a broken connection.
func endsWithConnection(resp *http.Response) bool {
	return resp.ContentLength < 0 && resp.ProtoMajor == 1 && len(resp.TransferEncoding) == 0
}

// ResponseError is a response to a link that is not the file. The caller explains it.
type ResponseError struct {
	// StatusCode is the HTTP status.
	StatusCode int
	// Header is the header, unredacted.
	Header http.Header
	// Body is the beginning of the body, unredacted.
	Body []byte
	// Sent has the secrets that the request has sent.
	Sent *redact.Sent
	// Retryable reports that another request may succeed.
	Retryable bool

	explanation error
}

func newResponseError(ctx context.Context, resp *http.Response) *ResponseError {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // the status counts, with or without its text
	_, sent := redact.Record(ctx)
	return &ResponseError{
		StatusCode: resp.StatusCode,
		Header:     resp.Header,
		Body:       body,
		Sent:       sent,
		Retryable:  api.ClassifyStatus(resp.StatusCode) >= api.Transient,
	}
}

// Explain replaces the response, which may hold secrets, by an error for the user.
func (e *ResponseError) Explain(explanation error) {
	*e = ResponseError{StatusCode: e.StatusCode, Retryable: e.Retryable, explanation: explanation}
}

// Error describes the failure.
func (e *ResponseError) Error() string {
	if e.explanation != nil {
		return e.explanation.Error()
	}
	return "the link responded with status " + strconv.Itoa(e.StatusCode)
}

// Unwrap returns the cause.
func (e *ResponseError) Unwrap() error { return e.explanation }

// coversWholeFile reports whether a 200 is not a part of the file.
func coversWholeFile(resp *http.Response) bool {
	header := resp.Header.Get("Content-Range")
	if header == "" {
		return true
	}
	first, last, total, ok := parseContentRange(header)
	isWholeRange := ok && first == 0 && last == total-1
	hasOtherLength := resp.ContentLength >= 0 && resp.ContentLength != total
	return isWholeRange && !hasOtherLength
}

// isArchive judges by the name of the link: the file can have another.
func (t *transfer) isArchive(resp *http.Response) bool {
	return isArchive(resp, t.file.Name) || isArchive(resp, t.file.FileName)
}

// isArchive reports whether a body is neither the web page of a proxy nor compressed on its way.
// Servers often send a compressed archive with a Content-Encoding.
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

// isDocumentType reports a media type of web pages and API responses.
func isDocumentType(mediaType string) bool {
	switch mediaType {
	case "text/html", "text/xml", "application/xml", "application/json":
		return true
	default:
		return strings.HasSuffix(mediaType, "+xml") || strings.HasSuffix(mediaType, "+json")
	}
}
