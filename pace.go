package restorejobs

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// pace holds requests back while the service says that nothing is left.
type pace struct {
	longest time.Duration // a pause lasts

	mu    sync.Mutex
	until time.Time
}

// wait waits until requests may go out, as answers to others may put it off. A nil pace
// never does.
func (p *pace) wait(ctx context.Context) error {
	if p == nil {
		return nil
	}
	for {
		p.mu.Lock()
		left := time.Until(p.until)
		p.mu.Unlock()
		if left <= 0 {
			return nil
		}
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}
}

// learn reads an answer. No header tells when the bucket fills again: a second is a
// guess where there is no Retry-After.
func (p *pace) learn(response *http.Response) {
	if p == nil {
		return
	}
	limit := rateLimit(response.Header)
	if limit.Remaining != 0 && response.StatusCode != http.StatusTooManyRequests {
		return
	}
	pause := min(max(limit.RetryAfter, time.Second), p.longest)
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(pause); until.After(p.until) {
		p.until = until
	}
}
