package restorejobs

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/paging"
	"example.com/restorejobs/internal/parallel"
)

// pollTimeout bounds one request of a wait, so that a silent connection does not block it.
const pollTimeout = 2 * time.Minute

const maxConcurrentGets = 4

// pollSource is an API that a wait polls. Its requests are not retried: the wait does that.
type pollSource[T waitable] interface {
	get(ctx context.Context, id string) (T, error)
}

// listSource is a pollSource that can also read its items from a list.
type listSource[T waitable] interface {
	pollSource[T]
	// list returns one page, of all batches if batch is empty.
	list(ctx context.Context, number, size int, batch string) (pollPage[T], error)
	hasBatchFilter() bool
	// fallbackPageSize is for servers that refuse the largest pages. 0 if there are none.
	fallbackPageSize() int
}

// pollPage is one page of a list.
type pollPage[T waitable] struct {
	items   []T
	hasNext bool
}

// singleSource is a pollSource without a list. Its read must not retry.
type singleSource[T waitable] struct {
	operation string
	read      func(ctx context.Context, id string) (T, error)
}

func (s singleSource[T]) get(ctx context.Context, id string) (T, error) {
	return withPollTimeout(ctx, s.operation, func(ctx context.Context) (T, error) { return s.read(ctx, id) })
}

// withPollTimeout reads once, with the time limit of a request of a wait.
func withPollTimeout[V any](ctx context.Context, operation string, read func(context.Context) (V, error)) (V, error) {
	reqCtx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	value, err := read(reqCtx)
	return value, pollError(ctx, reqCtx, operation, err)
}

// jobSource polls restore jobs.
type jobSource struct{ jobs *Jobs }

func newJobSource(j *Jobs) jobSource {
	noRetry := *j
	noRetry.retryMode = api.RetryNever
	return jobSource{jobs: &noRetry}
}

func (s jobSource) hasBatchFilter() bool  { return s.jobs.endpoint.hasBatches }
func (s jobSource) fallbackPageSize() int { return s.jobs.fallbackPageSize() }

func (s jobSource) get(ctx context.Context, id string) (*Job, error) {
	return withPollTimeout(ctx, "get restore job", func(ctx context.Context) (*Job, error) { return s.jobs.Get(ctx, id) })
}

func (s jobSource) list(ctx context.Context, number, size int, batch string) (pollPage[*Job], error) {
	const operation = "list restore jobs"
	opts := ListOptions{PageNum: number, ItemsPerPage: size, BatchID: batch}
	if s.jobs.endpoint.isAtlas() {
		opts.IncludeCount = new(bool) // a count costs the server time, and a wait does not use it
	}
	reqCtx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	page, err := s.jobs.listPage(reqCtx, operation, opts)
	if err != nil {
		return pollPage[*Job]{}, pollError(ctx, reqCtx, operation, err)
	}
	return pollPage[*Job]{items: page.Jobs, hasNext: page.HasNext}, nil
}

// pollError makes sure that an error matches a context's error only if ctx itself has ended.
func pollError(ctx, reqCtx context.Context, operation string, err error) error {
	switch {
	case err == nil || isDone(ctx):
		return err
	case reqCtx.Err() != nil:
		return &pollTimeoutError{operation: operation}
	case isContextError(err):
		return &maskedContextError{err: err}
	default:
		return err
	}
}

// isDone also reports a deadline that has passed: a connection's own timer can see it before ctx.
func isDone(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	isPast := ok && !time.Now().Before(deadline)
	return isPast || ctx.Err() != nil
}

// poller reads the items of a wait, individually or from lists.
type poller[T waitable] struct {
	source pollSource[T]
	byID   map[string]*waitedItem[T] // all items of the wait
	lists  listSource[T]             // nil if the source has no list
	pages  paging.Fetcher[pollPage[T]]
	batch  string // of all remaining items, empty until it is known
}

func newPoller[T waitable](source pollSource[T], byID map[string]*waitedItem[T]) *poller[T] {
	p := &poller[T]{source: source, byID: byID}
	lists, hasLists := source.(listSource[T])
	if !hasLists {
		return p
	}
	p.lists = lists
	p.pages = paging.Fetcher[pollPage[T]]{
		Request: func(ctx context.Context, number, size int) (pollPage[T], error) {
			return lists.list(ctx, number, size, p.batch)
		},
		Size:      searchPageSize(len(byID)),
		SmallSize: lists.fallbackPageSize(),
		IsRefusal: isBadRequest,
	}
	return p
}

// pollResult is what one poll has read.
type pollResult[T waitable] struct {
	failures []*pollFailure[T]
}

// pollFailure is a failed request, and the items it was for.
type pollFailure[T waitable] struct {
	items    []*waitedItem[T]
	isList   bool // it concerns all of them
	isTarget bool // of the status of their target, which is counted separately
	isNotice bool // it is not counted, as what was read is not needed yet
	err      error
}

// freshItems returns the items that the last poll has read.
func freshItems[T waitable](items []*waitedItem[T]) []*waitedItem[T] {
	fresh := make([]*waitedItem[T], 0, len(items))
	for _, item := range items {
		if item.isFresh {
			fresh = append(fresh, item)
		}
	}
	return fresh
}

// retryAfter returns the longest Retry-After of the failed requests.
func (p *pollResult[T]) retryAfter() time.Duration {
	var longest time.Duration
	for _, failure := range p.failures {
		var apiErr *Error
		if errors.As(failure.err, &apiErr) {
			longest = max(longest, apiErr.RetryAfter)
		}
	}
	return longest
}

// poll reads items once.
func (p *poller[T]) poll(ctx context.Context, items []*waitedItem[T]) *pollResult[T] {
	polled := &pollResult[T]{}
	for _, item := range items {
		item.isFresh = false
	}
	if len(items) == 1 {
		polled.record(items[0], p.get(ctx, items[0]))
		return polled
	}
	single := items
	if p.lists != nil {
		p.useSharedBatch(items)
		single = p.readList(ctx, items, polled)
	}
	if len(single) > 0 {
		p.getEach(ctx, single, polled)
	}
	return polled
}

// useSharedBatch filters the list by batch once every item is known to belong to the same.
func (p *poller[T]) useSharedBatch(items []*waitedItem[T]) {
	if p.batch != "" || !p.lists.hasBatchFilter() || !items[0].isRead {
		return
	}
	batch := items[0].item.waitBatch()
	for _, item := range items {
		if !item.isRead || item.item.waitBatch() != batch {
			return
		}
	}
	if batch != "" {
		p.batch = batch
		setPage(items, firstPage)
	}
}

// readList reads items from the list while that takes fewer requests than [pollSource.get]. It
// returns the items to get individually.
func (p *poller[T]) readList(ctx context.Context, items []*waitedItem[T], polled *pollResult[T]) []*waitedItem[T] {
	s := newListSearch(items, p.byID)
	for ctx.Err() == nil && s.nextPage() {
		page, err := p.pages.Fetch(ctx, s.page)
		if err != nil {
			failure := &pollFailure[T]{items: s.interrupt(), isList: true, err: err}
			polled.failures = append(polled.failures, failure)
			break
		}
		s.record(page)
	}
	return s.single
}

// getEach reads items individually. After some failures it skips the rest until the next poll:
// the service has a problem, or new items are not visible yet.
func (p *poller[T]) getEach(ctx context.Context, items []*waitedItem[T], polled *pollResult[T]) {
	results := make([]getResult[T], len(items))
	var failed atomic.Int64
	exited := parallel.ForEach(ctx, len(items), maxConcurrentGets, func(_ context.Context, i int) error {
		if failed.Load() >= maxConcurrentGets {
			return nil
		}
		results[i] = p.get(ctx, items[i])
		if results[i].err != nil {
			failed.Add(1)
		}
		return nil
	})
	for i, result := range results {
		polled.record(items[i], result)
	}
	if exited != nil && ctx.Err() == nil {
		polled.failures = append(polled.failures, &pollFailure[T]{items: items, isList: true, err: exited})
	}
}

// getResult is the result of one request, zero if it was skipped.
type getResult[T waitable] struct {
	item   T
	isRead bool
	err    error
}

func (p *poller[T]) get(ctx context.Context, item *waitedItem[T]) getResult[T] {
	read, err := p.source.get(ctx, item.id)
	return getResult[T]{item: read, isRead: err == nil, err: err}
}

func (p *pollResult[T]) record(item *waitedItem[T], result getResult[T]) {
	switch {
	case result.isRead:
		item.record(result.item)
		return
	case result.err != nil:
		p.failures = append(p.failures, &pollFailure[T]{items: []*waitedItem[T]{item}, err: result.err})
	}
	if item.page == notListed {
		item.page = firstPage // an item that becomes visible is listed first
	}
}

// isNotFound reports a 404 of the API itself.
func isNotFound(err error) bool {
	var apiErr *Error
	return errors.As(err, &apiErr) && apiErr.StatusCode == http.StatusNotFound && !isHTML(apiErr)
}

// isTransient reports whether the next poll may succeed.
func isTransient(err error) bool { return classify(err) != api.Permanent }
