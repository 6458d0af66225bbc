package restorejobs

import (
	"context"
	"fmt"
	"slices"

	"example.com/restorejobs/internal/seen"
)

// pageFunc reads one page.
type pageFunc func(context.Context, ListOptions) (*Page, *pageInfo, error)

// pageReader gives the pages of a list in order, each without the jobs of earlier pages. It reads
// ahead while the caller keeps reading.
//
// Every job that is in the list the whole time is given once. Jobs may be inserted anywhere:
//
//   - A page that was requested after its predecessor arrived misses nothing: new jobs push
//     others to later pages only.
//   - A page that was requested earlier counts where its total equals its predecessor's. Otherwise
//     it is requested again. A list without totals is read page by page.
//   - A page that repeats a job continues the list. What was requested with it is requested again.
//   - A total that falls shows that jobs have gone, which pulls others to earlier pages. The
//     pages before are read again, back to one that begins with a job given before.
//
// Equal totals hide as many removals as inserts. They cost a job where the removals come before
// the inserts in the list, or where a page is read ahead while more jobs come than fit on it.
//
// The iteration ends in an error where a request fails, where the list has no end (see [seen.IDs]),
// where it shrinks ten times in a row, and where too much of it would be read again.
type pageReader struct {
	operation string
	fetch     pageFunc
	opts      ListOptions
	ctx       context.Context //nolint:containedctx // lives exactly as long as one loop over All
	cancel    context.CancelFunc
	ahead     *readAhead

	first      int // number of the first page
	next       int // number of the page to give next
	highest    int // number given so far
	window     int // requests that may be in flight
	most       int
	slow       bool      // the list has shifted: the window grows step by step
	last       int       // page by the server's total, 0 where unknown: nothing after it is read ahead
	size       int       // of a full page, by the first that was read, 0 before
	lengths    []int     // jobs on each page, from the first
	count      int       // jobs so far, with those before the first page
	firstTotal int       // of the first page
	previous   *pageInfo // of the page before next, nil before the first
	ids        *seen.IDs
	shrinks    int    // in a row
	shrunk     shrink // the latest
	repeats    int    // shrinks in a row that are equal
	noTotals   bool   // the server does not keep its totals
	ended      bool

	mayShrinkPages bool // a refused first page is requested again in the old size
}

// shrink is a fall of the total between two pages.
type shrink struct {
	page        int
	totalBefore int
	totalAfter  int
	hash        uint64 // of the jobs on the page after
	hashBefore  uint64 // of the jobs on the page before, requested again
}

// maxShrinks is how often in a row a list may shrink.
const maxShrinks = 10

// maxEqualShrinks is how often in a row a list that changes may repeat a shrink to the letter.
const maxEqualShrinks = 2

// maxEmptyTail is how many empty pages in a row end a list without links.
const maxEmptyTail = 3

type pageResult struct {
	page  *Page
	info  *pageInfo
	err   error
	early bool // requested before the page before it was given
}

func newPageReader(ctx context.Context, operation string, opts ListOptions, fetch pageFunc) *pageReader {
	r := &pageReader{
		operation: operation,
		fetch:     fetch,
		first:     max(opts.PageNum, 1),
		window:    1,
		most:      opts.ReadAhead,
		ids:       seen.New(),
	}
	r.ctx, r.cancel = context.WithCancel(ctx)
	r.ahead = newReadAhead(r.ctx)
	r.next = r.first
	if opts.ReadAhead == 0 {
		r.most = defaultReadAhead
	}
	r.most = max(r.most, 1)
	if opts.ItemsPerPage == 0 {
		opts.ItemsPerPage = maxItemsPerPage
	}
	r.opts = opts
	return r
}

// stop cancels the requests in flight and waits for them.
func (r *pageReader) stop() {
	r.cancel()
	r.ahead.group.Wait()
}

// read returns the next page, nil after the last.
func (r *pageReader) read() (*Page, error) {
	if r.ended {
		return nil, nil //nolint:nilnil // the end of a list is neither
	}
	result := r.take()
	if r.mayShrinkPages && isBadRequest(result.err) {
		r.opts.ItemsPerPage = oldMaxItemsPerPage
		result = r.request(r.ctx, r.next)
	}
	r.mayShrinkPages = false
	switch {
	case result.err != nil:
	case r.repeatsJob(result.page):
		r.slowDown() // the pages requested with it may be from before the shift
	case result.early && !r.hasSameTotal(result):
		r.slowDown()
		result = r.request(r.ctx, r.next)
	}
	if result.err == nil && r.hasShrunk(result) {
		result = r.goBack(result)
	}
	if result.err == nil && r.isPastEnd(result) {
		r.ended = true
		return nil, nil //nolint:nilnil // as above
	}
	if result.err == nil {
		result.err = r.checkEndless(result)
	}
	if result.err != nil {
		r.ended = true
		return nil, result.err
	}
	r.accept(result)
	return result.page, nil
}

// take returns the next page, and requests as many after it as may be in flight.
func (r *pageReader) take() pageResult {
	isAlone := r.window == 1 || r.next >= r.last
	if len(r.ahead.pending) == 0 && isAlone {
		return r.request(r.ctx, r.next)
	}
	for number := r.next + len(r.ahead.pending); len(r.ahead.pending) < r.window && number <= r.last; number++ {
		r.ahead.start(func(ctx context.Context) pageResult { return r.request(ctx, number) })
	}
	return r.ahead.take()
}

func (r *pageReader) request(ctx context.Context, number int) pageResult {
	opts := r.opts
	opts.PageNum = number
	page, info, err := r.fetch(ctx, opts)
	return pageResult{page: page, info: info, err: err}
}

// hasSameTotal reports a page that counts as many jobs as its predecessor.
func (r *pageReader) hasSameTotal(result pageResult) bool {
	return result.info.total >= 0 && result.info.total == r.previous.total
}

// slowDown drops the requests in flight and reads on step by step.
func (r *pageReader) slowDown() {
	r.ahead.drop(r.ctx)
	r.window = 1
	r.slow = true
}

func (r *pageReader) repeatsJob(page *Page) bool {
	return slices.ContainsFunc(page.Jobs, func(job *Job) bool { return r.ids.Has(job.ID) })
}

func (r *pageReader) hasNewJob(page *Page) bool {
	return slices.ContainsFunc(page.Jobs, func(job *Job) bool { return !r.ids.Has(job.ID) })
}

// hasShrunk reports a total that has fallen, unless a repeated job shows that none was skipped.
func (r *pageReader) hasShrunk(result pageResult) bool {
	if r.noTotals || r.previous == nil || result.info.total < 0 {
		return false
	}
	return result.info.total < r.previous.total && !r.repeatsJob(result.page)
}

// goBack requests the pages before a shrunk one, back to the first that joins what was given.
// A server that repeats all responses does not keep its totals: then the page counts.
func (r *pageReader) goBack(result pageResult) pageResult {
	latest := shrink{
		page:        r.next,
		totalBefore: r.previous.total,
		totalAfter:  result.info.total,
		hash:        r.hash(result.page),
		hashBefore:  r.shrunk.hashBefore,
	}
	if latest != r.shrunk {
		r.repeats = 0
	}
	if r.repeats >= maxEqualShrinks {
		r.noTotals = true
		return result
	}
	r.shrinks++
	if r.shrinks > maxShrinks {
		return pageResult{err: fmt.Errorf("restorejobs: %s: the list has shrunk %d times in a row at page %d", r.operation, r.shrinks, r.next)}
	}
	r.slowDown()
	for number := r.next - 1; ; number-- {
		if (r.next-number)*r.size > seen.Remembered {
			return pageResult{err: fmt.Errorf("restorejobs: %s: more jobs have gone before page %d than can be read again", r.operation, r.next)}
		}
		back := r.request(r.ctx, number)
		if back.err != nil {
			return back
		}
		if number == r.next-1 {
			latest.hashBefore = r.hash(back.page)
			if latest == r.shrunk {
				r.repeats++
			}
			r.shrunk = latest
		}
		jobs := back.page.Jobs
		if number == r.first || len(jobs) > 0 && r.ids.Has(jobs[0].ID) {
			return back
		}
	}
}

func (r *pageReader) hash(page *Page) uint64 {
	return r.ids.Hash(len(page.Jobs), func(i int) string { return page.Jobs[i].ID })
}

// isPastEnd reports a page without a new job after links have twice said that the list has ended:
// a server may repeat its last page for every later number.
func (r *pageReader) isPastEnd(result pageResult) bool {
	endsHere := result.info.linked && !result.info.next
	endedBefore := r.previous != nil && r.previous.linked && !r.previous.next
	return endsHere && endedBefore && result.page.PageNum > r.highest && !r.hasNewJob(result.page)
}

// checkEndless returns the error of a list that a page shows to have no end.
func (r *pageReader) checkEndless(result pageResult) error {
	page := result.page
	if page.PageNum <= r.highest {
		return nil
	}
	grown := r.size > 0 && r.firstTotal >= 0 && result.info.total > r.firstTotal // new jobs push a page to a later number
	err := r.ids.Page(page.PageNum, len(page.Jobs), grown, func(i int) string { return page.Jobs[i].ID })
	if err != nil {
		return fmt.Errorf("restorejobs: %s: %w", r.operation, err)
	}
	return nil
}

// accept records a page and removes the jobs that were given before.
func (r *pageReader) accept(result pageResult) {
	page := result.page
	if r.size == 0 {
		r.size = r.fullPage(page, result.info)
		r.count = (page.PageNum - 1) * r.size
		r.firstTotal = result.info.total
	}
	if page.PageNum > r.highest {
		r.highest = page.PageNum
		r.shrinks = 0
	}
	for len(r.lengths) > page.PageNum-r.first { // read again
		r.count -= r.lengths[len(r.lengths)-1]
		r.lengths = r.lengths[:len(r.lengths)-1]
	}
	r.lengths = append(r.lengths, len(page.Jobs))
	r.count += len(page.Jobs)
	r.ended = r.isLast(page, result.info)
	r.next = page.PageNum + 1
	r.previous = result.info
	r.last = r.lastPage(result.info)
	r.window = r.nextWindow(result.info)
	page.Jobs = slices.DeleteFunc(page.Jobs, func(job *Job) bool { return !r.ids.Add(job.ID) })
}

// fullPage is how many jobs the server puts on a page, as the first that was read tells: it
// may be fewer than were asked for. Later pages tell nothing, as some jobs on them may be
// hidden.
func (r *pageReader) fullPage(page *Page, info *pageInfo) int {
	jobs := len(page.Jobs)
	more := info.next || !info.linked && (page.PageNum > 1 || info.total > jobs) || info.fullUnasked(jobs)
	if jobs > 0 && jobs < r.opts.ItemsPerPage && more {
		return jobs
	}
	return r.opts.ItemsPerPage
}

// lastPage is the number of the last page by the server's total, 0 where nothing tells.
func (r *pageReader) lastPage(info *pageInfo) int {
	if info.total < 0 || r.noTotals {
		return 0
	}
	last := info.total / r.size
	if info.total%r.size > 0 {
		last++
	}
	return last
}

// nextWindow is how many requests may be in flight from here on. After a shift it doubles with
// each page.
func (r *pageReader) nextWindow(info *pageInfo) int {
	switch {
	case info.noneLeft || r.last == 0:
		return 1
	case r.slow:
		return min(r.window*2, r.most)
	default:
		return r.most
	}
}

// isLast reports whether the list ends with this page. Where no link leads on, the total
// counts, and may be a lie: the list also ends with an empty page, or with a few of them
// where there are no links at all. There, a full page is never the last.
func (r *pageReader) isLast(page *Page, info *pageInfo) bool {
	jobs := len(page.Jobs)
	switch {
	case info.next:
		return false
	case jobs > 0 && !info.linked && jobs >= r.size:
		return false
	case info.total <= r.count:
		return true
	case jobs > 0:
		return false
	default:
		return info.linked || r.emptyTail() >= maxEmptyTail
	}
}

// emptyTail counts the empty pages at the end of what was read.
func (r *pageReader) emptyTail() int {
	empty := 0
	for _, length := range slices.Backward(r.lengths) {
		if length > 0 {
			break
		}
		empty++
	}
	return empty
}
