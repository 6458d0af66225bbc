package restorejobs

import (
	"context"
	"net/http"
	"slices"
	"time"

	"example.com/restorejobs/internal/paging"
)

// FindCreated returns the jobs of each matching create since a time, newest first. Use it after
// [ErrOutcomeUnknown], with the time before that create. Jobs in every state are included, and a
// match can be of another caller: check [CollectionJob.State] and its collections. Without a match
// the slice is empty: a create can take two minutes to appear.
//
// A match compares creation time, restore point, target and strategies, if a job has them. Since
// is compared by the server's clock, with a tolerance of 5 s. A zero since, or what Create
// refuses, matches [ErrInvalidArgument].
//
// API: Atlas v2 "listCollectionRestoreJobs".
func (c *CollectionJobs) FindCreated(ctx context.Context, since time.Time, restore CollectionRestore) ([]*CollectionJob, error) {
	const operation = "find created collection restore jobs"
	if err := c.checkSupported(operation); err != nil {
		return nil, err
	}
	body, problems := restore.build()
	if since.IsZero() {
		problems = append(problems, "since must be set: the time before the create")
	}
	if err := mergeInvalid(c.validateIDs(operation), invalidArgument(operation, problems...)); err != nil {
		return nil, err
	}
	fetch := func(ctx context.Context, number, size int) (*paging.Page[*CollectionJob], http.Header, error) {
		return c.fetchPage(ctx, operation, number, size)
	}
	list := c.allJobs(operation, ListOptions{ItemsPerPage: defaultItemsPerPage, ReadAhead: -1})
	recent, err := listCreatedSince(ctx, list, fetch, since, (*CollectionJob).creationTime)
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(recent, func(job *CollectionJob) bool { return !body.matches(job) })
	slices.SortStableFunc(found, func(a, b *CollectionJob) int {
		return newestIfUnknown(b.creationTime()).Compare(newestIfUnknown(a.creationTime()))
	})
	return found, nil
}

// matches reports whether a job can come from this create. The service can list the collections of
// a job in another form, so they are not compared.
func (c *collectionRequest) matches(job *CollectionJob) bool {
	return c.pointMatches(job) &&
		unsetOrEqual(job.TargetGroupID, c.TargetGroupID) &&
		unsetOrEqual(job.TargetClusterName, c.TargetClusterName) &&
		unsetOrEqual(job.WriteStrategy, c.WriteStrategy) &&
		unsetOrEqual(job.IndexStrategy, c.IndexStrategy)
}

// pointMatches ignores the snapshot of a job with a point in time: the restore is based on it.
func (c *collectionRequest) pointMatches(job *CollectionJob) bool {
	hasTime := job.PointInTimeUTCSeconds != 0
	hasOplog := job.OplogTS != 0
	switch {
	case hasTime:
		return job.PointInTimeUTCSeconds == int64(c.PointInTimeUTCSeconds)
	case hasOplog:
		return job.OplogTS == int64(c.OplogTS) && unsetOrEqual(job.OplogInc, c.OplogInc)
	default:
		return unsetOrEqual(job.SnapshotID, c.SnapshotID)
	}
}
