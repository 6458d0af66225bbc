package durable

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"example.com/restorejobs"
)

// download downloads and verifies the files. Those that are in place already are verified only.
func (r *runner) download(ctx context.Context, state State) (State, error) {
	parent := ctx
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	deliver := r.plan.Deliver
	if deliver == nil {
		deliver = r.toDirectory(r.progress(cancel))
	}
	files, err := deliver(ctx, state)
	switch {
	case err != nil && isFailure(err):
		return r.failAttempt(state, err)
	case err != nil && ctx.Err() != nil:
		return state, errors.Join(context.Cause(ctx), err)
	case err != nil:
		return r.endIfMissing(ctx, state, err)
	}
	next := state
	next.Result.setFiles(files)
	next = finished(next, wallClock())
	if parent.Err() == nil {
		return next, context.Cause(ctx) // of OnEvent, in its last call
	}
	return next, nil
}

// toDirectory returns the delivery into the directory of the plan.
func (r *runner) toDirectory(progress func(restorejobs.DownloadProgress)) func(context.Context, State) ([]restorejobs.DownloadedFile, error) {
	return func(ctx context.Context, state State) ([]restorejobs.DownloadedFile, error) {
		dir, err := r.directory(state.Choice)
		if err != nil {
			return nil, err
		}
		opts := r.plan.Download
		opts.Existing = restorejobs.ExistingKeep
		opts.Supersedes = state.FailedJobIDs
		opts.Progress = progress
		return r.plan.Source.Jobs.Download(ctx, state.JobIDs, dir, opts)
	}
}

// progress returns the callback of a download, nil if there is none.
func (r *runner) progress(cancel context.CancelCauseFunc) func(restorejobs.DownloadProgress) {
	if r.plan.OnEvent == nil {
		return r.plan.Download.Progress
	}
	var ended sync.Once
	return func(progress restorejobs.DownloadProgress) {
		if callback := r.plan.Download.Progress; callback != nil {
			callback(progress)
		}
		if err := r.report(Event{Step: StepDownload, Download: &progress}); err != nil {
			ended.Do(func() { cancel(err) })
		}
	}
}

// directory creates the folder for the files of a choice.
func (r *runner) directory(choice Choice) (string, error) {
	dir := r.plan.Directory
	if r.plan.Subdirectory != nil {
		name := r.plan.Subdirectory(choice)
		if !filepath.IsLocal(name) {
			return "", &planError{problems: []string{fmt.Sprintf("Subdirectory must return a path below Directory, not %q", name)}}
		}
		dir = filepath.Join(dir, name)
	}
	const ownerOnly = 0o700 // as the files are
	return dir, os.MkdirAll(dir, ownerOnly)
}
