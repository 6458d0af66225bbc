package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// notDownloadableError says why a job has no file to fetch.
type notDownloadableError struct {
	jobID string
	why   string
	kinds []error
}

func (e *notDownloadableError) Error() string {
	return "restorejobs: " + downloadOperation + " " + clean(e.jobID, 100) + ": " + e.why
}

func (e *notDownloadableError) Is(target error) bool { return slices.Contains(e.kinds, target) }

// downloadError says which file an error is about.
func downloadError(what string, err error) error {
	return fmt.Errorf("restorejobs: download %s: %w", clean(what, maxFileName), err)
}

// endedBy adds the context's error where it is the cause and does not show.
func endedBy(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		return &endedError{err: err, cause: cause}
	}
	return err
}

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
type connectionError struct{ err error }

func (e *connectionError) Error() string {
	text := e.err.Error()
	if handshakeFailed(e.err) {
		text += " (for a private certificate authority use WithRootCAs or WithDownloadTLSConfig)"
	}
	return text
}

func (e *connectionError) Unwrap() error { return e.err }

// checksumError is a file that is not the one the server hashed.
type checksumError struct{ got, want string }

func (e *checksumError) Error() string {
	return "checksum does not match: the SHA-1 of what came is " + e.got + ", the server names " + clean(e.want, 100)
}

func (e *checksumError) Is(target error) bool { return target == ErrChecksum }

// unverifiedError is a file in place that could not be compared.
type unverifiedError struct{ err error }

func (e *unverifiedError) Error() string {
	return "the file is here, but could not be checked: " + brief(e.err)
}

func (e *unverifiedError) Unwrap() error { return e.err }

// linkError is a link's refusal, with what the job says about it.
type linkError struct {
	answer  *Error
	refused error // nil where the job still offers the file
}

func (e *linkError) Error() string {
	text := "the link answered " + e.answer.brief()
	var why *notDownloadableError
	if errors.As(e.refused, &why) {
		text += ": " + why.why
	}
	return text
}

func (e *linkError) Unwrap() []error {
	if e.refused == nil {
		return []error{e.answer}
	}
	return []error{e.refused, e.answer}
}

// repeatError is a link that would have to be asked again, and must not be.
type repeatError struct{ err error } // err is why, nil for an earlier call

func (e *repeatError) Error() string {
	const advice = "the link may be used once only and was asked already; see DownloadOptions.AllowRepeat, and DownloadLink.MaxDownloads for the next restore"
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
