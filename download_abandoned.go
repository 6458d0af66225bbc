package restorejobs

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"example.com/restorejobs/internal/download"
)

// removeSuperseded removes the complete files of superseded jobs under the names of files.
func (c *downloadCall) removeSuperseded(root *os.Root) error {
	names := make([]string, len(c.tasks))
	for i, task := range c.tasks {
		names[i] = task.name
	}
	for _, jobID := range c.opts.Supersedes {
		if err := download.RemoveComplete(root, jobID, names); err != nil {
			return wrapDownloadError(jobID, err)
		}
	}
	return nil
}

// findAbandoned finds the parts of other jobs that have the names of files, and that their own
// jobs can never resume.
func (c *downloadCall) findAbandoned(ctx context.Context, root *os.Root) error {
	if c.opts.replacesFiles() {
		return nil // it replaces every part
	}
	for _, task := range c.tasks {
		part, err := download.FindUnfinished(root, task.name, task.job.ID)
		if err != nil || part == nil {
			continue // opening the part reports what is wrong
		}
		task.abandoned, err = c.abandonedPart(ctx, task, part)
		if err != nil {
			return wrapDownloadError(task.name, err)
		}
	}
	return nil
}

// abandonedPart returns nil for a part that its job may resume.
func (c *downloadCall) abandonedPart(ctx context.Context, task *downloadTask, part *download.Sidecar) (*download.Abandoned, error) {
	isSuperseded := slices.Contains(c.opts.Supersedes, part.JobID)
	owner, err := c.jobs.Get(ctx, part.JobID)
	switch {
	case errors.Is(err, ErrNotFound) && !isSuperseded:
		if part.Source != c.jobs.ref() {
			return nil, nil //nolint:nilnil // another source may have the job
		}
		return &download.Abandoned{JobID: part.JobID}, nil
	case ctx.Err() != nil:
		return nil, err
	case err != nil && isSuperseded:
		return &download.Abandoned{JobID: part.JobID, OtherFile: true}, nil
	case err != nil:
		return nil, nil //nolint:nilnil,nilerr // what is not known of the job protects its part
	case !isSuperseded && !c.isBeyondResume(owner, part):
		return nil, nil //nolint:nilnil // documented
	}
	isOtherSnapshot := owner.SnapshotID != "" && task.job.SnapshotID != "" && owner.SnapshotID != task.job.SnapshotID
	return &download.Abandoned{JobID: part.JobID, OtherFile: isOtherSnapshot}, nil
}

// isBeyondResume reports whether a job can never resume its part.
func (c *downloadCall) isBeyondResume(job *Job, part *download.Sidecar) bool {
	reason := job.checkDownloadable(time.Now(), selectReplicaSet(part.ReplicaSet))
	if reason != nil {
		return !errors.Is(reason, ErrDownloadNotReady)
	}
	if !part.Requested || c.opts.ReuseSingleUseLinks {
		return false
	}
	for _, link := range job.availableLinks() {
		if link.ReplicaSet == part.ReplicaSet && link.MaxDownloads == 1 {
			return true
		}
	}
	return false
}
