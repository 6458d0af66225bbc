package restorejobs

import (
	"context"
	"fmt"
	"time"

	"example.com/restorejobs/internal/api"
)

// collectionsGrace is how long the collections of a finished job may still be reported as running.
const collectionsGrace = 2 * time.Minute

func (c *CollectionJob) waitID() string    { return c.ID }
func (c *CollectionJob) waitBatch() string { return "" }

// waitState returns the progress as the raw status, so that a change of it is visible.
func (c *CollectionJob) waitState() (state State, rawStatus string) {
	rawStatus = fmt.Sprintf("%s %d/%d %s", c.Status, c.RestoredDocuments, c.TotalDocuments, c.IndexStatus.State)
	return c.State(), rawStatus
}

// Wait polls a job until it has ended, with the manners and options of [Jobs.Wait]. It returns the
// job as last read, nil if it was never read, even if err is non-nil. OnUpdate is also called when
// the progress changes, with [WaitUpdate].CollectionJob.
//
// A job that has finished can lack collections or indexes, so its collections are read as well. The
// error is nil only if all of them were restored. A bad end, and an end without some collections,
// is a [*CollectionJobError]. An end of the wait before that is a [*WaitError]. The goal
// [UntilJobFinished] does not read the collections. Invalid arguments match [ErrInvalidArgument], as
// does the goal [UntilDownloadable].
//
// API: Atlas v2 "getCollectionRestoreJob" and "listRestoreJobCollections".
func (c *CollectionJobs) Wait(ctx context.Context, jobID string, opts WaitOptions) (*CollectionJob, error) {
	const operation = "wait for collection restore job"
	if err := c.checkSupported(operation); err != nil {
		return nil, err
	}
	problems := opts.validate()
	if opts.Goal == UntilDownloadable {
		problems = append(problems, "Goal must not be UntilDownloadable: a collection restore has no files")
	}
	if problem := api.ValidateSegment("jobID", jobID); problem != "" {
		problems = append(problems, problem)
	}
	if err := mergeInvalid(c.validateIDs(operation), invalidArgument(operation, problems...)); err != nil {
		return nil, err
	}
	w := c.newJobWaiter(jobID, opts)
	err := w.run(ctx)
	item := w.items[0]
	switch {
	case err != nil:
		return item.item, newWaitError(w, err)
	case item.failure == nil && opts.Goal == UntilJobFinished:
		return item.item, nil
	case opts.Goal == UntilJobFinished:
		return item.item, &CollectionJobError{Job: item.item}
	default:
		return item.item, c.waitForCollections(ctx, w, opts)
	}
}

// newJobWaiter returns the wait for the job itself.
func (c *CollectionJobs) newJobWaiter(jobID string, opts WaitOptions) *waiter[*CollectionJob] {
	source := singleSource[*CollectionJob]{
		operation: "get collection restore job",
		read:      c.withoutRetries().Get,
	}
	w := newWaiter[*CollectionJob]("job", source, []string{jobID}, opts.withDefaults())
	w.evaluate = evaluateCollectionJob
	if opts.OnUpdate != nil {
		w.onUpdate = func(update WaitUpdate, job *CollectionJob) error {
			update.CollectionJob = job
			return opts.OnUpdate(update)
		}
	}
	return w
}

// withoutRetries returns the jobs for a wait, which has its own retries.
func (c *CollectionJobs) withoutRetries() *CollectionJobs {
	noRetry := *c
	noRetry.retryMode = api.RetryNever
	return &noRetry
}

func evaluateCollectionJob(job *CollectionJob, _ time.Time) (ended bool, failure error) {
	switch job.State() {
	case StateFailed:
		return true, ErrJobFailed
	case StateCancelled:
		return true, ErrJobCancelled
	case StateFinished:
		return true, nil
	case StateRunning, StateUnknown, StateExpired:
		return false, nil
	default:
		return false, nil
	}
}

// waitForCollections polls the collections of a job that has ended. Those of a finished one are
// polled until none is running. Those of a failed one are only details of its error.
func (c *CollectionJobs) waitForCollections(ctx context.Context, jobs *waiter[*CollectionJob], opts WaitOptions) error {
	job := jobs.items[0].item
	hasFailed := jobs.items[0].failure != nil
	w := c.newCollectionsWaiter(jobs, opts)
	err := w.run(ctx)
	list := w.items[0].item
	switch {
	case hasFailed && list == nil:
		return &CollectionJobError{Job: job}
	case hasFailed:
		return &CollectionJobError{Job: job, Collections: list.incomplete(job)}
	case err != nil:
		waitErr := newWaitError(w, &collectionsUnreadError{err: err})
		waitErr.PendingIDs = nil // the job has ended
		waitErr.Elapsed = time.Since(jobs.start)
		return waitErr
	}
	incomplete := list.incomplete(job)
	if len(incomplete) == 0 && list.isWhole(job) && !job.hasFailedIndexes() {
		return nil
	}
	return &CollectionJobError{
		Job:         job,
		Collections: incomplete,
		listed:      len(list.collections),
	}
}

// newCollectionsWaiter returns the wait for the collections, which continues that for the job.
func (c *CollectionJobs) newCollectionsWaiter(jobs *waiter[*CollectionJob], opts WaitOptions) *waiter[*restoredList] {
	job := jobs.items[0].item
	hasFailed := jobs.items[0].failure != nil
	source := singleSource[*restoredList]{
		operation: "list collections of restore job",
		read:      c.withoutRetries().listRestored,
	}
	if hasFailed {
		opts.MaxConsecutiveErrors = -1
		source.read = c.listRestored
	}
	w := newWaiter[*restoredList]("job", source, []string{job.ID}, opts.withDefaults())
	w.polls = jobs.polls
	w.lastUpdate = jobs.lastUpdate
	var firstRead time.Time
	w.evaluate = func(list *restoredList, now time.Time) (ended bool, failure error) {
		if firstRead.IsZero() {
			firstRead = now
		}
		isWhole := list.isWhole(job) || job.hasFailedIndexes() // which is not a success anyway
		isComplete := isWhole && !list.isRunning()
		isLate := now.Sub(firstRead) >= collectionsGrace
		return hasFailed || isComplete || isLate, nil
	}
	if opts.OnUpdate != nil {
		w.onUpdate = func(update WaitUpdate, _ *restoredList) error {
			isFailure := update.Err != nil && !hasFailed // otherwise the details of an error are missing
			if !isFailure && !update.Heartbeat {
				return nil // the job's own state was reported before
			}
			update.ID = job.ID
			update.CollectionJob = job
			update.State = job.State()
			update.Previous = update.State
			update.Elapsed += w.start.Sub(jobs.start)
			return opts.OnUpdate(update)
		}
	}
	return w
}

// restoredList is all collections of a job.
type restoredList struct {
	jobID       string
	collections []*RestoredCollection
}

func (r *restoredList) waitID() string    { return r.jobID }
func (r *restoredList) waitBatch() string { return "" }

func (r *restoredList) waitState() (state State, rawStatus string) {
	rawStatus = fmt.Sprintf("%d collections", len(r.collections))
	if r.isRunning() {
		return StateRunning, rawStatus
	}
	return StateFinished, rawStatus
}

// listRestored reads all collections of a job.
func (c *CollectionJobs) listRestored(ctx context.Context, jobID string) (*restoredList, error) {
	list := &restoredList{jobID: jobID}
	for collection, err := range c.Collections(ctx, jobID) {
		if err != nil {
			return nil, err
		}
		list.collections = append(list.collections, collection)
	}
	return list, nil
}

// isWhole reports whether the list has as many collections as the job names, and at least one.
func (r *restoredList) isWhole(job *CollectionJob) bool {
	return len(r.collections) >= max(len(job.Collections), 1)
}

// isRunning reports whether the list is still of a job that runs.
func (r *restoredList) isRunning() bool {
	for _, collection := range r.collections {
		isRollback := collection.Status == CollectionStatusRollback // does not end in a finished job
		isRunning := collection.State() == StateRunning && !isRollback
		if isRunning || collection.IndexStatus.State == IndexStateInProgress {
			return true
		}
	}
	return false
}

// incomplete returns the collections that were not restored whole, those that failed first.
func (r *restoredList) incomplete(job *CollectionJob) []*RestoredCollection {
	var causes []*RestoredCollection
	var others []*RestoredCollection
	for _, collection := range r.collections {
		isCause := collection.State() == StateFailed && collection.Status != CollectionStatusNotRestored
		switch {
		case collection.isComplete(job.IndexStrategy):
		case isCause:
			causes = append(causes, collection)
		default:
			others = append(others, collection)
		}
	}
	return append(causes, others...)
}
