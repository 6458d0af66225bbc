package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"example.com/restorejobs/internal/partfile"
	"example.com/restorejobs/internal/wire"
)

// DownloadOptions are the choices of [Jobs.Download] and [Jobs.DownloadTo]. The zero
// value is the default.
type DownloadOptions struct {
	// ReplicaSet fetches the file of this shard or config server only; "" fetches all.
	ReplicaSet string
	// Overwrite replaces a file that has the name already, once the new one is whole and
	// checked. A directory is never replaced. [Jobs.DownloadTo] has no use for it.
	Overwrite bool
	// AllowRepeat asks again for a link that may be used once only. Without it, a
	// download with MaxDownloads 1 is requested once and never again, by this call or a
	// later one that finds its part file: the service may count a request that goes on
	// with a broken download as another download.
	AllowRepeat bool
	// Parallel is how many files are fetched at the same time, 2 by default; negative is
	// one after the other. Each takes about 2 MiB of memory.
	Parallel int
	// PrivateEndpoint fetches through the links of this private endpoint, such as
	// "vpce-3bf78b0ddee411ba1", or with "any" through the first that each file has. ""
	// takes the public links. Atlas clusters.
	PrivateEndpoint string
	// StallTimeout is how long a server may send nothing before the connection is given
	// up and made anew, 60 s by default; negative waits without end. There is no limit for
	// a whole download but the context's.
	StallTimeout time.Duration
	// Progress, unless nil, is called for each file at its start, at its end and up to
	// four times a second in between, never twice at a time. A call that takes long holds
	// the download up.
	Progress func(Progress)
}

const (
	defaultParallel     = 2
	defaultStallTimeout = time.Minute
	anyEndpoint         = "any"
)

// Progress is how far one file has come.
type Progress struct {
	// File is the name the file will have, without its directory.
	File string
	// ReplicaSet is the shard or config server the file is from, "" where nothing tells.
	ReplicaSet string
	// Bytes is how much is there, with Resumed. It goes back where a server makes the
	// download start over, and while a part file is checked it counts what was checked.
	Bytes int64
	// Total is the size of the file, -1 where the server does not tell.
	Total int64
	// Resumed is how much of it was there from an earlier call.
	Resumed int64
	// Done is set in the last call: the file is whole, checked and in place.
	Done bool
}

// File is one downloaded file.
type File struct {
	// Path is where it is, "" for [Jobs.DownloadTo].
	Path string
	// Size is its length in bytes.
	Size int64
	// SHA1 is its checksum as this library computed it, in lower-case hexadecimal.
	SHA1 string
	// Verified says that the server named the same checksum. It is false where the server
	// names none: only classic jobs have one, and only after the download.
	Verified bool
	// ReplicaSet is the shard or config server it is from, "" where nothing tells.
	ReplicaSet string
}

// Download fetches every file of a job into a directory, which must exist: one file, or
// for a sharded Atlas cluster one for each component. It waits for nothing (see
// [Jobs.Wait]). What it returns is in place, whole and, where the server names a
// checksum, checked; with an error, these are the files that were done before it. The
// first error ends the download of the other files.
//
// A file is named as its link is, with whatever could lead elsewhere replaced; files of
// one name get their replica set's before it. Only its owner may read it. While it is
// incomplete it is called name.part, with a note in name.part.json that holds no secret.
// Both stay after an error, unless the bytes proved wrong, and the next call goes on with
// them; the notes of files that are done stay until all files of the job are, so that
// they are not fetched again. Within a call, a broken connection is made anew up to two
// times more than [RetryPolicy].MaxRetries in a row without a new byte (five times by
// default), with the policy's delays. A file is gone on with only where the server proves
// that it is still the same, by its ETag or Last-Modified and its length, and begun anew
// where it does not. Whatever an earlier call has left is hashed before it is used. Two
// processes that fetch the same file are kept apart on systems with flock, where the
// second gets an error; on others nothing does that.
//
// Links are followed with a transport of their own, that has no API credentials and no
// cookies; the secret header of a link goes to its own origin only. See
// [WithDownloadTLSConfig] and [WithTransport].
//
// Before anything is fetched, the job is read once, and says why it has no file:
// [ErrNotReady], [ErrLinkExpired] (by the job's word or by its date),
// [ErrDownloadsExhausted], [ErrJobFailed], [ErrJobCancelled], or [errors.ErrUnsupported]
// for a job that restores into a cluster. [ErrInvalidArgument] is an unknown replica set
// or endpoint. A file that exists matches [io/fs.ErrExist], without Overwrite.
//
// While files are fetched: a link that answers with an error gives an [*Error], which
// also matches ErrLinkExpired or ErrDownloadsExhausted where the job says so then; a
// body that stays short matches [io.ErrUnexpectedEOF]; what the file system refuses is
// in the chain; [ErrChecksum] names both checksums, and the file is thrown away. The
// checksum of a classic job appears after the download: the job is read again for it, up
// to three times in two seconds. Where that fails, the file is in place and returned with
// Verified false, together with the error, and the next call only checks it.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", delivery; Atlas v2
// "getBackupRestoreJob", deliveryUrl and components; "getFlexRestoreJob", snapshotUrl.
func (j *Jobs) Download(ctx context.Context, jobID, dir string, opts DownloadOptions) ([]File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, downloadError(jobID, err)
	}
	defer func() { _ = root.Close() }() // only names were looked up in it
	d, err := j.planDownload(ctx, jobID, opts, func() (knownFiles, error) { return readKnown(root, jobID) })
	if err != nil {
		return nil, err
	}
	for _, file := range d.files {
		if file.known != nil && file.known.note.whole() {
			continue // it may be in place
		}
		if err := partfile.CheckTarget(root, file.name, opts.Overwrite); err != nil {
			return nil, downloadError(file.name, err)
		}
	}
	files, err := d.each(ctx, func(ctx context.Context, file *wanted) (*File, error) {
		done, err := d.toDirectory(ctx, root, file)
		if done != nil {
			done.Path = filepath.Join(dir, file.name)
		}
		return done, err
	})
	if err != nil {
		return files, err
	}
	for _, file := range d.files { // nothing is left to go on with
		if err := partfile.RemoveNote(root, file.name); err != nil {
			return files, downloadError(file.name, err)
		}
	}
	return files, nil
}

// DownloadTo fetches the one file of a job into w: of a sharded Atlas cluster, the one
// of [DownloadOptions].ReplicaSet. Options and errors are those of [Jobs.Download], but
// nothing is kept for a later call: a broken connection is made anew where the server
// can go on at the same byte, and else is an error. W is written to from another
// goroutine, never after DownloadTo has returned. When the error matches [ErrChecksum],
// w has got all of the wrong bytes.
//
// API: as for [Jobs.Download].
func (j *Jobs) DownloadTo(ctx context.Context, jobID string, w io.Writer, opts DownloadOptions) (File, error) {
	d, err := j.planDownload(ctx, jobID, opts, func() (knownFiles, error) { return nil, nil })
	if err != nil {
		return File{}, err
	}
	if len(d.files) > 1 {
		return File{}, invalid(downloadOperation,
			"DownloadTo takes one file, and the job has several: set ReplicaSet to one of "+replicaSets(d.job))
	}
	files, err := d.each(ctx, func(ctx context.Context, file *wanted) (*File, error) {
		return d.toWriter(ctx, w, file)
	})
	if len(files) == 0 {
		return File{}, err
	}
	return files[0], err
}

// download is one call of Download or DownloadTo.
type download struct {
	jobs  *Jobs
	job   *Job
	opts  DownloadOptions
	files []*wanted
	gate  *progressGate
}

// each runs fetch for every file, some at a time, and returns those that were done.
func (d *download) each(ctx context.Context, fetch func(context.Context, *wanted) (*File, error)) ([]File, error) {
	together, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		workers sync.WaitGroup
		mu      sync.Mutex
		next    int
		first   error
		results = make([]*File, len(d.files))
	)
	take := func() int {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1
	}
	for range min(d.opts.Parallel, len(d.files)) {
		workers.Go(func() {
			for i := take(); i < len(d.files); i = take() {
				done, err := fetch(together, d.files[i])
				mu.Lock()
				results[i] = done
				if err != nil && first == nil {
					first = downloadError(d.files[i].name, endedBy(ctx, err))
				}
				mu.Unlock()
				if err != nil {
					cancel()
				}
			}
		})
	}
	workers.Wait()
	var files []File
	for _, done := range results {
		if done != nil {
			files = append(files, *done)
		}
	}
	return files, first
}

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
	if wire.HandshakeFailed(e.err) {
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
