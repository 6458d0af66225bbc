package restorejobs

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"math"
	"net/http"

	"github.com/google/go-querystring/query"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/paging"
)

// ListOptions select jobs and pages. A value outside its limits matches [ErrInvalidArgument], and
// no request is sent.
//
// API: "Get All Restore Jobs" of every variant, query parameters.
type ListOptions struct {
	// PageNum is the number of the page, from 1. Default 1; at most 4294967. [Jobs.All] starts
	// with this page.
	PageNum int
	// ItemsPerPage is the maximum number of jobs on a page. At most 500; default in [Jobs.List]
	// the server's (100), in [Jobs.All] 500. Ops Manager 3.6 permits 100. If Cloud Manager,
	// Ops Manager or MMS refuse the default of All, it continues with 100.
	ItemsPerPage int
	// IncludeCount is whether the server counts all jobs. Default the server's (true). False is
	// cheaper for the server, and disables ReadAhead. Documented for Atlas only.
	IncludeCount *bool
	// BatchID selects the jobs of one batch. Clusters of Cloud Manager, Ops Manager and MMS, and
	// Atlas legacy clusters. Otherwise the error matches errors.ErrUnsupported.
	BatchID string
	// ReadAhead is how many requests for pages [Jobs.All] may have in flight. Default 4; negative
	// disables it; at most 32. A list without a total is read page by page, as only a total
	// shows that it has shifted. [Jobs.List] ignores it.
	ReadAhead int
}

const (
	maxItemsPerPage       = 500
	maxPageNum            = math.MaxInt32 / maxItemsPerPage // more jobs than can be counted
	legacyMaxItemsPerPage = 100
	defaultItemsPerPage   = paging.DefaultSize
	maxReadAhead          = 32
)

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
	// Jobs are the jobs in the server's order. An entry that is not a JSON object is a job with
	// only a [Job.RawJSON]. Neighbours share memory in blocks of up to five jobs and 8 KiB
	// of JSON: a job that is kept keeps its block.
	Jobs []*Job
	// PageNum is the number of this page, from 1.
	PageNum int
	// TotalCount is the server's estimate of the jobs on all pages, -1 if unknown.
	TotalCount int
	// HasNext reports whether another page follows: the page has a next link, or the total is
	// higher. A page without any links also has a next page if it is full, as a total can be too
	// low. Without links and a total, 100 jobs are a full page: some servers return no more.
	HasNext bool
}

// List returns one page of jobs. All variants. The order is the server's: Atlas v1 documents newest
// first for its clusters. The samples of Cloud Manager, Ops Manager and MMS have the same order.
// Flex clusters keep it to the second. [Jobs.All] returns the whole list.
//
// API: "Get All Restore Jobs" of every variant.
func (j *Jobs) List(ctx context.Context, opts ListOptions) (*JobPage, error) {
	const operation = "list restore jobs"
	if err := mergeInvalid(j.validateIDs(operation), opts.validate(operation, j.endpoint)); err != nil {
		return nil, err
	}
	return j.listPage(ctx, operation, opts)
}

// listPage is List without its checks.
func (j *Jobs) listPage(ctx context.Context, operation string, opts ListOptions) (*JobPage, error) {
	page, _, err := j.fetchPage(ctx, operation, opts)
	if err != nil {
		return nil, err
	}
	requested := opts.ItemsPerPage
	if requested == 0 {
		requested = defaultItemsPerPage
	}
	return &JobPage{
		Jobs:       page.Items,
		PageNum:    page.Number,
		TotalCount: page.Total,
		HasNext:    page.HasNext(requested),
	}, nil
}

// All iterates over all jobs, in the server's order. Each loop reads the list again. Up to
// [ListOptions.ReadAhead] requests are in flight, none past the server's total. A break cancels them.
// Jobs share memory as in [JobPage].
//
// A list that has shifted is read again: a job that is in it the whole time is returned once. Only
// a falling total shows removed jobs: if as many are added between two pages, All can omit a job.
// A total that is too low or too high is accepted. Without links and a total, the list ends with a
// page that is not full; see [JobPage].HasNext.
//
// An error comes last, with a nil job. It reports a list that cannot be read whole: a page repeats an
// earlier one, or ten pages in a row have no new job.
//
// API: "Get All Restore Jobs" of every variant.
func (j *Jobs) All(ctx context.Context, opts ListOptions) iter.Seq2[*Job, error] {
	return func(yield func(*Job, error) bool) {
		const operation = "list restore jobs"
		if err := mergeInvalid(j.validateIDs(operation), opts.validate(operation, j.endpoint)); err != nil {
			yield(nil, err)
			return
		}
		memory := newJobTextMemory()
		defer memory.release()
		list := newJobList(j, operation, opts, func(dst []byte, text jobText) []byte { return append(dst, text.id...) })
		list.fetch = func(ctx context.Context, number, size int) (*paging.Page[jobText], error) {
			req, err := j.newPageRequest(operation, opts.atPage(number, size))
			if err != nil {
				return nil, err
			}
			return memory.sendPage(ctx, j.client, req, number)
		}
		list.prepare = decodeBlock
		list.each(ctx, func(text jobText, err error) bool { return yield(text.job, err) })
	}
}

// allJobs is the list of the jobs that opts select.
func (j *Jobs) allJobs(operation string, opts ListOptions) *listSpec[*Job] {
	list := newJobList(j, operation, opts, func(dst []byte, job *Job) []byte { return append(dst, job.ID...) })
	list.fetch = func(ctx context.Context, number, size int) (*paging.Page[*Job], error) {
		page, _, err := j.fetchPage(ctx, operation, opts.atPage(number, size))
		return page, err
	}
	return list
}

// newJobList is the list of the jobs that opts select, without its fetch.
func newJobList[T any](j *Jobs, operation string, opts ListOptions, appendID func([]byte, T) []byte) *listSpec[T] {
	list := &listSpec[T]{
		operation: operation,
		noun:      "job",
		appendID:  appendID,
		firstPage: opts.PageNum,
		size:      opts.ItemsPerPage,
		readAhead: opts.ReadAhead,
	}
	if opts.ItemsPerPage == 0 {
		list.size = maxItemsPerPage
		list.smallSize = j.fallbackPageSize()
	}
	return list
}

// atPage returns the options for one page.
func (l *ListOptions) atPage(number, size int) ListOptions {
	opts := *l
	opts.PageNum = number
	opts.ItemsPerPage = size
	return opts
}

// fallbackPageSize is the page size where the server refuses the largest, 0 if it never does.
func (j *Jobs) fallbackPageSize() int {
	if j.endpoint.max100PerPage {
		return legacyMaxItemsPerPage
	}
	return 0
}

// listQuery are the query parameters of a list.
type listQuery struct {
	PageNum      int    `url:"pageNum,omitempty"`
	ItemsPerPage int    `url:"itemsPerPage,omitempty"`
	IncludeCount *bool  `url:"includeCount,omitempty"`
	BatchID      string `url:"batchId,omitempty"`
}

// fetchPage requests one page. It also returns the header of the response.
func (j *Jobs) fetchPage(ctx context.Context, operation string, opts ListOptions) (*paging.Page[*Job], http.Header, error) {
	req, err := j.newPageRequest(operation, opts)
	if err != nil {
		return nil, nil, err
	}
	return sendPage(ctx, j.client, req, opts.PageNum, new(jobReader).read)
}

// newPageRequest builds a request for one page.
func (j *Jobs) newPageRequest(operation string, opts ListOptions) (*api.Request, error) {
	req, err := j.newRequest(operation, http.MethodGet, pathParam{})
	if err != nil {
		return nil, err
	}
	values, err := query.Values(listQuery{
		PageNum:      opts.PageNum,
		ItemsPerPage: opts.ItemsPerPage,
		IncludeCount: opts.IncludeCount,
		BatchID:      opts.BatchID,
	})
	if err != nil {
		return nil, err
	}
	req.Query = joinQuery(values, req.Query)
	return req, nil
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
