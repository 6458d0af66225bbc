package restorejobs

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/download"
	"example.com/restorejobs/internal/redact"
)

// checkDownloadable returns why a job has no file to fetch now, nil if it has one. Every selected
// component needs a link: otherwise an incomplete download would succeed.
func (j *Job) checkDownloadable(now time.Time, isSelected func(replicaSet string) bool) error {
	refuse := func(reason string, sentinel error) error {
		return &notDownloadableError{
			jobID:    j.ID,
			reason:   reason,
			sentinel: sentinel,
		}
	}
	if reason := j.noFileReason(); reason != "" {
		return refuse(reason, errors.ErrUnsupported)
	}
	missing, allSelected := j.missingLinks(isSelected)
	needsRunning := allSelected || missing != "" // the selected components can be ready before the job
	switch state := j.State(); {
	case state == StateFailed:
		return refuse("failed", ErrJobFailed)
	case state == StateCancelled:
		return refuse("was cancelled", ErrJobCancelled)
	case j.format().isUsedUp(j):
		return refuse("its link was used as often as it may be", ErrDownloadsExhausted)
	case state == StateExpired, j.Expired:
		return refuse("its link has expired", ErrLinkExpired)
	case state != StateFinished && needsRunning:
		return refuse("not ready: "+j.statusDescription()+j.availablePartsHint(), ErrDownloadNotReady)
	}
	if end := j.linkExpiry(); !end.IsZero() && !now.Before(end) {
		return refuse("its link expired at "+end.UTC().Format(time.RFC3339), ErrLinkExpired)
	}
	hasFiles := len(j.Components) > 0 || len(j.DownloadLinks()) > 0
	if missing == "" && hasFiles {
		return nil
	}
	what := "no link"
	if missing != "" {
		what += " for " + missing
	}
	if j.format().missingLink(j) == linkUsed {
		return refuse(what+": used up"+j.availablePartsHint(), ErrDownloadsExhausted)
	}
	return refuse(what+": not ready, used up or expired"+j.availablePartsHint(), ErrDownloadNotReady)
}

// notDownloadableError is why a job has no file to fetch.
type notDownloadableError struct {
	jobID    string
	reason   string
	sentinel error
}

func (e *notDownloadableError) Error() string {
	return "restorejobs: " + downloadOperation + " " + sanitize(e.jobID, 100) + ": " + e.reason
}

func (e *notDownloadableError) Is(target error) bool { return target == e.sentinel }

// availablePartsHint names the components that can be fetched, "" for none.
func (j *Job) availablePartsHint() string {
	if len(j.Components) == 0 || len(j.availableLinks()) == 0 {
		return ""
	}
	return "; available for " + replicaSetNames(j) + ", which DownloadOptions.ReplicaSet can name"
}

// statusDescription is the server's name of the job's state.
func (j *Job) statusDescription() string {
	switch {
	case j.hasUnreadLinks():
		return "its links cannot be read"
	case j.StatusName == JobStatusFinished && j.Delivery.StatusName != "":
		return "the file is " + sanitize(string(j.Delivery.StatusName), 50)
	case j.StatusName != "":
		return sanitize(string(j.StatusName), 50)
	case j.Status != "":
		return sanitize(string(j.Status), 50)
	}
	return string(j.State())
}

// replicaSetNames lists the valid values of ReplicaSet.
func replicaSetNames(job *Job) string {
	var names []string
	for _, link := range job.availableLinks() {
		names = append(names, strconv.Quote(sanitize(link.ReplicaSet, 100)))
	}
	return strings.Join(names, ", ")
}

// explain replaces a link's error response by an error that has the response, and the reason of
// the job if the link is gone.
func (t *downloadTask) explain(ctx context.Context, err error) error {
	isOtherVersion := t.isStream && errors.Is(err, download.ErrVersionChanged)
	if isOtherVersion || errors.Is(err, download.ErrCannotRewind) {
		return &notResumableError{err}
	}
	var resp *download.ResponseError
	if !errors.As(err, &resp) {
		return err
	}
	ctx, sent := redact.Record(ctx)
	secrets := t.call.jobs.client.secretsOf(sent)
	resp.Sent.AddTo(secrets)
	failure := &linkError{resp: &Error{
		StatusCode: resp.StatusCode,
		Operation:  "download file",
		Variant:    t.call.jobs.endpoint.variant,
		Method:     http.MethodGet,
		RequestID:  requestID(resp.Header, secrets),
		RetryAfter: api.RetryAfter(resp.Header, time.Now()),
		Attempts:   1,
		body:       secrets.Body(resp.Body),
	}}
	isClientError := resp.StatusCode >= 400 && resp.StatusCode < 500
	if isClientError && !resp.Retryable {
		jobErr := t.readReason(ctx)
		sent.AddTo(secrets) // of the request for the job
		failure.jobErr = secrets.Error(jobErr)
	}
	resp.Explain(failure)
	return err
}

// readReason reads the job again and returns why its link is gone, nil if the job still has it.
func (t *downloadTask) readReason(ctx context.Context) error {
	job, err := t.call.jobs.Get(ctx, t.job.ID)
	if err != nil {
		return nil //nolint:nilerr // the response is the error to report
	}
	reason := job.checkDownloadable(time.Now(), selectReplicaSet(t.link.ReplicaSet))
	if errors.Is(reason, ErrDownloadNotReady) && !job.hasUnreadLinks() { // it was ready when the download began
		return &notDownloadableError{
			jobID:    t.job.ID,
			reason:   "its link was withdrawn: used as often as it may be",
			sentinel: ErrDownloadsExhausted,
		}
	}
	return reason
}

// linkError is the error response of a link. Only the reason of the job is matched if there is one:
// the sentinel of the status is less precise.
type linkError struct {
	resp   *Error
	jobErr error // nil if the job still offers the file
}

func (e *linkError) Error() string {
	text := "the link responded " + e.resp.message()
	var notDownloadable *notDownloadableError
	if errors.As(e.jobErr, &notDownloadable) {
		text += ": " + notDownloadable.reason
	}
	return text
}

func (e *linkError) Unwrap() error {
	if e.jobErr == nil {
		return e.resp
	}
	return e.jobErr
}

// As returns the response as an [*Error].
func (e *linkError) As(target any) bool {
	resp, ok := target.(**Error)
	if ok {
		*resp = e.resp
	}
	return ok
}
