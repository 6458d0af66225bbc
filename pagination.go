package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"math"
	"net/http"
	"net/url"

	"github.com/google/go-querystring/query"

	"example.com/restorejobs/internal/paging"
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
	defaultItemsPerPage   = paging.DefaultSize
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

// List reads one page of jobs. All variants. The order is the server's. Atlas v1 documents
// newest first for its clusters. The samples of Cloud Manager, Ops Manager and MMS have the
// same order, and flex clusters keep it to the second. See [ListOptions], and [Jobs.All] for
// the whole list.
//
// API: "Get All Restore Jobs" of every variant.
func (j *Jobs) List(ctx context.Context, opts ListOptions) (*JobPage, error) {
	const operation = "list restore jobs"
	if err := mergeInvalid(j.validateIDs(operation), opts.validate(operation, j.scope)); err != nil {
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
		pages := j.newPageReader(ctx, opts, func(ctx context.Context, opts ListOptions) (*paging.Page[*Job], error) {
			page, _, err := j.fetchPage(ctx, operation, opts)
			return page, err
		})
		defer pages.Stop()
		for {
			page, err := pages.Read()
			if err != nil {
				yield(nil, wrapListError(operation, err))
				return
			}
			if page == nil {
				return
			}
			for i, job := range page.Items {
				page.Items[i] = nil // the loop's alone from here
				if !yield(job, nil) {
					return
				}
			}
		}
	}
}

// newPageReader returns a reader of the pages that fetch returns.
func (j *Jobs) newPageReader(ctx context.Context, opts ListOptions, fetch func(context.Context, ListOptions) (*paging.Page[*Job], error)) *paging.Reader[*Job] {
	pages := paging.Options[*Job]{
		Fetcher: paging.Fetcher[*paging.Page[*Job]]{
			Size:      opts.ItemsPerPage,
			IsRefusal: isBadRequest,
		},
		ID:          func(job *Job) string { return job.ID },
		Noun:        "job",
		FirstPage:   opts.PageNum,
		MaxInFlight: opts.ReadAhead,
	}
	pages.Fetcher.Request = func(ctx context.Context, number, size int) (*paging.Page[*Job], error) {
		opts := opts
		opts.PageNum = number
		opts.ItemsPerPage = size
		return fetch(ctx, opts)
	}
	if opts.ItemsPerPage == 0 {
		pages.Fetcher.Size = maxItemsPerPage
		pages.Fetcher.SmallSize = j.fallbackPageSize()
	}
	if opts.ReadAhead == 0 {
		pages.MaxInFlight = defaultReadAhead
	}
	return paging.NewReader(ctx, pages)
}

// fallbackPageSize is the page size where the server refuses the largest, 0 if it never does.
func (j *Jobs) fallbackPageSize() int {
	if j.scope.max100PerPage {
		return legacyMaxItemsPerPage
	}
	return 0
}

// wrapListError adds the operation to an error of the list itself. Errors of requests have theirs.
func wrapListError(operation string, err error) error {
	var listErr *paging.Error
	if errors.As(err, &listErr) {
		return fmt.Errorf("restorejobs: %s: %w", operation, err)
	}
	return err
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
	req, err := j.newRequest(operation, http.MethodGet, pathParam{})
	if err != nil {
		return nil, nil, err
	}
	values, err := query.Values(listQuery{
		PageNum:      opts.PageNum,
		ItemsPerPage: opts.ItemsPerPage,
		IncludeCount: opts.IncludeCount,
		BatchID:      opts.BatchID,
	})
	if err != nil {
		return nil, nil, err
	}
	req.query = joinQuery(values, req.query)
	var page *paging.Page[*Job]
	var header http.Header
	err = j.client.do(ctx, req, func(resp *response) error {
		body, err := decodePage(resp.body, j.client.maxBody, readJob)
		if err != nil {
			return err
		}
		page = newPage(opts.PageNum, &body, resp.header)
		header = resp.header
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return page, header, nil
}

func newPage(pageNum int, body *pageBody[*Job], header http.Header) *paging.Page[*Job] {
	return &paging.Page[*Job]{
		Items:              body.items,
		Number:             max(pageNum, 1),
		Total:              body.total,
		HasLinks:           body.hasLinks,
		HasNextLink:        body.hasNext,
		RateLimitExhausted: parseRateLimit(header).Remaining == 0,
	}
}

func joinQuery(values url.Values, more string) string {
	text := values.Encode()
	if text != "" && more != "" {
		text += "&"
	}
	return text + more
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
