package download

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"example.com/restorejobs/internal/transport"
)

// errForeignPart matches every part that a call refuses to touch.
var errForeignPart = errors.New("the part belongs to another download")

var (
	errOtherJob = &foreignPartError{
		"the unfinished download of another restore job: resume that one, remove it, or use another folder",
	}
	errNewerSidecar = &foreignPartError{
		"written by a newer release of this library: resume with that release, remove it, or set DownloadOptions.Existing to ExistingReplace",
	}
)

// foreignPartError is a part that its owner may want to resume.
type foreignPartError struct{ text string }

func (e *foreignPartError) Error() string { return e.text }

func (e *foreignPartError) Is(target error) bool {
	return target == fs.ErrExist || target == errForeignPart
}

// permanentError is an error that another request would return again.
type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

func permanent(text string) error { return &permanentError{errors.New(text)} }

// stallError is a server that sent nothing for too long.
type stallError struct{ after time.Duration }

func (e *stallError) Error() string { return fmt.Sprintf("the server sent nothing for %v", e.after) }

// Timeout and Is make it a timeout, not the context's.
func (e *stallError) Timeout() bool        { return true }
func (e *stallError) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// connectionError is a request to a link whose connection broke.
type connectionError struct {
	err     error
	notSent bool // the request was certainly not sent
}

func (e *connectionError) Error() string {
	text := e.err.Error()
	if transport.IsHandshakeError(e.err) {
		text += " (for a private certificate authority use WithRootCAs or WithDownloadTLSConfig)"
	}
	return text
}

func (e *connectionError) Unwrap() error { return e.err }

// ErrLinkRequested matches a single-use link that an earlier call has requested.
var ErrLinkRequested = errors.New("the link was requested already")

// singleUseError is a single-use link that was requested, and must not be requested again.
type singleUseError struct{ err error } // err is what ended its request, nil for an earlier call

func (e *singleUseError) Is(target error) bool { return target == ErrLinkRequested && e.err == nil }

func (e *singleUseError) Error() string {
	const advice = "the link may be used once only and was requested already; see DownloadOptions.ReuseSingleUseLinks, which does not help where the service counts requests, and DownloadLinkOptions.MaxDownloads for the next restore"
	if e.err == nil {
		return advice
	}
	return e.err.Error() + ": " + advice
}

func (e *singleUseError) Unwrap() error { return e.err }

// partKeptError adds to an error what the next call can resume.
type partKeptError struct {
	err       error
	keptBytes int64
	total     int64 // -1 if unknown
	file      string
}

func (e *partKeptError) Error() string {
	total := ""
	if e.total >= 0 {
		total = fmt.Sprintf(" of %d", e.total)
	}
	return fmt.Sprintf("%v [%d%s bytes are kept in %s]", e.err, e.keptBytes, total, e.file)
}

func (e *partKeptError) Unwrap() error { return e.err }
