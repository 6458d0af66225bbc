package download

import (
	"context"
	"errors"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/transport"
)

// retries limits the requests of a transfer that receive no new byte.
type retries struct {
	transfer *transfer
	retrier  *api.Retrier
	attempts int
	maxBytes int64
}

func newRetries(t *transfer) *retries { return &retries{transfer: t, maxBytes: t.have()} }

// wait returns nil when it is time for another request, or the error to report.
func (r *retries) wait(ctx context.Context, err error) error {
	t := r.transfer
	if ctx.Err() != nil || !isRetryable(err) {
		return err
	}
	if t.singleUse && t.requested {
		return &singleUseError{err}
	}
	r.attempts++
	if r.retrier == nil || t.have() > r.maxBytes { // count from the last byte received
		r.maxBytes = max(r.maxBytes, t.have())
		r.attempts = 1
		r.retrier = api.NewRetrier(t.client.Retry)
	}
	if !r.retrier.Wait(ctx, r.attempts, requestedDelay(err)) {
		return err
	}
	return nil
}

// requestedDelay is the Retry-After of an error response, zero for none.
func requestedDelay(err error) time.Duration {
	var resp *ResponseError
	if !errors.As(err, &resp) {
		return 0
	}
	return api.RetryAfter(resp.Header, time.Now())
}

// isRetryable reports whether another request may succeed.
func isRetryable(err error) bool {
	var resp *ResponseError
	if errors.As(err, &resp) {
		return resp.Retryable
	}
	var permanent *permanentError
	return !errors.As(err, &permanent) && !transport.IsHandshakeError(err)
}
