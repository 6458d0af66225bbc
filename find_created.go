package restorejobs

import (
	"context"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/paging"
	"example.com/restorejobs/internal/transport"
)

const (
	// clockTolerance is how far a creation may seem to lie before since: times and the server's
	// clock have whole seconds.
	clockTolerance = 5 * time.Second
	// maxOlderInRow older jobs end the search.
	maxOlderInRow = 100
)

// FindCreated returns the jobs of each matching create since a time, newest create first. Use it
// after [ErrOutcomeUnknown], with the time before that create. The jobs of a sharded create share a
// BatchID. Jobs in every state are included: check [Job.State] before you skip a create. A match
// can be of another caller. Without a match the slice is empty: creates can take two minutes to
// appear, and flex lists may omit downloads.
//
// A match compares creation time, restore point and destination, if a job has them, but no link
// options. A classic point in time matches jobs whose oplog ends no later. Since counts by the
// server's clock, with a tolerance of 5 s.
//
// The search ends after 100 older jobs in a row of a list that is newest first. A zero since, or
// what Create refuses, matches [ErrInvalidArgument].
//
// API: "Get All Restore Jobs" of every variant.
func (j *Jobs) FindCreated(ctx context.Context, since time.Time, point RestorePoint, to Destination) ([][]*Job, error) {
	const operation = "find created restore jobs"
	to.link.Expires = time.Time{}
	req := j.endpoint.newCreateRequest(j.projectID, j.clusterID, point, to)
	req.build()
	if since.IsZero() {
		req.addProblem("since must be set: the time before the create")
	}
	if err := invalidArgument(operation, req.problems...); err != nil {
		return nil, err
	}
	opts := ListOptions{ItemsPerPage: legacyMaxItemsPerPage, ReadAhead: -1}
	fetch := func(ctx context.Context, number, size int) (*paging.Page[*Job], http.Header, error) {
		return j.fetchPage(ctx, operation, opts.atPage(number, size))
	}
	recent, err := listCreatedSince(ctx, j.allJobs(operation, opts), fetch, since, (*Job).CreationTime)
	if err != nil {
		return nil, err
	}
	if to.project == "" {
		to.project = j.projectID // flex
	}
	matcher := &createMatcher{
		format: j.endpoint.format,
		spec: &restoreSpec{
			point:         point,
			to:            to,
			targetsByName: j.endpoint.isAtlas(),
		},
	}
	return matcher.creates(recent), nil
}

// listCreatedSince lists the items that were created since a time, and those without a time. Fetch
// requests one page, with its header.
func listCreatedSince[T any](
	ctx context.Context,
	list *listSpec[T],
	fetch func(ctx context.Context, number, size int) (*paging.Page[T], http.Header, error),
	since time.Time,
	creationTime func(T) time.Time,
) ([]T, error) {
	recent := recentItems[T]{since: since.Add(-clockTolerance), creationTime: creationTime}
	var clock sync.Once // the first page may be read again
	list.fetch = func(ctx context.Context, number, size int) (*paging.Page[T], error) {
		var receivedAt time.Time // the headers of the last request, whose response is returned
		ctx = transport.WithTrace(ctx, func(transport.RoundTrip) { receivedAt = time.Now() })
		page, header, err := fetch(ctx, number, size)
		if err == nil {
			clock.Do(func() { recent.since = recent.since.Add(clockOffset(api.ServerTime(header), receivedAt)) })
		}
		return page, err
	}
	pages := list.newReader(ctx)
	defer pages.Stop()
	for {
		page, err := pages.Read()
		if err != nil {
			return nil, wrapListError(list.operation, err)
		}
		if page == nil {
			return recent.items, nil
		}
		for _, item := range page.Items {
			recent.add(item)
		}
		if recent.done() {
			return recent.items, nil
		}
	}
}

// clockOffset is how far the server's clock is ahead of ours, 0 if unknown. It counts from the
// headers, as a body can arrive much later.
func clockOffset(server, receivedAt time.Time) time.Duration {
	if server.IsZero() || receivedAt.IsZero() {
		return 0
	}
	return server.Sub(receivedAt)
}

// recentItems collects the items of a list that were created since a time.
type recentItems[T any] struct {
	since        time.Time
	creationTime func(T) time.Time
	items        []T

	latest        time.Time // creation so far
	earliest      time.Time // creation so far
	sawDescending bool      // an older job followed a newer one
	sawAscending  bool      // a newer job followed an older one: the list is not newest first
	olderInRow    int       // items in a row from before since
}

func (r *recentItems[T]) add(item T) {
	created := r.creationTime(item)
	if !created.IsZero() {
		r.observeOrder(created)
		if created.Before(r.since) {
			r.olderInRow++
			return
		}
	}
	r.items = append(r.items, item)
	r.olderInRow = 0
}

// observeOrder learns the order of the list. Jobs of one create lie seconds apart, in any order.
func (r *recentItems[T]) observeOrder(created time.Time) {
	if r.latest.IsZero() {
		r.latest = created
		r.earliest = created
	}
	if created.Before(r.latest.Add(-clockTolerance)) {
		r.sawDescending = true
	}
	if created.After(r.earliest.Add(clockTolerance)) {
		r.sawAscending = true
	}
	if created.After(r.latest) {
		r.latest = created
	}
	if created.Before(r.earliest) {
		r.earliest = created
	}
}

// done reports whether no newer job can follow. A list that has not shown its order can be oldest
// first, with many jobs of one time at its beginning.
func (r *recentItems[T]) done() bool {
	return r.olderInRow >= maxOlderInRow && r.sawDescending && !r.sawAscending
}

// createMatcher matches the jobs of a create.
type createMatcher struct {
	format jobFormat
	spec   *restoreSpec
}

// creates groups the jobs of each create that matches, newest create first. A job that does not
// match belongs to a create by its batch.
func (c *createMatcher) creates(jobs []*Job) [][]*Job {
	batches := map[string]bool{}
	for _, job := range jobs {
		if c.matches(job) && job.BatchID != "" {
			batches[job.BatchID] = true
		}
	}
	creates := [][]*Job{}
	index := map[string]int{} // of a batch in creates
	for _, job := range jobs {
		number, isKnown := index[job.BatchID]
		switch {
		case isKnown:
			creates[number] = append(creates[number], job)
		case batches[job.BatchID]:
			index[job.BatchID] = len(creates)
			creates = append(creates, []*Job{job})
		case job.BatchID == "" && c.matches(job):
			creates = append(creates, []*Job{job})
		}
	}
	slices.SortStableFunc(creates, func(a, b []*Job) int { return latestCreation(b).Compare(latestCreation(a)) })
	return creates
}

// latestCreation is when the newest of some jobs was created.
func latestCreation(jobs []*Job) time.Time {
	var latest time.Time
	for _, job := range jobs {
		created := newestIfUnknown(job.CreationTime())
		if created.After(latest) {
			latest = created
		}
	}
	return latest
}

// newestIfUnknown returns a creation time, or one after all others if it is zero: such a job may be the
// newest.
func newestIfUnknown(created time.Time) time.Time {
	if created.IsZero() {
		return time.Unix(math.MaxInt32, 0)
	}
	return created
}

func (c *createMatcher) matches(job *Job) bool { return c.format.matches(job, c.spec) }
