package paging

import (
	"context"
	"sync"
)

// result is the outcome of one request.
type result[T any] struct {
	page    *Page[T]
	err     error
	isEarly bool // requested before the page before it arrived
}

// readAhead holds the requests in flight, in the order of the pages.
type readAhead[T any] struct {
	ctx     context.Context //nolint:containedctx // lives as long as the requests in flight
	cancel  context.CancelFunc
	pending []pendingPage[T]
	group   sync.WaitGroup
}

type pendingPage[T any] struct {
	isEarly bool
	result  chan result[T]
}

func newReadAhead[T any](ctx context.Context) *readAhead[T] {
	ctx, cancel := context.WithCancel(ctx) //nolint:gosec // stop calls it
	return &readAhead[T]{ctx: ctx, cancel: cancel}
}

// start sends one more request. It is early unless nothing is in flight.
func (a *readAhead[T]) start(request func(context.Context) result[T]) {
	page := pendingPage[T]{
		isEarly: len(a.pending) > 0,
		result:  make(chan result[T], 1),
	}
	a.pending = append(a.pending, page)
	ctx := a.ctx
	a.group.Go(func() { page.result <- request(ctx) })
}

// next waits for the first page.
func (a *readAhead[T]) next() result[T] {
	page := a.pending[0]
	a.pending = a.pending[1:]
	read := <-page.result
	read.isEarly = page.isEarly
	return read
}

// drop cancels the requests in flight and waits for them.
func (a *readAhead[T]) drop(ctx context.Context) {
	a.stop()
	a.pending = nil
	ctx, cancel := context.WithCancel(ctx) //nolint:gosec // stop calls it
	a.ctx = ctx
	a.cancel = cancel
}

// stop cancels the requests in flight and waits for them. None can follow.
func (a *readAhead[T]) stop() {
	a.cancel()
	a.group.Wait()
}
