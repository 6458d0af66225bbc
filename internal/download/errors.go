package download

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"example.com/restorejobs/internal/transport"
)

// errOtherJob is a part that somebody may want to go on with.
var errOtherJob = &otherJobError{}

type otherJobError struct{}

func (*otherJobError) Error() string {
	return "the unfinished download of another restore job: go on with that one, remove it, or take another folder"
}
func (*otherJobError) Is(target error) bool { return target == fs.ErrExist }

// permanentError is an error that another request would meet again.
type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

func permanent(text string) error { return &permanentError{errors.New(text)} }

// stallError is a server that sent nothing for too long.
type stallError struct{ after time.Duration }

func (e *stallError) Error() string { return fmt.Sprintf("the server sent nothing for %v", e.after) }

// Timeout and Is make it a timeout, but not the context's.
func (e *stallError) Timeout() bool        { return true }
func (e *stallError) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// connectionError is an exchange with a link that broke.
type connectionError struct {
	err     error
	notSent bool // the link was certainly not asked
}

func (e *connectionError) Error() string {
	text := e.err.Error()
	if transport.IsHandshakeError(e.err) {
		text += " (for a private certificate authority use WithRootCAs or WithDownloadTLSConfig)"
	}
	return text
}

func (e *connectionError) Unwrap() error { return e.err }

// singleUseError is a link that would have to be asked again, and must not be.
type singleUseError struct{ err error } // err is why, nil for an earlier call

func (e *singleUseError) Error() string {
	const advice = "the link may be used once only and was asked already; see DownloadOptions.ReuseSingleUseLinks, which does not help where the service counts requests, and DownloadLinkOptions.MaxDownloads for the next restore"
	if e.err == nil {
		return advice
	}
	return e.err.Error() + ": " + advice
}

func (e *singleUseError) Unwrap() error { return e.err }

// partKeptError says what an error leaves for the next call.
type partKeptError struct {
	err              error
	keptBytes, total int64
	file             string
}

func (e *partKeptError) Error() string {
	total := ""
	if e.total >= 0 {
		total = fmt.Sprintf(" of %d", e.total)
	}
	return fmt.Sprintf("%v [%d%s bytes are kept in %s]", e.err, e.keptBytes, total, e.file)
}

func (e *partKeptError) Unwrap() error { return e.err }
