package digestauth

import (
	"hash"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/icholy/digest"
)

// nonce is a server's nonce with all that signing with it needs. Only the
// request that has taken it from the pool may touch it.
type nonce struct {
	challenge *digest.Challenge
	hash      hash.Hash
	text      []byte // what is hashed, kept for its room
	a1        string // hash of user, realm and password
	cnonce    string // ours, unpredictable, one for each nonce of the server
	count     int    // of the requests signed so far
	idleSince time.Time
}

// pool holds the nonces of one origin that no request is using, the most
// recently used last. Its zero value is ready for use.
type pool struct {
	mu    sync.Mutex
	idle  []*nonce
	trust atomic.Int32 // in the credential, which has been accepted here: refusals that it stands
}

// maxTrust is how many calls in a row may be refused to the end before a credential that
// has worked counts as wrong: servers that do not know each other's nonces can refuse one by
// chance, but hardly so many.
const maxTrust = 3

// isTrusted reports whether the credential has worked here, and not too long ago.
func (p *pool) isTrusted() bool { return p.trust.Load() > 0 }

// recordSuccess notes that the credential has been accepted.
func (p *pool) recordSuccess() {
	if p.trust.Load() != maxTrust {
		p.trust.Store(maxTrust)
	}
}

// recordRefusal notes that it has been refused to the end.
func (p *pool) recordRefusal() {
	if left := p.trust.Load(); left > 0 {
		p.trust.CompareAndSwap(left, left-1)
	}
}

// get removes the most recently used nonce and returns it, or nil.
func (p *pool) get() *nonce {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	n := p.idle[last]
	if time.Since(n.idleSince) > maxIdleTime {
		clear(p.idle) // the others are older still
		p.idle = p.idle[:0]
		return nil
	}
	p.idle[last] = nil
	p.idle = p.idle[:last]
	return n
}

// put gives back a nonce whose last count the server has seen. Those that have
// been idle for too long, or are too many, go.
func (p *pool) put(n *nonce) {
	if n.count >= maxCount {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	n.idleSince = time.Now()
	if len(p.idle) > 0 && (len(p.idle) >= maxIdle || n.idleSince.Sub(p.idle[0].idleSince) > maxIdleTime) {
		p.idle = slices.Delete(p.idle, 0, 1)
	}
	p.idle = append(p.idle, n)
}
