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
	poller   poller
	opts     WaitOptions // without defaults left open
	start    time.Time
	interval backoff.ExponentialBackOff
	jobs     []*waitedJob // in the order asked
	byID     map[string]*waitedJob
	polls    int
	lastErr  error // tolerated failure of the last look
}

// waitedJob is one job of a wait.
type waitedJob struct {
	id        string
	job       *Job   // as last seen
	state     State  // as last told to OnUpdate
	rawStatus string // that state was unknown for, "" where it is known
	failures  int    // looks in a row
	done      bool
	failure   error // what is bad about its end

	page int // of the list, where it is believed to be; notListed where it is not
}

func setPage(jobs []*waitedJob, number int) {
	for _, job := range jobs {
		job.page = number
	}
}

func newWaiter(j *Jobs, ids []string, opts WaitOptions) *waiter {
	w := &waiter{
		poller: newPoller(j), opts: opts, start: time.Now(), byID: make(map[string]*waitedJob, len(ids)),
		interval: backoff.ExponentialBackOff{
			InitialInterval: opts.MinInterval, MaxInterval: opts.MaxInterval, Multiplier: 1.5, RandomizationFactor: 0.2,
		},
	}
	for _, id := range ids {
		if w.byID[id] == nil {
			w.byID[id] = &waitedJob{id: id, page: firstPage}
			w.jobs = append(w.jobs, w.byID[id])
		}
	}
	return w
}

// run looks and pauses until the end.
func (w *waiter) run(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			return w.newWaitError(contextError(ctx))
		}
		w.polls++
		remaining := w.remaining()
		polled := w.poller.poll(ctx, remaining)
		if finished, err := w.processPoll(ctx, remaining, polled); finished {
			return err
		}
		if sleep(ctx, w.nextDelay(polled.retryAfter())) != nil {
			return w.newWaitError(contextError(ctx))
		}
	}
}

// remaining are the jobs that have not ended.
func (w *waiter) remaining() []*waitedJob {
	var remaining []*waitedJob
	for _, job := range w.jobs {
		if !job.done {
			remaining = append(remaining, job)
		}
	}
	return remaining
}

// processPoll takes in what a look has brought and decides whether the wait is over.
func (w *waiter) processPoll(ctx context.Context, remaining []*waitedJob, polled *pollResult) (finished bool, err error) {
	if err := w.recordJobs(remaining, polled); err != nil {
		return true, w.newWaitError(err)
	}
	var failed error
	if ctx.Err() == nil { // else its end is why they failed
		failed = w.recordFailures(polled)
	}
	remaining = w.remaining()
	stop := w.opts.FailFast || failed != nil
	switch anyFailed := slices.ContainsFunc(w.jobs, func(job *waitedJob) bool { return job.failure != nil }); {
	case failed != nil, anyFailed && (stop || len(remaining) == 0):
		return true, w.newWaitError(failed)
	case len(remaining) == 0:
		return true, nil
	case ctx.Err() != nil:
		return true, w.newWaitError(contextError(ctx))
	default:
		return false, nil
	}
}

// recordJobs notes the jobs that were seen, and tells of changed states.
func (w *waiter) recordJobs(remaining []*waitedJob, polled *pollResult) error {
	now := time.Now()
	for _, job := range remaining {
		seen := polled.jobs[job.id]
		if seen == nil {
			continue
		}
		job.job, job.failures = seen, 0
		job.done, job.failure = w.opts.Goal.evaluate(seen, now)
	}
	for _, job := range remaining { // afterwards, so that an error of OnUpdate leaves nothing half noted
		if polled.jobs[job.id] == nil {
			continue
		}
		previous, rawStatus, state := job.state, job.rawStatus, job.job.State()
		job.state, job.rawStatus = state, job.job.rawStatus()
		if state == previous && job.rawStatus == rawStatus {
			continue
		}
		if err := w.notify(WaitUpdate{ID: job.id, Job: job.job, State: state, Previous: previous}); err != nil {
			return err
		}
	}
	return nil
}

// rawStatus is what [StateUnknown] is about, so that one such status is told from the next;
// "" for a state that is known.
func (j *Job) rawStatus() string {
	if j.State() != StateUnknown {
		return ""
	}
	return fmt.Sprintf("%q", []string{string(j.StatusName), string(j.Delivery.StatusName), string(j.Status), string(j.DeliveryType)})
}

// recordFailures counts failed looks, tells of those that are tolerated, and returns the
// error of one that is not.
func (w *waiter) recordFailures(polled *pollResult) error {
	w.lastErr = nil
	for _, failure := range polled.failures {
		if err := w.fatalError(failure); err != nil {
			w.lastErr = nil
			return err
		}
		update := WaitUpdate{Err: failure.err}
		if failure.isSingleJob() {
			update.ID, update.State = failure.jobs[0].id, failure.jobs[0].state
			update.Previous = update.State
		}
		if err := w.notify(update); err != nil {
			return err
		}
		w.lastErr = failure.err
	}
	return nil
}

// fatalError returns the error that a failure ends the wait with, nil where it does not.
func (w *waiter) fatalError(failure *pollFailure) error {
	err := failure.err
	if failure.isSingleJob() && len(w.jobs) > 1 {
		err = &jobError{id: failure.jobs[0].id, err: err}
	}
	switch {
	case isNotFound(err) && time.Since(w.start) < w.opts.NotFoundGrace:
		return nil
	case !isTransient(err):
		return err
	}
	maxInRow := 0
	for _, job := range failure.jobs {
		job.failures++
		maxInRow = max(maxInRow, job.failures)
	}
	if maxInRow > w.opts.MaxConsecutiveErrors {
		return &tooManyFailuresError{failures: maxInRow, err: err}
	}
	return nil
}

func (w *waiter) notify(update WaitUpdate) error {
	if w.opts.OnUpdate == nil {
		return nil
	}
	update.Polls, update.Elapsed = w.polls, time.Since(w.start)
	return w.opts.OnUpdate(update)
}

// nextDelay is how long to wait for the next look. Retry-After goes before the interval, but
// a short one is no reason to ask more often than at the start.
func (w *waiter) nextDelay(retryAfter time.Duration) time.Duration {
	if w.opts.MinInterval == 0 {
		return retryAfter
	}
	next := min(max(w.interval.NextBackOff(), w.opts.MinInterval), w.opts.MaxInterval)
	if retryAfter > 0 {
		return max(retryAfter, w.opts.MinInterval)
	}
	return next
}

// newWaitError makes the error of a wait that ended badly.
func (w *waiter) newWaitError(err error) error {
	e := &WaitError{Polls: w.polls, Elapsed: time.Since(w.start), Err: err, lastPollErr: w.lastErr}
	for _, job := range w.jobs {
		switch {
		case job.failure != nil:
			e.Failed, e.jobErrs = append(e.Failed, job.job), append(e.jobErrs, job.failure)
		case !job.done:
			e.PendingIDs, e.PendingJobs = append(e.PendingIDs, job.id), append(e.PendingJobs, job.job)
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
	return &contextEndedError{err: cause, cause: err}
}
