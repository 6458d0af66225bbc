// Package migration contains the code of docs/migrating.md: the tasks of a program that used
// another client, with this library. Each function is one task.
package migration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"example.com/restorejobs"
)

// Client returns a client for Cloud Manager and Atlas.
func Client(publicKey, privateKey string) (*restorejobs.Client, error) {
	return restorejobs.NewClient(restorejobs.APIKey(publicKey, privateKey))
}

// OpsManager returns a client for an Ops Manager. The URL has scheme, host and port, without a path.
func OpsManager(publicKey, privateKey, baseURL string) (*restorejobs.Client, error) {
	return restorejobs.NewClient(restorejobs.APIKey(publicKey, privateKey), restorejobs.WithBaseURL(baseURL))
}

// Get prints one job.
func Get(ctx context.Context, jobs *restorejobs.Jobs, jobID string, out io.Writer) error {
	job, err := jobs.Get(ctx, jobID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, job.ID, job.State())
	return err
}

// Running lists the ids of the jobs that have not ended.
func Running(ctx context.Context, jobs *restorejobs.Jobs) ([]string, error) {
	var running []string
	for job, err := range jobs.All(ctx, restorejobs.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		if !job.State().Terminal() {
			running = append(running, job.ID)
		}
	}
	return running, nil
}

// CreateDownload starts a restore of a snapshot as a download.
func CreateDownload(ctx context.Context, jobs *restorejobs.Jobs, snapshotID string) ([]*restorejobs.Job, error) {
	created, err := jobs.Create(ctx, restorejobs.FromSnapshot(snapshotID), restorejobs.ToDownload())
	return created, err
}

// CreatePointInTime starts a restore to a point in time, and finds it if the response was lost.
func CreatePointInTime(ctx context.Context, jobs *restorejobs.Jobs, at time.Time, targetProject, targetCluster string) ([]*restorejobs.Job, error) {
	target := restorejobs.ToCluster(targetProject, targetCluster)
	created, err := jobs.Create(ctx, restorejobs.FromPointInTime(at), target)
	var unknown *restorejobs.OutcomeUnknownError
	if errors.As(err, &unknown) {
		creates, findErr := unknown.Find(ctx)
		for _, create := range creates {
			if !hasFailed(create) {
				return create, nil
			}
		}
		err = errors.Join(err, findErr) // not seen yet: still unknown
	}
	return created, err
}

// hasFailed reports whether a job of a create has failed, was cancelled or has expired.
func hasFailed(create []*restorejobs.Job) bool {
	return slices.ContainsFunc(create, func(job *restorejobs.Job) bool {
		state := job.State()
		return state.Terminal() && state != restorejobs.StateFinished
	})
}

// Wait waits until all jobs have ended, and prints their states.
func Wait(ctx context.Context, jobs *restorejobs.Jobs, created []*restorejobs.Job) ([]*restorejobs.Job, error) {
	ended, err := jobs.Wait(ctx, restorejobs.JobIDs(created), restorejobs.WaitOptions{})
	if errors.Is(err, restorejobs.ErrJobFailed) {
		return ended, fmt.Errorf("start it again: %w", err)
	}
	return ended, err
}

// Find reads a job, and returns nil if it no longer exists.
func Find(ctx context.Context, jobs *restorejobs.Jobs, jobID string) (*restorejobs.Job, error) {
	job, err := jobs.Get(ctx, jobID)
	if errors.Is(err, restorejobs.ErrNotFound) {
		return nil, nil
	}
	return job, err
}

// Cancel cancels a download of an Atlas cluster, and reports whether the product supports it.
func Cancel(ctx context.Context, jobs *restorejobs.Jobs, jobID string) (bool, error) {
	err := jobs.Cancel(ctx, jobID)
	if errors.Is(err, errors.ErrUnsupported) {
		return false, nil
	}
	return err == nil, err
}
