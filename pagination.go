package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"net/http"
	"time"
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
	// ReadAhead is how many requests for pages [Jobs.All] may have in flight; 0 stands for 4,
	// negative is none, and 32 the most. A list without a total is read page by page, as nothing
	// else shows that it has shifted. [Jobs.List] ignores it.
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

// All iterates over every job, page by page. Nothing is sent before the loop starts, and each
// loop starts over. A loop that goes past the first page has up to [ListOptions.ReadAhead]
// requests in flight, none of them past the server's total; without a total, one. A break
// cancels them. The order is the server's.
//
// A list that changes while it is read is read again where it has shifted: a job that is in it
// the whole time is given once. What cannot be read whole ends in an error, which comes once and
// last with a nil job: a page that repeats an earlier one, or ten pages in a row without a new
// job. Only a total shows that jobs have gone from a list. Jobs before a failure are given first.
// A total that is too low or too high is no error. Without links and a total, the list ends with
// the first page that is not full; see [Page].HasNext.
//
// API: "Get All Restore Jobs" of every variant.
func (j *Jobs) All(ctx context.Context, opts ListOptions) iter.Seq2[*Job, error] {
	return func(yield func(*Job, error) bool) {
		const operation = "list restore jobs"
		if err := allProblems(j.pathProblem(operation), opts.check(operation, j.scope)); err != nil {
			yield(nil, err)
			return
		}
		pages := newPageReader(ctx, operation, opts, func(ctx context.Context, opts ListOptions) (*Page, *pageInfo, error) {
			return j.page(ctx, operation, opts)
		})
		pages.mayShrinkPages = j.scope.smallPages && opts.ItemsPerPage == 0
		defer pages.stop()
		for {
			page, err := pages.read()
			if err != nil {
				yield(nil, err)
				return
			}
			if page == nil {
				return
			}
			for i, job := range page.Jobs {
				page.Jobs[i] = nil // the loop's alone from here
				if !yield(job, nil) {
					return
				}
			}
		}
	}
}

func isBadRequest(err error) bool {
	var api *Error
	return errors.As(err, &api) && api.StatusCode == http.StatusBadRequest
}
