package restorejobs

import (
	"context"
	"slices"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/parallel"
)

// hasHeartbeat reports whether a time without an update must be bounded.
func (w *waiter[T]) hasHeartbeat() bool { return w.onUpdate != nil && w.opts.Heartbeat > 0 }

// heartbeat returns the update for a time without a change. It describes the first item that has
// not ended.
func (w *waiter[T]) heartbeat() (update WaitUpdate, item T) {
	pending := slices.IndexFunc(w.items, func(item *waitedItem[T]) bool { return !item.done })
	if pending >= 0 {
		item = w.items[pending].item
		update = w.items[pending].update()
	}
	update.Heartbeat = true
	return update, item
}

// sleepWithHeartbeat pauses until the end. It returns the error that ends the wait.
func (w *waiter[T]) sleepWithHeartbeat(ctx context.Context, end time.Time) error {
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
	poll := asyncPoll[T]{parallel.Start(func() *pollResult[T] { return w.pollOnce(pollCtx, items) })}
	defer func() { // also if OnUpdate panics or ends the goroutine
		cancel()
		<-poll.Done()
	}()
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
