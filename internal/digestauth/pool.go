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

// pool holds the nonces of one origin. Its zero value is ready to use.
type pool struct {
	mu            sync.Mutex
	idle          []*nonce // the most recently used last
	shared        *nonce   // in use, and given to requests that find none idle; nil for none
	isSharingOver bool
	pausedUntil   time.Time     // no nonce is shared before
	trust         atomic.Int32  // refusals until the credential counts as wrong
	first         chan struct{} // closed when the first request has its response; nil without one
	waiting       int           // requests that wait for it
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

// popIdle removes the most recently used nonce and returns it, or nil, and for how long it was idle.
// The lock is held.
func (p *pool) popIdle() (n *nonce, idleTime time.Duration) {
	last := len(p.idle) - 1
	if last < 0 {
		return nil, 0
	}
	n = p.idle[last]
	idleTime = time.Since(n.idleSince)
	if idleTime > maxIdleTime {
		clear(p.idle) // the others are older
		p.idle = p.idle[:0]
		return nil, 0
	}
	p.idle[last] = nil
	p.idle = p.idle[:last]
	return n, idleTime
}

// get returns an idle nonce, else the shared one, or nil. The lock is held.
func (p *pool) get() *nonce {
	if n, idleTime := p.popIdle(); n != nil {
		if idleTime <= maxSharedIdleTime {
			p.share(n)
		}
		return n
	}
	if p.shared != nil && p.shared.lastCount >= maxCount {
		p.shared = nil
	}
	return p.shared
}

// begin returns the next use of a nonce, which may be nil. The lock is held.
func (p *pool) begin(n *nonce) nonceUse {
	if n == nil {
		return nonceUse{}
	}
	n.lastCount++
	n.users++
	return nonceUse{nonce: n, count: n.lastCount, isAlone: n.users == 1}
}

// add returns the first use of a new nonce. It is not shared before the server has accepted it.
func (p *pool) add(n *nonce) nonceUse {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.begin(n)
}

// accept records that the server has accepted the use.
func (p *pool) accept(use nonceUse) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := use.nonce
	n.accepted = max(n.accepted, use.count)
	if n.refused > 0 {
		p.limitSharing(n)
	}
	p.end(n)
}

// replace records a response with a next nonce, which replaces that of the use.
func (p *pool) replace(use nonceUse, next *nonce) {
	p.mu.Lock()
	defer p.mu.Unlock()
	use.nonce.isRetired = true
	p.end(use.nonce)
	p.pushIdle(next)
}

// refuse records that the server has refused the use, perhaps with stale=true.
func (p *pool) refuse(use nonceUse, isStale bool) {
	if !use.isSigned() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	n := use.nonce
	if n.refused == 0 || use.count < n.refused {
		n.refused = use.count
	}
	n.hasNonStaleRefusal = n.hasNonStaleRefusal || !isStale
	wasShared := !use.isAlone || n.lastCount > use.count
	if n.accepted > use.count || wasShared && !isStale {
		p.limitSharing(n)
	}
	p.end(n)
}

// retire removes the nonce of a use whose count the server may receive later, after a higher one.
func (p *pool) retire(use nonceUse) {
	if !use.isSigned() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	use.nonce.isRetired = true
	p.end(use.nonce)
}

// end ends a use. The last one makes the nonce idle, unless it cannot be used again. The lock is held.
func (p *pool) end(n *nonce) {
	n.users--
	hasExpired := n.refused > 0 && n.accepted < n.refused
	isGone := n.isRetired || hasExpired
	if p.shared == n && (isGone || n.users == 0) {
		p.shared = nil
	}
	if n.users == 0 && !isGone {
		n.refused = 0
		n.hasNonStaleRefusal = false
		p.pushIdle(n)
	}
}

// pushIdle adds an idle nonce. It removes the oldest one if there are too many, or if it was idle for
// too long. The lock is held.
func (p *pool) pushIdle(n *nonce) {
	if n.lastCount >= maxCount {
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
