package fetch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"example.com/restorejobs/internal/wire"
)

// errOfAnother is a part that somebody may want to go on with.
var errOfAnother = &ofAnotherError{}

type ofAnotherError struct{}

func (*ofAnotherError) Error() string {
	return "the unfinished download of another restore job: go on with that one, remove it, or take another folder"
}
func (*ofAnotherError) Is(target error) bool { return target == fs.ErrExist }

// finalError is an error that another request would meet again.
type finalError struct{ err error }

func (e *finalError) Error() string { return e.err.Error() }
func (e *finalError) Unwrap() error { return e.err }

func final(text string) error { return &finalError{errors.New(text)} }

// stalledError is a server that sent nothing for too long.
type stalledError struct{ after time.Duration }

func (e *stalledError) Error() string { return fmt.Sprintf("the server sent nothing for %v", e.after) }

// Timeout and Is make it a timeout, but not the context's.
func (e *stalledError) Timeout() bool        { return true }
func (e *stalledError) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// connectionError is an exchange with a link that broke.
type connectionError struct {
	err    error
	unsent bool // the link was certainly not asked
}

func (e *connectionError) Error() string {
	text := e.err.Error()
	if wire.HandshakeFailed(e.err) {
		text += " (for a private certificate authority use WithRootCAs or WithDownloadTLSConfig)"
	}
	return text
}

func (e *connectionError) Unwrap() error { return e.err }

// repeatError is a link that would have to be asked again, and must not be.
type repeatError struct{ err error } // err is why, nil for an earlier call

func (e *repeatError) Error() string {
	const advice = "the link may be used once only and was asked already; see DownloadOptions.AllowRepeat, which does not help where the service counts requests, and DownloadLink.MaxDownloads for the next restore"
	if e.err == nil {
		return advice
	}
	return e.err.Error() + ": " + advice
}

func (e *repeatError) Unwrap() error { return e.err }

// keptError says what an error leaves for the next call.
type keptError struct {
	err         error
	kept, total int64
	file        string
}

func (e *keptError) Error() string {
	total := ""
	if e.total >= 0 {
		total = fmt.Sprintf(" of %d", e.total)
	}
	return fmt.Sprintf("%v [%d%s bytes are kept in %s]", e.err, e.kept, total, e.file)
}

func (e *keptError) Unwrap() error { return e.err }
