package digestauth

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxIdle limits the idle nonces of one origin, and so the callers that need one request a call.
	maxIdle = 4096
	// maxIdleTime is how long a nonce is kept. One that the server has forgotten costs no more
	// than none.
	maxIdleTime = 5 * time.Minute
	// maxTrust is the number of calls in a row that may be refused before a credential that was
	// accepted counts as wrong. Servers that do not share nonces refuse calls by chance, but
	// hardly so many.
	maxTrust = 3
)

// pool holds the idle nonces of one origin, the most recently used last. Its zero value is ready
// to use.
type pool struct {
	mu    sync.Mutex
	idle  []*nonce
	trust atomic.Int32 // refusals until the credential counts as wrong
	burst
}

// isTrusted reports whether the credential was accepted recently.
func (p *pool) isTrusted() bool { return p.trust.Load() > 0 }

// recordSuccess records that the credential was accepted.
func (p *pool) recordSuccess() {
	if p.trust.Load() != maxTrust {
		p.trust.Store(maxTrust)
	}
}

// recordRefusal records that the last request of a call was refused.
func (p *pool) recordRefusal() {
	if left := p.trust.Load(); left > 0 {
		p.trust.CompareAndSwap(left, left-1)
	}
}

// popIdle removes the most recently used nonce and returns it, or nil. The lock is held.
func (p *pool) popIdle() *nonce {
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	n := p.idle[last]
	if time.Since(n.idleSince) > maxIdleTime {
		clear(p.idle) // the others are older
		p.idle = p.idle[:0]
		return nil
	}
	p.idle[last] = nil
	p.idle = p.idle[:last]
	return n
}

// put adds a nonce whose last count the server has received.
func (p *pool) put(n *nonce) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n.template != nil {
		p.putShared(n)
		return
	}
	p.pushIdle(n)
}

// pushIdle adds an idle nonce. It removes the oldest one if there are too many, or if it was idle for
// too long. The lock is held.
func (p *pool) pushIdle(n *nonce) {
	if n.count >= maxCount {
		return
	}
	n.idleSince = time.Now()
	if len(p.idle) > 0 && p.isOldestDue(n.idleSince) {
		p.idle = slices.Delete(p.idle, 0, 1)
	}
	p.idle = append(p.idle, n)
}

// isOldestDue reports whether the oldest idle nonce has to be removed. The lock is held.
func (p *pool) isOldestDue(now time.Time) bool {
	return len(p.idle) >= maxIdle || now.Sub(p.idle[0].idleSince) > maxIdleTime
}
