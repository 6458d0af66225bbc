package restorejobs

import (
	"context"
	"sync"
)

// readAhead holds the requests for pages that are in flight, in the order of the pages.
type readAhead struct {
	ctx     context.Context //nolint:containedctx // lives as long as the requests in flight
	cancel  context.CancelFunc
	pending []pendingPage
	group   sync.WaitGroup
}

type pendingPage struct {
	early  bool
	result chan pageResult
}

func newReadAhead(ctx context.Context) *readAhead {
	a := &readAhead{}
	a.ctx, a.cancel = context.WithCancel(ctx)
	return a
}

// start sends one more request. It is early unless nothing is in flight.
func (a *readAhead) start(request func(context.Context) pageResult) {
	page := pendingPage{
		early:  len(a.pending) > 0,
		result: make(chan pageResult, 1),
	}
	a.pending = append(a.pending, page)
	ctx := a.ctx
	a.group.Go(func() { page.result <- request(ctx) })
}

// next waits for the first page.
func (a *readAhead) next() pageResult {
	page := a.pending[0]
	a.pending = a.pending[1:]
	result := <-page.result
	result.early = page.early
	return result
}

// drop cancels what is in flight and waits for it.
func (a *readAhead) drop(ctx context.Context) {
	a.cancel()
	a.group.Wait()
	a.pending = nil
	a.ctx, a.cancel = context.WithCancel(ctx)
}
