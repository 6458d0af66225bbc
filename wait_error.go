package restorejobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/restorejobs/internal/api"
)

// WaitError is the error of a wait in which jobs failed, or which ended before its jobs. In a wait for
// something else than jobs, the fields with jobs are empty.
//
// With [errors.Is] it matches everything that Err matches and, for each failed job, exactly one of
// [ErrJobFailed], [ErrJobCancelled], [ErrJobExpired], [ErrLinkExpired], [ErrDownloadsExhausted],
// [ErrTargetUnknown] and [errors.ErrUnsupported]. In a wait for a snapshot it matches
// [ErrSnapshotFailed] if that failed.
type WaitError struct {
	// Failed are the jobs that failed, were cancelled or expired, and the finished ones that do not
	// have what the goal requires, as last read and in the order of the IDs.
	Failed []*Job
	// PendingIDs are the IDs of the jobs, or of what else was waited for, that had not ended, in order.
	PendingIDs []string
	// PendingJobs are the jobs of PendingIDs as last read, in order. An entry is nil if the job
	// was never read.
	PendingJobs []*Job
	// PendingTargets are how far the servers have carried out the restores of PendingIDs, as last read
	// and in order. An entry is nil for a job whose target was not read; see [WaitUpdate].Target.
	PendingTargets []*TargetStatus
	// Polls is the number of polls, 0 if the context had ended before. A poll of several jobs
	// may take several requests.
	Polls int
	// Elapsed is how long the wait lasted.
	Elapsed time.Duration
	// Err is what ended the wait before its jobs: the context's error and cause, an [*Error], or
	// the error of OnUpdate. Nil if all jobs have ended, or with [WaitOptions.FailFast].
	Err error

	noun        string // of one item; empty for a job
	failures    []waitFailure
	lastPollErr error // tolerated failure of the last poll
}

// waitFailure is the bad end of one item.
type waitFailure struct {
	id    string
	state State
	err   error
}

// describe returns the state, and the error where the state does not show it.
func (f *waitFailure) describe() string {
	text := sanitizeOr(f.id, "without id") + " " + string(f.state)
	hasFailedState := f.state.Terminal() && f.state != StateFinished
	if hasFailedState || f.err == nil {
		return text
	}
	return text + ", " + f.err.Error()
}

// newWaitError returns the error of a wait that err has ended, or the failures of its items.
func newWaitError[T waitable](w *waiter[T], err error) *WaitError {
	e := &WaitError{
		noun:        w.noun,
		Polls:       w.polls,
		Elapsed:     time.Since(w.start),
		Err:         err,
		lastPollErr: w.lastErr,
	}
	for _, item := range w.items {
		job, isJob := any(item.item).(*Job)
		switch {
		case item.failure != nil:
			state, _ := item.item.waitState()
			e.failures = append(e.failures, waitFailure{id: item.id, state: state, err: item.failure})
			if isJob {
				e.Failed = append(e.Failed, job)
			}
		case !item.done:
			e.PendingIDs = append(e.PendingIDs, item.id)
			if isJob {
				e.PendingJobs = append(e.PendingJobs, job)
				e.PendingTargets = append(e.PendingTargets, item.target)
			}
		}
	}
	return e
}

// maxPendingNames limits the pending IDs in a message. Failed jobs are all named.
const maxPendingNames = 10

// Error returns one line: the failed jobs with their states, what ended the wait, the pending
// jobs, the number of polls and the time.
func (e *WaitError) Error() string {
	var parts []string
	if failures := e.describeFailures(); len(failures) > 0 {
		parts = append(parts, e.count(len(failures))+" ended badly: "+strings.Join(failures, ", "))
	}
	if e.Err != nil {
		parts = append(parts, trimPackagePrefix(e.Err))
	}
	if e.lastPollErr != nil {
		parts = append(parts, "the last poll failed: "+trimPackagePrefix(e.lastPollErr))
	}
	if n := len(e.PendingIDs); n > 0 {
		names := strings.Join(e.PendingIDs[:min(n, maxPendingNames)], ", ")
		if n > maxPendingNames {
			names += fmt.Sprintf(" and %d more", n-maxPendingNames)
		}
		parts = append(parts, e.count(n)+" pending: "+names)
	}
	parts = append(parts, e.describeTargets()...)
	polls := fmt.Sprintf("%d polls", e.Polls)
	if e.Polls == 1 {
		polls = "1 poll"
	}
	elapsed := e.Elapsed.Round(time.Millisecond)
	return fmt.Sprintf("restorejobs: wait: %s (%s in %s)", strings.Join(parts, "; "), polls, elapsed)
}

// describeFailures also describes the jobs of an error that was built by hand.
func (e *WaitError) describeFailures() []string {
	failures := e.failures
	if failures == nil {
		for _, job := range e.Failed {
			failures = append(failures, waitFailure{id: job.ID, state: job.State()})
		}
	}
	texts := make([]string, len(failures))
	for i := range failures {
		texts[i] = failures[i].describe()
	}
	return texts
}

// maxNamedTargets limits the targets in a message.
const maxNamedTargets = 3

// describeTargets describes each target once, although all jobs of a batch have the same.
func (e *WaitError) describeTargets() []string {
	var texts []string
	for _, target := range e.PendingTargets {
		if target == nil {
			continue
		}
		if text := target.String(); len(texts) < maxNamedTargets && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// count returns a number of items with their noun.
func (e *WaitError) count(n int) string {
	noun := cmp.Or(e.noun, "job")
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Unwrap returns the failures of the jobs, and Err.
func (e *WaitError) Unwrap() []error {
	var errs []error
	for _, failure := range e.failures {
		errs = append(errs, failure.err)
	}
	if e.Err != nil {
		errs = append(errs, e.Err)
	}
	return errs
}

// Format prints [WaitError.Error] for every verb.
func (e *WaitError) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		writeString(f, fmt.Sprintf("%q", e.Error()))
		return
	}
	writeString(f, e.Error())
}

// MarshalJSON returns [WaitError.Error] as a string, so that a structured log shows no link.
func (e *WaitError) MarshalJSON() ([]byte, error) { return json.Marshal(e.Error()) }

func trimPackagePrefix(err error) string { return strings.TrimPrefix(err.Error(), "restorejobs: ") }

// itemError names the one of several items that an error concerns.
type itemError struct {
	noun string
	id   string
	err  error
}

func (e *itemError) Error() string {
	return e.noun + " " + sanitizeOr(e.id, "without id") + ": " + trimPackagePrefix(e.err)
}
func (e *itemError) Unwrap() error { return e.err }

// tooManyFailuresError is one failure more than [WaitOptions] tolerate.
type tooManyFailuresError struct {
	failures int
	err      error
}

func (e *tooManyFailuresError) Error() string {
	if e.failures == 1 {
		return trimPackagePrefix(e.err)
	}
	return fmt.Sprintf("%d polls in a row failed, the last: %s", e.failures, trimPackagePrefix(e.err))
}
func (e *tooManyFailuresError) Unwrap() error { return e.err }

// pollTimeoutError does not match a context's error, because the caller's context is active.
type pollTimeoutError struct{ operation string }

func (e *pollTimeoutError) Error() string {
	return e.operation + ": no response within " + pollTimeout.String()
}

// Class is transient: the next poll may get a response.
func (e *pollTimeoutError) Class() api.Class { return api.Transient }

// maskedContextError hides the context's error of another context than the caller's.
type maskedContextError struct{ err error }

func (e *maskedContextError) Error() string { return e.err.Error() }
func (e *maskedContextError) Is(target error) bool {
	return target != context.DeadlineExceeded && target != context.Canceled && errors.Is(e.err, target)
}
func (e *maskedContextError) As(target any) bool { return errors.As(e.err, target) }

func isContextError(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// noFileError is the failure of a job that will never have the file that the goal requires.
type noFileError struct {
	hasUnknownType bool // the job is finished, and its deliveryType is not documented
}

func (e *noFileError) Error() string {
	if e.hasUnknownType {
		return "has a deliveryType that this version does not know: none of its files can be listed"
	}
	return "will never have a file: it is not a download, wait UntilFinished"
}
func (e *noFileError) Is(target error) bool { return target == errors.ErrUnsupported }

// linksExpiredError is the failure of a finished download that can no longer be fetched.
type linksExpiredError struct{}

func (e *linksExpiredError) Error() string        { return "its links have expired" }
func (e *linksExpiredError) Is(target error) bool { return target == ErrLinkExpired }

// linksUsedError is the failure of a download with a link that allows no further request.
type linksUsedError struct{}

func (e *linksUsedError) Error() string        { return "its links are used up, or some of them" }
func (e *linksUsedError) Is(target error) bool { return target == ErrDownloadsExhausted }
