package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// waiter is one wait.
type waiter struct {
	look     look
	opts     WaitOptions // without defaults left open
	start    time.Time
	interval backoff.ExponentialBackOff
	jobs     []*watched // in the order asked
	byID     map[string]*watched
	polls    int
	last     error // tolerated failure of the last look
}

// watched is one job of a wait.
type watched struct {
	id       string
	job      *Job   // as last seen
	state    State  // as last told to OnUpdate
	word     string // that state was unknown for, "" where it is known
	failures int    // looks in a row
	ended    bool
	bad      error // what is bad about its end

	page int // of the list, where it is believed to be; offList where it is not
}

func setPage(jobs []*watched, number int) {
	for _, job := range jobs {
		job.page = number
	}
}

func newWaiter(j *Jobs, ids []string, opts WaitOptions) *waiter {
	w := &waiter{
		look: newLook(j), opts: opts, start: time.Now(), byID: make(map[string]*watched, len(ids)),
		interval: backoff.ExponentialBackOff{
			InitialInterval: opts.MinInterval, MaxInterval: opts.MaxInterval, Multiplier: 1.5, RandomizationFactor: 0.2,
		},
	}
	for _, id := range ids {
		if w.byID[id] == nil {
			w.byID[id] = &watched{id: id, page: firstPage}
			w.jobs = append(w.jobs, w.byID[id])
		}
	}
	return w
}

// run looks and pauses until the end.
func (w *waiter) run(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			return w.fail(contextError(ctx))
		}
		w.polls++
		open := w.open()
		news := w.look.at(ctx, open)
		if over, err := w.settle(ctx, open, news); over {
			return err
		}
		if sleep(ctx, w.pause(news.retryAfter())) != nil {
			return w.fail(contextError(ctx))
		}
	}
}

// open are the jobs that have not ended.
func (w *waiter) open() []*watched {
	var open []*watched
	for _, job := range w.jobs {
		if !job.ended {
			open = append(open, job)
		}
	}
	return open
}

// settle takes in what a look has brought and decides whether the wait is over.
func (w *waiter) settle(ctx context.Context, open []*watched, news *news) (over bool, err error) {
	if err := w.takeJobs(open, news); err != nil {
		return true, w.fail(err)
	}
	var failed error
	if ctx.Err() == nil { // else its end is why they failed
		failed = w.takeFailures(news)
	}
	open = w.open()
	stop := w.opts.StopAtFirst || failed != nil
	switch bad := slices.ContainsFunc(w.jobs, func(job *watched) bool { return job.bad != nil }); {
	case failed != nil, bad && (stop || len(open) == 0):
		return true, w.fail(failed)
	case len(open) == 0:
		return true, nil
	case ctx.Err() != nil:
		return true, w.fail(contextError(ctx))
	default:
		return false, nil
	}
}

// takeJobs notes the jobs that were seen, and tells of changed states.
func (w *waiter) takeJobs(open []*watched, news *news) error {
	now := time.Now()
	for _, job := range open {
		seen := news.seen[job.id]
		if seen == nil {
			continue
		}
		job.job, job.failures = seen, 0
		job.ended, job.bad = w.opts.Until.judge(seen, now)
	}
	for _, job := range open { // afterwards, so that an error of OnUpdate leaves nothing half noted
		if news.seen[job.id] == nil {
			continue
		}
		previous, word, state := job.state, job.word, job.job.State()
		job.state, job.word = state, job.job.unknownWord()
		if state == previous && job.word == word {
			continue
		}
		if err := w.tell(Update{ID: job.id, Job: job.job, State: state, Previous: previous}); err != nil {
			return err
		}
	}
	return nil
}

// unknownWord is what [StateUnknown] is about, so that one such status is told from the next;
// "" for a state that is known.
func (j *Job) unknownWord() string {
	if j.State() != StateUnknown {
		return ""
	}
	return fmt.Sprintf("%q", []string{string(j.StatusName), string(j.Delivery.StatusName), string(j.Status), string(j.DeliveryType)})
}

// takeFailures counts failed looks, tells of those that are tolerated, and returns the
// error of one that is not.
func (w *waiter) takeFailures(news *news) error {
	w.last = nil
	for _, failure := range news.failures {
		if err := w.intolerable(failure); err != nil {
			w.last = nil
			return err
		}
		update := Update{Err: failure.err}
		if failure.alone() {
			update.ID, update.State = failure.jobs[0].id, failure.jobs[0].state
			update.Previous = update.State
		}
		if err := w.tell(update); err != nil {
			return err
		}
		w.last = failure.err
	}
	return nil
}

// intolerable returns the error that a failure ends the wait with, nil where it does not.
func (w *waiter) intolerable(failure *failure) error {
	err := failure.err
	if failure.alone() && len(w.jobs) > 1 {
		err = &jobError{id: failure.jobs[0].id, err: err}
	}
	switch {
	case notFound(err) && time.Since(w.start) < w.opts.NotFoundGrace:
		return nil
	case !passing(err):
		return err
	}
	most := 0
	for _, job := range failure.jobs {
		job.failures++
		most = max(most, job.failures)
	}
	if most > w.opts.MaxFailures {
		return &exhaustedError{failures: most, err: err}
	}
	return nil
}

func (w *waiter) tell(update Update) error {
	if w.opts.OnUpdate == nil {
		return nil
	}
	update.Polls, update.Elapsed = w.polls, time.Since(w.start)
	return w.opts.OnUpdate(update)
}

// pause is how long to wait for the next look. Retry-After goes before the interval, but
// a short one is no reason to ask more often than at the start.
func (w *waiter) pause(retryAfter time.Duration) time.Duration {
	if w.opts.MinInterval == 0 {
		return retryAfter
	}
	next := min(max(w.interval.NextBackOff(), w.opts.MinInterval), w.opts.MaxInterval)
	if retryAfter > 0 {
		return max(retryAfter, w.opts.MinInterval)
	}
	return next
}

// fail makes the error of a wait that ended badly.
func (w *waiter) fail(err error) error {
	e := &WaitError{Polls: w.polls, Elapsed: time.Since(w.start), Err: err, last: w.last}
	for _, job := range w.jobs {
		switch {
		case job.bad != nil:
			e.Jobs, e.causes = append(e.Jobs, job.job), append(e.causes, job.bad)
		case !job.ended:
			e.Pending, e.PendingJobs = append(e.Pending, job.id), append(e.PendingJobs, job.job)
		}
	}
	return e
}

// contextError is the error of a context that has ended, and its cause where that says
// more.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return &endedError{err: cause, cause: err}
}
