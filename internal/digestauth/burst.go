package digestauth

import (
	"context"
	"time"
)

// maxBurstWait limits how long a request waits for the challenge of another one.
const maxBurstWait = time.Second

// burst lets requests that begin without a nonce wait for the challenge of the first one, and share
// its nonce. Their counts can arrive in any order, which some servers refuse: from then on each
// request has a nonce of its own. An opaque value can stand for the state of one caller, so a nonce
// with one is never shared. The lock of the pool guards it.
type burst struct {
	shared  *nonce        // signs copies for requests, nil without a burst
	first   chan struct{} // closed when the first request has its response; nil without one
	waiting int           // requests that wait for it
	isOver  bool          // no request waits or shares any more
}

// acquire returns a nonce, nil for a request that is sent unsigned. The first such request calls
// endFirst after its response. The error is that of the context.
func (p *pool) acquire(ctx context.Context) (n *nonce, isFirst bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.take(); n != nil || p.isOver {
		return n, false, nil
	}
	if p.first == nil {
		p.first = make(chan struct{})
		return nil, true, nil
	}
	p.waiting++
	p.waitForFirst(ctx)
	p.waiting--
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	return p.take(), false, nil
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

// take returns an idle nonce, a copy of the shared one, or nil. The lock is held.
func (p *pool) take() *nonce {
	if n := p.popIdle(); n != nil {
		return n
	}
	if p.shared == nil || p.shared.count >= maxCount {
		return nil
	}
	return p.shared.share()
}

// endFirst ends the wait for the first request, and returns its nonce, which is a copy if others wait
// for it. The nonce is nil if there was no challenge.
func (p *pool) endFirst(n *nonce) *nonce {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.first)
	p.first = nil
	hasOpaque := n != nil && n.challenge.Opaque != ""
	p.isOver = p.isOver || hasOpaque
	if n == nil || p.waiting == 0 || p.isOver {
		return n
	}
	p.shared = n
	return n.share()
}

// endBurst makes requests neither wait nor share any more.
func (p *pool) endBurst() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isOver = true
}

// drop removes a nonce whose last count the server may receive later. A copy then belongs to its call.
func (p *pool) drop(n *nonce) {
	if n == nil || n.template == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopSharing(n.endShare())
}

// refuse removes a nonce that the server has refused.
func (p *pool) refuse(n *nonce) {
	if n == nil || n.template == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	shared := n.endShare()
	p.stopSharing(shared)
	isOverlapping := !n.isAlone || shared.users > 0
	p.isOver = p.isOver || isOverlapping
}

// putShared ends the use of a copy. The last one returns its nonce to the pool. The lock is held.
func (p *pool) putShared(n *nonce) {
	shared := n.endShare()
	if p.shared == shared && shared.users == 0 && p.waiting == 0 {
		p.stopSharing(shared)
		p.pushIdle(shared)
	}
}

// stopSharing makes later requests get no copy of a nonce. The lock is held.
func (p *pool) stopSharing(n *nonce) {
	if p.shared == n {
		p.shared = nil
	}
}
