package restorejobs

import (
	"context"
	"fmt"
	"iter"
	"net/http"
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
// before the loop starts, and each loop starts anew. The first page is read alone, then
// two and four at a time, up to [ListOptions.ReadAhead], while the loop goes on; breaking
// out ends what is under way. Order is the server's. A job that came before, because
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
