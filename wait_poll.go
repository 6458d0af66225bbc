package restorejobs

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/transport"
)

// pollTimeout bounds one request of a wait: a connection that has gone silent must not
// hold it for ever.
const pollTimeout = 2 * time.Minute

// maxConcurrentGets is how many jobs are asked for at once.
const maxConcurrentGets = 4

// poller is how a wait looks at its jobs: one by one, or in lists.
type poller struct {
	jobs             *Jobs  // asks once: the wait is the retry
	batch            string // that every open job belongs to, "" where they do not or nothing tells
	batchIsGuess     bool   // batch is that of one job, and the others may be of another
	triedGuess       bool   // one job was asked for its batch
	size             int    // of a page
	pageSizeAccepted bool   // a page of this size was answered
}

func newPoller(j *Jobs) poller {
	noRetry := *j
	noRetry.retryMode = retryNever
	return poller{jobs: &noRetry, size: maxItemsPerPage}
}

// pollResult is what one look has brought.
type pollResult struct {
	jobs     map[string]*Job
	failures []*pollFailure
}

// pollFailure is a request that failed, and the jobs it was for.
type pollFailure struct {
	jobs   []*waitedJob
	isList bool
	err    error
}

func (p *pollFailure) isSingleJob() bool { return !p.isList }

// retryAfter is the longest pause that an answer has asked for.
func (p *pollResult) retryAfter() time.Duration {
	var longest time.Duration
	for _, failure := range p.failures {
		var apiErr *Error
		if errors.As(failure.err, &apiErr) {
			longest = max(longest, apiErr.RetryAfter)
		}
	}
	return longest
}

// poll looks at jobs once.
func (p *poller) poll(ctx context.Context, jobs []*waitedJob) *pollResult {
	polled := &pollResult{jobs: make(map[string]*Job, len(jobs))}
	if len(jobs) > 1 {
		jobs = p.readList(ctx, jobs, polled)
	}
	p.getEach(ctx, jobs, polled)
	return polled
}

// getEach asks for each job by itself, some at once. After as many failures as go at once the
// rest is left for the next look: the service is in trouble, or the jobs cannot be seen
// yet.
func (p *poller) getEach(ctx context.Context, jobs []*waitedJob, polled *pollResult) {
	type result struct {
		job *Job
		err error
	}
	results := make([]result, len(jobs))
	var next, failed atomic.Int64
	work := func() {
		for ctx.Err() == nil && failed.Load() < maxConcurrentGets {
			i := next.Add(1) - 1
			if i >= int64(len(jobs)) {
				return
			}
			got := &results[i]
			got.job, got.err = p.getJob(ctx, jobs[i].id)
			if got.err != nil {
				failed.Add(1)
			}
		}
	}
	if len(jobs) == 1 {
		work()
	} else {
		var group sync.WaitGroup
		for range min(maxConcurrentGets, len(jobs)) {
			group.Go(work)
		}
		group.Wait()
	}
	for i, got := range results {
		switch {
		case got.job != nil:
			polled.jobs[jobs[i].id] = got.job
		case got.err != nil:
			polled.failures = append(polled.failures, &pollFailure{jobs: jobs[i : i+1], err: got.err})
		}
		if got.job == nil && jobs[i].page == notListed {
			jobs[i].page = firstPage // where a job shows up that could not be seen yet
		}
	}
}

func (p *poller) getJob(ctx context.Context, id string) (job *Job, err error) {
	err = withPollTimeout(ctx, "get restore job", func(ctx context.Context) error {
		job, err = p.jobs.Get(ctx, id)
		return err
	})
	return job, err
}

// withPollTimeout bounds a request by the time for one. While the caller's context goes on, its
// error matches no context's: http.Client.Timeout and every timeout of a connection would.
func withPollTimeout(ctx context.Context, operation string, request func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	err := request(bounded)
	switch {
	case err == nil || isDone(ctx):
		return err
	case bounded.Err() != nil:
		return &pollTimeoutError{operation: operation}
	case isContextError(err):
		return &maskedContextError{err: err}
	default:
		return err
	}
}

// isDone reports a context that has ended, or whose deadline has come: a connection keeps
// it by a timer of its own, which can be the first.
func isDone(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(deadline)
}

// readList finds jobs in the list, as far as that is cheaper than asking for each, and returns
// those that are to be asked for one by one.
func (p *poller) readList(ctx context.Context, jobs []*waitedJob, polled *pollResult) (single []*waitedJob) {
	p.useSharedBatch(jobs)
	s := newSearch(jobs)
	for len(s.pending) > 0 && ctx.Err() == nil {
		number, expected := s.nextPage()
		if s.preferGet(expected) {
			s.stop(expected)
			continue
		}
		page, err := p.fetchPage(ctx, number)
		switch {
		case p.useSmallPages(err):
			setPage(jobs, firstPage)
		case err != nil:
			polled.failures = append(polled.failures, &pollFailure{jobs: s.remaining(), isList: true, err: err})
			return s.single
		default:
			p.handleAbsent(jobs, s, s.record(page, expected, polled.jobs))
			if p.canGuessBatch(s, page, polled) && !p.guessBatch(ctx, s, polled) {
				return s.single
			}
		}
	}
	return s.single
}

// handleAbsent goes on without jobs that a list has not shown: they are asked for by themselves,
// or looked for in the list of all where the batch was a guess.
func (p *poller) handleAbsent(jobs []*waitedJob, s *search, absent []*waitedJob) {
	if len(absent) > 0 && p.batchIsGuess {
		p.batch, p.batchIsGuess = "", false
		setPage(jobs, firstPage)
		return
	}
	s.moveToGet(absent)
}

// useSharedBatch lists by the batch where every job is known to be of the same.
func (p *poller) useSharedBatch(jobs []*waitedJob) {
	if !p.jobs.scope.hasBatches || p.batch != "" || jobs[0].job == nil {
		return
	}
	batch := jobs[0].job.BatchID
	for _, job := range jobs {
		if job.job == nil || job.job.BatchID != batch {
			return
		}
	}
	if batch != "" {
		p.batch = batch
		setPage(jobs, firstPage)
	}
}

// canGuessBatch reports jobs of which nothing is known but that the newest of the list are
// others, in batches: ours may be far down it, and on the first pages of one of their own.
func (p *poller) canGuessBatch(s *search, page *JobPage, polled *pollResult) bool {
	inBatch := func(job *Job) bool { return job.BatchID != "" }
	return p.jobs.scope.hasBatches && p.batch == "" && !p.triedGuess && len(polled.jobs) == 0 &&
		page.HasNext && len(s.pending) > 2 && s.remaining()[0].job == nil && slices.ContainsFunc(page.Jobs, inBatch)
}

// guessBatch asks for one job, and goes on in the list of its batch. False is a failure,
// which leaves the rest for the next look.
func (p *poller) guessBatch(ctx context.Context, s *search, polled *pollResult) bool {
	one := s.remaining()[:1]
	p.getEach(ctx, one, polled)
	job := polled.jobs[one[0].id]
	if p.triedGuess = true; job == nil {
		return false
	}
	delete(s.pending, one[0].id)
	setPage(one, firstPage)
	if job.BatchID != "" {
		p.batch, p.batchIsGuess = job.BatchID, true
		setPage(s.remaining(), firstPage)
	}
	return true
}

func (p *poller) fetchPage(ctx context.Context, number int) (page *JobPage, err error) {
	const operation = "list restore jobs"
	opts := ListOptions{PageNum: number, ItemsPerPage: p.size, BatchID: p.batch}
	if p.jobs.scope.isAtlas() {
		opts.IncludeCount = new(bool) // counting is work for nothing
	}
	err = withPollTimeout(ctx, operation, func(ctx context.Context) error {
		page, err = p.jobs.listPage(ctx, operation, opts)
		return err
	})
	p.pageSizeAccepted = p.pageSizeAccepted || err == nil
	return page, err
}

// useSmallPages goes on with smaller pages where an old server refused the first large one.
func (p *poller) useSmallPages(err error) bool {
	if p.pageSizeAccepted || p.size == legacyMaxItemsPerPage || !p.jobs.scope.max100PerPage || !isBadRequest(err) {
		return false
	}
	p.size = legacyMaxItemsPerPage
	return true
}

// isNotFound reports the API's own word that there is no such job.
func isNotFound(err error) bool {
	var apiErr *Error
	return errors.As(err, &apiErr) && apiErr.StatusCode == http.StatusNotFound && !isHTML(apiErr)
}

// isHTML reports an error that something before the API has answered with a page for
// people, as a server does that is starting up.
func isHTML(e *Error) bool {
	return e.Code == "" && transport.IsMarkup(e.body)
}

// isTransient reports a failure that a later poll may not meet.
func isTransient(err error) bool { return classify(err) != api.Permanent }

const (
	firstPage = 1
	notListed = 0
)

// search finds jobs on the pages of a list. Each is remembered on the page it was last
// found on, so that the next search begins there.
type search struct {
	order   []*waitedJob
	pending map[string]*waitedJob // not found yet
	single  []*waitedJob          // to be asked for one by one
	misses  int                   // pages in a row that brought nothing
}

func newSearch(jobs []*waitedJob) *search {
	s := &search{pending: make(map[string]*waitedJob, len(jobs))}
	for _, job := range jobs {
		if job.page == notListed {
			s.single = append(s.single, job)
			continue
		}
		s.order = append(s.order, job)
		s.pending[job.id] = job
	}
	return s
}

// nextPage is the page that most pending jobs are believed to be on, with these; of several,
// the first. New jobs push all others down the list: a full page then has those of the page
// before it, which need not be asked for.
func (s *search) nextPage() (number int, expected []*waitedJob) {
	byPage := map[int][]*waitedJob{}
	for _, job := range s.remaining() {
		byPage[job.page] = append(byPage[job.page], job)
	}
	for page, jobs := range byPage {
		if more := len(jobs) - len(expected); more > 0 || more == 0 && page < number {
			number, expected = page, jobs
		}
	}
	return number, expected
}

// preferGet reports jobs that are to be asked for by themselves: a page is worth a request
// for two or more, and where as many pages in a row as there are jobs have brought nothing,
// asking for these cannot cost more than reading on.
func (s *search) preferGet(expected []*waitedJob) bool {
	return len(expected) < 2 || s.misses >= len(expected)
}

// stop leaves jobs to be asked for by themselves. One that was looked for in vain is no
// longer believed to be on a page.
func (s *search) stop(jobs []*waitedJob) {
	if s.misses == 0 {
		s.addToGet(jobs)
		return
	}
	s.misses = 0
	s.moveToGet(jobs)
}

// record notes the jobs that are on a page. Those that were believed there and are not may be
// on the next; where there is none, the list leaves them out, and they are returned.
func (s *search) record(page *JobPage, expected []*waitedJob, seen map[string]*Job) (absent []*waitedJob) {
	s.misses++
	for _, job := range page.Jobs {
		if found := s.pending[job.ID]; found != nil {
			seen[job.ID], found.page = job, page.PageNum
			delete(s.pending, job.ID)
			s.misses = 0
		}
	}
	for _, job := range expected {
		switch {
		case s.pending[job.id] == nil:
		case page.HasNext:
			job.page = page.PageNum + 1
		default:
			absent = append(absent, job)
		}
	}
	return absent
}

// moveToGet leaves jobs that the list does not show to be asked for by themselves.
func (s *search) moveToGet(jobs []*waitedJob) {
	setPage(jobs, notListed)
	s.addToGet(jobs)
}

func (s *search) addToGet(jobs []*waitedJob) {
	s.single = append(s.single, jobs...)
	for _, job := range jobs {
		delete(s.pending, job.id)
	}
}

// remaining are the pending jobs, in the order asked.
func (s *search) remaining() []*waitedJob {
	remaining := make([]*waitedJob, 0, len(s.pending))
	for _, job := range s.order {
		if s.pending[job.id] != nil {
			remaining = append(remaining, job)
		}
	}
	return remaining
}
