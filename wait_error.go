package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// WaitError is how [Jobs.Wait] ends when it does not end well: jobs that ended badly, a
// wait that was over before its jobs were, or both. Get it with [errors.As]. With
// [errors.Is] it matches [ErrJobFailed], [ErrJobCancelled], [ErrJobExpired],
// [ErrLinkExpired] and [errors.ErrUnsupported] by what became of the jobs, and everything
// that Err matches.
type WaitError struct {
	// Jobs are the jobs that ended badly, as last seen, in the order asked.
	Jobs []*Job
	// Pending are the ids of the jobs that had not ended, in the order asked: what to wait
	// for again.
	Pending []string
	// PendingJobs are the jobs of Pending as last seen, in its order; nil stands for one that
	// was never seen.
	PendingJobs []*Job
	// Polls is how many looks there were, 0 where the context had ended before. A look at
	// several jobs can take several requests.
	Polls int
	// Elapsed is how long the wait lasted.
	Elapsed time.Duration
	// Err is what ended the wait itself, nil where the ends of the jobs did: the context's
	// error, the last of too many failures, an answer that cannot get better, or the error
	// of OnUpdate.
	Err error

	causes []error // what is bad about Jobs, in their order
	last   error   // tolerated failure of the last look
}

// maxPendingNames bounds the ids in a message: those that ended badly are all named.
const maxPendingNames = 10

// Error gives one line: every job that ended badly with its state, what ended the wait,
// the jobs that are left, the looks and the time.
func (e *WaitError) Error() string {
	var parts []string
	if len(e.Jobs) > 0 {
		bad := make([]string, len(e.Jobs))
		for i, job := range e.Jobs {
			bad[i] = quoteOr(job.ID, "without id") + " " + e.outcome(i)
		}
		parts = append(parts, jobCount(len(e.Jobs))+" ended badly: "+strings.Join(bad, ", "))
	}
	if e.Err != nil {
		parts = append(parts, withoutPrefix(e.Err))
	}
	if e.last != nil {
		parts = append(parts, "the last look failed: "+withoutPrefix(e.last))
	}
	if n := len(e.Pending); n > 0 {
		names := strings.Join(e.Pending[:min(n, maxPendingNames)], ", ")
		if n > maxPendingNames {
			names += fmt.Sprintf(" and %d more", n-maxPendingNames)
		}
		parts = append(parts, jobCount(n)+" not at an end: "+names)
	}
	polls := fmt.Sprintf("%d polls", e.Polls)
	if e.Polls == 1 {
		polls = "1 poll"
	}
	return "restorejobs: wait: " + strings.Join(parts, "; ") + " (" + polls + " in " + e.Elapsed.Round(time.Millisecond).String() + ")"
}

// outcome is the state of a job that ended badly, or what is bad about its end.
func (e *WaitError) outcome(i int) string {
	state := e.Jobs[i].State()
	if i < len(e.causes) && (state == StateFinished || !state.Ended()) {
		return string(state) + ", " + e.causes[i].Error()
	}
	return string(state)
}

// Unwrap returns what is bad about the jobs, and what ended the wait.
func (e *WaitError) Unwrap() []error {
	errs := append([]error(nil), e.causes...)
	if e.Err != nil {
		errs = append(errs, e.Err)
	}
	return errs
}

// Format prints [WaitError.Error] for every verb.
func (e *WaitError) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		writeState(f, fmt.Sprintf("%q", e.Error()))
		return
	}
	writeState(f, e.Error())
}

func jobCount(n int) string {
	if n == 1 {
		return "1 job"
	}
	return fmt.Sprintf("%d jobs", n)
}

// withoutPrefix is an error's text for use inside another of this library's.
func withoutPrefix(err error) string { return strings.TrimPrefix(err.Error(), "restorejobs: ") }

// noFileError is a job that was waited for as a download and is none.
type noFileError struct{}

func (e *noFileError) Error() string {
	return "will never have a file: it is no download, wait UntilFinished"
}
func (e *noFileError) Is(target error) bool { return target == errors.ErrUnsupported }

// linksGoneError is a finished download that can no longer be fetched.
type linksGoneError struct{}

func (e *linksGoneError) Error() string { return "its links have expired" }
func (e *linksGoneError) Is(target error) bool {
	return target == ErrLinkExpired || target == ErrJobExpired
}

// jobError tells which of several jobs an error is about.
type jobError struct {
	id  string
	err error
}

func (e *jobError) Error() string { return "job " + quoteOr(e.id, "") + ": " + withoutPrefix(e.err) }
func (e *jobError) Unwrap() error { return e.err }

// exhaustedError is one failure more than is tolerated.
type exhaustedError struct {
	failures int
	err      error
}

func (e *exhaustedError) Error() string {
	if e.failures == 1 {
		return withoutPrefix(e.err)
	}
	return fmt.Sprintf("%d looks in a row failed, the last: %s", e.failures, withoutPrefix(e.err))
}
func (e *exhaustedError) Unwrap() error { return e.err }

// silentError is a look that got no answer in time. It matches no context error: the
// caller's context goes on.
type silentError struct{ operation string }

func (e *silentError) Error() string {
	return e.operation + ": no answer within " + pollTimeout.String()
}

// foreignEndError is a failure that says of itself that some context has ended, while the
// caller's goes on. It is everything that its cause is, but matches no context's error.
type foreignEndError struct{ err error }

func (e *foreignEndError) Error() string { return e.err.Error() }
func (e *foreignEndError) Is(target error) bool {
	return target != context.DeadlineExceeded && target != context.Canceled && errors.Is(e.err, target)
}
func (e *foreignEndError) As(target any) bool { return errors.As(e.err, target) }

func isContextError(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}
