package digestauth

import "time"

// A request gets an idle nonce, which it then shares with requests that begin meanwhile: their counts
// can arrive in any order. A refused count costs no more than an unsigned request, as both responses
// have a new challenge. A server that refuses a count of a shared nonce without stale=true requires their
// order, and gets no shared nonce again. One that refuses some with stale=true gets none for a while: the
// nonce may just have expired.

const (
	// maxSharedIdleTime is how long a nonce can be idle and then be shared. An expired one costs each
	// request that shares it a second one.
	maxSharedIdleTime = 5 * time.Second
	// sharingPause is how long no nonce is shared after a server has refused some of its counts.
	sharingPause = time.Second
)

// share gives the nonce to requests that begin while it is in use. An opaque value can be the state of
// one request, so a nonce with one is never shared. The lock is held.
func (p *pool) share(n *nonce) {
	if n.challenge.Opaque != "" {
		p.endSharing()
	}
	if p.canShare() {
		p.shared = n
	}
}

// canShare reports whether a nonce can be shared. The lock is held.
func (p *pool) canShare() bool {
	isPaused := !p.pausedUntil.IsZero() && time.Now().Before(p.pausedUntil)
	return !p.isSharingOver && !isPaused
}

// pauseSharing gives each nonce to one request at a time for a while. The lock is held.
func (p *pool) pauseSharing() {
	p.pausedUntil = time.Now().Add(sharingPause)
	p.shared = nil
}

// endSharing gives each nonce to one request at a time from now on. The lock is held.
func (p *pool) endSharing() {
	p.isSharingOver = true
	p.shared = nil
}

// limitSharing ends or pauses sharing after the server has refused some counts of a nonce only. The lock
// is held.
func (p *pool) limitSharing(n *nonce) {
	if n.hasNonStaleRefusal { // for the order
		p.endSharing()
		return
	}
	p.pauseSharing()
}

// isShared reports whether other requests had the nonce during the use.
func (p *pool) isShared(use nonceUse) bool {
	if !use.isSigned() {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return !use.isAlone || use.nonce.lastCount > use.count
}
