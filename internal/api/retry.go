package api

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// RetryMode says when a request may be sent again.
type RetryMode uint8

const (
	// RetryIdempotent is for requests that change nothing, or may be executed twice.
	RetryIdempotent RetryMode = iota
	// RetryIfUnsent is for requests that must not be executed twice.
	RetryIfUnsent
	// RetryNever is for callers that retry by a policy of their own.
	RetryNever
)

// Allows reports whether the mode permits another attempt after an error of the class.
func (m RetryMode) Allows(class Class) bool {
	switch m {
	case RetryIdempotent:
		return class >= Transient
	case RetryIfUnsent:
		return class == Unsent
	default:
		return false
	}
}

// RetryPolicy limits the retries of a call. All values count as they are.
type RetryPolicy struct {
	MaxRetries int
	MinDelay   time.Duration // limit of the random delay before the first retry, zero for no delay
	MaxDelay   time.Duration
}

// Retrier is the state of the retries of one call.
type Retrier struct {
	policy  RetryPolicy
	backoff *backoff.ExponentialBackOff // created with the first delay
}

// NewRetrier returns the state before the first retry.
func NewRetrier(policy RetryPolicy) *Retrier { return &Retrier{policy: policy} }

// Wait returns true when it is time for another attempt, after at least the delay that the server
// requests. It returns false if another attempt is not possible.
func (r *Retrier) Wait(ctx context.Context, attempt int, retryAfter time.Duration) bool {
	if attempt > r.policy.MaxRetries || retryAfter > r.policy.MaxDelay {
		return false
	}
	delay := max(r.nextDelay(), retryAfter)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= delay {
		return false
	}
	return Sleep(ctx, delay) == nil
}

// nextDelay returns a delay with full jitter, from zero to a limit that doubles. The backoff
// spreads around its interval: half the limit with a factor of one is the same.
func (r *Retrier) nextDelay() time.Duration {
	if r.policy.MinDelay == 0 {
		return 0
	}
	if r.backoff == nil {
		r.backoff = &backoff.ExponentialBackOff{
			InitialInterval:     max(r.policy.MinDelay/2, 1),
			RandomizationFactor: 1,
			Multiplier:          2,
			MaxInterval:         max(r.policy.MaxDelay/2, 1),
		}
		r.backoff.Reset()
	}
	return min(r.backoff.NextBackOff(), r.policy.MaxDelay) // its rounding can add a nanosecond
}

// requestedDelay returns the delay that the response in an error requests.
func requestedDelay(err error) time.Duration {
	var delayed interface{ RetryAfter() time.Duration }
	if errors.As(err, &delayed) {
		return delayed.RetryAfter()
	}
	return 0
}

// Sleep waits, or returns the context's error.
func Sleep(ctx context.Context, d time.Duration) error {
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
