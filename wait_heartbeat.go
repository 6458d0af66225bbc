package restorejobs

import (
	"context"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/parallel"
)

// hasHeartbeat reports whether a time without an update must be bounded.
func (w *waiter[T]) hasHeartbeat() bool { return w.onUpdate != nil && w.opts.Heartbeat > 0 }

// heartbeat returns the update for a time without a change. It describes the first item that has
// not ended.
func (w *waiter[T]) heartbeat() (update WaitUpdate, item T) {
	update.Heartbeat = true
	for _, pending := range w.items {
		if !pending.done {
			update.ID = pending.id
			update.State = pending.state
			update.Previous = pending.state
			return update, pending.item
		}
	}
	return update, item
}

// sleepWithHeartbeat pauses. It returns the error that ends the wait.
func (w *waiter[T]) sleepWithHeartbeat(ctx context.Context, delay time.Duration) error {
	end := time.Now().Add(delay)
	for w.hasHeartbeat() {
		untilBeat := time.Until(w.lastUpdate.Add(w.opts.Heartbeat))
		if untilBeat >= time.Until(end) {
			break
		}
		if api.Sleep(ctx, untilBeat) != nil {
			return contextError(ctx)
		}
		if err := w.report(w.heartbeat()); err != nil {
			return err
		}
	}
	if api.Sleep(ctx, time.Until(end)) != nil {
		return contextError(ctx)
	}
	return nil
}

// pollWithHeartbeat polls. While the requests last, it reports heartbeats on this goroutine. It
// returns the error of OnUpdate, which ends the poll.
func (w *waiter[T]) pollWithHeartbeat(ctx context.Context, items []*waitedItem[T]) (*pollResult[T], error) {
	if !w.hasHeartbeat() {
		return w.pollOnce(ctx, items), nil
	}
	update, item := w.heartbeat() // before the poll, which changes the items
	pollCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	poll := asyncPoll[T]{parallel.Start(func() *pollResult[T] { return w.pollOnce(pollCtx, items) })}
	for {
		untilBeat := time.NewTimer(time.Until(w.lastUpdate.Add(w.opts.Heartbeat)))
		select {
		case <-poll.Done():
			untilBeat.Stop()
			return poll.result(items), nil
		case <-untilBeat.C:
		}
		if err := w.report(update, item); err != nil {
			cancel()
			poll.result(items)
			return nil, err
		}
	}
}

// asyncPoll is a poll on another goroutine.
type asyncPoll[T waitable] struct{ *parallel.Call[*pollResult[T]] }

// result panics as the poll did.
func (p asyncPoll[T]) result(items []*waitedItem[T]) *pollResult[T] {
	polled, exited := p.Wait()
	if exited != nil {
		return &pollResult[T]{failures: []*pollFailure[T]{{items: items, isList: true, err: exited}}}
	}
	return polled
}
