package paging

import (
	"context"
	"slices"
)

// Options are what a [Reader] needs to know about a list.
type Options[T any] struct {
	// Fetcher fetches the pages.
	Fetcher Fetcher[*Page[T]]
	// AppendID appends the id of an entry, or nothing if it has none. The id can be in memory that is
	// used again, and a string of it would be a copy.
	AppendID func(dst []byte, item T) []byte
	// Noun is what an entry is called in errors: in the singular, of a plural in s.
	Noun string
	// FirstPage is the number of the first page, from 1.
	FirstPage int
	// MaxInFlight is how many requests may be in flight, at least 1.
	MaxInFlight int
}

// Reader returns the pages of a list in order, each without the entries of earlier pages. It reads
// ahead while the caller continues to read.
//
// Every entry that is in the list the whole time is returned once, wherever others are inserted. If
// they are more than the [LoopDetector] remembers, an entry can be returned twice.
// Equal totals hide as many removals as inserts. They cost an entry if the removals come first in
// the list, or if a page is read ahead while more than a page is inserted.
//
// Reading fails if a request fails, or with an [*Error] if the list has no end (see [LoopDetector]),
// shrinks ten times in a row, or has to be read again too far.
type Reader[T any] struct {
	ctx         context.Context //nolint:containedctx // lives exactly as long as the reader
	cancel      context.CancelFunc
	fetcher     Fetcher[*Page[T]]
	appendID    func(dst []byte, item T) []byte
	idBuffer    []byte
	noun        string
	maxInFlight int
	ahead       *readAhead[T]
	seen        *LoopDetector

	nextNumber int     // of the page to return next
	done       bool    // nothing follows
	previous   Page[T] // without its entries, zero before the first
	progress   progress
	inFlight   int  // requests that may be in flight
	hasShifted bool // inFlight grows step by step
	shrinks    shrinkHistory
}

// NewReader returns a reader. Call [Reader.Stop] after use.
func NewReader[T any](ctx context.Context, opts Options[T]) *Reader[T] {
	ctx, cancel := context.WithCancel(ctx) //nolint:gosec // Stop calls it
	r := &Reader[T]{
		ctx:         ctx,
		cancel:      cancel,
		ahead:       newReadAhead[T](ctx),
		fetcher:     opts.Fetcher,
		appendID:    opts.AppendID,
		noun:        opts.Noun,
		maxInFlight: max(opts.MaxInFlight, 1),
		seen:        NewLoopDetector(opts.Noun),
		nextNumber:  max(opts.FirstPage, 1),
		inFlight:    1,
	}
	r.progress.first = r.nextNumber
	return r
}

// RequestAhead requests pages while the caller works on the one that it has. A caller that may need
// only the beginning of a page calls it later, or never: [Reader.Read] requests pages too.
func (r *Reader[T]) RequestAhead() {
	if !r.done && r.inFlight > 1 {
		r.requestNext()
	}
}

// Stop cancels the requests in flight and waits for them.
func (r *Reader[T]) Stop() {
	r.cancel()
	r.ahead.stop()
}

// Read returns the next page, nil after the last. No page follows an error.
func (r *Reader[T]) Read() (*Page[T], error) {
	if r.done {
		return nil, nil //nolint:nilnil // the end of a list is neither
	}
	page, err := r.nextPage()
	if err != nil {
		r.done = true
		return nil, err
	}
	if r.isPastEnd(page) {
		r.done = true
		return nil, nil //nolint:nilnil // as above
	}
	if err := r.checkEndless(page); err != nil {
		r.done = true
		return nil, err
	}
	r.accept(page)
	return page, nil
}

// nextPage returns the page that continues the list, requested again if the list has shifted:
//
//   - A page that was requested after its predecessor arrived misses nothing: new entries push
//     others to later pages only.
//   - A page that was requested earlier counts if its total equals its predecessor's. A list
//     without totals is read page by page.
//   - A page that repeats an entry continues the list. Pages requested with it are requested again.
//   - A falling total shows that entries were removed, which pulls others to earlier pages. The
//     pages before are read again, back to one that begins with a returned entry.
func (r *Reader[T]) nextPage() (*Page[T], error) {
	read := r.nextResult()
	switch {
	case read.err != nil:
		return nil, read.err
	case r.repeatsItem(read.page):
		r.slowDown() // the pages requested with it may be from before the shift
	case read.isEarly && !r.hasSameTotal(read.page):
		r.slowDown()
		read = r.request(r.ctx, r.nextNumber)
	}
	if read.err != nil {
		return nil, read.err
	}
	if r.hasShrunk(read.page) {
		return r.goBack(read.page)
	}
	return read.page, nil
}

// nextResult returns the next page, and requests as many after it as may be in flight.
func (r *Reader[T]) nextResult() result[T] {
	isAlone := r.inFlight == 1 || r.nextNumber >= r.progress.last
	if len(r.ahead.pending) == 0 && isAlone {
		return r.request(r.ctx, r.nextNumber)
	}
	r.requestNext()
	return r.ahead.next()
}

// requestNext requests as many of the next pages as may be in flight.
func (r *Reader[T]) requestNext() {
	end := min(r.nextNumber+r.inFlight, r.progress.last+1)
	for number := r.nextNumber + len(r.ahead.pending); number < end; number++ {
		r.ahead.start(func(ctx context.Context) result[T] { return r.request(ctx, number) })
	}
}

func (r *Reader[T]) request(ctx context.Context, number int) result[T] {
	page, err := r.fetcher.Fetch(ctx, number)
	return result[T]{page: page, err: err}
}

// id returns the id of an entry, which is valid until the next call.
func (r *Reader[T]) id(item T) []byte {
	r.idBuffer = r.appendID(r.idBuffer[:0], item)
	return r.idBuffer
}

func (r *Reader[T]) hasSameTotal(page *Page[T]) bool {
	return page.Total >= 0 && page.Total == r.previous.Total
}

// slowDown drops the requests in flight, and continues with one at a time.
func (r *Reader[T]) slowDown() {
	r.ahead.drop(r.ctx)
	r.inFlight = 1
	r.hasShifted = true
}

func (r *Reader[T]) repeatsItem(page *Page[T]) bool {
	return slices.ContainsFunc(page.Items, func(item T) bool { return r.seen.Has(r.id(item)) })
}

func (r *Reader[T]) hasNewItem(page *Page[T]) bool {
	return slices.ContainsFunc(page.Items, func(item T) bool { return !r.seen.Has(r.id(item)) })
}

// isPastEnd reports a page without a new entry after the links or the total have ended the list: a
// server may repeat its last page for every later number.
func (r *Reader[T]) isPastEnd(page *Page[T]) bool {
	hasLinksEnded := r.previous.linksEndHere() && page.linksEndHere()
	hasEnded := hasLinksEnded || r.isTotalReached(page)
	return hasEnded && page.Number > r.progress.highest && !r.hasNewItem(page)
}

// isTotalReached reports a page without links that follows the last by the total. The pages before
// the first may have been longer than it.
func (r *Reader[T]) isTotalReached(page *Page[T]) bool {
	if page.HasLinks || !r.hasSameTotal(page) {
		return false
	}
	return page.Total <= r.progress.mostRead(r.fetcher.Size)
}

// checkEndless returns the error of a list that a page shows to have no end.
func (r *Reader[T]) checkEndless(page *Page[T]) error {
	if page.Number <= r.progress.highest {
		return nil
	}
	hasGrown := r.progress.hasGrown(page.Total) // new entries push a page to a later number
	return r.seen.CheckPage(page.Number, len(page.Items), hasGrown, func(i int) []byte { return r.id(page.Items[i]) })
}

// accept records a page and removes the entries that were returned before.
func (r *Reader[T]) accept(page *Page[T]) {
	if r.progress.size == 0 {
		r.progress.start(page.Number, page.fullSize(r.fetcher.Size, true), page.Total)
	}
	if page.Number > r.progress.highest {
		r.shrinks.count = 0
	}
	r.progress.record(page.Number, len(page.Items))
	r.progress.setLast(page.Total, r.shrinks.isIgnored)
	r.done = !page.hasNext(r.progress.position())
	r.nextNumber = page.Number + 1
	r.inFlight = r.nextInFlight(page)
	r.previous = *page
	r.previous.Items = nil
	r.previous.Release = nil
	page.Items = slices.DeleteFunc(page.Items, func(item T) bool { return !r.seen.Add(r.id(item)) })
}

// nextInFlight is how many requests may be in flight next. After a shift it doubles with each page.
func (r *Reader[T]) nextInFlight(page *Page[T]) int {
	switch {
	case page.RateLimitExhausted || r.progress.last == 0:
		return 1
	case r.hasShifted:
		return min(r.inFlight*2, r.maxInFlight)
	default:
		return r.maxInFlight
	}
}
