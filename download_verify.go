package restorejobs

import (
	"context"
	"errors"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/download"
	"example.com/restorejobs/internal/redact"
)

// Verify throws away what has another checksum or is nothing at all, not what could not be
// compared.
func (d *downloadTask) Verify(ctx context.Context, result *download.Result) (keepFile bool, err error) {
	d.verified, err = d.verify(ctx, result)
	if err == nil && !d.verified && result.Size == 0 {
		err = download.ErrEmptyFile
	}
	return !errors.Is(err, ErrChecksumMismatch) && !errors.Is(err, download.ErrEmptyFile), err
}

// checksumPollInterval is the wait before a job is read a second time for its checksum, which
// appears only after the download; three of it are before the third and last time. A
// shorter delay of the retry policy goes before.
const checksumPollInterval = 500 * time.Millisecond

// verify compares with the checksum that the job names.
func (d *downloadTask) verify(ctx context.Context, result *download.Result) (verified bool, err error) {
	knownSHA1 := d.link.SHA1
	if !d.call.job.format().hasChecksum() || knownSHA1 == result.SHA1 {
		return knownSHA1 == result.SHA1, nil
	}
	ctx, _ = redact.Record(ctx)
	want, pause := knownSHA1, min(d.call.jobs.client.pipeline.Retry.MinDelay, checksumPollInterval)
	for _, delays := range [...]int{0, 1, 3} {
		if err := api.Sleep(ctx, time.Duration(delays)*pause); err != nil {
			return false, &unverifiedError{err}
		}
		job, err := d.call.jobs.Get(ctx, d.call.job.ID)
		if err != nil {
			return false, &unverifiedError{err}
		}
		switch want = job.sha1For(d.link.FileName); want {
		case result.SHA1:
			return true, nil
		case "", knownSHA1: // not there yet, or of an earlier download
		default:
			return false, &checksumError{got: result.SHA1, want: d.secrets(ctx).Text(want)}
		}
	}
	if want != "" {
		return false, &checksumError{got: result.SHA1, want: d.secrets(ctx).Text(want)}
	}
	if result.LengthErr != nil {
		return false, &unverifiedError{result.LengthErr}
	}
	return false, nil
}

// checksumError is a file that is not the one the server hashed.
type checksumError struct{ got, want string }

func (e *checksumError) Error() string {
	return "checksum does not match: the SHA-1 of what came is " + e.got + ", the server names " + sanitize(e.want, 100)
}

func (e *checksumError) Is(target error) bool { return target == ErrChecksumMismatch }

// unverifiedError is a file in place that could not be compared.
type unverifiedError struct{ err error }

func (e *unverifiedError) Error() string {
	return "the file is here, but could not be checked: " + shortMessage(e.err)
}

func (e *unverifiedError) Unwrap() error { return e.err }
