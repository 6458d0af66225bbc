package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"net/http"
	"slices"
	"sync"
	"time"
)

// ListOptions say which jobs to list and how. The zero value asks for the first page in
// the server's default size, and [Jobs.All] for everything.
//
// API: "Get All Restore Jobs" of every variant, query parameters.
type ListOptions struct {
	// PageNum is the page to read, from 1; 0 stands for 1. [Jobs.All] starts there.
	PageNum int
	// ItemsPerPage is the most jobs on a page, up to 500; 0 leaves it to the server (100)
	// in [Jobs.List] and stands for 500 in [Jobs.All]. Ops Manager 3.6 allows 100, which
	// All falls back to where 500 is refused.
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
	oldMaxItemsPerPage = 100
	serverDefaultItems = 100
	defaultReadAhead   = 4
	maxReadAhead       = 32
)

// check refuses what no server could mean.
func (o *ListOptions) check(operation string, s *scope) error {
	var problems []string
	if o.PageNum < 0 {
		problems = append(problems, "PageNum must be at least 1, or 0 for 1")
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
	// HasNext reports whether there is more: by the server's next link, else by its total,
	// else, where there are no links at all, because the page is full.
	HasNext bool
}

// pageInfo is what reading on needs to know about a page.
type pageInfo struct {
	total    int       // the server's total, -1 where there is none
	last     int       // number of the last page by the total, 0 where there is none
	linked   bool      // the page has paging links, which tell where the list ends
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
	info := &pageInfo{total: read.total, linked: read.linked, noneLeft: rateLimit(header).Remaining == 0}
	info.date, _ = http.ParseTime(header.Get("Date"))
	if read.total >= 0 {
		info.last = (read.total + size - 1) / size
	}
	switch {
	case read.next:
		page.HasNext = true
	case len(read.jobs) == 0:
		page.HasNext = false
	case read.total > (number-1)*size+len(read.jobs):
		page.HasNext = true
	default:
		page.HasNext = !read.linked && len(read.jobs) >= size
	}
	return page, info
}

// All reads every job, page after page, as the loop asks for them: nothing is sent
// before the loop starts, and each loop starts anew. The first page is read alone; a loop
// that goes past it has up to [ListOptions.ReadAhead] pages under way, but none that is not
// there by the server's total; without a total they double with each page. Breaking out
// ends what is under way. Order is the server's. A job that came before, because
// pages shift while jobs are made, is dropped; All remembers at least the last 4,096.
//
// A list is whole or ends in an error, which comes once and last with a nil job: a page
// that repeats an earlier one, or ten empty pages in a row, is such an error. Jobs before
// a failure are given first.
//
// API: "Get All Restore Jobs" of every variant.
func (j *Jobs) All(ctx context.Context, opts ListOptions) iter.Seq2[*Job, error] {
	return func(yield func(*Job, error) bool) {
		const operation = "list restore jobs"
		if err := opts.check(operation, j.scope); err != nil {
			yield(nil, err)
			return
		}
		pages := newPageReader(ctx, opts, j.scope.smallPages, func(ctx context.Context, opts ListOptions) (*Page, *pageInfo, error) {
			return j.page(ctx, operation, opts)
		})
		defer pages.stop()
		seen := newSeenJobs()
		for {
			page, err := pages.read()
			if err == nil && page != nil {
				if circle := seen.progress(page); circle != nil {
					err = fmt.Errorf("restorejobs: %s: %w", operation, circle)
				}
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
				if seen.add(job) && !yield(job, nil) {
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
	r.count = (r.next - 1) * opts.ItemsPerPage
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
		r.count = (r.next - 1) * r.opts.ItemsPerPage
		got = r.take()
	}
	r.smaller = false
	if got.err != nil {
		r.ended = true
		return nil, got.err
	}
	r.ended = r.isLast(got.page, got.info)
	r.last = got.info.last
	r.window = r.nextWindow(got.info)
	return got.page, nil
}

// nextWindow is how many pages may be under way from here on: all that were asked for where
// the total says that they are there, else more and more, because asking past the end is
// for nothing.
func (r *pageReader) nextWindow(info *pageInfo) int {
	switch {
	case info.noneLeft:
		return 1
	case info.last > 0:
		return r.most
	default:
		return min(r.window*2, r.most)
	}
}

// isLast reports whether the list ends with this page. Where the server says nothing of a
// next page its total counts, and may be a lie: the list also ends with an empty page, or
// with a few of them where there are no links either.
func (r *pageReader) isLast(page *Page, info *pageInfo) bool {
	r.count += len(page.Jobs)
	r.empty++
	if len(page.Jobs) > 0 {
		r.empty = 0
	}
	return !page.HasNext && (info.total <= r.count || r.empty > 0 && info.linked || r.empty >= hopelessPages)
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

const (
	rememberedJobs      = 4096
	maxEmptyPages       = 10 // in a row, each with a next link
	maxPagesWithoutNews = 10 // in a row, all of whose jobs were seen before
)

// seenJobs drops jobs that came before and notices a list that goes in circles. It keeps
// hashes of ids, because an id would keep its whole job in memory.
type seenJobs struct {
	seed          maphash.Seed
	recent, older map[uint64]struct{} // at least the last rememberedJobs
	pages         map[uint64]struct{}
	empty, stale  int
}

func newSeenJobs() *seenJobs {
	return &seenJobs{seed: maphash.MakeSeed(), recent: map[uint64]struct{}{}, pages: map[uint64]struct{}{}}
}

// add remembers a job and reports whether it is new. A job without id always is.
func (s *seenJobs) add(job *Job) bool {
	if job.ID == "" {
		return true
	}
	if s.has(job) {
		return false
	}
	if len(s.recent) >= rememberedJobs {
		s.older, s.recent = s.recent, make(map[uint64]struct{}, rememberedJobs)
	}
	s.recent[maphash.String(s.seed, job.ID)] = struct{}{}
	return true
}

func (s *seenJobs) has(job *Job) bool {
	hash := maphash.String(s.seed, job.ID)
	_, recent := s.recent[hash]
	_, older := s.older[hash]
	return job.ID != "" && (recent || older)
}

// progress returns an error for a page which shows that the list has no end.
func (s *seenJobs) progress(page *Page) error {
	if len(page.Jobs) == 0 {
		s.empty++
		if s.empty >= maxEmptyPages {
			return fmt.Errorf("%d empty pages in a row, up to page %d", s.empty, page.PageNum)
		}
		return nil
	}
	s.empty = 0
	var ids maphash.Hash
	ids.SetSeed(s.seed)
	news := false
	for _, job := range page.Jobs {
		_, _ = ids.WriteString(job.ID + "\n") // never fails
		news = news || job.ID == "" || !s.has(job)
	}
	if news {
		s.stale = 0
	} else {
		s.stale++
	}
	mark := ids.Sum64()
	_, again := s.pages[mark]
	s.pages[mark] = struct{}{}
	switch {
	case again && (!news || !slices.ContainsFunc(page.Jobs, func(job *Job) bool { return job.ID != "" })):
		return fmt.Errorf("page %d repeats an earlier page", page.PageNum)
	case s.stale >= maxPagesWithoutNews:
		return fmt.Errorf("%d pages in a row without a new job, up to page %d", s.stale, page.PageNum)
	}
	return nil
}
