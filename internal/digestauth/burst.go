package digestauth

import (
	"context"
	"time"
)

// maxBurstWait limits how long a request waits for the challenge of another one.
const maxBurstWait = time.Second

// acquire returns the use of a nonce, or the zero value for a request that is sent unsigned. The first
// such request calls endFirst after its response, for which the others wait. The error is that of the
// context.
func (p *pool) acquire(ctx context.Context) (use nonceUse, isFirst bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	use = p.begin(p.get())
	if use.isSigned() || !p.canShare() {
		return use, false, nil
	}
	if p.first == nil {
		p.first = make(chan struct{})
		return nonceUse{}, true, nil
	}
	p.waiting++
	p.waitForFirst(ctx)
	p.waiting--
	if err := ctx.Err(); err != nil {
		return nonceUse{}, false, err
	}
	return p.begin(p.get()), false, nil
}

// waitForFirst unlocks the pool until the first request has its response.
func (p *pool) waitForFirst(ctx context.Context) {
	first := p.first
	p.mu.Unlock()
	defer p.mu.Lock()
	timer := time.NewTimer(maxBurstWait)
	defer timer.Stop()
	select {
	case <-first:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// endFirst ends the wait for the first request. It returns the use of its nonce, which is nil if there
// was no challenge. Requests that wait share the nonce.
func (p *pool) endFirst(n *nonce) nonceUse {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.first)
	p.first = nil
	use := p.begin(n)
	if n != nil && p.waiting > 0 {
		p.share(n)
	}
	return use
}

// endWithoutChallenge is for a server that requires no signature: nothing waits any more.
func (p *pool) endWithoutChallenge() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endSharing()
}
