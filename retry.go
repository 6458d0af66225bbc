package restorejobs

import (
	"errors"
	"math"
	"time"

	"example.com/restorejobs/internal/api"
)

// RetryPolicy limits how often and how soon a request is repeated. The zero value is the default; a
// negative number disables that part. Reads, and [Jobs.Cancel], are repeated after a broken
// connection, also in the middle of a response, and after 408, 429, 500, 502, 503 and 504. They are
// not repeated after a failed TLS handshake. [Jobs.Create] is repeated only if it certainly was
// not executed: no connection, or 429. The longer of Retry-After and the random delay counts. If
// the next attempt would be after the context's deadline, the last error is returned immediately.
// [Jobs.Wait] has limits of its own.
type RetryPolicy struct {
	// MaxRetries limits the attempts after the first. Default 3; negative disables retries.
	MaxRetries int
	// MinDelay limits the random delay before the first retry. The limit doubles for each
	// further retry. Default 500 ms; negative disables the delay.
	MinDelay time.Duration
	// MaxDelay limits every random delay and every Retry-After. A longer Retry-After ends the
	// call with its error. Default 30 s; negative disables the limit.
	MaxDelay time.Duration
}

const (
	defaultMaxRetries = 3
	defaultMinDelay   = 500 * time.Millisecond
	defaultMaxDelay   = 30 * time.Second
)

// resolve replaces zero and negative values.
func (r RetryPolicy) resolve() api.RetryPolicy {
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
	return api.RetryPolicy(r)
}

// classify extends [api.Classify] to an [*Error].
func classify(err error) api.Class {
	var apiErr *Error
	var sendErr *api.TransportError
	if errors.As(err, &apiErr) && !errors.As(err, &sendErr) {
		return apiErr.class()
	}
	return api.Classify(err)
}
