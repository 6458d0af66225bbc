package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.com/restorejobs/internal/download"
	"example.com/restorejobs/internal/parallel"
	"example.com/restorejobs/internal/partfile"
)

// DownloadProgress is the progress of one file.
type DownloadProgress struct {
	// JobID is the ID of the job.
	JobID string
	// File is the name that the file will have, without its directory.
	File string
	// ReplicaSet is the shard or config server that the file is from, empty if unknown.
	ReplicaSet string
	// Bytes is how many bytes the file has, Resumed included. It decreases if the download
	// restarts. While a file is verified and nothing is fetched, it counts the verified bytes.
	Bytes int64
	// Total is the size of the file, -1 if unknown.
	Total int64
	// Resumed is how many bytes an earlier call has received.
	Resumed int64
	// Done is set in the last call: the file is complete, verified and in place.
	Done bool
}

// Format prints the fields as fmt would, without the server's control characters.
func (p DownloadProgress) Format(f fmt.State, verb rune) {
	type progress DownloadProgress
	writeFields(f, verb, progress(p))
}

// DownloadedFile is one downloaded file.
type DownloadedFile struct {
	// JobID is the ID of its job.
	JobID string
	// Path is its path, empty for [Jobs.DownloadTo].
	Path string
	// Size is its length in bytes.
	Size int64
	// SHA1 is its checksum as this library computed it, in lower-case hexadecimal.
	SHA1 string
	// Verified reports that the service provided the same checksum. Only classic jobs have one,
	// and only after the download.
	Verified bool
	// ReplicaSet is the shard or config server that the file is from, empty if unknown.
	ReplicaSet string
}

// Format prints the fields as fmt would, without the server's control characters.
func (d DownloadedFile) Format(f fmt.State, verb rune) {
	type file DownloadedFile
	writeFields(f, verb, file(d))
}

// Download saves the files of finished jobs in dir, which must exist: one a job, or one per
// component of a sharded Atlas cluster. It returns the completed files in the order of jobIDs,
// even with an error. If one job has nothing to download, nothing is fetched. To wait, see
// [Jobs.Wait].
//
// A file is written to name.part, with its state in name.part.json, and renamed when its length
// and any checksum of the service match. After an error a later call resumes it if the server
// proves that it is unchanged.
//
// Requests are retried twice more than [RetryPolicy].MaxRetries, from the last byte received.
// Links get none of the client's credentials.
//
// A job without files matches [ErrDownloadNotReady], [ErrLinkExpired], [ErrDownloadsExhausted],
// [ErrJobFailed], [ErrJobCancelled] or [errors.ErrUnsupported]. An existing file matches
// [io/fs.ErrExist], a wrong one [ErrChecksumMismatch]. A failed link is an [*Error].
//
// API: "Get One Restore Job", delivery; "getBackupRestoreJob", deliveryUrl and components;
// "getFlexRestoreJob", snapshotUrl.
func (j *Jobs) Download(ctx context.Context, jobIDs []string, dir string, opts DownloadOptions) ([]DownloadedFile, error) {
	if err := j.validateDownload(jobIDs, opts); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, wrapDownloadError(strings.Join(jobIDs, ", "), err)
	}
	defer func() { _ = root.Close() }() // only names were used in it
	call := j.newDownloadCall(jobIDs, opts)
	call.root = root
	if err := call.plan(ctx); err != nil {
		return nil, err
	}
	if err := call.removeSuperseded(root); err != nil {
		return nil, err
	}
	if err := call.checkTargets(root); err != nil {
		return nil, err
	}
	if err := call.findAbandoned(ctx, root); err != nil {
		return nil, err
	}
	files, err := call.fetchAll(ctx, func(ctx context.Context, task *downloadTask) (*DownloadedFile, error) {
		return task.fetchToDir(ctx, root, dir)
	})
	if err != nil {
		return files, err
	}
	if err := download.VerifyDir(root, dir); err != nil {
		return nil, wrapDownloadError(call.label(), err)
	}
	return files, call.removeSidecars(root)
}

// DownloadTo writes the one file of a job to w: for a sharded Atlas cluster, the one of
// [DownloadOptions.ReplicaSet]. Options and errors are those of [Jobs.Download]. Nothing is kept for
// a later call, except in [DownloadOptions.State]. A broken connection is an error matching
// [ErrNotResumable] unless the server resumes at the same byte. If the error matches
// [ErrChecksumMismatch], w has received all of the wrong bytes.
//
// Another goroutine writes to w, never after DownloadTo has returned. A panic of w is passed on.
//
// API: as for [Jobs.Download].
func (j *Jobs) DownloadTo(ctx context.Context, jobID string, w io.Writer, opts DownloadOptions) (DownloadedFile, error) {
	task, err := j.planStream(ctx, jobID, opts)
	if err != nil {
		return DownloadedFile{}, err
	}
	files, err := task.call.fetchAll(ctx, func(ctx context.Context, task *downloadTask) (*DownloadedFile, error) {
		return task.fetchToWriter(ctx, w)
	})
	if len(files) == 0 {
		return DownloadedFile{}, err
	}
	return files[0], err
}

// fetchToDir fetches a file into its part, verifies it, and gives it its name. A file that could
// not be verified gets its name too, and is returned with the error.
func (t *downloadTask) fetchToDir(ctx context.Context, root *os.Root, dir string) (*DownloadedFile, error) {
	part, err := t.call.fetcher.Fetch(ctx, root, t.file())
	if errors.Is(err, download.ErrFileChanged) {
		return nil, &changedFileError{err}
	}
	if err != nil {
		return nil, t.explain(ctx, err)
	}
	defer part.Close()
	t.isKept = part.Kept()
	verified, verifyErr := t.verifyPart(ctx, part)
	if isWrongFile(verifyErr) {
		return nil, errors.Join(verifyErr, part.Discard())
	}
	if verifyErr != nil && part.WouldReplace() {
		return nil, part.Keep(verifyErr) // an unverified file replaces nothing
	}
	if err := part.Commit(t.call.opts.replacesFiles()); err != nil {
		return nil, err
	}
	if err := t.record(part, verified, verifyErr); err != nil {
		return nil, err
	}
	file := t.downloadedFile(&part.Result, verified)
	file.Path = filepath.Join(dir, t.name)
	return file, verifyErr
}

// record keeps the record of a file true. A file that could not be verified keeps its sidecar.
func (t *downloadTask) record(part *download.Part, verified bool, verifyErr error) error {
	if t.call.opts.Existing == ExistingKeep && verifyErr == nil {
		return part.WriteRecord(verified)
	}
	return part.RemoveRecord()
}

// fetchToWriter fetches a file into a writer and verifies what it has written.
func (t *downloadTask) fetchToWriter(ctx context.Context, w io.Writer) (*DownloadedFile, error) {
	written, err := t.call.fetcher.FetchToWriter(ctx, w, t.file())
	if err != nil {
		return nil, t.explain(ctx, err)
	}
	verified, err := t.verify(ctx, &written.Result)
	if isWrongFile(err) {
		return nil, err
	}
	written.ReportDone()
	return t.downloadedFile(&written.Result, verified), err
}

// downloadCall is one call of Download or DownloadTo.
type downloadCall struct {
	jobs        *Jobs
	jobIDs      []string
	opts        DownloadOptions // with defaults
	root        *os.Root        // nil for DownloadTo
	fetcher     download.Fetcher
	progressSem chan struct{} // one token while Progress runs; testing/synctest sees who waits for it
	tasks       []*downloadTask
}

func (j *Jobs) newDownloadCall(jobIDs []string, opts DownloadOptions) *downloadCall {
	opts = opts.withDefaults()
	call := &downloadCall{
		jobs:    j,
		jobIDs:  jobIDs,
		opts:    opts,
		fetcher: j.client.newFetcher(opts),
	}
	if opts.Progress != nil {
		call.progressSem = make(chan struct{}, 1)
	}
	return call
}

// newFetcher makes the fetcher of one call.
func (c *Client) newFetcher(opts DownloadOptions) download.Fetcher {
	retry := c.pipeline.Retry
	if retry.MaxRetries >= 0 {
		retry.MaxRetries += extraDownloadRetries
	}
	return download.Fetcher{
		Transport:         c.downloadTransport,
		UserAgent:         c.userAgent,
		AllowInsecureHTTP: c.allowInsecureHTTP,
		StallTimeout:      opts.StallTimeout,
		Retry:             retry,
		ReuseSingleUse:    opts.ReuseSingleUseLinks,
		Overwrite:         opts.replacesFiles(),
	}
}

// label names the jobs of the call in an error that concerns all of them.
func (c *downloadCall) label() string { return strings.Join(c.jobIDs, ", ") }

// checkTargets refuses existing files before anything is fetched.
func (c *downloadCall) checkTargets(root *os.Root) error {
	for _, task := range c.tasks {
		if task.existing != nil && task.existing.Sidecar.IsComplete() {
			continue // the file may be in place
		}
		if err := task.checkTarget(root); err != nil {
			return wrapDownloadError(task.name, err)
		}
	}
	return nil
}

func (t *downloadTask) checkTarget(root *os.Root) error {
	if t.call.opts.Existing == ExistingKeep {
		return download.CheckKeep(root, t.file())
	}
	return partfile.CheckTarget(root, t.name, t.call.opts.replacesFiles())
}

// fetchAll runs fetch for every file, up to Concurrency at a time. It returns the files that
// were completed.
func (c *downloadCall) fetchAll(ctx context.Context, fetch func(context.Context, *downloadTask) (*DownloadedFile, error)) ([]DownloadedFile, error) {
	results := make([]*DownloadedFile, len(c.tasks))
	err := parallel.ForEach(ctx, len(c.tasks), c.opts.Concurrency, func(groupCtx context.Context, i int) error {
		file, err := fetch(groupCtx, c.tasks[i])
		results[i] = file
		if err != nil {
			return wrapDownloadError(c.tasks[i].name, withContextError(ctx, err))
		}
		return nil
	})
	var files []DownloadedFile
	for _, file := range results {
		if file != nil {
			files = append(files, *file)
		}
	}
	var wrapped *downloadError
	if err != nil && !errors.As(err, &wrapped) { // no file has caused it
		err = wrapDownloadError(c.label(), err)
	}
	return files, err
}

// removeSidecars removes the sidecars of all files, which are in place.
func (c *downloadCall) removeSidecars(root *os.Root) error {
	names := map[string][]string{}
	for _, task := range c.tasks {
		if task.isKept {
			continue // a sidecar beside it is of an unfinished replacement
		}
		names[task.job.ID] = append(names[task.job.ID], task.name)
	}
	for _, jobID := range c.jobIDs {
		if err := download.RemoveSidecar(root, names[jobID], jobID); err != nil {
			return wrapDownloadError(jobID, err)
		}
	}
	return nil
}

// downloadError is an error of a file, or of all files.
type downloadError struct {
	subject string // name of the file, or IDs of the jobs
	err     error
}

func wrapDownloadError(subject string, err error) error {
	return &downloadError{subject: sanitize(subject, download.MaxName), err: err}
}

func (e *downloadError) Error() string {
	text := fmt.Sprintf("restorejobs: download %s: %v", e.subject, e.err)
	var path *fs.PathError
	if errors.As(e.err, &path) && path.Err == fs.ErrExist { //nolint:errorlint // a directory matches it, and is never replaced
		text += ": see DownloadOptions.Existing"
	}
	return text
}

func (e *downloadError) Unwrap() error { return e.err }

// Is reports a single-use link that an earlier call has requested as used up.
func (e *downloadError) Is(target error) bool {
	return target == ErrDownloadsExhausted && errors.Is(e.err, download.ErrLinkRequested)
}

// withContextError adds the context's error if that has caused err and is hidden.
func withContextError(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		return &contextEndedError{err: err, cause: cause}
	}
	return err
}
