package restorejobs

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"example.com/restorejobs/internal/bearer"
	"example.com/restorejobs/internal/wire"
)

// RetryPolicy says how often and how soon a read is asked again. The zero value is the
// default; a negative number switches that part off. Reads, and [Jobs.Cancel], are
// asked again after a connection that broke, also in the middle of an answer, and after 408,
// 429, 500, 502, 503 and 504; not after a TLS handshake that failed. [Jobs.Create] is sent
// again only when it certainly did not run: no connection, or 429. Of the server's Retry-After
// and the random delay, the longer counts. Nothing waits past the context's deadline: when the
// next attempt would be too late, the last error is returned at once. [Jobs.Wait] has limits
// of its own.
type RetryPolicy struct {
	// MaxRetries is how many times more, 3 by default; negative is none.
	MaxRetries int
	// MinDelay bounds the random delay before the first retry, which then doubles; 500
	// ms by default, negative is no delay.
	MinDelay time.Duration
	// MaxDelay bounds every random delay, and how long a Retry-After is obeyed; 30 s by
	// default, negative is no bound. A longer Retry-After ends the call with its error.
	MaxDelay time.Duration
}

const (
	defaultMaxRetries = 3
	defaultMinDelay   = 500 * time.Millisecond
	defaultMaxDelay   = 30 * time.Second
)

// withDefaults resolves zero and negative values.
func (p RetryPolicy) withDefaults() RetryPolicy {
	if p.MaxRetries == 0 {
		p.MaxRetries = defaultMaxRetries
	}
	if p.MinDelay == 0 {
		p.MinDelay = defaultMinDelay
	}
	if p.MaxDelay == 0 {
		p.MaxDelay = defaultMaxDelay
	}
	if p.MaxDelay < 0 {
		p.MaxDelay = math.MaxInt64
	}
	p.MinDelay = min(max(p.MinDelay, 0), p.MaxDelay)
	return p
}

// retrier is the state of one call's retries.
type retrier struct {
	policy  RetryPolicy
	backoff *backoff.ExponentialBackOff // made when first needed
}

func (p RetryPolicy) start() *retrier { return &retrier{policy: p} }

// wait sleeps until the next attempt; false means that there is none.
func (r *retrier) wait(ctx context.Context, attempt int, err error) bool {
	if attempt > r.policy.MaxRetries {
		return false
	}
	delay := r.next()
	var api *Error
	if errors.As(err, &api) && api.RetryAfter > 0 {
		if api.RetryAfter > r.policy.MaxDelay {
			return false
		}
		delay = max(delay, api.RetryAfter)
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= delay {
		return false
	}
	return sleep(ctx, delay) == nil
}

// next is a delay with full jitter: anything between nothing and the doubling bound.
// The library spreads around its interval, so half the bound, spread wholly, is that.
func (r *retrier) next() time.Duration {
	if r.policy.MinDelay == 0 {
		return 0
	}
	if r.backoff == nil {
		r.backoff = &backoff.ExponentialBackOff{
			InitialInterval: max(r.policy.MinDelay/2, 1), RandomizationFactor: 1, Multiplier: 2,
			MaxInterval: max(r.policy.MaxDelay/2, 1),
		}
		r.backoff.Reset()
	}
	return min(r.backoff.NextBackOff(), r.policy.MaxDelay) // whose rounding goes above by a nanosecond
}

// sleep waits, or returns the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// maxRetryAfter bounds what a Retry-After header can request.
const maxRetryAfter = 366 * 24 * time.Hour

// retryAfter reads the Retry-After header: seconds, or a date by the server's own clock.
// Anything else, and the past, count as zero. A response without a Date is read by now.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if text == "" {
		return 0
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return parseSeconds(text)
	}
	if clock := serverClock(header); !clock.IsZero() {
		now = clock
	}
	return min(max(until.Sub(now), 0), maxRetryAfter)
}

// parseSeconds reads whole seconds, up to maxRetryAfter.
func parseSeconds(text string) time.Duration {
	const most = int64(maxRetryAfter / time.Second)
	var seconds int64
	for _, digit := range text {
		if digit < '0' || digit > '9' {
			return 0
		}
		seconds = min(seconds*10+int64(digit-'0'), most)
	}
	return time.Duration(seconds) * time.Second
}

// retryableStatus lists the statuses after which a read is asked again.
func retryableStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// mayRepeat reports whether the call may be sent again after err.
func mayRepeat(q *call, err error) bool {
	var api *Error
	switch {
	case q.repeat == repeatNever, wire.Permanent(err):
		return false
	case !errors.As(err, &api):
		var transport *transportError
		return errors.As(err, &transport) && (q.repeat == repeatRead || wire.NotSent(err))
	case api.cause != nil:
		var cut *cutError
		return q.repeat == repeatRead && errors.As(err, &cut)
	case q.repeat == repeatRead || wire.NotSent(err):
		return retryableStatus(api.StatusCode)
	default:
		return api.StatusCode == http.StatusTooManyRequests
	}
}

// mayHaveRun reports whether nothing tells if a call that ended in err was carried out.
func mayHaveRun(err error) bool {
	var api *Error
	var transport *transportError
	var executed *executedError
	switch {
	case wire.NotSent(err), errors.As(err, &executed):
		return false
	case errors.As(err, &api):
		return api.cause != nil || (outcomeUnknown(api.StatusCode) && !api.isNotStarted())
	default:
		return errors.As(err, &transport)
	}
}

// outcomeUnknown lists the statuses that do not tell whether the call was carried out. See
// Other sends on after something was done.
func outcomeUnknown(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout || status == http.StatusSeeOther
}

// transportError is an exchange that ended without an answer.
type transportError struct{ err error }

func (e *transportError) Error() string { return brief(e.err) + wire.Remedy(e.err) }
func (e *transportError) Unwrap() error { return e.err }

// cutError is an answer whose status came and whose body did not, or not whole.
type cutError struct{ err error }

func (e *cutError) Error() string { return "the answer was cut: " + e.err.Error() }
func (e *cutError) Unwrap() error { return e.err }

// unknownOutcomeError is a call that may have been carried out.
type unknownOutcomeError struct {
	err     error
	restore bool // it was a create
}

func (e *unknownOutcomeError) Error() string {
	if e.restore {
		return "no reply tells whether a restore was started: look with FindCreated before creating again: " + brief(e.err)
	}
	return "no reply tells whether the request was carried out: " + brief(e.err)
}
func (e *unknownOutcomeError) Unwrap() error        { return e.err }
func (e *unknownOutcomeError) Is(target error) bool { return target == ErrOutcomeUnknown }

// brief is the text of an error without what the text around it says already.
func brief(err error) string {
	if unsent, ok := err.(*wire.NotSentError); ok { //nolint:errorlint // as below
		err = unsent.Err
	}
	api, ok := err.(*Error) //nolint:errorlint // one that is wrapped has a text around it
	switch {
	case !ok:
		return err.Error()
	case api.Operation == bearer.GetToken: // which is not the operation around it
		return api.Operation + ": " + api.brief()
	default:
		return api.brief()
	}
}

// endedError adds the context's error to one that hides it.
type endedError struct{ err, cause error }

func (e *endedError) Error() string   { return e.cause.Error() + ": " + brief(e.err) }
func (e *endedError) Unwrap() []error { return []error{e.cause, e.err} }
