package restorejobs

import (
	"context"
	"errors"
	"time"

	"example.com/restorejobs/internal/fetch"
	"example.com/restorejobs/internal/redact"
)

// Check throws away what has another checksum or is nothing at all, not what could not be
// compared.
func (w *wanted) Check(ctx context.Context, got *fetch.Result) (keep bool, err error) {
	w.verified, err = w.verify(ctx, got)
	if err == nil && !w.verified && got.Size == 0 {
		err = fetch.ErrEmpty
	}
	return !errors.Is(err, ErrChecksum) && !errors.Is(err, fetch.ErrEmpty), err
}

// hashPause is the wait before a job is read a second time for its checksum, which
// appears only after the download; three of it are before the third and last time. A
// shorter delay of the retry policy goes before.
const hashPause = 500 * time.Millisecond

// verify compares with the checksum that the job names.
func (w *wanted) verify(ctx context.Context, got *fetch.Result) (verified bool, err error) {
	early := w.link.SHA1
	if w.of.job.generation() != classic || early == got.SHA1 {
		return early == got.SHA1, nil
	}
	ctx, _ = redact.Record(ctx)
	want, pause := early, min(w.of.jobs.client.retry.MinDelay, hashPause)
	for _, pauses := range [...]int{0, 1, 3} {
		if err := sleep(ctx, time.Duration(pauses)*pause); err != nil {
			return false, &unverifiedError{err}
		}
		job, err := w.of.jobs.Get(ctx, w.of.job.ID)
		if err != nil {
			return false, &unverifiedError{err}
		}
		switch want = job.hashOf(w.link.FileName); want {
		case got.SHA1:
			return true, nil
		case "", early: // not there yet, or of an earlier download
		default:
			return false, &checksumError{got: got.SHA1, want: w.secrets(ctx).Text(want)}
		}
	}
	if want != "" {
		return false, &checksumError{got: got.SHA1, want: w.secrets(ctx).Text(want)}
	}
	if got.Doubt != nil {
		return false, &unverifiedError{got.Doubt}
	}
	return false, nil
}

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
