package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

// row is one variant: its settings, and a cell of the table for the result of each step.
type row struct {
	name     string
	source   *restorejobs.Source
	jobs     *restorejobs.Jobs
	snapshot string // empty: create nothing
	to       restorejobs.Destination

	list, get, create, wait, download, verified string

	ids         []string                     // of the created jobs
	err         error                        // ends the row
	interrupted []*restorejobs.Job           // jobs whose download is incomplete
	files       []restorejobs.DownloadedFile // complete files of these jobs
}

// allScopes returns a row for each scope of the embedded server.
func allScopes(client *restorejobs.Client) ([]*row, error) {
	var rows []*row
	for _, scope := range restorejobstest.Scopes() {
		source, err := client.Source(scope.Ref())
		if err != nil {
			return nil, err
		}

		rows = append(rows, &row{
			name:     scope.String(),
			source:   source,
			jobs:     source.Jobs,
			snapshot: scope.Snapshots()[0],
			to:       restorejobs.ToDownloadWith(harness.ResumableLink(source)),
		})
	}
	return rows, nil
}

// start lists, reads and creates, in the same way for every variant.
func (r *row) start(ctx context.Context) {
	page, err := r.jobs.List(ctx, restorejobs.ListOptions{ItemsPerPage: 10})
	if err != nil {
		r.err = err
		return
	}
	r.list = fmt.Sprintf("✓ %d", page.TotalCount)
	r.get = "–"
	r.create = "–"
	if len(page.Jobs) > 0 {
		job, err := r.jobs.Get(ctx, page.Jobs[0].ID)
		if err != nil {
			r.err = err
			return
		}
		r.get = "✓ " + string(job.State())
	}
	if r.snapshot == "" {
		return
	}
	created, err := r.jobs.Create(ctx, restorejobs.FromSnapshot(r.snapshot), r.to)
	if err != nil {
		r.err = err
		return
	}
	r.ids = restorejobs.JobIDs(created)
	r.create = "✓ " + r.ids[0]
}

// finish waits for the created jobs, and downloads their files.
func (r *row) finish(ctx context.Context, dir string) {
	if r.err != nil {
		return
	}
	r.wait = "–"
	r.download = "–"
	r.verified = "–"
	if len(r.ids) == 0 {
		return
	}
	jobs, err := r.jobs.Wait(ctx, r.ids, restorejobs.WaitOptions{})
	if err != nil {
		r.wait = ""
		r.err = err
		return
	}
	r.wait = "✓ " + string(jobs[0].State())
	jobs = slices.DeleteFunc(jobs, func(job *restorejobs.Job) bool { return len(job.DownloadLinks()) == 0 })
	if len(jobs) > 0 { // else it restores into a cluster
		r.fetch(ctx, jobs, dir)
	}
}

func (r *row) fetch(ctx context.Context, jobs []*restorejobs.Job, dir string) {
	hasBegun := false
	opts := restorejobs.DownloadOptions{Progress: func(restorejobs.DownloadProgress) { hasBegun = true }}
	files, err := r.jobs.Download(ctx, restorejobs.JobIDs(jobs), dir, opts)
	if err != nil {
		if hasBegun || errors.Is(err, context.Canceled) {
			r.interrupted = jobs
			r.files = files
		}
		r.download = ""
		r.err = err
		return
	}
	bytes := int64(0)
	verified := "✓ SHA-1"
	for _, file := range files {
		bytes += file.Size
		if !file.Verified {
			verified = "–"
		}
	}
	r.download = fmt.Sprintf("✓ %d bytes", bytes)
	r.verified = verified
}

// resumeAdvice shows how to continue in another process. It is empty if everything is done.
func (r *row) resumeAdvice(env *harness.Env, dir string) string {
	rowEnv := &harness.Env{
		Client: env.Client,
		Source: r.source,
		Server: env.Server,
	}
	var waitErr *restorejobs.WaitError
	var unknown *restorejobs.OutcomeUnknownError
	switch {
	case r.interrupted != nil:
		return rowEnv.ResumeDownloadCommand(r.interrupted, r.files, dir, false)
	case errors.As(r.err, &waitErr) && len(waitErr.PendingIDs) > 0:
		return "the restore continues; " + rowEnv.ResumeRestoreCommand(dir, r.ids...)
	case errors.As(r.err, &unknown):
		return rowEnv.FindCreatedHint(harness.SinceFlag(unknown.Start), r.snapshot, "", harness.ResumableLink(r.source))
	default:
		return ""
	}
}

// checkWritable creates a folder if it is missing. It returns an error if files cannot be created in it.
func checkWritable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	probe, err := os.CreateTemp(dir, ".quickstart-")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
