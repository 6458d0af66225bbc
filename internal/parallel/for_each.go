// Package parallel runs a bounded number of calls at a time.
package parallel

import (
	"context"
	"errors"
	"sync"
)

// ErrExited is returned for a call that ended its goroutine, as [runtime.Goexit] and
// testing's FailNow do.
var ErrExited = errors.New("a callback has ended its goroutine")

// ForEach calls fn with every index below n, in order, at most limit calls at a time. It returns
// when all calls have ended.
//
// The first error cancels the context of the other calls, and no further call is started. ForEach
// returns this error, or the context's error if ctx ended before every call was started. If fn
// panics, ForEach panics with the same value after the other calls have ended.
func ForEach(ctx context.Context, n, limit int, fn func(ctx context.Context, i int) error) error {
	callCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &loop{n: n, cancel: cancel}
	var workers sync.WaitGroup
	for range min(max(limit, 1), n) {
		workers.Go(func() { l.work(callCtx, fn) })
	}
	workers.Wait()
	if l.panicked {
		panic(l.panicValue)
	}
	if l.err == nil && l.next < n {
		return ctx.Err()
	}
	return l.err
}

// loop is what the workers of one ForEach share.
type loop struct {
	n      int
	cancel context.CancelFunc

	mu         sync.Mutex
	next       int
	err        error // the first
	panicked   bool
	panicValue any // the first
}

func (l *loop) work(ctx context.Context, fn func(ctx context.Context, i int) error) {
	returned := false
	defer func() {
		if !returned {
			l.recordExit(recover())
		}
	}()
	for i := l.nextIndex(ctx); i < l.n; i = l.nextIndex(ctx) {
		if err := fn(ctx, i); err != nil {
			l.fail(err)
		}
	}
	returned = true
}

// nextIndex returns n when no further call may start.
func (l *loop) nextIndex(ctx context.Context) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ctx.Err() != nil || l.next == l.n {
		return l.n
	}
	l.next++
	return l.next - 1
}

func (l *loop) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
	}
	l.cancel()
}

// recordExit records a call that did not return: value is nil after [runtime.Goexit].
func (l *loop) recordExit(value any) {
	l.fail(ErrExited)
	l.mu.Lock()
	defer l.mu.Unlock()
	if value != nil && !l.panicked {
		l.panicked = true
		l.panicValue = value
	}
}
