package restorejobs

import (
	"context"
	"errors"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/download"
	"example.com/restorejobs/internal/redact"
)

// checksumPollInterval is the time before a job is read a second time for its checksum, which
// appears only after the download. The third time follows after three intervals. A shorter
// delay of the retry policy replaces it.
const checksumPollInterval = 500 * time.Millisecond

// verify reports whether the checksum of the job, if it has one, is that of the file. The error
// matches isWrongFile if the file must be discarded.
func (t *downloadTask) verify(ctx context.Context, result *download.Result) (bool, error) {
	if t.link.SHA1 == result.SHA1 {
		return true, nil
	}
	verified := false
	if t.job.format().hasChecksum() {
		var err error
		verified, err = t.pollChecksum(ctx, result)
		if err != nil {
			return false, err
		}
	}
	if !verified && result.Size == 0 {
		return false, download.ErrEmptyFile
	}
	return verified, nil
}

// verifyPart is verify for a file in a directory. A kept file was verified by the call that has
// recorded it.
func (t *downloadTask) verifyPart(ctx context.Context, part *download.Part) (bool, error) {
	if part.Kept() && t.existing != nil && t.existing.Recorded {
		return t.existing.Verified, nil
	}
	return t.verify(ctx, &part.Result)
}

// isWrongFile reports an error of verify that proves that the file is not the job's.
func isWrongFile(err error) bool {
	return errors.Is(err, ErrChecksumMismatch) || errors.Is(err, download.ErrEmptyFile)
}

// pollChecksum reads the job until its checksum appears. The checksum of an earlier download is
// compared only if no other has appeared.
func (t *downloadTask) pollChecksum(ctx context.Context, result *download.Result) (bool, error) {
	ctx, sent := redact.Record(ctx)
	jobs := t.call.jobs
	interval := min(jobs.client.pipeline.Retry.MinDelay, checksumPollInterval)
	want := ""
	for _, delay := range [...]time.Duration{0, interval, 3 * interval} {
		if err := api.Sleep(ctx, delay); err != nil {
			return false, &unverifiedError{err}
		}
		job, err := jobs.Get(ctx, t.job.ID)
		if err != nil {
			return false, &unverifiedError{err}
		}
		want = job.sha1For(t.link.FileName)
		if want == result.SHA1 {
			return true, nil
		}
		hasAppeared := want != "" && want != t.link.SHA1
		if hasAppeared {
			break
		}
	}
	switch {
	case want != "":
		return false, &checksumError{got: result.SHA1, want: jobs.client.secretsOf(sent).Text(want)}
	case result.LengthErr != nil:
		return false, &unverifiedError{result.LengthErr}
	default:
		return false, nil
	}
}

// checksumError is a file whose checksum is not the one of the service.
type checksumError struct {
	got  string
	want string
}

func (e *checksumError) Error() string {
	return "checksum does not match: the SHA-1 of the file is " + e.got + ", the service has " + sanitize(e.want, 100)
}

func (e *checksumError) Is(target error) bool { return target == ErrChecksumMismatch }

// changedFileError is an existing file that is not the one of the job.
type changedFileError struct{ err error }

func (e *changedFileError) Error() string {
	return e.err.Error() + ": remove it, or set ExistingReplace"
}
func (e *changedFileError) Unwrap() error        { return e.err }
func (e *changedFileError) Is(target error) bool { return target == ErrChecksumMismatch }

// unverifiedError is a file in place whose checksum could not be compared.
type unverifiedError struct{ err error }

func (e *unverifiedError) Error() string {
	return "the file is in place, but could not be checked: " + shortMessage(e.err)
}

func (e *unverifiedError) Unwrap() error { return e.err }
