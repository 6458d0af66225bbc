package restorejobs

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"example.com/restorejobs/internal/wire"
)

// pollTimeout bounds one request of a wait: a connection that has gone silent must not
// hold it for ever.
const pollTimeout = 2 * time.Minute

// parallelPolls is how many jobs are asked for at once.
const parallelPolls = 4

// look is how a wait looks at its jobs: one by one, or in lists.
type look struct {
	jobs   *Jobs  // asks once: the wait is the retry
	batch  string // that every open job belongs to, "" where they do not or nothing tells
	guess  bool   // batch is that of one job, and the others may be of another
	asked  bool   // one job was asked for its batch
	size   int    // of a page
	proven bool   // a page of this size was answered
}

func newLook(j *Jobs) look {
	once := *j
	once.repeat = repeatNever
	return look{jobs: &once, size: maxItemsPerPage}
}

// news is what one look has brought.
type news struct {
	seen     map[string]*Job
	failures []*failure
}

// failure is a request that failed, and the jobs it was for.
type failure struct {
	jobs []*watched
	list bool
	err  error
}

func (f *failure) alone() bool { return !f.list }

// retryAfter is the longest pause that an answer has asked for.
func (n *news) retryAfter() time.Duration {
	var longest time.Duration
	for _, failure := range n.failures {
		var api *Error
		if errors.As(failure.err, &api) {
			longest = max(longest, api.RetryAfter)
		}
	}
	return longest
}

// at looks at jobs once.
func (l *look) at(ctx context.Context, jobs []*watched) *news {
	n := &news{seen: make(map[string]*Job, len(jobs))}
	if len(jobs) > 1 {
		jobs = l.list(ctx, jobs, n)
	}
	l.ask(ctx, jobs, n)
	return n
}

// ask asks for each job by itself, some at once. After as many failures as go at once the
// rest is left for the next look: the service is in trouble, or the jobs cannot be seen
// yet.
func (l *look) ask(ctx context.Context, jobs []*watched, n *news) {
	type result struct {
		job *Job
		err error
	}
	results := make([]result, len(jobs))
	var next, failed atomic.Int64
	work := func() {
		for ctx.Err() == nil && failed.Load() < parallelPolls {
			i := next.Add(1) - 1
			if i >= int64(len(jobs)) {
				return
			}
			got := &results[i]
			got.job, got.err = l.get(ctx, jobs[i].id)
			if got.err != nil {
				failed.Add(1)
			}
		}
	}
	if len(jobs) == 1 {
		work()
	} else {
		var group sync.WaitGroup
		for range min(parallelPolls, len(jobs)) {
			group.Go(work)
		}
		group.Wait()
	}
	for i, got := range results {
		switch {
		case got.job != nil:
			n.seen[jobs[i].id] = got.job
		case got.err != nil:
			n.failures = append(n.failures, &failure{jobs: jobs[i : i+1], err: got.err})
		}
		if got.job == nil && jobs[i].page == offList {
			jobs[i].page = firstPage // where a job shows up that could not be seen yet
		}
	}
}

func (l *look) get(ctx context.Context, id string) (job *Job, err error) {
	err = answered(ctx, "get restore job", func(ctx context.Context) error {
		job, err = l.jobs.Get(ctx, id)
		return err
	})
	return job, err
}

// answered bounds a request by the time for one. While the caller's context goes on, its
// error matches no context's: http.Client.Timeout and every timeout of a connection would.
func answered(ctx context.Context, operation string, request func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	err := request(bounded)
	switch {
	case err == nil || hasEnded(ctx):
		return err
	case bounded.Err() != nil:
		return &silentError{operation: operation}
	case isContextError(err):
		return &foreignEndError{err: err}
	default:
		return err
	}
}

// hasEnded reports a context that has ended, or whose deadline has come: a connection keeps
// it by a timer of its own, which can be the first.
func hasEnded(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(deadline)
}

// list finds jobs in the list, as far as that is cheaper than asking for each, and returns
// those that are to be asked for one by one.
func (l *look) list(ctx context.Context, jobs []*watched, n *news) (single []*watched) {
	l.chooseBatch(jobs)
	s := newSearch(jobs)
	for len(s.pending) > 0 && ctx.Err() == nil {
		number, here := s.next()
		if s.tooDear(here) {
			s.giveUp(here)
			continue
		}
		page, err := l.page(ctx, number)
		switch {
		case l.shrink(err):
			setPage(jobs, firstPage)
		case err != nil:
			n.failures = append(n.failures, &failure{jobs: s.left(), list: true, err: err})
			return s.single
		default:
			l.leaveOut(jobs, s, s.take(page, here, n.seen))
			if l.worthGuessing(s, page, n) && !l.guessBatch(ctx, s, n) {
				return s.single
			}
		}
	}
	return s.single
}

// leaveOut goes on without jobs that a list has not shown: they are asked for by themselves,
// or looked for in the list of all where the batch was a guess.
func (l *look) leaveOut(jobs []*watched, s *search, absent []*watched) {
	if len(absent) > 0 && l.guess {
		l.batch, l.guess = "", false
		setPage(jobs, firstPage)
		return
	}
	s.takeOff(absent)
}

// chooseBatch lists by the batch where every job is known to be of the same.
func (l *look) chooseBatch(jobs []*watched) {
	if !l.jobs.scope.batch || l.batch != "" || jobs[0].job == nil {
		return
	}
	batch := jobs[0].job.BatchID
	for _, job := range jobs {
		if job.job == nil || job.job.BatchID != batch {
			return
		}
	}
	if batch != "" {
		l.batch = batch
		setPage(jobs, firstPage)
	}
}

// worthGuessing reports jobs of which nothing is known but that the newest of the list are
// others, in batches: ours may be far down it, and on the first pages of one of their own.
func (l *look) worthGuessing(s *search, page *Page, n *news) bool {
	inBatch := func(job *Job) bool { return job.BatchID != "" }
	return l.jobs.scope.batch && l.batch == "" && !l.asked && len(n.seen) == 0 &&
		page.HasNext && len(s.pending) > 2 && s.left()[0].job == nil && slices.ContainsFunc(page.Jobs, inBatch)
}

// guessBatch asks for one job, and goes on in the list of its batch. False is a failure,
// which leaves the rest for the next look.
func (l *look) guessBatch(ctx context.Context, s *search, n *news) bool {
	one := s.left()[:1]
	l.ask(ctx, one, n)
	job := n.seen[one[0].id]
	if l.asked = true; job == nil {
		return false
	}
	delete(s.pending, one[0].id)
	setPage(one, firstPage)
	if job.BatchID != "" {
		l.batch, l.guess = job.BatchID, true
		setPage(s.left(), firstPage)
	}
	return true
}

func (l *look) page(ctx context.Context, number int) (page *Page, err error) {
	const operation = "list restore jobs"
	opts := ListOptions{PageNum: number, ItemsPerPage: l.size, BatchID: l.batch}
	if l.jobs.scope.atlas() {
		opts.IncludeCount = new(bool) // counting is work for nothing
	}
	err = answered(ctx, operation, func(ctx context.Context) error {
		page, _, err = l.jobs.page(ctx, operation, opts)
		return err
	})
	l.proven = l.proven || err == nil
	return page, err
}

// shrink goes on with smaller pages where an old server refused the first large one.
func (l *look) shrink(err error) bool {
	if l.proven || l.size == oldMaxItemsPerPage || !l.jobs.scope.smallPages || !isBadRequest(err) {
		return false
	}
	l.size = oldMaxItemsPerPage
	return true
}

// notFound reports the API's own word that there is no such job.
func notFound(err error) bool {
	var api *Error
	return errors.As(err, &api) && api.StatusCode == http.StatusNotFound && !webPage(api)
}

// webPage reports an error that something before the API has answered with a page for
// people, as a server does that is starting up.
func webPage(e *Error) bool {
	return e.Code == "" && bytes.HasPrefix(bytes.TrimSpace(e.body), []byte("<"))
}

// passing reports a failure that may be over the next time.
func passing(err error) bool {
	var api *Error
	var silent *silentError
	var transport *transportError
	switch {
	case errors.As(err, &api):
		return api.Temporary() || api.StatusCode >= 500 || api.stale ||
			api.StatusCode == http.StatusNotFound && webPage(api)
	case errors.As(err, &silent):
		return true
	case errors.As(err, &transport):
		return !wire.Permanent(err)
	default:
		return false
	}
}

const (
	firstPage = 1
	offList   = 0
)

// search finds jobs on the pages of a list. Each is remembered on the page it was last
// found on, so that the next search begins there.
type search struct {
	order     []*watched
	pending   map[string]*watched // not found yet
	single    []*watched          // to be asked for one by one
	fruitless int                 // pages in a row that brought nothing
}

func newSearch(jobs []*watched) *search {
	s := &search{pending: make(map[string]*watched, len(jobs))}
	for _, job := range jobs {
		if job.page == offList {
			s.single = append(s.single, job)
			continue
		}
		s.order = append(s.order, job)
		s.pending[job.id] = job
	}
	return s
}

// next is the page that most pending jobs are believed to be on, with these; of several,
// the first. New jobs push all others down the list: a full page then has those of the page
// before it, which need not be asked for.
func (s *search) next() (number int, here []*watched) {
	believed := map[int][]*watched{}
	for _, job := range s.left() {
		believed[job.page] = append(believed[job.page], job)
	}
	for page, jobs := range believed {
		if more := len(jobs) - len(here); more > 0 || more == 0 && page < number {
			number, here = page, jobs
		}
	}
	return number, here
}

// tooDear reports jobs that are to be asked for by themselves: a page is worth a request
// for two or more, and where as many pages in a row as there are jobs have brought nothing,
// asking for these cannot cost more than reading on.
func (s *search) tooDear(here []*watched) bool { return len(here) < 2 || s.fruitless >= len(here) }

// giveUp leaves jobs to be asked for by themselves. One that was looked for in vain is no
// longer believed to be on a page.
func (s *search) giveUp(jobs []*watched) {
	if s.fruitless == 0 {
		s.leave(jobs)
		return
	}
	s.fruitless = 0
	s.takeOff(jobs)
}

// take notes the jobs that are on a page. Those that were believed there and are not may be
// on the next; where there is none, the list leaves them out, and they are returned.
func (s *search) take(page *Page, here []*watched, seen map[string]*Job) (absent []*watched) {
	s.fruitless++
	for _, job := range page.Jobs {
		if found := s.pending[job.ID]; found != nil {
			seen[job.ID], found.page = job, page.PageNum
			delete(s.pending, job.ID)
			s.fruitless = 0
		}
	}
	for _, job := range here {
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

// takeOff leaves jobs that the list does not show to be asked for by themselves.
func (s *search) takeOff(jobs []*watched) {
	setPage(jobs, offList)
	s.leave(jobs)
}

func (s *search) leave(jobs []*watched) {
	s.single = append(s.single, jobs...)
	for _, job := range jobs {
		delete(s.pending, job.id)
	}
}

// left are the pending jobs, in the order asked.
func (s *search) left() []*watched {
	left := make([]*watched, 0, len(s.pending))
	for _, job := range s.order {
		if s.pending[job.id] != nil {
			left = append(left, job)
		}
	}
	return left
}
