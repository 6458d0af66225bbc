package restorejobs

import (
	"context"
	"fmt"
	"math"
	"time"

	"example.com/restorejobs/internal/api"
)

// WaitGoal is the condition that a wait waits for.
type WaitGoal int

// The goals of a wait.
const (
	// UntilFinished waits until a job is [StateFinished] and a download has all of its links.
	//
	// For a restore into a cluster by Cloud Manager or Ops Manager, it also waits until the servers
	// of the target have carried out the restore: the processes of the target reach the goal of the
	// project's automation. A goal counts if it has risen since the create, and the job is 90 seconds
	// old. A wait that begins more than 30 seconds after the create knows this from
	// [WaitOptions.GoalVersion]. Without it, a goal counts if the job is 15 minutes old, and two polls
	// have the same goal, reached by all. If the status cannot be read, the wait fails for the
	// finished job ([ErrTargetUnknown]).
	UntilFinished WaitGoal = iota
	// UntilDownloadable waits until [Job.DownloadLinks] has every file of the job. The wait fails
	// for a job without files ([errors.ErrUnsupported]) and for a finished job whose links have
	// expired by the local clock ([ErrLinkExpired]). It also fails for a
	// finished Atlas job with a used link ([ErrDownloadsExhausted]). A program that restarts
	// after a download therefore waits [UntilFinished].
	UntilDownloadable
	// UntilJobFinished is [UntilFinished] by the state of the job only. For a restore into a cluster
	// by Cloud Manager or Ops Manager this proves nothing: see [StateFinished].
	UntilJobFinished
)

// WaitOptions configure [Jobs.Wait]. The zero value uses the defaults.
type WaitOptions struct {
	// Goal is the condition to wait for. Default [UntilFinished].
	Goal WaitGoal
	// GoalVersion is the goal of the target's project before the create, from
	// [Source.GoalVersion]. With it, a wait that begins minutes after the create knows whether the
	// goal has risen since. As long as it has not, the wait does not end. Default 0, unknown. It is
	// ignored if the jobs restore into several projects.
	GoalVersion int64
	// MinInterval is the pause after the first poll, and the shortest pause. Up to a fifth is
	// added at random. Default 10s, or MaxInterval if that is shorter. Negative is for
	// tests: it disables pauses other than Retry-After, and how old a job is follows the server's
	// clock alone, which restorejobstest can turn.
	MinInterval time.Duration
	// MaxInterval is the longest pause, at least MinInterval. A pause is half as long again as
	// the one before, give or take a fifth. Default 60s, or MinInterval if that is longer;
	// negative disables growth. The pause that a server requests with Retry-After may be longer.
	MaxInterval time.Duration
	// MaxConsecutiveErrors is how many polls of a job may fail in a row; one more failure ends
	// the wait. Default 10; negative tolerates none.
	//
	// It covers errors that may be temporary: a broken connection, a request without a response
	// within 2 minutes, statuses 408, 429 and 5xx, an unusable 2xx body, a 404 that is a web
	// page, and a 401 for a stale nonce. Any other error ends the wait immediately.
	// [RetryPolicy] does not apply.
	MaxConsecutiveErrors int
	// NotFoundGrace is how long a 404 is tolerated after the wait begins, because a new job may
	// not be visible yet. Default 30s; negative disables it.
	NotFoundGrace time.Duration
	// FailFast ends the wait as soon as one job has failed. By default the wait continues for
	// the other jobs.
	FailFast bool
	// OnUpdate is called for every change of a job's state or target, for the first state, and for
	// every tolerated failure. A status that is not known is reported as [StateUnknown]; the wait
	// continues. OnUpdate is called between polls on the goroutine of Wait. Its error ends the
	// wait.
	OnUpdate func(WaitUpdate) error
	// Heartbeat is how often OnUpdate is called at least, also without a change, between polls and
	// during a slow one. Default 0, which disables it, as negative values do.
	Heartbeat time.Duration
}

const (
	defaultMinInterval          = 10 * time.Second
	defaultMaxInterval          = 60 * time.Second
	defaultMaxConsecutiveErrors = 10
	defaultNotFoundGrace        = 30 * time.Second
)

// Wait polls jobs until all of them have ended and restores into a cluster are in place: see
// [UntilFinished]. It returns the last known job for each ID, in order, even if err is non-nil. An
// entry is nil if the job was never read.
//
// The first poll is immediate. [WaitOptions] set the pauses and the tolerated errors. The context
// is the only deadline, so set one; its end does not cancel a job. While ctx is active, client
// and connection timeouts do not match [context.DeadlineExceeded].
//
// A single job is polled with Get, up to 25 with one List of as many and Get, more with lists
// of 500 if that costs less.
//
// Invalid arguments match [ErrInvalidArgument], and nothing is sent. Every other error is a
// [*WaitError].
//
// API: "Get One Restore Job" and "Get All Restore Jobs" of every variant; Cloud Manager and Ops
// Manager "Automation Status".
func (j *Jobs) Wait(ctx context.Context, ids []string, opts WaitOptions) ([]*Job, error) {
	const operation = "wait for restore jobs"
	problems := opts.validate()
	if len(ids) == 0 {
		problems = append(problems, "ids must not be empty")
	}
	for i, id := range ids {
		if problem := api.ValidateSegment(fmt.Sprintf("ids[%d]", i), id); problem != "" {
			problems = append(problems, problem)
		}
	}
	if err := mergeInvalid(j.validateIDs(operation), invalidArgument(operation, problems...)); err != nil {
		return nil, err
	}
	w := newWaiter[*Job]("job", newJobSource(j), ids, opts.withDefaults())
	w.evaluate = opts.Goal.evaluate
	if targets := newTargetVerifier(j, w.items, opts); targets != nil {
		defer targets.close()
		w.verifier = targets
	}
	if opts.OnUpdate != nil {
		w.onUpdate = func(update WaitUpdate, job *Job) error {
			update.Job = job
			return opts.OnUpdate(update)
		}
	}
	err := w.run(ctx)
	jobs := make([]*Job, len(ids))
	for i, id := range ids {
		jobs[i] = w.byID[id].item
	}
	if err == nil && !w.anyFailed() {
		return jobs, nil
	}
	return jobs, newWaitError(w, err)
}

func (w WaitOptions) validate() []string {
	var problems []string
	if w.Goal < UntilFinished || w.Goal > UntilJobFinished {
		problems = append(problems, "Goal must be UntilFinished, UntilDownloadable or UntilJobFinished")
	}
	if w.GoalVersion < 0 {
		problems = append(problems, "GoalVersion must not be negative")
	}
	if w.MinInterval > 0 && w.MaxInterval > 0 && w.MinInterval > w.MaxInterval {
		problems = append(problems, "MinInterval must not be more than MaxInterval")
	}
	return problems
}

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
		w.MaxConsecutiveErrors = defaultMaxConsecutiveErrors
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

// evaluate reports whether a job has ended for this goal. The failure is nil if it succeeded.
func (w WaitGoal) evaluate(job *Job, now time.Time) (ended bool, failure error) {
	state := job.State()
	switch state {
	case StateFailed:
		return true, ErrJobFailed
	case StateCancelled:
		return true, ErrJobCancelled
	case StateExpired:
		if job.format().isUsedUp(job) {
			return true, &linksUsedError{}
		}
		return true, ErrJobExpired
	case StateFinished, StateRunning, StateUnknown:
	}
	switch {
	case w == UntilDownloadable && job.noFileReason() != "":
		return true, &noFileError{}
	case state != StateFinished:
		return false, nil
	case w != UntilDownloadable:
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
