package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/paging"
)

// defaultReadAhead is how many requests for pages are in flight.
const defaultReadAhead = 4

// pageParts is how many parts a page has: the next pages are requested after its first part. Many loops
// end before, because they search for the newest item.
const pageParts = 16

// listSpec is a list that is read over all of its pages.
type listSpec[T any] struct {
	operation string
	noun      string                          // of one item, in errors
	appendID  func(dst []byte, item T) []byte // appends nothing for an item without one
	firstPage int                             // 0 is 1
	size      int                             // items a page
	smallSize int                             // items a page where the server refuses size, 0 if it never does
	readAhead int                             // requests in flight; 0 is the default
	fetch     func(ctx context.Context, number, size int) (*paging.Page[T], error)
	prepare   func(items []T) // makes the first one ready to be yielded; can be nil
}

// newReader returns a reader of the pages.
func (l *listSpec[T]) newReader(ctx context.Context) *paging.Reader[T] {
	maxInFlight := l.readAhead
	if maxInFlight == 0 {
		maxInFlight = defaultReadAhead
	}
	return paging.NewReader(ctx, paging.Options[T]{
		Fetcher: paging.Fetcher[*paging.Page[T]]{
			Request:   l.fetch,
			Size:      l.size,
			SmallSize: l.smallSize,
			IsRefusal: isBadRequest,
		},
		AppendID:    l.appendID,
		Noun:        l.noun,
		FirstPage:   l.firstPage,
		MaxInFlight: maxInFlight,
	})
}

// each yields the items of all pages, and an error last.
func (l *listSpec[T]) each(ctx context.Context, yield func(T, error) bool) {
	var none T
	pages := l.newReader(ctx)
	defer pages.Stop()
	for {
		page, err := pages.Read()
		if err != nil {
			yield(none, wrapListError(l.operation, err))
			return
		}
		if page == nil {
			return
		}
		for i := range page.Items {
			if l.prepare != nil {
				l.prepare(page.Items[i:])
			}
			item := page.Items[i]
			page.Items[i] = none // the loop's alone from here
			if !yield(item, nil) {
				return
			}
			if i == len(page.Items)/pageParts {
				pages.RequestAhead()
			}
		}
		if page.Release != nil {
			page.Release()
		}
	}
}

// collect returns the items of all pages, with an error those before it.
func (l *listSpec[T]) collect(ctx context.Context) ([]T, error) {
	var items []T
	var failure error
	l.each(ctx, func(item T, err error) bool {
		failure = err
		if err == nil {
			items = append(items, item)
		}
		return err == nil
	})
	return items, failure
}

// pageQuery is the query of a page for servers that accept both parameters.
func pageQuery(number, size int) url.Values {
	return url.Values{
		"pageNum":      {strconv.Itoa(number)},
		"itemsPerPage": {strconv.Itoa(size)},
	}
}

// sendPage requests one page of a list. It also returns the header of the response.
func sendPage[T any](ctx context.Context, c *Client, req *api.Request, number int, readEntry entryReader[T]) (*paging.Page[T], http.Header, error) {
	var header http.Header
	page, err := send(ctx, c, req, func(resp *api.Response) (*paging.Page[T], error) {
		header = resp.Header
		body, err := decodePage(resp.Body, c.pipeline.MaxBody, readEntry)
		if err != nil {
			return nil, err
		}
		return newPage(number, &body, resp.Header), nil
	})
	return page, header, err
}

func newPage[T any](number int, body *pageBody[T], header http.Header) *paging.Page[T] {
	return &paging.Page[T]{
		Items:              body.items,
		Number:             max(number, 1),
		Total:              body.total,
		HasLinks:           body.hasLinks,
		HasNextLink:        body.hasNext,
		RateLimitExhausted: api.ParseRateLimit(header).Remaining == 0,
	}
}

// wrapListError adds the operation to an error of the list itself. Errors of requests have theirs.
func wrapListError(operation string, err error) error {
	var listErr *paging.Error
	if errors.As(err, &listErr) {
		return fmt.Errorf("restorejobs: %s: %w", operation, err)
	}
	return err
}

func isBadRequest(err error) bool {
	var apiErr *Error
	return errors.As(err, &apiErr) && apiErr.StatusCode == http.StatusBadRequest
}
