package restorejobs

import (
	"context"
	"io"
	"io/fs"
	"sync"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/download"
	"example.com/restorejobs/internal/redact"
)

// DownloadReader is the one file of a job, as [Jobs.Open] returns it. Methods except Close are for
// one goroutine at a time.
type DownloadReader struct {
	ctx    context.Context //nolint:containedctx // of all requests
	cancel context.CancelFunc
	task   *downloadTask
	file   DownloadedFile
	err    error // of every further Read

	mu     sync.Mutex // while the reader is used
	reader *download.Reader
}

// Open requests the one file of a job: for a sharded Atlas cluster, the one of
// [DownloadOptions.ReplicaSet]. It starts where [DownloadOptions.State] ends. Options and errors
// are those of [Jobs.DownloadTo], and a panic of Progress is one of Open or Read.
//
// The reader must be closed. It uses one connection, a buffer of the caller, and ctx for as long as
// it is open. It requests the rest when a connection breaks.
//
// Read returns [io.EOF] only if the length, and any checksum of the service, match. Until then the
// bytes prove nothing. Close without EOF uses a link up as a whole download does.
//
// API: as for [Jobs.Download].
func (j *Jobs) Open(ctx context.Context, jobID string, opts DownloadOptions) (*DownloadReader, error) {
	task, err := j.planStream(ctx, jobID, opts)
	if err != nil {
		return nil, err
	}
	readCtx, cancel := context.WithCancel(ctx)
	r := &DownloadReader{ctx: readCtx, cancel: cancel, task: task}
	isOpen := false
	defer func() {
		if !isOpen {
			cancel()
		}
	}()
	r.reader, err = task.call.fetcher.Open(readCtx, task.file())
	if err != nil {
		return nil, wrapDownloadError(task.name, withContextError(ctx, task.explain(readCtx, err)))
	}
	isOpen = true
	return r, nil
}

// planStream selects the one file of a job.
func (j *Jobs) planStream(ctx context.Context, jobID string, opts DownloadOptions) (*downloadTask, error) {
	problems := opts.validate()
	if problem := api.ValidateSegment("jobID", jobID); problem != "" {
		problems = append(problems, problem)
	}
	if opts.State != nil {
		if problem := opts.State.state.Problem(); problem != "" {
			problems = append(problems, "State "+problem)
		}
	}
	if len(problems) > 0 {
		return nil, mergeInvalid(j.validateIDs(downloadOperation), invalidArgument(downloadOperation, problems...))
	}
	opts.Name = nil
	opts.Existing = ExistingRefuse
	call := j.newDownloadCall([]string{jobID}, opts)
	planCtx, sent := redact.Record(ctx)
	if err := call.plan(planCtx); err != nil {
		return nil, err
	}
	if len(call.tasks) > 1 {
		return nil, j.client.secretsOf(sent).Error(invalidArgument(downloadOperation,
			"a stream is one file, and the job has several: set ReplicaSet to one of "+replicaSetNames(call.tasks[0].job)))
	}
	task := call.tasks[0]
	task.isStream = true
	return task, nil
}

// Read reads the next bytes of the file. It retries as [Jobs.Download] does.
func (r *DownloadReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.reader.Read(p)
	switch err {
	case nil:
		return n, nil
	case io.EOF: //nolint:errorlint // the reader never wraps it
		err = r.verify()
	default:
		err = r.wrap(r.task.explain(r.ctx, err))
	}
	r.err = err
	return n, err
}

// verify returns [io.EOF] for a file that is verified.
func (r *DownloadReader) verify() error {
	result := r.reader.Result()
	verified, err := r.task.verify(r.ctx, &result)
	if err != nil {
		return r.wrap(err)
	}
	r.file = *r.task.downloadedFile(&result, verified)
	r.reader.ReportDone()
	return io.EOF
}

func (r *DownloadReader) wrap(err error) error {
	return wrapDownloadError(r.task.name, withContextError(r.ctx, err))
}

// Size is the length of the file, -1 if unknown.
func (r *DownloadReader) Size() int64 { return r.reader.Size() }

// State describes the bytes that were read, for [DownloadOptions.State] of a later call.
func (r *DownloadReader) State() DownloadState { return DownloadState{state: r.reader.State()} }

// File describes the file, once Read has returned [io.EOF].
func (r *DownloadReader) File() DownloadedFile { return r.file }

// Close ends the download. It can be called at any time, and always returns nil. A Read that waits
// returns an error.
func (r *DownloadReader) Close() error {
	r.cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reader.Close()
	if r.err == nil {
		r.err = wrapDownloadError(r.task.name, fs.ErrClosed)
	}
	return nil
}
