package api

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// RateLimiter delays requests while the service has none left for the client. Nil never delays.
type RateLimiter struct {
	MaxWait time.Duration

	mu       sync.Mutex
	resumeAt time.Time
}

// wait returns when requests may be sent. A response to another request can extend the wait.
func (r *RateLimiter) wait(ctx context.Context) error {
	if r == nil {
		return nil
	}
	for {
		r.mu.Lock()
		left := time.Until(r.resumeAt)
		r.mu.Unlock()
		if left <= 0 {
			return nil
		}
		if err := Sleep(ctx, left); err != nil {
			return err
		}
	}
}

// update reads a response. No header says when requests are possible again: without a
// Retry-After, one second is a guess.
func (r *RateLimiter) update(resp *http.Response) {
	if r == nil {
		return
	}
	limit := ParseRateLimit(resp.Header)
	if limit.Remaining != 0 && resp.StatusCode != http.StatusTooManyRequests {
		return
	}
	delay := min(max(limit.RetryAfter, time.Second), r.MaxWait)
	r.mu.Lock()
	defer r.mu.Unlock()
	if resumeAt := time.Now().Add(delay); resumeAt.After(r.resumeAt) {
		r.resumeAt = resumeAt
	}
}
