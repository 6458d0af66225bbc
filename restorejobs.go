package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/jsondec"
)

// Jobs are the restore jobs of a [Source], the same type for every variant. It is immutable and
// safe for concurrent use.
//
// Every method with a context can return an [*Error] and the errors of its sentinels, what
// the transport said where there was no answer, such as a [*net.OpError] in the chain, and the
// context's error. A bad id is an error matching [ErrInvalidArgument]: an empty one, "." or
// "..", or one that holds / \ % ? # or a control character. What a variant lacks returns an
// error matching [errors.ErrUnsupported]. Nothing is sent for a bad id or for what the
// variant lacks.
type Jobs struct {
	client    *Client
	scope     *endpoint
	project   string
	cluster   string
	retryMode retryMode // of its reads: a wait asks once, and is the retry itself
}

func newJobs(c *Client, s *endpoint, project, cluster string) *Jobs {
	return &Jobs{client: c, scope: s, project: project, cluster: cluster}
}

// ref is the reference of the source that the jobs belong to.
func (j *Jobs) ref() string {
	return strings.Join([]string{j.scope.refPrefix, escapeSegment(j.project), j.scope.refCollection, escapeSegment(j.cluster)}, "/")
}

// String returns the reference of the source.
func (j *Jobs) String() string { return j.ref() }

// Format prints [Source.Ref] for every verb.
func (j *Jobs) Format(f fmt.State, _ rune) { writeString(f, j.ref()) }

// LogValue gives [Source.Ref] for log/slog.
func (j *Jobs) LogValue() slog.Value { return slog.StringValue(j.ref()) }

// Get reads one job. All variants. An unknown job matches [ErrNotFound]. A response about
// another job, or another project's, is an [*Error].
//
// API: "Get One Restore Job" of every variant.
func (j *Jobs) Get(ctx context.Context, jobID string) (*Job, error) {
	req, err := j.newRequest("get restore job", http.MethodGet, pathParam{"jobID", jobID})
	if err != nil {
		return nil, err
	}
	var job *Job
	err = j.client.do(ctx, req, func(resp *response) (err error) {
		if job, err = decodeJob(resp.body); err != nil {
			return err
		}
		return checkJob(job, jobID)
	})
	if err != nil {
		return nil, err
	}
	return job, nil
}

// Create starts a restore, and returns its jobs as they were right after: one, or on a
// sharded cluster of a classic variant one for each shard and one for the config server,
// with the same BatchID. Where a service should answer with one job of a batch only, list
// by its BatchID. A restore into a cluster deletes that cluster's data first.
//
// A combination that the variant does not have is an error matching
// [ErrInvalidArgument] that lists everything that is wrong, with nothing sent. A create
// is never sent twice, unless it certainly did not run. When the reply was lost the
// error matches [ErrOutcomeUnknown], and [Jobs.FindCreated] returns what it started.
// A refusal that can clear by waiting matches [ErrBusy]; nothing was started then, and the
// caller decides when to call again. Other state conflicts match [ErrConflict].
//
// API: "Create One Restore Job" of every variant.
func (j *Jobs) Create(ctx context.Context, point RestorePoint, to Destination) ([]*Job, error) {
	const operation = "create restore job"
	body, bodyErr := encodeCreate(&createRequest{
		scope: j.scope, project: j.project, cluster: j.cluster, point: point, dest: to, now: time.Now(),
	})
	req, err := j.newRequest(operation, http.MethodPost, pathParam{})
	if err = mergeInvalid(err, bodyErr); err != nil {
		return nil, err
	}
	req.retryMode, req.body = retryIfUnsent, body
	var jobs []*Job
	err = j.client.do(ctx, req, func(resp *response) (err error) {
		if jobs, err = decodeCreateResponse(resp.body, j.client.maxBody); err != nil {
			return err
		}
		return requireJobs(jobs...)
	})
	if err != nil {
		return nil, err
	}
	return jobs, nil
}

// Cancel ends a job. Clusters of Atlas v1 and v2. By the list of error codes only downloads
// can be cancelled: for others the server's refusal has the code
// CANNOT_CANCEL_AUTOMATED_RESTORE. It is asked again as reads are, see [RetryPolicy]; a
// refusal after that is no error where the job turns out to be cancelled. Cancelling the
// context of another call never cancels a job.
//
// API: Atlas v1 and v2 "cancelBackupRestoreJob".
func (j *Jobs) Cancel(ctx context.Context, jobID string) error {
	const operation = "cancel restore job"
	if !j.scope.canCancel {
		return j.scope.unsupportedErr(operation)
	}
	req, err := j.newRequest(operation, http.MethodDelete, pathParam{"jobID", jobID})
	if err != nil {
		return err
	}
	err = j.client.do(ctx, req, func(resp *response) error { return checkCancel(resp, jobID) })
	if rejectedOnRetry(err) { // an earlier attempt, whose reply was lost, may have done it
		if job, getErr := j.Get(ctx, jobID); getErr == nil && job.State() == StateCancelled {
			return nil
		}
	}
	return err
}

// requireJobs refuses what has the form of an answer and is none: another object, or nothing.
// One odd job among others does not cost them.
func requireJobs(jobs ...*Job) error {
	if len(jobs) == 0 {
		return errors.New("the body holds no restore job")
	}
	if !slices.ContainsFunc(jobs, func(job *Job) bool { return job.ID != "" }) {
		return errors.New("the body is no restore job: it has no id")
	}
	return nil
}

// rejectedOnRetry reports a refusal that was not the first answer.
func rejectedOnRetry(err error) bool {
	var apiErr *Error
	return errors.As(err, &apiErr) && apiErr.Attempts > 1 && classify(err) == api.Permanent
}

// TimeRange is a span of time that can be restored to.
//
// API: Cloud Manager and Ops Manager "Get Restorable Time Ranges for One Cluster".
type TimeRange struct {
	// Start is the earliest point in the span. A restore to the time of the snapshot itself
	// has been refused: choose a later point.
	Start Timestamp `json:"start"`
	// End is the latest entry of the oplog in the span.
	End Timestamp `json:"end"`
	// SnapshotID is the snapshot the span builds on.
	SnapshotID string `json:"snapshotId"`
	// ShardCount is the number of shards, 0 on replica sets. Sharded clusters.
	ShardCount int `json:"shardCount"`
	// ConfigServerType is the kind of config server, "" on replica sets. Sharded clusters.
	ConfigServerType string `json:"configServerType"`
}

// UnmarshalJSON reads a time range as leniently as a job is read: an odd field is left
// at its zero value, and the error is not nil only where data are not JSON.
func (t *TimeRange) UnmarshalJSON(data []byte) error {
	d := jsondec.New(data)
	var decoded TimeRange
	decoded.decode(&d)
	if err := d.End(); err != nil {
		return fmt.Errorf("restorejobs: a time range: %w", err)
	}
	*t = decoded
	return nil
}

func (t *TimeRange) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "start":
			_ = t.Start.decode(d)
		case "end":
			_ = t.End.decode(d)
		case "snapshotId":
			jsondec.String(d, &t.SnapshotID)
		case "shardCount":
			jsondec.Int(d, &t.ShardCount)
		case "configServerType":
			jsondec.String(d, &t.ConfigServerType)
		default:
			d.Skip()
		}
	}
}

// RestorableTimeRanges reads which points in time can be restored to, an empty slice where
// there are none. Clusters of Cloud Manager and Ops Manager. It is a POST that is retried as
// reads are.
//
// API: Cloud Manager and Ops Manager "Get Restorable Time Ranges for One Cluster".
func (j *Jobs) RestorableTimeRanges(ctx context.Context) ([]TimeRange, error) {
	const operation = "get restorable time ranges"
	if !j.scope.hasTimeRanges {
		return nil, j.scope.unsupportedErr(operation)
	}
	req, err := j.newRequest(operation, http.MethodPost, pathParam{"operation", "restorableTimeRanges"}) // a POST that only reads
	if err != nil {
		return nil, err
	}
	var ranges []TimeRange
	err = j.client.do(ctx, req, func(resp *response) (err error) {
		ranges, err = decodeTimeRanges(resp.body, j.client.maxBody)
		return err
	})
	if err != nil {
		return nil, err
	}
	return ranges, nil
}

// decodeTimeRanges reads the answer to RestorableTimeRanges. Limit is what an answer may have in
// bytes.
func decodeTimeRanges(body []byte, limit int64) ([]TimeRange, error) {
	body, err := requireBody(body)
	if err != nil {
		return nil, err
	}
	if body, _, err = unwrapEnvelope(body); err != nil {
		return nil, err
	}
	d := jsondec.New(body)
	if d.Kind() != jsondec.KindArray {
		if err := jsondec.Valid(body); err != nil {
			return nil, err
		}
		return nil, errors.New("the body is not a list of time ranges")
	}
	ranges := []TimeRange{}
	for d.Array(); d.More(); {
		if err := checkEntryLimit(len(ranges), limit); err != nil {
			return nil, err
		}
		ranges = append(ranges, TimeRange{})
		ranges[len(ranges)-1].decode(&d)
	}
	return ranges, d.End()
}

// pathParam is an id in a path and what it is called in errors.
type pathParam struct{ name, id string }

// newRequest builds a call on this scope, or on what is below it, or refuses its ids.
func (j *Jobs) newRequest(operation, method string, sub pathParam) (*apiRequest, error) {
	path := j.scope.pathPrefix + escapeSegment(j.project) + j.scope.pathInfix + escapeSegment(j.cluster) + j.scope.pathSuffix
	ids := []pathParam{{"projectID", j.project}, {j.scope.idLabel, j.cluster}}
	if sub != (pathParam{}) {
		ids = append(ids, sub)
		path += "/" + escapeSegment(sub.id)
	}
	var problems []string
	for _, s := range ids {
		if problem := validateSegment(s.name, s.id); problem != "" {
			problems = append(problems, problem)
		}
	}
	base, problem := j.client.baseURLFor(j.scope.variant)
	if problem != "" {
		problems = append(problems, problem)
	}
	if len(problems) > 0 {
		return nil, invalidArgument(operation, problems...)
	}
	return &apiRequest{
		operation: operation, variant: j.scope.variant, method: method, base: base, path: path,
		query: j.client.defaultQuery, accept: j.client.acceptHeader(j.scope.apiVersion), retryMode: j.retryMode,
	}, nil
}

// validateIDs is what is wrong with the scope's ids, as an error.
func (j *Jobs) validateIDs(operation string) error {
	_, err := j.newRequest(operation, http.MethodGet, pathParam{})
	return err
}
