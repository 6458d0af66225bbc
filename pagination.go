package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"net/http"
	"sync"
	"time"

	"example.com/restorejobs/internal/seen"
)

// ListOptions say which jobs to list and how. The zero value asks for the first page in
// the server's default size, and [Jobs.All] for everything. A value outside its limits
// matches [ErrInvalidArgument], with nothing sent.
//
// API: "Get All Restore Jobs" of every variant, query parameters.
type ListOptions struct {
	// PageNum is the page to read, from 1; 0 stands for 1, and 4294967 is the most.
	// [Jobs.All] starts there.
	PageNum int
	// ItemsPerPage is the most jobs on a page, up to 500; 0 leaves it to the server (100)
	// in [Jobs.List] and stands for 500 in [Jobs.All]. Ops Manager 3.6 allows 100, which
	// All falls back to where 500 is refused by Cloud Manager, Ops Manager or MMS.
	ItemsPerPage int
	// IncludeCount says whether the server should count all jobs; nil leaves it to the
	// server (true). False makes long lists cheaper. Documented for Atlas only.
	IncludeCount *bool
	// BatchID keeps only the jobs of one batch. Clusters of Cloud Manager, Ops Manager and
	// MMS, and Atlas legacy clusters; elsewhere an error matching errors.ErrUnsupported.
	BatchID string
	// ReadAhead is how many pages [Jobs.All] may have under way at once; 0 stands for 4,
	// negative is none, and 32 the most. [Jobs.List] ignores it.
	ReadAhead int
}

const (
	maxItemsPerPage    = 500
	maxPageNum         = math.MaxInt32 / maxItemsPerPage // more jobs than can be counted
	oldMaxItemsPerPage = 100
	serverDefaultItems = 100
	defaultReadAhead   = 4
	maxReadAhead       = 32
)

// check refuses what no server could mean.
func (o *ListOptions) check(operation string, s *scope) error {
	var problems []string
	if o.PageNum < 0 || o.PageNum > maxPageNum {
		problems = append(problems, fmt.Sprintf("PageNum must be between 1 and %d, or 0 for 1", maxPageNum))
	}
	if o.ItemsPerPage < 0 || o.ItemsPerPage > maxItemsPerPage {
		problems = append(problems, fmt.Sprintf("ItemsPerPage must be between 1 and %d, or 0 for the default", maxItemsPerPage))
	}
	if o.ReadAhead > maxReadAhead {
		problems = append(problems, fmt.Sprintf("ReadAhead must be at most %d", maxReadAhead))
	}
	if len(problems) > 0 {
		return invalid(operation, problems...)
	}
	if o.BatchID != "" && !s.batch {
		return s.unsupported(operation + " of one batch")
	}
	return nil
}

// Page is one page of jobs.
//
// API: "Get All Restore Jobs" of every variant.
type Page struct {
	// Jobs are the jobs in the server's order. An entry that is no JSON object is there as
	// a job without fields, with its [Job.RawJSON].
	Jobs []*Job
	// PageNum is the number of this page, from 1.
	PageNum int
	// TotalCount is the server's estimate of how many jobs there are on all pages, -1
	// where it gave none.
	TotalCount int
	// HasNext reports whether there is more: by the server's next link, else by its total, and
	// where there are no links at all also because the page is full: a total that says a full
	// page is the last may be too low. Without a total either, 100 jobs are a full page whatever
	// was asked for: some servers give no more.
	HasNext bool
}

// pageInfo is what reading on needs to know about a page.
type pageInfo struct {
	total    int       // the server's total, -1 where there is none
	linked   bool      // the page has paging links, which tell where the list ends
	next     bool      // one of them leads on
	noneLeft bool      // the server said that no requests are left
	date     time.Time // the server's clock, zero where it did not tell
}

func newPage(opts ListOptions, read *list, header http.Header) (*Page, *pageInfo) {
	number := max(opts.PageNum, 1)
	page := &Page{Jobs: read.jobs, PageNum: number, TotalCount: read.total}
	size := opts.ItemsPerPage
	if size == 0 {
		size = serverDefaultItems
	}
	// A server that gives less than was asked for counts its pages by its own size.
	short := len(read.jobs) > 0 && len(read.jobs) < size
	capped := !read.linked && read.total > len(read.jobs) && read.total != (number-1)*size+len(read.jobs)
	if short && (read.next || capped || number == 1 && read.total > len(read.jobs)) {
		size = len(read.jobs)
	}
	info := &pageInfo{total: read.total, linked: read.linked, next: read.next, noneLeft: rateLimit(header).Remaining == 0}
	info.date = serverClock(header)
	switch {
	case read.next:
		page.HasNext = true
	case len(read.jobs) == 0:
		page.HasNext = false
	case read.total > (number-1)*size+len(read.jobs):
		page.HasNext = true
	default:
		page.HasNext = !read.linked && len(read.jobs) >= size || info.fullUnasked(len(read.jobs))
	}
	return page, info
}

// fullUnasked reports a page of the size that servers have by default where nothing else
// tells whether more follows: it may be full though more was asked for.
func (i *pageInfo) fullUnasked(jobs int) bool {
	return !i.linked && i.total < 0 && jobs == serverDefaultItems
}

// All reads every job, page after page, as the loop asks for them: nothing is sent
// before the loop starts, and each loop starts anew. The first page is read alone; a loop
// that goes past it has up to [ListOptions.ReadAhead] pages under way, but none that is not
// there by the server's total; without a total they double with each page. Breaking out
// ends what is under way. Order is the server's. A job that came before, because
// pages shift while jobs are made, is dropped; All remembers at least the last 4,096.
//
// A list is whole or ends in an error, which comes once and last with a nil job: a page
// that repeats an earlier one, or ten pages in a row that lead on and bring no new job, are
// such an error. A total that the server does not keep is none. Jobs before a failure are
// given first. Where a server gives neither links nor a total, its list ends with the first
// page that is not full; see [Page].HasNext.
//
// API: "Get All Restore Jobs" of every variant.
func (j *Jobs) All(ctx context.Context, opts ListOptions) iter.Seq2[*Job, error] {
	return func(yield func(*Job, error) bool) {
		const operation = "list restore jobs"
		if err := allProblems(j.pathProblem(operation), opts.check(operation, j.scope)); err != nil {
			yield(nil, err)
			return
		}
		pages := newPageReader(ctx, opts, j.scope.smallPages, func(ctx context.Context, opts ListOptions) (*Page, *pageInfo, error) {
			return j.page(ctx, operation, opts)
		})
		defer pages.stop()
		ids := seen.New()
		for {
			page, err := pages.read()
			if err == nil && page != nil {
				err = inCircles(ids, operation, page)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if page == nil {
				return
			}
			for i, job := range page.Jobs {
				page.Jobs[i] = nil // the loop's alone from here
				if ids.Add(job.ID) && !yield(job, nil) {
					return
				}
			}
		}
	}
}

// pageFunc reads one page.
type pageFunc func(context.Context, ListOptions) (*Page, *pageInfo, error)

// pageReader gives pages in order and reads ahead while somebody keeps reading.
type pageReader struct {
	fetch  pageFunc
	opts   ListOptions
	cancel context.CancelFunc
	ctx    context.Context //nolint:containedctx // lives exactly as long as one loop over All

	window  int // pages that may be under way at once
	most    int
	next    int // number of the next page to ask for
	last    int // by the server's total, 0 where unknown: nothing is asked ahead of need beyond it
	pending []chan pageResult
	group   sync.WaitGroup
	size    int // of a full page, by the first that was read, 0 before
	count   int // jobs so far, with those before the first page
	empty   int // pages in a row
	ended   bool
	smaller bool // a refused first page may be asked for again in the old size
}

type pageResult struct {
	page *Page
	info *pageInfo
	err  error
}

func newPageReader(ctx context.Context, opts ListOptions, smaller bool, fetch pageFunc) *pageReader {
	r := &pageReader{fetch: fetch, window: 1, most: opts.ReadAhead, next: max(opts.PageNum, 1)}
	r.ctx, r.cancel = context.WithCancel(ctx)
	if opts.ReadAhead == 0 {
		r.most = defaultReadAhead
	}
	r.most = max(r.most, 1)
	r.smaller = smaller && opts.ItemsPerPage == 0
	if opts.ItemsPerPage == 0 {
		opts.ItemsPerPage = maxItemsPerPage
	}
	r.opts = opts
	return r
}

// stop ends what is under way and waits for it.
func (r *pageReader) stop() {
	r.cancel()
	r.group.Wait()
}

// read returns the next page, nil after the last.
func (r *pageReader) read() (*Page, error) {
	if r.ended {
		return nil, nil //nolint:nilnil // the end of a list is neither
	}
	got := r.take()
	if r.smaller && isBadRequest(got.err) {
		r.opts.ItemsPerPage, r.next = oldMaxItemsPerPage, max(r.opts.PageNum, 1)
		got = r.take()
	}
	r.smaller = false
	if got.err != nil {
		r.ended = true
		return nil, got.err
	}
	if r.size == 0 {
		r.size = r.fullPage(got.page, got.info)
		r.count = (got.page.PageNum - 1) * r.size
	}
	r.ended = r.isLast(got.page, got.info)
	r.last = r.lastPage(got.info)
	r.window = r.nextWindow(got.info)
	return got.page, nil
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
	if info.total < 0 {
		return 0
	}
	last := info.total / r.size
	if info.total%r.size > 0 {
		last++
	}
	return last
}

// nextWindow is how many pages may be under way from here on: all that were asked for where
// the total says that they are there, else more and more, because asking past the end is
// for nothing.
func (r *pageReader) nextWindow(info *pageInfo) int {
	switch {
	case info.noneLeft:
		return 1
	case r.last > 0:
		return r.most
	default:
		return min(r.window*2, r.most)
	}
}

// isLast reports whether the list ends with this page. Where no link leads on, the total
// counts, and may be a lie: the list also ends with an empty page, or with a few of them
// where there are no links at all. There, a full page is never the last.
func (r *pageReader) isLast(page *Page, info *pageInfo) bool {
	jobs := len(page.Jobs)
	r.count += jobs
	r.empty++
	if jobs > 0 {
		r.empty = 0
	}
	switch {
	case info.next:
		return false
	case jobs > 0 && !info.linked && jobs >= r.size:
		return false
	case info.total <= r.count:
		return true
	default:
		return r.empty > 0 && info.linked || r.empty >= hopelessPages
	}
}

// take asks for as many pages as may be under way and returns the first of them.
func (r *pageReader) take() pageResult {
	alone := len(r.pending) == 0
	if alone && (r.window == 1 || r.last > 0 && r.next >= r.last) {
		number := r.next
		r.next++
		return r.get(number)
	}
	for len(r.pending) < r.window && (len(r.pending) == 0 || r.last == 0 || r.next <= r.last) {
		number, result := r.next, make(chan pageResult, 1)
		r.next++
		r.pending = append(r.pending, result)
		r.group.Go(func() { result <- r.get(number) })
	}
	first := r.pending[0]
	r.pending = r.pending[1:]
	return <-first
}

func (r *pageReader) get(number int) pageResult {
	opts := r.opts
	opts.PageNum = number
	page, info, err := r.fetch(r.ctx, opts)
	return pageResult{page, info, err}
}

func isBadRequest(err error) bool {
	var api *Error
	return errors.As(err, &api) && api.StatusCode == http.StatusBadRequest
}

// hopelessPages is how many empty pages in a row end a list without links.
const hopelessPages = 3

// inCircles is the error of a list that a page shows to have no end.
func inCircles(ids *seen.IDs, operation string, page *Page) error {
	err := ids.Page(page.PageNum, len(page.Jobs), func(i int) string { return page.Jobs[i].ID })
	if err != nil {
		return fmt.Errorf("restorejobs: %s: %w", operation, err)
	}
	return nil
}
