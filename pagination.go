package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
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
	maxItemsPerPage       = 500
	maxPageNum            = math.MaxInt32 / maxItemsPerPage // more jobs than can be counted
	legacyMaxItemsPerPage = 100
	defaultItemsPerPage   = 100
	defaultReadAhead      = 4
	maxReadAhead          = 32
)

// validate refuses what no server could mean.
func (l *ListOptions) validate(operation string, s *endpoint) error {
	var problems []string
	if l.PageNum < 0 || l.PageNum > maxPageNum {
		problems = append(problems, fmt.Sprintf("PageNum must be between 1 and %d, or 0 for 1", maxPageNum))
	}
	if l.ItemsPerPage < 0 || l.ItemsPerPage > maxItemsPerPage {
		problems = append(problems, fmt.Sprintf("ItemsPerPage must be between 1 and %d, or 0 for the default", maxItemsPerPage))
	}
	if l.ReadAhead > maxReadAhead {
		problems = append(problems, fmt.Sprintf("ReadAhead must be at most %d", maxReadAhead))
	}
	if len(problems) > 0 {
		return invalidArgument(operation, problems...)
	}
	if l.BatchID != "" && !s.hasBatches {
		return s.unsupportedErr(operation + " of one batch")
	}
	return nil
}

// JobPage is one page of jobs.
//
// API: "Get All Restore Jobs" of every variant.
type JobPage struct {
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

// pageMeta is what reading on needs to know about a page.
type pageMeta struct {
	total              int       // the server's total, -1 where there is none
	hasLinks           bool      // the page has paging links, which tell where the list ends
	hasNext            bool      // one of them leads on
	rateLimitExhausted bool      // the server said that no requests are left
	serverTime         time.Time // the server's clock, zero where it did not tell
}

func newPage(opts ListOptions, read *pageBody, header http.Header) (*JobPage, *pageMeta) {
	pageNum := max(opts.PageNum, 1)
	page := &JobPage{Jobs: read.jobs, PageNum: pageNum, TotalCount: read.total}
	pageSize := opts.ItemsPerPage
	if pageSize == 0 {
		pageSize = defaultItemsPerPage
	}
	// A server that gives less than was asked for counts its pages by its own size.
	isShort := len(read.jobs) > 0 && len(read.jobs) < pageSize
	serverCapsPages := !read.hasLinks && read.total > len(read.jobs) && read.total != (pageNum-1)*pageSize+len(read.jobs)
	if isShort && (read.hasNext || serverCapsPages || pageNum == 1 && read.total > len(read.jobs)) {
		pageSize = len(read.jobs)
	}
	meta := &pageMeta{total: read.total, hasLinks: read.hasLinks, hasNext: read.hasNext, rateLimitExhausted: parseRateLimit(header).Remaining == 0}
	meta.serverTime = serverTime(header)
	switch {
	case read.hasNext:
		page.HasNext = true
	case len(read.jobs) == 0:
		page.HasNext = false
	case read.total > (pageNum-1)*pageSize+len(read.jobs):
		page.HasNext = true
	default:
		page.HasNext = !read.hasLinks && len(read.jobs) >= pageSize || meta.isDefaultSized(len(read.jobs))
	}
	return page, meta
}

// isDefaultSized reports a page of the size that servers have by default where nothing else
// tells whether more follows: it may be full though more was asked for.
func (p *pageMeta) isDefaultSized(jobs int) bool {
	return !p.hasLinks && p.total < 0 && jobs == defaultItemsPerPage
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
// the first page that is not full; see [JobPage].HasNext.
//
// API: "Get All Restore Jobs" of every variant.
func (j *Jobs) All(ctx context.Context, opts ListOptions) iter.Seq2[*Job, error] {
	return func(yield func(*Job, error) bool) {
		const operation = "list restore jobs"
		if err := mergeInvalid(j.validateIDs(operation), opts.validate(operation, j.scope)); err != nil {
			yield(nil, err)
			return
		}
		pages := newPageReader(ctx, operation, opts, func(ctx context.Context, opts ListOptions) (*JobPage, *pageMeta, error) {
			return j.fetchPage(ctx, operation, opts)
		})
		pages.mayShrinkPages = j.scope.max100PerPage && opts.ItemsPerPage == 0
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
	var apiErr *Error
	return errors.As(err, &apiErr) && apiErr.StatusCode == http.StatusBadRequest
}

// String gives the page in one line: its number and how many jobs are on it.
func (j JobPage) String() string {
	return fmt.Sprintf("page %d with %d restore jobs", j.PageNum, len(j.Jobs))
}

// Format prints [JobPage.String] for every verb.
func (j JobPage) Format(f fmt.State, _ rune) { writeString(f, j.String()) }

// LogValue gives number, length, total and whether there is more for log/slog.
func (j JobPage) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("pageNum", j.PageNum), slog.Int("jobs", len(j.Jobs)),
		slog.Int("totalCount", j.TotalCount), slog.Bool("hasNext", j.HasNext))
}
