package restorejobs

import (
	"context"
	"fmt"
	"slices"

	"example.com/restorejobs/internal/paging"
)

// pageFunc reads one page.
type pageFunc func(context.Context, ListOptions) (*JobPage, *pageMeta, error)

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
// The iteration ends in an error where a request fails, where the list has no end (see [paging.LoopDetector]),
// where it shrinks ten times in a row, and where too much of it would be read again.
type pageReader struct {
	operation string
	fetch     pageFunc
	opts      ListOptions
	ctx       context.Context //nolint:containedctx // lives exactly as long as one loop over All
	cancel    context.CancelFunc
	ahead     *readAhead

	first       int // number of the first page
	nextPage    int // number of the page to give next
	highest     int // number given so far
	inFlight    int // requests that may be in flight
	maxInFlight int
	slow        bool      // the list has shifted: the window grows step by step
	lastPageNum int       // page by the server's total, 0 where unknown: nothing after it is read ahead
	size        int       // of a full page, by the first that was read, 0 before
	lengths     []int     // jobs on each page, from the first
	jobsRead    int       // jobs so far, with those before the first page
	firstTotal  int       // of the first page
	previous    *pageMeta // of the page before next, nil before the first
	ids         *paging.LoopDetector
	shrinks     int    // in a row
	shrunk      shrink // the latest
	repeats     int    // shrinks in a row that are equal
	noTotals    bool   // the server does not keep its totals
	done        bool

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
	page  *JobPage
	info  *pageMeta
	err   error
	early bool // requested before the page before it was given
}

func newPageReader(ctx context.Context, operation string, opts ListOptions, fetch pageFunc) *pageReader {
	r := &pageReader{
		operation:   operation,
		fetch:       fetch,
		first:       max(opts.PageNum, 1),
		inFlight:    1,
		maxInFlight: opts.ReadAhead,
		ids:         paging.New(),
	}
	r.ctx, r.cancel = context.WithCancel(ctx)
	r.ahead = newReadAhead(r.ctx)
	r.nextPage = r.first
	if opts.ReadAhead == 0 {
		r.maxInFlight = defaultReadAhead
	}
	r.maxInFlight = max(r.maxInFlight, 1)
	if opts.ItemsPerPage == 0 {
		opts.ItemsPerPage = maxItemsPerPage
	}
	r.opts = opts
	return r
}

// stop cancels the requests in flight and waits for them.
func (p *pageReader) stop() {
	p.cancel()
	p.ahead.group.Wait()
}

// read returns the next page, nil after the last.
func (p *pageReader) read() (*JobPage, error) {
	if p.done {
		return nil, nil //nolint:nilnil // the end of a list is neither
	}
	result := p.nextResult()
	if p.mayShrinkPages && isBadRequest(result.err) {
		p.opts.ItemsPerPage = legacyMaxItemsPerPage
		result = p.request(p.ctx, p.nextPage)
	}
	p.mayShrinkPages = false
	switch {
	case result.err != nil:
	case p.repeatsJob(result.page):
		p.slowDown() // the pages requested with it may be from before the shift
	case result.early && !p.hasSameTotal(result):
		p.slowDown()
		result = p.request(p.ctx, p.nextPage)
	}
	if result.err == nil && p.hasShrunk(result) {
		result = p.goBack(result)
	}
	if result.err == nil && p.isPastEnd(result) {
		p.done = true
		return nil, nil //nolint:nilnil // as above
	}
	if result.err == nil {
		result.err = p.checkEndless(result)
	}
	if result.err != nil {
		p.done = true
		return nil, result.err
	}
	p.accept(result)
	return result.page, nil
}

// nextResult returns the next page, and requests as many after it as may be in flight.
func (p *pageReader) nextResult() pageResult {
	isAlone := p.inFlight == 1 || p.nextPage >= p.lastPageNum
	if len(p.ahead.pending) == 0 && isAlone {
		return p.request(p.ctx, p.nextPage)
	}
	for pageNum := p.nextPage + len(p.ahead.pending); len(p.ahead.pending) < p.inFlight && pageNum <= p.lastPageNum; pageNum++ {
		p.ahead.start(func(ctx context.Context) pageResult { return p.request(ctx, pageNum) })
	}
	return p.ahead.next()
}

func (p *pageReader) request(ctx context.Context, number int) pageResult {
	opts := p.opts
	opts.PageNum = number
	page, info, err := p.fetch(ctx, opts)
	return pageResult{page: page, info: info, err: err}
}

// hasSameTotal reports a page that counts as many jobs as its predecessor.
func (p *pageReader) hasSameTotal(result pageResult) bool {
	return result.info.total >= 0 && result.info.total == p.previous.total
}

// slowDown drops the requests in flight and reads on step by step.
func (p *pageReader) slowDown() {
	p.ahead.drop(p.ctx)
	p.inFlight = 1
	p.slow = true
}

func (p *pageReader) repeatsJob(page *JobPage) bool {
	return slices.ContainsFunc(page.Jobs, func(job *Job) bool { return p.ids.Has(job.ID) })
}

func (p *pageReader) hasNewJob(page *JobPage) bool {
	return slices.ContainsFunc(page.Jobs, func(job *Job) bool { return !p.ids.Has(job.ID) })
}

// hasShrunk reports a total that has fallen, unless a repeated job shows that none was skipped.
func (p *pageReader) hasShrunk(result pageResult) bool {
	if p.noTotals || p.previous == nil || result.info.total < 0 {
		return false
	}
	return result.info.total < p.previous.total && !p.repeatsJob(result.page)
}

// goBack requests the pages before a shrunk one, back to the first that joins what was given.
// A server that repeats all responses does not keep its totals: then the page counts.
func (p *pageReader) goBack(result pageResult) pageResult {
	latest := shrink{
		page:        p.nextPage,
		totalBefore: p.previous.total,
		totalAfter:  result.info.total,
		hash:        p.hash(result.page),
		hashBefore:  p.shrunk.hashBefore,
	}
	if latest != p.shrunk {
		p.repeats = 0
	}
	if p.repeats >= maxEqualShrinks {
		p.noTotals = true
		return result
	}
	p.shrinks++
	if p.shrinks > maxShrinks {
		return pageResult{err: fmt.Errorf("restorejobs: %s: the list has shrunk %d times in a row at page %d", p.operation, p.shrinks, p.nextPage)}
	}
	p.slowDown()
	for number := p.nextPage - 1; ; number-- {
		if (p.nextPage-number)*p.size > paging.MinRemembered {
			return pageResult{err: fmt.Errorf("restorejobs: %s: more jobs have gone before page %d than can be read again", p.operation, p.nextPage)}
		}
		back := p.request(p.ctx, number)
		if back.err != nil {
			return back
		}
		if number == p.nextPage-1 {
			latest.hashBefore = p.hash(back.page)
			if latest == p.shrunk {
				p.repeats++
			}
			p.shrunk = latest
		}
		jobs := back.page.Jobs
		if number == p.first || len(jobs) > 0 && p.ids.Has(jobs[0].ID) {
			return back
		}
	}
}

func (p *pageReader) hash(page *JobPage) uint64 {
	return p.ids.Hash(len(page.Jobs), func(i int) string { return page.Jobs[i].ID })
}

// isPastEnd reports a page without a new job after links have twice said that the list has ended:
// a server may repeat its last page for every later number.
func (p *pageReader) isPastEnd(result pageResult) bool {
	endsHere := result.info.hasLinks && !result.info.hasNext
	endedBefore := p.previous != nil && p.previous.hasLinks && !p.previous.hasNext
	return endsHere && endedBefore && result.page.PageNum > p.highest && !p.hasNewJob(result.page)
}

// checkEndless returns the error of a list that a page shows to have no end.
func (p *pageReader) checkEndless(result pageResult) error {
	page := result.page
	if page.PageNum <= p.highest {
		return nil
	}
	grown := p.size > 0 && p.firstTotal >= 0 && result.info.total > p.firstTotal // new jobs push a page to a later number
	err := p.ids.CheckPage(page.PageNum, len(page.Jobs), grown, func(i int) string { return page.Jobs[i].ID })
	if err != nil {
		return fmt.Errorf("restorejobs: %s: %w", p.operation, err)
	}
	return nil
}

// accept records a page and removes the jobs that were given before.
func (p *pageReader) accept(result pageResult) {
	page := result.page
	if p.size == 0 {
		p.size = p.detectPageSize(page, result.info)
		p.jobsRead = (page.PageNum - 1) * p.size
		p.firstTotal = result.info.total
	}
	if page.PageNum > p.highest {
		p.highest = page.PageNum
		p.shrinks = 0
	}
	for len(p.lengths) > page.PageNum-p.first { // read again
		p.jobsRead -= p.lengths[len(p.lengths)-1]
		p.lengths = p.lengths[:len(p.lengths)-1]
	}
	p.lengths = append(p.lengths, len(page.Jobs))
	p.jobsRead += len(page.Jobs)
	p.done = p.isLast(page, result.info)
	p.nextPage = page.PageNum + 1
	p.previous = result.info
	p.lastPageNum = p.lastPage(result.info)
	p.inFlight = p.nextWindow(result.info)
	page.Jobs = slices.DeleteFunc(page.Jobs, func(job *Job) bool { return !p.ids.Add(job.ID) })
}

// detectPageSize is how many jobs the server puts on a page, as the first that was read tells: it
// may be fewer than were asked for. Later pages tell nothing, as some jobs on them may be
// hidden.
func (p *pageReader) detectPageSize(page *JobPage, info *pageMeta) int {
	jobs := len(page.Jobs)
	more := info.hasNext || !info.hasLinks && (page.PageNum > 1 || info.total > jobs) || info.isDefaultSized(jobs)
	if jobs > 0 && jobs < p.opts.ItemsPerPage && more {
		return jobs
	}
	return p.opts.ItemsPerPage
}

// lastPage is the number of the last page by the server's total, 0 where nothing tells.
func (p *pageReader) lastPage(info *pageMeta) int {
	if info.total < 0 || p.noTotals {
		return 0
	}
	last := info.total / p.size
	if info.total%p.size > 0 {
		last++
	}
	return last
}

// nextWindow is how many requests may be in flight from here on. After a shift it doubles with
// each page.
func (p *pageReader) nextWindow(info *pageMeta) int {
	switch {
	case info.rateLimitExhausted || p.lastPageNum == 0:
		return 1
	case p.slow:
		return min(p.inFlight*2, p.maxInFlight)
	default:
		return p.maxInFlight
	}
}

// isLast reports whether the list ends with this page. Where no link leads on, the total
// counts, and may be a lie: the list also ends with an empty page, or with a few of them
// where there are no links at all. There, a full page is never the last.
func (p *pageReader) isLast(page *JobPage, info *pageMeta) bool {
	jobs := len(page.Jobs)
	switch {
	case info.hasNext:
		return false
	case jobs > 0 && !info.hasLinks && jobs >= p.size:
		return false
	case info.total <= p.jobsRead:
		return true
	case jobs > 0:
		return false
	default:
		return info.hasLinks || p.emptyTail() >= maxEmptyTail
	}
}

// emptyTail counts the empty pages at the end of what was read.
func (p *pageReader) emptyTail() int {
	empty := 0
	for _, length := range slices.Backward(p.lengths) {
		if length > 0 {
			break
		}
		empty++
	}
	return empty
}
