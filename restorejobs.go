package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"example.com/restorejobs/internal/api"
)

// Jobs are the restore jobs of a [Source], the same type for every variant. It is immutable and
// safe for concurrent use.
//
// Each method with a context can return:
//
//   - an error matching [ErrInvalidArgument], with no request sent. An ID must not be empty, "."
//     or "..", and must not contain / \ % ? # or a control character.
//   - an error matching [errors.ErrUnsupported], with no request sent, if the variant does not
//     have the operation.
//   - an [*Error] for a response that is not a success.
//   - the error of the transport if the service did not respond, such as a [*net.OpError].
//   - the error of the context.
type Jobs struct{ sourceAPI }

// String returns the reference of the source.
func (j *Jobs) String() string { return j.ref() }

// Format prints [Source.Ref] for every verb.
func (j *Jobs) Format(f fmt.State, _ rune) { writeString(f, j.ref()) }

// LogValue returns [Source.Ref] for log/slog.
func (j *Jobs) LogValue() slog.Value { return slog.StringValue(j.ref()) }

// Get reads one job. All variants. An unknown job matches [ErrNotFound]. A response about
// another job, or about a job of another project, is an [*Error].
//
// API: "Get One Restore Job" of every variant.
func (j *Jobs) Get(ctx context.Context, jobID string) (*Job, error) {
	req, err := j.newRequest("get restore job", http.MethodGet, pathParam{"jobID", jobID})
	if err != nil {
		return nil, err
	}
	return send(ctx, j.client, req, func(resp *api.Response) (*Job, error) {
		job, err := decodeJob(resp.Body)
		if err != nil {
			return nil, err
		}
		return job, checkJob(job, jobID)
	})
}

// Create starts a restore and returns its new jobs. A sharded cluster of a classic variant has
// one job for each shard and one for the config server, all with the same BatchID. If the
// response has one job of a batch only, list the others by that BatchID. A restore into a
// cluster deletes the data of that cluster first.
//
// An argument that the variant does not support matches [ErrInvalidArgument]. The error lists
// all invalid arguments, and no request is sent.
//
// Create sends a second request only if the first certainly was not executed. If the response
// is lost, the error is an [*OutcomeUnknownError]. A refusal that can
// clear by waiting matches [ErrBusy], and no restore was started. Other state conflicts match
// [ErrConflict].
//
// API: "Create One Restore Job" of every variant, Atlas v2 "downloadFlexBackup".
func (j *Jobs) Create(ctx context.Context, point RestorePoint, to Destination) ([]*Job, error) {
	const operation = createOperation
	start := time.Now()
	body, bodyErr := j.endpoint.newCreateRequest(j.projectID, j.clusterID, point, to).encode()
	req, err := j.sourceAPI.newRequest(&sourceCall{
		operation:  operation,
		method:     http.MethodPost,
		path:       j.path + j.endpoint.createSuffix(to),
		apiVersion: j.endpoint.apiVersion,
	})
	if err := mergeInvalid(err, bodyErr); err != nil {
		return nil, err
	}
	req.Retry = api.RetryIfUnsent
	req.Body = body
	jobs, err := send(ctx, j.client, req, func(resp *api.Response) ([]*Job, error) {
		jobs, err := decodeCreateResponse(resp.Body, j.client.pipeline.MaxBody)
		if err != nil {
			return nil, err
		}
		return jobs, requireJobs(jobs...)
	})
	var unknown *OutcomeUnknownError
	if errors.As(err, &unknown) {
		unknown.Start = start
		unknown.Point = point
		unknown.Destination = to
		unknown.finder = j
	}
	return jobs, err
}

// Cancel cancels a job. Clusters of Atlas v1 and v2. By the list of error codes only downloads
// can be cancelled: for other jobs the code is CANNOT_CANCEL_AUTOMATED_RESTORE. The request is
// retried as reads are; see [RetryPolicy]. If a retry is refused and the job is cancelled,
// the error is nil. The end of another call's context never cancels a job.
//
// API: Atlas v1 and v2 "cancelBackupRestoreJob".
func (j *Jobs) Cancel(ctx context.Context, jobID string) error {
	const operation = "cancel restore job"
	if !j.endpoint.canCancel {
		return j.endpoint.unsupportedErr(operation)
	}
	req, err := j.newRequest(operation, http.MethodDelete, pathParam{"jobID", jobID})
	if err != nil {
		return err
	}
	_, err = send(ctx, j.client, req, func(resp *api.Response) (noResult, error) { return noResult{}, checkCancel(resp, jobID) })
	if isRejectedRetry(err) && j.isCancelled(ctx, jobID) {
		return nil // an earlier attempt, whose response was lost, has cancelled it
	}
	return err
}

// checkCancel returns an error for a response that describes another job. Most have an empty body.
func checkCancel(resp *api.Response, jobID string) error {
	if err := discardBody(resp); err != nil {
		return err
	}
	job, err := decodeJob(resp.Body)
	if err != nil || job.ID == "" {
		return nil //nolint:nilerr // a success without a job
	}
	return checkJob(job, jobID)
}

func (j *Jobs) isCancelled(ctx context.Context, jobID string) bool {
	job, err := j.Get(ctx, jobID)
	return err == nil && job.State() == StateCancelled
}

// isRejectedRetry reports whether the refused attempt was not the first.
func isRejectedRetry(err error) bool {
	var apiErr *Error
	return errors.As(err, &apiErr) && apiErr.Attempts > 1 && classify(err) == api.Permanent
}

// newRequest builds a request for the jobs, or for one of them.
func (j *Jobs) newRequest(operation, method string, sub pathParam) (*api.Request, error) {
	call := &sourceCall{
		operation:  operation,
		method:     method,
		apiVersion: j.endpoint.apiVersion,
	}
	if sub == (pathParam{}) {
		call.path = j.path + j.endpoint.pathSuffix
		return j.sourceAPI.newRequest(call)
	}
	call.path = j.path + j.endpoint.pathSuffix + "/" + api.EscapeSegment(sub.id)
	return j.sourceAPI.newRequest(call, invalidIDs(sub)...)
}
