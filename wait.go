package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"example.com/restorejobs/internal/api"
)

// WaitGoal is what a wait waits for.
type WaitGoal int

// The goals of a wait.
const (
	// UntilFinished waits until a job is [StateFinished], and a download has all of its
	// links. For a restore into a cluster that is the service's own word about the job.
	UntilFinished WaitGoal = iota
	// UntilDownloadable waits until [Job.DownloadLinks] has every file of the job. A job that
	// will never have one is a bad end matching [errors.ErrUnsupported]; a finished one whose
	// links are past their end by this machine's clock is one matching [ErrLinkExpired] and
	// [ErrJobExpired]. A finished Atlas job of which a link was used matches
	// [ErrDownloadsExhausted]: a program that runs again after a download waits [UntilFinished].
	UntilDownloadable
)

// WaitOptions say what [Jobs.Wait] waits for, and how it asks. The zero value is good.
type WaitOptions struct {
	// Goal is the goal; [UntilFinished] by default.
	Goal WaitGoal
	// MinInterval is about the pause after the first look (up to a fifth more), and the
	// shortest there is; 10 s by default, or MaxInterval where that is less. Negative is no
	// pause but a server's Retry-After, which suits tests only.
	MinInterval time.Duration
	// MaxInterval is the longest pause: each is half as long again as the one before, give
	// or take a fifth. 60 s by default, or MinInterval where that is more; less than a
	// MinInterval that is set is refused. Negative is no growth: every pause is MinInterval. A
	// server's Retry-After can be longer.
	MaxInterval time.Duration
	// MaxConsecutiveErrors is how many looks in a row may fail for a job; the one after that ends
	// the wait. 10 by default, negative tolerates none.
	MaxConsecutiveErrors int
	// NotFoundGrace is how long after the start a 404 means that a job cannot be seen yet;
	// 30 s by default, negative is no time. A wrong id is reported by the first look after
	// it.
	NotFoundGrace time.Duration
	// FailFast ends the wait as soon as one job has ended badly. By default the others
	// are still waited for.
	FailFast bool
	// OnUpdate is told of every change of state, the first look included, of an unknown
	// status that becomes another, and of every tolerated failure. It is called on the
	// goroutine of Wait, between the looks; its error ends the wait.
	OnUpdate func(WaitUpdate) error
}

const (
	defaultMinInterval   = 10 * time.Second
	defaultMaxInterval   = 60 * time.Second
	defaultMaxFailures   = 10
	defaultNotFoundGrace = 30 * time.Second
)

// WaitUpdate is one piece of news from [Jobs.Wait]: a job's new state, or a failed look.
type WaitUpdate struct {
	// ID is the job, "" for a failure that concerns several at once: a list's.
	ID string
	// Job is the job as it was just seen, nil for a failure.
	Job *Job
	// State is the job's state now; for a failure, the state it was last seen in, "" where
	// there is none and for a list's.
	State State
	// Previous is the state before, "" where the job had not been seen; for a failure, and
	// where one unknown status follows another, it is State.
	Previous State
	// Err is the failure that was tolerated, nil for a change of state.
	Err error
	// Polls is how many looks the wait has had, this one included.
	Polls int
	// Elapsed is how long the wait has lasted.
	Elapsed time.Duration
}

// Wait looks at jobs until all of them have ended, and returns them as last seen, in the
// order asked, together with any error; nil stands for a job that was never seen. All
// variants. How a job's end is told is in [Job.State]. A status that is not known keeps
// the wait going, and OnUpdate shows it as [StateUnknown].
//
// The first look is at once, the pauses between looks grow; see [WaitOptions]. The
// context is the only deadline, so give it one; its end never cancels a job. To wait on in
// another process, keep the ids and [Source.Ref]. A classic download whose link was used up or
// has ended is [StateExpired]: who waits again after a download looks for its files first.
//
// One job costs one request for each look. Several are found in lists of 500 (100 where that
// is refused), by their batch where they share one, unless asking one by one costs less. Jobs
// that have ended are not asked for again.
//
// A look that fails with a broken connection, 408, 429, 5xx, no answer within 2 minutes, a
// 2xx that cannot be used, a 404 that is a web page, or a 401 that calls a nonce stale is
// asked again, as often as MaxConsecutiveErrors says; Retry-After comes before the interval, and
// [RetryPolicy] plays no part. So is a 404 during NotFoundGrace, which does not count. What
// else there is, such as 400, 401, 403, 410, a later 404, a TLS handshake that failed and an
// answer about another job, ends the wait at once, whatever the other jobs do.
//
// An error matching [ErrInvalidArgument] comes before anything is sent: no ids, a bad id, or
// options that contradict each other. Every other error is a [*WaitError]. It matches
// [ErrJobFailed], [ErrJobCancelled] or [ErrJobExpired] for every job that ended so, and
// whatever ended the wait itself: the context's error and cause, an [*Error], or OnUpdate's
// error. A timeout of [http.Client] or of a connection matches no error of a context, while
// this one goes on. An id that is given twice is looked for once.
//
// API: "Get One Restore Job" and "Get All Restore Jobs" of every variant.
func (j *Jobs) Wait(ctx context.Context, ids []string, opts WaitOptions) ([]*Job, error) {
	const operation = "wait for restore jobs"
	problems := opts.validate()
	if len(ids) == 0 {
		problems = append(problems, "ids must not be empty")
	}
	for i, id := range ids {
		if problem := validateSegment(fmt.Sprintf("ids[%d]", i), id); problem != "" {
			problems = append(problems, problem)
		}
	}
	if err := mergeInvalid(j.validateIDs(operation), invalidArgument(operation, problems...)); err != nil {
		return nil, err
	}
	w := newWaiter(j, ids, opts.withDefaults())
	err := w.run(ctx)
	seen := make([]*Job, len(ids))
	for i, id := range ids {
		seen[i] = w.byID[id].job
	}
	return seen, err
}

// validate lists what no wait could mean.
func (w WaitOptions) validate() []string {
	var problems []string
	if w.Goal != UntilFinished && w.Goal != UntilDownloadable {
		problems = append(problems, "Until must be UntilFinished or UntilDownloadable")
	}
	if w.MinInterval > 0 && w.MaxInterval > 0 && w.MinInterval > w.MaxInterval {
		problems = append(problems, "MinInterval must not be more than MaxInterval")
	}
	return problems
}

// withDefaults resolves zero and negative values.
func (w WaitOptions) withDefaults() WaitOptions {
	switch {
	case w.MinInterval < 0:
		w.MinInterval = 0
	case w.MinInterval == 0 && w.MaxInterval > 0:
		w.MinInterval = min(defaultMinInterval, w.MaxInterval)
	case w.MinInterval == 0:
		w.MinInterval = defaultMinInterval
	}
	switch {
	case w.MaxInterval < 0:
		w.MaxInterval = w.MinInterval
	case w.MaxInterval == 0:
		w.MaxInterval = max(defaultMaxInterval, w.MinInterval)
	}
	if w.MaxConsecutiveErrors == 0 {
		w.MaxConsecutiveErrors = defaultMaxFailures
	}
	if w.NotFoundGrace == 0 {
		w.NotFoundGrace = defaultNotFoundGrace
	}
	w.MaxConsecutiveErrors = max(w.MaxConsecutiveErrors, 0)
	if w.NotFoundGrace < 0 {
		w.NotFoundGrace = math.MinInt64
	}
	return w
}

// evaluate tells whether a job has ended for this goal, and what is bad about its end.
func (w WaitGoal) evaluate(job *Job, now time.Time) (ended bool, failure error) {
	state := job.State()
	switch state {
	case StateFailed:
		return true, ErrJobFailed
	case StateCancelled:
		return true, ErrJobCancelled
	case StateExpired:
		if job.format().isUsedUp(job) {
			return true, &linksUsedError{isExpired: true}
		}
		return true, ErrJobExpired
	case StateFinished, StateRunning, StateUnknown:
	}
	switch {
	case w == UntilDownloadable && job.noFileReason() != "":
		return true, &noFileError{}
	case state != StateFinished:
		return false, nil
	case w == UntilFinished:
		return !job.isMissingLink(), nil
	case job.areLinksExpired(now):
		return true, &linksExpiredError{}
	case job.allDownloadable():
		return true, nil
	}
	switch job.format().missingLink(job) {
	case linkUsed:
		return true, &linksUsedError{}
	case linkTypeUnknown:
		return true, &noFileError{hasUnknownType: true}
	case linkPending:
		return false, nil
	default:
		return false, nil
	}
}

// WaitError is how [Jobs.Wait] ends when it does not end well: jobs that ended badly, a
// wait that was over before its jobs were, or both. Get it with [errors.As]. With
// [errors.Is] it matches [ErrJobFailed], [ErrJobCancelled], [ErrJobExpired],
// [ErrLinkExpired], [ErrDownloadsExhausted] and [errors.ErrUnsupported] by what became of the
// jobs, and everything that Err matches.
type WaitError struct {
	// Failed are the jobs that ended badly, as last seen, in the order asked.
	Failed []*Job
	// PendingIDs are the ids of the jobs that had not ended, in the order asked: what to wait
	// for again.
	PendingIDs []string
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

	jobErrs     []error // what is bad about Jobs, in their order
	lastPollErr error   // tolerated failure of the last look
}

// maxPendingNames bounds the ids in a message: those that ended badly are all named.
const maxPendingNames = 10

// Error gives one line: every job that ended badly with its state, what ended the wait,
// the jobs that are left, the looks and the time.
func (e *WaitError) Error() string {
	var parts []string
	if len(e.Failed) > 0 {
		failure := make([]string, len(e.Failed))
		for i, job := range e.Failed {
			failure[i] = sanitizeOr(job.ID, "without id") + " " + e.describeJob(i)
		}
		parts = append(parts, countJobs(len(e.Failed))+" ended badly: "+strings.Join(failure, ", "))
	}
	if e.Err != nil {
		parts = append(parts, trimPackagePrefix(e.Err))
	}
	if e.lastPollErr != nil {
		parts = append(parts, "the last look failed: "+trimPackagePrefix(e.lastPollErr))
	}
	if n := len(e.PendingIDs); n > 0 {
		names := strings.Join(e.PendingIDs[:min(n, maxPendingNames)], ", ")
		if n > maxPendingNames {
			names += fmt.Sprintf(" and %d more", n-maxPendingNames)
		}
		parts = append(parts, countJobs(n)+" not at an end: "+names)
	}
	polls := fmt.Sprintf("%d polls", e.Polls)
	if e.Polls == 1 {
		polls = "1 poll"
	}
	return "restorejobs: wait: " + strings.Join(parts, "; ") + " (" + polls + " in " + e.Elapsed.Round(time.Millisecond).String() + ")"
}

// describeJob is the state of a job that ended badly, or what is bad about its end.
func (e *WaitError) describeJob(i int) string {
	state := e.Failed[i].State()
	if i < len(e.jobErrs) && (state == StateFinished || !state.Terminal()) {
		return string(state) + ", " + e.jobErrs[i].Error()
	}
	return string(state)
}

// Unwrap returns what is bad about the jobs, and what ended the wait.
func (e *WaitError) Unwrap() []error {
	errs := append([]error(nil), e.jobErrs...)
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

func countJobs(n int) string {
	if n == 1 {
		return "1 job"
	}
	return fmt.Sprintf("%d jobs", n)
}

// trimPackagePrefix is an error's text for use inside another of this library's.
func trimPackagePrefix(err error) string { return strings.TrimPrefix(err.Error(), "restorejobs: ") }

// jobError tells which of several jobs an error is about.
type jobError struct {
	id  string
	err error
}

func (e *jobError) Error() string {
	return "job " + sanitizeOr(e.id, "") + ": " + trimPackagePrefix(e.err)
}
func (e *jobError) Unwrap() error { return e.err }

// tooManyFailuresError is one failure more than is tolerated.
type tooManyFailuresError struct {
	failures int
	err      error
}

func (e *tooManyFailuresError) Error() string {
	if e.failures == 1 {
		return trimPackagePrefix(e.err)
	}
	return fmt.Sprintf("%d looks in a row failed, the last: %s", e.failures, trimPackagePrefix(e.err))
}
func (e *tooManyFailuresError) Unwrap() error { return e.err }

// pollTimeoutError is a look that got no answer in time. It matches no context error: the
// caller's context goes on.
type pollTimeoutError struct{ operation string }

func (e *pollTimeoutError) Error() string {
	return e.operation + ": no answer within " + pollTimeout.String()
}

// Class is transient: the next poll may get a response.
func (e *pollTimeoutError) Class() api.Class { return api.Transient }

// maskedContextError is a failure that says of itself that some context has ended, while the
// caller's goes on. It is everything that its cause is, but matches no context's error.
type maskedContextError struct{ err error }

func (e *maskedContextError) Error() string { return e.err.Error() }
func (e *maskedContextError) Is(target error) bool {
	return target != context.DeadlineExceeded && target != context.Canceled && errors.Is(e.err, target)
}
func (e *maskedContextError) As(target any) bool { return errors.As(e.err, target) }

func isContextError(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// LogValue gives the job by its own LogValue, the states and the error for log/slog.
func (w WaitUpdate) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("id", w.ID), slog.String("state", string(w.State)), slog.String("previous", string(w.Previous)),
		slog.Int("polls", w.Polls), slog.Duration("elapsed", w.Elapsed),
	}
	if w.Job != nil {
		attrs = append(attrs, slog.Any("job", w.Job))
	}
	if w.Err != nil {
		attrs = append(attrs, slog.String("error", w.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}
