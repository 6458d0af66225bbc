package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/download"
	"example.com/restorejobs/internal/partfile"
	"example.com/restorejobs/internal/redact"
)

// DownloadOptions are the choices of [Jobs.Download] and [Jobs.DownloadTo]. The zero
// value is the default.
type DownloadOptions struct {
	// ReplicaSet fetches the file of this shard or config server only; "" fetches all.
	ReplicaSet string
	// Overwrite replaces a file that has the name already, once the new one is whole and
	// checked, and at once the unfinished download of another job. A directory is never
	// replaced. [Jobs.DownloadTo] has no use for it.
	Overwrite bool
	// ReuseSingleUseLinks asks again for a link that may be used once only. Without it, a
	// download with MaxDownloads 1 is requested once and never again, by this call or a
	// later one that finds its part file: the service may count a request that goes on
	// with a broken download as another download.
	ReuseSingleUseLinks bool
	// Concurrency is how many files are fetched at the same time, 2 by default; negative is
	// one after the other. Each takes about 2 MiB of memory.
	Concurrency int
	// PrivateEndpoint fetches through the links of this private endpoint, such as
	// "vpce-3bf78b0ddee411ba1", or with [AnyPrivateEndpoint] through the first that each file has. ""
	// takes the public links. Atlas clusters; jobs of others match [errors.ErrUnsupported].
	PrivateEndpoint string
	// StallTimeout is how long a server may send nothing before the connection is given
	// up and made anew, 60 s by default; negative waits without end. There is no limit for
	// a whole download but the context's.
	StallTimeout time.Duration
	// Progress, unless nil, is called for each file at its start, at its end and up to
	// four times a second in between, never twice at a time. A call that takes long holds
	// the download up. A panic of it ends the download, and is passed on to the caller.
	Progress func(DownloadProgress)
}

const (
	defaultParallel     = 2
	defaultStallTimeout = time.Minute
)

// AnyPrivateEndpoint is the first private endpoint that a file has a link for, in
// [DownloadOptions].PrivateEndpoint.
const AnyPrivateEndpoint = "any"

// DownloadProgress is how far one file has come.
type DownloadProgress struct {
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

// DownloadedFile is one downloaded file.
type DownloadedFile struct {
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

// Download fetches every file of some jobs into a directory, which must exist: one file, or
// for a sharded Atlas cluster one for each component. It waits for nothing (see
// [Jobs.Wait]). What it returns is in place, whole and, where the server names a
// checksum, checked; with an error, these are the files that were done before it. The
// first error ends the download of the other files.
//
// A file is named as its link is, with whatever could lead elsewhere replaced, and no more
// than 200 bytes; files of one name get their replica set's before it, or else a number. Only
// its owner may read it. While it is incomplete it is called name.part, with a note in
// name.part.json that holds no secret. Both stay after an error, unless the bytes proved
// wrong, and the next call goes on with them; the notes of files that are done stay until all
// files of the job are, so that they are not fetched again. Within a call, a broken
// connection, 408, 429, 500, 502, 503, 504 or a web page is followed by another request, up to
// two times more than [RetryPolicy].MaxRetries in a row without a new byte (five times by
// default), with the policy's delays. A file is gone on with only where the server proves
// that it is still the same, by its length and a strong ETag, or without an ETag by a
// Last-Modified a second older than its Date, and begun anew where it does not. Whatever an earlier call has left is hashed before it is used. Two
// processes that fetch the same file are kept apart on systems with flock, where the
// second gets an error; on others nothing does that.
//
// Links are followed with a transport of their own, that has no API credentials and no
// cookies, through up to five redirects; the secret header of a link goes to its own origin
// only. A link over plain http is refused without [WithInsecureHTTP], but on loopback; a
// redirect from https to http always is. See [WithDownloadTLSConfig] and [WithTransport].
//
// Before anything is fetched, the job is read once, and says why it has no file:
// [ErrDownloadNotReady], [ErrLinkExpired] (by the job's word or by its date),
// [ErrDownloadsExhausted], [ErrJobFailed], [ErrJobCancelled], or [errors.ErrUnsupported]
// for a job that restores into a cluster, or that has no private links where PrivateEndpoint
// asks for them. [ErrInvalidArgument] is an unknown replica set or endpoint, or a file with
// private links only where no endpoint is named. Where the link has expired or was used up by
// the job's word, the error matches [ErrJobExpired] too: ask for it last. Only a job that has a
// link gets as far as [io/fs.ErrExist], for a file that exists, without Overwrite; so whoever
// may have fetched a job before looks for its file first, which a classic job names in Hashes.
//
// While files are fetched: a link that answers with an error gives an [*Error], which
// also matches ErrLinkExpired or ErrDownloadsExhausted where the job says so then; a
// body that stays short matches [io.ErrUnexpectedEOF]; what the file system refuses is
// in the chain; [ErrChecksumMismatch] names both checksums, and the file is thrown away. The
// checksum of a classic job appears after the download: the job is read again for it, up
// to three times in two seconds. Where that fails, the file is in place and returned with
// Verified false, together with the error, and the next call only checks it; but where it
// would replace another it stays a part until it is checked. Where no
// checksum shows up, that is an error only if nothing else tells that the file is whole.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", delivery; Atlas v2
// "getBackupRestoreJob", deliveryUrl and components; "getFlexRestoreJob", snapshotUrl.
func (j *Jobs) Download(ctx context.Context, jobIDs []string, dir string, opts DownloadOptions) ([]DownloadedFile, error) {
	if len(jobIDs) == 0 {
		return nil, invalidArgument(downloadOperation, "jobIDs must not be empty")
	}
	var files []DownloadedFile
	for _, jobID := range jobIDs {
		fetched, err := j.downloadJob(ctx, jobID, dir, opts)
		files = append(files, fetched...)
		if err != nil {
			return files, err
		}
	}
	return files, nil
}

func (j *Jobs) downloadJob(ctx context.Context, jobID, dir string, opts DownloadOptions) ([]DownloadedFile, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, wrapDownloadError(jobID, err)
	}
	defer func() { _ = root.Close() }() // only names were looked up in it
	d, err := j.planDownload(ctx, jobID, opts, func() (download.ExistingFiles, error) { return download.FindExisting(root, jobID) })
	if err != nil {
		return nil, err
	}
	for _, file := range d.files {
		file.path = filepath.Join(dir, file.name)
		if file.existing != nil && file.existing.Sidecar.IsComplete() {
			continue // it may be in place
		}
		if err := partfile.CheckTarget(root, file.name, opts.Overwrite); err != nil {
			return nil, wrapDownloadError(file.name, err)
		}
	}
	files, err := d.fetchAll(ctx, func(ctx context.Context, file *downloadTask) (*download.Result, error) {
		return d.client.FetchToDir(ctx, root, file.fileRequest())
	})
	if err != nil {
		return files, err
	}
	if err := download.VerifyDir(root, dir); err != nil {
		return nil, wrapDownloadError(jobID, err)
	}
	names := make([]string, len(d.files))
	for i, file := range d.files {
		names[i] = file.name
	}
	if err := download.RemoveSidecar(root, names, jobID); err != nil {
		return files, wrapDownloadError(jobID, err)
	}
	return files, nil
}

// DownloadTo fetches the one file of a job into w: of a sharded Atlas cluster, the one
// of [DownloadOptions].ReplicaSet. Options and errors are those of [Jobs.Download], but
// nothing is kept for a later call: a broken connection is made anew where the server
// can go on at the same byte, and else is an error. W is written to from another
// goroutine, never after DownloadTo has returned; a panic of it is passed on. When the error matches [ErrChecksumMismatch],
// w has got all of the wrong bytes.
//
// API: as for [Jobs.Download].
func (j *Jobs) DownloadTo(ctx context.Context, jobID string, w io.Writer, opts DownloadOptions) (DownloadedFile, error) {
	recorded, sent := redact.Record(ctx)
	d, err := j.planDownload(recorded, jobID, opts, func() (download.ExistingFiles, error) { return nil, nil })
	if err != nil {
		return DownloadedFile{}, err
	}
	if len(d.files) > 1 {
		return DownloadedFile{}, j.client.secretsOf(sent).Error(invalidArgument(downloadOperation,
			"DownloadTo takes one file, and the job has several: set ReplicaSet to one of "+replicaSetNames(d.job)))
	}
	files, err := d.fetchAll(ctx, func(ctx context.Context, file *downloadTask) (*download.Result, error) {
		return d.client.FetchToWriter(ctx, w, file.fileRequest())
	})
	if len(files) == 0 {
		return DownloadedFile{}, err
	}
	return files[0], err
}

// downloadCall is one call of Download or DownloadTo.
type downloadCall struct {
	jobs        *Jobs
	job         *Job
	onProgress  func(DownloadProgress)
	progressSem chan struct{} // holds one token while tell runs; unlike a mutex, waiting for it can be seen by testing/synctest
	client      download.Fetcher
	files       []*downloadTask

	concurrency int // that many at a time
}

// fetchAll brings every file about, some at a time, and returns those that were done.
func (d *downloadCall) fetchAll(ctx context.Context, fetch func(context.Context, *downloadTask) (*download.Result, error)) ([]DownloadedFile, error) {
	groupCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		workers    sync.WaitGroup
		mu         sync.Mutex
		next       int
		firstErr   error
		panicValue any // the first panic of a callback or of a writer
		results    = make([]*download.Result, len(d.files))
	)
	nextIndex := func() int {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1
	}
	for range min(d.concurrency, len(d.files)) {
		workers.Go(func() {
			returned := false
			defer func() {
				value := recover()
				if returned {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if panicValue == nil {
					panicValue = value
				}
				if firstErr == nil {
					firstErr = errCallbackExited
				}
				cancel()
			}()
			for i := nextIndex(); i < len(d.files); i = nextIndex() {
				result, err := fetch(groupCtx, d.files[i])
				mu.Lock()
				results[i] = result
				if err != nil && firstErr == nil {
					firstErr = wrapDownloadError(d.files[i].name, withContextError(ctx, err))
				}
				mu.Unlock()
				if err != nil {
					cancel()
				}
			}
			returned = true
		})
	}
	workers.Wait()
	if panicValue != nil {
		panic(panicValue)
	}
	var files []DownloadedFile
	for i, result := range results {
		if result != nil {
			file := d.files[i]
			files = append(files, DownloadedFile{
				Path: file.path, Size: result.Size, SHA1: result.SHA1, Verified: file.verified, ReplicaSet: file.link.ReplicaSet,
			})
		}
	}
	return files, firstErr
}

// errCallbackExited is a callback that has ended its goroutine, as testing's FailNow does.
var errCallbackExited = errors.New("restorejobs: download: a callback has ended its goroutine")

// newFetcher is how the files of one call are fetched.
func (c *Client) newFetcher(opts *DownloadOptions) download.Fetcher {
	return download.Fetcher{
		Transport: c.downloadTransport, UserAgent: c.userAgent, StallTimeout: opts.StallTimeout,
		ReuseSingleUse: opts.ReuseSingleUseLinks, Overwrite: opts.Overwrite,
		PlainHTTP: func(host string) bool { return c.allowInsecureHTTP || isLoopback(host) },
		Retry: func() func(context.Context, int, error) bool {
			policy := c.pipeline.Retry
			if policy.MaxRetries >= 0 {
				policy.MaxRetries += 2
			}
			retrier := api.NewRetrier(policy)
			return func(ctx context.Context, attempt int, err error) bool {
				return retrier.Wait(ctx, attempt, requestedDelay(err))
			}
		},
	}
}

// fileRequest is the file as a fetch needs it.
func (d *downloadTask) fileRequest() *download.File {
	f := &download.File{
		Identity: d.identity(),
		Name:     d.name, NoLinkErr: d.noLinkErr,
		Link:        download.Link{URL: &d.link.URL, HeaderName: d.link.HeaderName, HeaderValue: &d.link.HeaderValue},
		SingleUse:   d.link.MaxDownloads == 1,
		HasChecksum: d.call.job.format().hasChecksum(),
		Owner:       d,
	}
	if d.existing != nil {
		f.Sidecar = &d.existing.Sidecar
	}
	if d.call.onProgress != nil {
		f.Progress = d.progress
	}
	return f
}

// identity is what tells the file from others, as its note has it.
func (d *downloadTask) identity() download.Identity {
	return download.Identity{
		JobID: d.call.job.ID, Files: d.call.job.totalFiles(),
		FileName: d.link.FileName, ReplicaSet: d.link.ReplicaSet, Link: d.fingerprint,
	}
}

// progress lets one report of all files through at a time.
func (d *downloadTask) progress(p download.Progress) {
	d.call.progressSem <- struct{}{}
	defer func() { <-d.call.progressSem }()
	d.call.onProgress(DownloadProgress{
		File: d.name, ReplicaSet: d.link.ReplicaSet, Bytes: p.Bytes, Total: p.Total, Resumed: p.Resumed, Done: p.Done,
	})
}

// wrapDownloadError says which file an error is about.
func wrapDownloadError(what string, err error) error {
	help := ""
	var path *fs.PathError
	if errors.As(err, &path) && path.Err == fs.ErrExist { //nolint:errorlint // a directory matches it, and is never replaced
		help = ": see DownloadOptions.Overwrite"
	}
	return fmt.Errorf("restorejobs: download %s: %w%s", sanitize(what, download.MaxName), err, help)
}

// withContextError adds the context's error where it is the cause and does not show.
func withContextError(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		return &contextEndedError{err: err, cause: cause}
	}
	return err
}
