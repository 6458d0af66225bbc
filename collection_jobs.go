package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/go-querystring/query"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/paging"
)

// CollectionJobs are the collection restores of a [Source]: restores of some collections or
// databases, which keep the other data of the target. Clusters of Atlas v2. It is immutable and
// safe for concurrent use. Its methods return the errors that [Jobs] lists.
//
// The service runs one job at a time for a cluster. A collection that fails, fails the whole job.
// Time series, views, search indexes and encrypted collections (queryable encryption) are not
// restored, nor are fallback snapshots. A create needs the role Project Backup Recovery Operator,
// a read Project Backup Manager.
type CollectionJobs struct{ sourceAPI }

// String returns the reference of the source.
func (c *CollectionJobs) String() string { return c.ref() }

// Format prints [Source.Ref] for every verb.
func (c *CollectionJobs) Format(f fmt.State, _ rune) { writeString(f, c.ref()) }

// LogValue returns [Source.Ref] for log/slog.
func (c *CollectionJobs) LogValue() slog.Value { return slog.StringValue(c.ref()) }

// Create starts a restore of some collections. The error lists all invalid arguments, and no
// request is sent then.
//
// As [Jobs.Create], it sends a second request only if the first certainly was not executed. If
// the response is lost, the error is an [*OutcomeUnknownError]: use [CollectionJobs.FindCreated].
//
// API: Atlas v2 "createCollectionRestoreJob".
func (c *CollectionJobs) Create(ctx context.Context, restore CollectionRestore) (*CollectionJob, error) {
	const operation = createCollectionsOperation
	if err := c.checkSupported(operation); err != nil {
		return nil, err
	}
	start := time.Now()
	body, bodyErr := restore.encode(operation)
	req, err := c.newRequest(operation, http.MethodPost, "", pathParam{})
	if err := mergeInvalid(err, bodyErr); err != nil {
		return nil, err
	}
	req.Retry = api.RetryIfUnsent
	req.Body = body
	job, err := send(ctx, c.client, req, func(resp *api.Response) (*CollectionJob, error) {
		return decodeCollectionJob(resp.Body)
	})
	var unknown *OutcomeUnknownError
	if errors.As(err, &unknown) {
		unknown.Start = start
		unknown.Point = restore.Point
		unknown.Destination = restore.Target
		unknown.search = "CollectionJobs.FindCreated"
	}
	return job, err
}

// Get reads one job. An unknown job matches [ErrNotFound]. A response about another job is an
// [*Error].
//
// API: Atlas v2 "getCollectionRestoreJob".
func (c *CollectionJobs) Get(ctx context.Context, jobID string) (*CollectionJob, error) {
	const operation = "get collection restore job"
	if err := c.checkSupported(operation); err != nil {
		return nil, err
	}
	req, err := c.newRequest(operation, http.MethodGet, "", pathParam{"jobID", jobID})
	if err != nil {
		return nil, err
	}
	return send(ctx, c.client, req, func(resp *api.Response) (*CollectionJob, error) {
		job, err := decodeCollectionJob(resp.Body)
		if err != nil {
			return nil, err
		}
		if job.ID != jobID && !sameObjectID(job.ID, jobID) {
			return nil, &otherItemError{noun: "job", received: job.ID, requested: jobID}
		}
		return job, nil
	})
}

// All iterates over all jobs in the server's order, with the manners of [Jobs.All]. The service
// counts the jobs in every list: IncludeCount and BatchID of opts match [errors.ErrUnsupported].
//
// API: Atlas v2 "listCollectionRestoreJobs".
func (c *CollectionJobs) All(ctx context.Context, opts ListOptions) iter.Seq2[*CollectionJob, error] {
	const operation = "list collection restore jobs"
	return func(yield func(*CollectionJob, error) bool) {
		if err := c.checkList(operation, opts); err != nil {
			yield(nil, err)
			return
		}
		c.allJobs(operation, opts).each(ctx, yield)
	}
}

// Collections iterates over the collections of a job, with the state of each. The list is empty
// while the job is [CollectionJobStatusInitializing].
//
// API: Atlas v2 "listRestoreJobCollections".
func (c *CollectionJobs) Collections(ctx context.Context, jobID string) iter.Seq2[*RestoredCollection, error] {
	const operation = "list collections of restore job"
	return func(yield func(*RestoredCollection, error) bool) {
		job := pathParam{"jobID", jobID}
		err := c.checkSupported(operation)
		if err == nil {
			_, err = c.newRequest(operation, http.MethodGet, "", job)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		list := &listSpec[*RestoredCollection]{
			operation: operation,
			noun:      "collection",
			appendID:  appendCollectionID,
			size:      maxItemsPerPage,
		}
		list.fetch = func(ctx context.Context, number, size int) (*paging.Page[*RestoredCollection], error) {
			req, err := c.newPageRequest(operation, number, size, "/collections", job)
			if err != nil {
				return nil, err
			}
			page, _, err := sendPage(ctx, c.client, req, number, readRestoredCollection)
			return page, err
		}
		list.each(ctx, yield)
	}
}

// allJobs is the list of all jobs.
func (c *CollectionJobs) allJobs(operation string, opts ListOptions) *listSpec[*CollectionJob] {
	list := &listSpec[*CollectionJob]{
		operation: operation,
		noun:      "job",
		appendID:  func(dst []byte, job *CollectionJob) []byte { return append(dst, job.ID...) },
		firstPage: opts.PageNum,
		size:      opts.ItemsPerPage,
		readAhead: opts.ReadAhead,
	}
	if opts.ItemsPerPage == 0 {
		list.size = maxItemsPerPage
	}
	list.fetch = func(ctx context.Context, number, size int) (*paging.Page[*CollectionJob], error) {
		page, _, err := c.fetchPage(ctx, operation, number, size)
		return page, err
	}
	return list
}

// fetchPage requests one page of jobs. It also returns the header of the response.
func (c *CollectionJobs) fetchPage(ctx context.Context, operation string, number, size int) (*paging.Page[*CollectionJob], http.Header, error) {
	req, err := c.newPageRequest(operation, number, size, "", pathParam{})
	if err != nil {
		return nil, nil, err
	}
	return sendPage(ctx, c.client, req, number, readCollectionJob)
}

// checkSupported refuses sources other than clusters of Atlas v2.
func (c *CollectionJobs) checkSupported(operation string) error {
	if !c.endpoint.hasCollections {
		return c.endpoint.unsupportedErr(operation)
	}
	return nil
}

func (c *CollectionJobs) checkList(operation string, opts ListOptions) error {
	if err := c.checkSupported(operation); err != nil {
		return err
	}
	if opts.IncludeCount != nil {
		return c.endpoint.unsupportedErr(operation + " with IncludeCount")
	}
	return mergeInvalid(c.validateIDs(operation), opts.validate(operation, c.endpoint))
}

// newPageRequest builds a request for a page of the jobs, or of the suffix below one of them.
func (c *CollectionJobs) newPageRequest(operation string, number, size int, suffix string, job pathParam) (*api.Request, error) {
	req, err := c.newRequest(operation, http.MethodGet, suffix, job)
	if err != nil {
		return nil, err
	}
	values, err := query.Values(listQuery{PageNum: number, ItemsPerPage: size})
	if err != nil {
		return nil, err
	}
	req.Query = joinQuery(values, req.Query)
	return req, nil
}

// newRequest builds a request for the jobs, or for the suffix below one of them.
func (c *CollectionJobs) newRequest(operation, method, suffix string, job pathParam) (*api.Request, error) {
	call := &sourceCall{
		operation:  operation,
		method:     method,
		path:       c.path + "/collectionRestoreJobs",
		apiVersion: atlasVersion20250312,
		isSince:    true,
	}
	if job == (pathParam{}) {
		return c.sourceAPI.newRequest(call)
	}
	call.path += "/" + api.EscapeSegment(job.id) + suffix
	return c.sourceAPI.newRequest(call, invalidIDs(job)...)
}
