package restorejobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// waitable is a resource that a wait polls.
type waitable interface {
	waitID() string
	waitBatch() string // "" if it has none
	waitState() (state State, rawStatus string)
}

func (j *Job) waitID() string    { return j.ID }
func (j *Job) waitBatch() string { return j.BatchID }

// waitState returns the raw status of a [StateUnknown] too, so that a change between two is visible.
func (j *Job) waitState() (state State, rawStatus string) {
	state = j.State()
	if state == StateUnknown {
		fields := []string{string(j.StatusName), string(j.Delivery.StatusName), string(j.Status), string(j.DeliveryType)}
		rawStatus = fmt.Sprintf("%q", fields)
	}
	return state, rawStatus
}

// waitedItem is one resource of a wait.
type waitedItem[T waitable] struct {
	id        string
	item      T // as last read
	isRead    bool
	isFresh   bool   // read by the last poll
	state     State  // of the last update
	rawStatus string // of the last update
	failures  int    // polls in a row
	done      bool
	failure   error // of an item that is done

	target         *TargetStatus // of the last evaluation; nil if the state is proof enough
	targetText     string        // fingerprint of the last update
	targetFailures int           // reads of the target's status in a row
	replicaSet     string        // of the target, empty if unknown

	page      int  // of the list, where it is expected; notListed if lists do not show it
	isMissing bool // the current search of the list has not found it
}

// record sets the item that a poll has read.
func (w *waitedItem[T]) record(read T) {
	w.item = read
	w.isRead = true
	w.isFresh = true
}

// update returns an update of an item without a change.
func (w *waitedItem[T]) update() WaitUpdate {
	update := WaitUpdate{
		ID:         w.id,
		State:      w.state,
		Previous:   w.state,
		ReplicaSet: w.replicaSet,
		Target:     w.target,
	}
	if job, isJob := any(w.item).(*Job); isJob && w.isRead {
		update.ReplicaSet = cmp.Or(job.replicaSet(), w.replicaSet)
	}
	return update
}

// verifier proves what the state of an item does not. It reads with few requests.
type verifier[T waitable] interface {
	// verify is called after each poll with the items that it has read. It decides whether those that
	// evaluate calls done are. Statuses that are younger than maxAge need not be read again.
	verify(ctx context.Context, items []*waitedItem[T], maxAge time.Duration) []*pollFailure[T]
	close()
}

// waiter is one wait.
type waiter[T waitable] struct {
	noun     string // of one item, in errors
	poller   *poller[T]
	opts     WaitOptions // with defaults
	evaluate func(item T, now time.Time) (done bool, failure error)
	onUpdate func(update WaitUpdate, item T) error // nil if updates are not reported
	verifier verifier[T]                           // nil if the states of the items are proof enough

	start    time.Time
	interval backoff.ExponentialBackOff
	items    []*waitedItem[T] // in the order of the ids, without duplicates
	byID     map[string]*waitedItem[T]
	polls    int
	lastErr  error // tolerated failure of the last poll

	delay      time.Duration // before this poll, or the shortest
	nextPoll   time.Time     // zero during a poll
	lastUpdate time.Time     // of OnUpdate, for the heartbeat
}

// newWaiter returns a wait for items that errors call by the noun.
func newWaiter[T waitable](noun string, source pollSource[T], ids []string, opts WaitOptions) *waiter[T] {
	now := time.Now()
	w := &waiter[T]{
		noun:  noun,
		opts:  opts,
		start: now,
		byID:  make(map[string]*waitedItem[T], len(ids)),
		interval: backoff.ExponentialBackOff{
			InitialInterval:     opts.MinInterval,
			MaxInterval:         opts.MaxInterval,
			Multiplier:          1.5,
			RandomizationFactor: 0.2,
		},
		delay:      opts.MinInterval,
		lastUpdate: now,
	}
	for _, id := range ids {
		if w.byID[id] == nil {
			w.byID[id] = &waitedItem[T]{id: id, page: firstPage}
			w.items = append(w.items, w.byID[id])
		}
	}
	w.poller = newPoller(source, w.byID)
	return w
}

// run polls until the wait is over. It returns what ended the wait itself, nil if the ends of the items did.
func (w *waiter[T]) run(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			return contextError(ctx)
		}
		w.polls++
		w.nextPoll = time.Time{}
		remaining := w.remaining()
		polled, err := w.pollWithHeartbeat(ctx, remaining)
		if err != nil {
			return err
		}
		w.delay = w.nextDelay(polled.retryAfter())
		if !w.isOver() {
			w.nextPoll = time.Now().Add(w.delay)
		}
		if finished, err := w.processPoll(ctx, remaining, polled); finished {
			return err
		}
		if err := w.sleepWithHeartbeat(ctx, w.nextPoll); err != nil {
			return err
		}
	}
}

// pollOnce reads and evaluates items. It may run on another goroutine.
func (w *waiter[T]) pollOnce(ctx context.Context, items []*waitedItem[T]) *pollResult[T] {
	polled := w.poller.poll(ctx, items)
	w.evaluateItems(items)
	if w.verifier != nil {
		polled.failures = append(polled.failures, w.verifier.verify(ctx, freshItems(items), w.delay)...)
	}
	return polled
}

// remaining returns the items that have not ended.
func (w *waiter[T]) remaining() []*waitedItem[T] {
	var remaining []*waitedItem[T]
	for _, item := range w.items {
		if !item.done {
			remaining = append(remaining, item)
		}
	}
	return remaining
}

func (w *waiter[T]) allDone() bool {
	return !slices.ContainsFunc(w.items, func(item *waitedItem[T]) bool { return !item.done })
}

func (w *waiter[T]) anyFailed() bool {
	return slices.ContainsFunc(w.items, func(item *waitedItem[T]) bool { return item.failure != nil })
}

// isOver reports whether the ends of the items end the wait.
func (w *waiter[T]) isOver() bool { return w.allDone() || w.opts.FailFast && w.anyFailed() }

// processPoll reports a poll and decides whether the wait is over.
func (w *waiter[T]) processPoll(ctx context.Context, remaining []*waitedItem[T], polled *pollResult[T]) (finished bool, err error) {
	if err := w.reportItems(remaining); err != nil {
		return true, err
	}
	if ctx.Err() == nil { // otherwise its end is why they failed
		if err := w.recordFailures(polled); err != nil {
			return true, err
		}
	}
	switch {
	case w.isOver():
		return true, nil
	case ctx.Err() != nil:
		return true, contextError(ctx)
	default:
		return false, nil
	}
}

// evaluateItems evaluates every item before any update is reported, whose error ends the wait.
func (w *waiter[T]) evaluateItems(remaining []*waitedItem[T]) {
	now := time.Now()
	for _, item := range remaining {
		if item.isFresh {
			item.failures = 0
			item.done, item.failure = w.evaluate(item.item, now)
		}
	}
}

func (w *waiter[T]) reportItems(remaining []*waitedItem[T]) error {
	for _, item := range remaining {
		if !item.isFresh {
			continue
		}
		if err := w.reportChange(item); err != nil {
			return err
		}
	}
	return nil
}

func (w *waiter[T]) reportChange(item *waitedItem[T]) error {
	state, rawStatus := item.item.waitState()
	targetText := item.target.fingerprint()
	if state == item.state && rawStatus == item.rawStatus && targetText == item.targetText {
		return nil
	}
	previous := item.state
	item.state = state
	item.rawStatus = rawStatus
	item.targetText = targetText
	if w.onUpdate == nil {
		return nil
	}
	update := item.update()
	update.Previous = previous
	return w.report(update, item.item)
}

// recordFailures counts and reports the failures of a poll. It returns one that is not tolerated.
func (w *waiter[T]) recordFailures(polled *pollResult[T]) error {
	w.lastErr = nil
	for _, failure := range polled.failures {
		if err := w.fatalError(failure); err != nil {
			w.lastErr = nil
			return err
		}
		var update WaitUpdate
		if !failure.isList {
			update = failure.items[0].update()
		}
		update.Err = failure.err
		var none T
		if err := w.report(update, none); err != nil {
			return err
		}
		w.lastErr = failure.err
	}
	return nil
}

// fatalError counts a failure. It returns the error that ends the wait, nil if the failure is tolerated.
func (w *waiter[T]) fatalError(failure *pollFailure[T]) error {
	err := failure.err
	if !failure.isList && len(w.items) > 1 {
		err = &itemError{noun: w.noun, id: failure.items[0].id, err: err}
	}
	switch {
	case failure.isNotice, isNotFound(err) && time.Since(w.start) < w.opts.NotFoundGrace:
		return nil
	case !isTransient(err):
		return err
	}
	maxInRow := 0
	for _, item := range failure.items {
		count := &item.failures
		if failure.isTarget {
			count = &item.targetFailures
		}
		*count++
		maxInRow = max(maxInRow, *count)
	}
	if maxInRow > w.opts.MaxConsecutiveErrors {
		return &tooManyFailuresError{failures: maxInRow, err: err}
	}
	return nil
}

func (w *waiter[T]) report(update WaitUpdate, item T) error {
	if w.onUpdate == nil {
		return nil
	}
	update.Polls = w.polls
	update.Elapsed = time.Since(w.start)
	if !w.nextPoll.IsZero() {
		update.NextPoll = max(time.Until(w.nextPoll), 0)
	}
	err := w.onUpdate(update, item)
	w.lastUpdate = time.Now()
	return err
}

// nextDelay prefers a Retry-After to the interval, but never polls more often than at the start.
func (w *waiter[T]) nextDelay(retryAfter time.Duration) time.Duration {
	if w.opts.MinInterval == 0 {
		return retryAfter
	}
	next := min(max(w.interval.NextBackOff(), w.opts.MinInterval), w.opts.MaxInterval)
	if retryAfter > 0 {
		return max(retryAfter, w.opts.MinInterval)
	}
	return next
}

// contextError returns the error of a context that has ended, with its cause.
func contextError(ctx context.Context) error {
	err := ctx.Err()
	cause := context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return &contextEndedError{err: cause, cause: err}
}
