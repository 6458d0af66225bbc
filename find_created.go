package restorejobs

import (
	"context"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"example.com/restorejobs/internal/paging"
	"example.com/restorejobs/internal/transport"
)

const (
	// clockTolerance is how far a creation may seem to lie before since: times are whole
	// seconds, and so is the server's clock as it tells it.
	clockTolerance = 5 * time.Second
	// maxOlderInRow is how many older jobs in a row end the search.
	maxOlderInRow = 100
)

// FindCreated returns the jobs of each matching create since a time, newest create first. Use it
// when [Jobs.Create] returned [ErrOutcomeUnknown], with the time before that create. The jobs of a
// sharded create share a BatchID. Failed, cancelled and expired jobs are included: check
// [Job.State] before you skip a create because of them. A match may be another caller's. Nothing
// found is an empty slice: a create may take two minutes to show.
//
// A match compares creation time, restore point and destination, as far as a job has them, but no
// options of a download link. A classic point in time matches jobs whose oplog ends no later.
// Since is taken by the server's clock, less 5 s.
//
// The search ends after 100 older jobs in a row of a list that is newest first. A zero since, or
// what Create refuses, matches [ErrInvalidArgument].
//
// API: "Get All Restore Jobs" of every variant.
func (j *Jobs) FindCreated(ctx context.Context, since time.Time, point RestorePoint, to Destination) ([][]*Job, error) {
	const operation = "find created restore jobs"
	to.link.Expires = time.Time{}
	req := j.scope.newCreateRequest(j.project, j.cluster, point, to)
	req.build()
	if since.IsZero() {
		req.addProblem("since must be set: the time before the create")
	}
	if err := invalidArgument(operation, req.problems...); err != nil {
		return nil, err
	}
	recent, err := j.listCreatedSince(ctx, operation, since)
	if err != nil {
		return nil, err
	}
	if to.project == "" {
		to.project = j.project // flex
	}
	wanted := &createMatcher{scope: j.scope, point: point, to: to}
	return wanted.creates(recent), nil
}

// listCreatedSince lists the jobs that were asked for since a time.
func (j *Jobs) listCreatedSince(ctx context.Context, operation string, since time.Time) ([]*Job, error) {
	recent := recentJobs{since: since.Add(-clockTolerance)}
	opts := ListOptions{ItemsPerPage: legacyMaxItemsPerPage, ReadAhead: -1}
	var clock sync.Once // the first page may be read again
	pages := j.newPageReader(ctx, opts, func(ctx context.Context, opts ListOptions) (*paging.Page[*Job], error) {
		var receivedAt time.Time // the headers of the last request, which is the one that was answered
		ctx = transport.WithTrace(ctx, func(transport.RoundTrip) { receivedAt = time.Now() })
		page, header, err := j.fetchPage(ctx, operation, opts)
		if err == nil {
			clock.Do(func() { recent.since = recent.since.Add(clockOffset(serverTime(header), receivedAt)) })
		}
		return page, err
	})
	defer pages.Stop()
	for {
		page, err := pages.Read()
		if err != nil {
			return nil, wrapListError(operation, err)
		}
		if page == nil {
			return recent.jobs, nil
		}
		for _, job := range page.Items {
			recent.add(job)
		}
		if recent.done() {
			return recent.jobs, nil
		}
	}
}

// serverTime is the server's clock when it answered, zero where it did not tell. A cache
// says how long it has held the answer.
func serverTime(header http.Header) time.Time {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return date.Add(parseSeconds(header.Get("Age")))
}

// clockOffset is how far the server's clock goes before ours, by when its headers came: the body
// may take its time. It is 0 where nothing tells.
func clockOffset(server, receivedAt time.Time) time.Duration {
	if server.IsZero() || receivedAt.IsZero() {
		return 0
	}
	return server.Sub(receivedAt)
}

// recentJobs collects jobs from a list until it has gone past a time.
type recentJobs struct {
	since time.Time
	jobs  []*Job

	latest, earliest time.Time // creation so far
	sawDescending    bool      // an older job has come after a newer one
	sawAscending     bool      // a newer one has come after an older: the list is in another order
	olderInRow       int       // jobs in a row from before since
}

func (r *recentJobs) add(job *Job) {
	created := job.CreationTime()
	if created.IsZero() { // nothing tells that it is older
		r.jobs, r.olderInRow = append(r.jobs, job), 0
		return
	}
	r.observeOrder(created)
	if created.Before(r.since) {
		r.olderInRow++
		return
	}
	r.jobs, r.olderInRow = append(r.jobs, job), 0
}

// observeOrder learns the list's order from one more creation. Jobs of one create lie seconds apart,
// and tell nothing.
func (r *recentJobs) observeOrder(created time.Time) {
	if r.latest.IsZero() {
		r.latest, r.earliest = created, created
	}
	r.sawDescending = r.sawDescending || created.Before(r.latest.Add(-clockTolerance))
	r.sawAscending = r.sawAscending || created.After(r.earliest.Add(clockTolerance))
	if created.After(r.latest) {
		r.latest = created
	}
	if created.Before(r.earliest) {
		r.earliest = created
	}
}

// done reports that nothing newer can follow. A list that has not shown its order may be
// oldest first, with many jobs of one time at its beginning.
func (r *recentJobs) done() bool {
	return r.olderInRow >= maxOlderInRow && r.sawDescending && !r.sawAscending
}

// createMatcher is what a job must be to come from a create.
type createMatcher struct {
	scope *endpoint
	point RestorePoint
	to    Destination
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

// latestCreation is when the newest of some jobs was created. A job without a time may be the
// newest of all.
func latestCreation(jobs []*Job) time.Time {
	var latest time.Time
	for _, job := range jobs {
		created := job.CreationTime()
		if created.IsZero() {
			return time.Unix(math.MaxInt32, 0)
		}
		if created.After(latest) {
			latest = created
		}
	}
	return latest
}

func (c *createMatcher) matches(job *Job) bool { return c.scope.format.matches(job, c) }

// unsetOrEqual reports whether a job has the requested value, or none.
func unsetOrEqual[T comparable](value, requested T) bool {
	var unset T
	return value == unset || value == requested
}
