package restorejobs

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// pace holds requests back while the service says that nothing is left.
type pace struct {
	mu    sync.Mutex
	until time.Time
}

// wait waits until requests may go out. A nil pace never does.
func (p *pace) wait(ctx context.Context) error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	until := p.until
	p.mu.Unlock()
	return sleep(ctx, time.Until(until))
}

// learn reads an answer. No header tells when the bucket fills again: a second is a
// guess where there is no Retry-After.
func (p *pace) learn(header http.Header) {
	if p == nil || count(header.Get("Ratelimit-Remaining")) != 0 {
		return
	}
	limit := rateLimit(header)
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(max(limit.RetryAfter, time.Second)); until.After(p.until) {
		p.until = until
	}
}
