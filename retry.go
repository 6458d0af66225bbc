package restorejobs

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/transport"
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
func (r RetryPolicy) withDefaults() RetryPolicy {
	if r.MaxRetries == 0 {
		r.MaxRetries = defaultMaxRetries
	}
	if r.MinDelay == 0 {
		r.MinDelay = defaultMinDelay
	}
	if r.MaxDelay == 0 {
		r.MaxDelay = defaultMaxDelay
	}
	if r.MaxDelay < 0 {
		r.MaxDelay = math.MaxInt64
	}
	r.MinDelay = min(max(r.MinDelay, 0), r.MaxDelay)
	return r
}

// retrier is the state of one call's retries.
type retrier struct {
	policy  RetryPolicy
	backoff *backoff.ExponentialBackOff // made when first needed
}

func (r RetryPolicy) newRetrier() *retrier { return &retrier{policy: r} }

// waitBeforeRetry sleeps until the next attempt; false means that there is none.
func (r *retrier) waitBeforeRetry(ctx context.Context, attempt int, err error) bool {
	if attempt > r.policy.MaxRetries {
		return false
	}
	delay := r.nextDelay()
	var apiErr *Error
	if errors.As(err, &apiErr) && apiErr.RetryAfter > 0 {
		if apiErr.RetryAfter > r.policy.MaxDelay {
			return false
		}
		delay = max(delay, apiErr.RetryAfter)
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= delay {
		return false
	}
	return sleep(ctx, delay) == nil
}

// nextDelay is a delay with full jitter: anything between nothing and the doubling bound.
// The library spreads around its interval, so half the bound, spread wholly, is that.
func (r *retrier) nextDelay() time.Duration {
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
	if clock := serverTime(header); !clock.IsZero() {
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

// classify extends [api.Classify] to an [*Error].
func classify(err error) api.Class {
	var apiErr *Error
	if errors.As(err, &apiErr) && !isTransportError(err) {
		return apiErr.class()
	}
	return api.Classify(err)
}

func isTransportError(err error) bool {
	var sendErr *api.TransportError
	return errors.As(err, &sendErr)
}

// allows reports whether the policy of the mode is to try again after an error.
func (m retryMode) allows(class api.Class) bool {
	switch m {
	case retryIdempotent:
		return class >= api.Transient
	case retryIfUnsent:
		return class == api.Unsent
	default:
		return false
	}
}

// mayHaveExecuted reports whether nothing tells if a call that ended in err was carried out.
func mayHaveExecuted(err error) bool {
	var apiErr *Error
	var executed *executedError
	switch {
	case transport.IsNotSent(err), errors.As(err, &executed):
		return false
	case isTransportError(err):
		return true
	case errors.As(err, &apiErr):
		return apiErr.cause != nil || (isOutcomeUnknown(apiErr.StatusCode) && !apiErr.isNotStarted())
	default:
		return false
	}
}

// isOutcomeUnknown lists the statuses that do not tell whether the call was carried out. See
// Other sends on after something was done.
func isOutcomeUnknown(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout || status == http.StatusSeeOther
}

// unknownOutcomeError is a call that may have been carried out.
type unknownOutcomeError struct {
	err      error
	isCreate bool // it was a create
}

func (e *unknownOutcomeError) Error() string {
	if e.isCreate {
		return "no reply tells whether a restore was started: look with FindCreated before creating again: " + shortMessage(e.err)
	}
	return "no reply tells whether the request was carried out: " + shortMessage(e.err)
}
func (e *unknownOutcomeError) Unwrap() error        { return e.err }
func (e *unknownOutcomeError) Is(target error) bool { return target == ErrOutcomeUnknown }

// shortMessage is the text of an error without what the text around it says already.
func shortMessage(err error) string {
	if unsent, ok := err.(*transport.NotSentError); ok { //nolint:errorlint // as below
		err = unsent.Err
	}
	if apiErr, ok := err.(*Error); ok { //nolint:errorlint // one that is wrapped has a text around it
		return apiErr.message()
	}
	return err.Error()
}

// contextEndedError adds the context's error to one that hides it.
type contextEndedError struct{ err, cause error }

func (e *contextEndedError) Error() string   { return e.cause.Error() + ": " + shortMessage(e.err) }
func (e *contextEndedError) Unwrap() []error { return []error{e.cause, e.err} }
