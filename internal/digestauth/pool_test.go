package digestauth

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/icholy/digest"
	"github.com/stretchr/testify/assert"
)

func testNonce() *nonce { return &nonce{challenge: &digest.Challenge{}} }

// beginAny begins the use that the next request gets.
func (p *pool) beginAny() nonceUse {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.begin(p.get())
}

func TestPool_newestFirst(t *testing.T) {
	t.Parallel()
	p := pool{isSharingOver: true}
	a := testNonce()
	b := testNonce()
	assert.False(t, p.beginAny().isSigned())
	p.pushIdle(a)
	p.pushIdle(b)
	assert.Same(t, b, p.beginAny().nonce)
	assert.Same(t, a, p.beginAny().nonce)
	assert.False(t, p.beginAny().isSigned())
}

func TestPool_dropsIdleNonces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p pool
		young := testNonce()
		p.pushIdle(testNonce())
		time.Sleep(maxIdleTime - time.Second)
		p.pushIdle(young)
		time.Sleep(2 * time.Second)
		assert.Len(t, p.idle, 2)
		p.accept(p.beginAny()) // sweeps
		assert.Len(t, p.idle, 1)
		use := p.beginAny()
		assert.Same(t, young, use.nonce)
		p.accept(use)
		time.Sleep(maxIdleTime + time.Second)
		assert.False(t, p.beginAny().isSigned())
		assert.Empty(t, p.idle)
	})
}

func TestPool_isBounded(t *testing.T) {
	t.Parallel()
	var p pool
	first := testNonce()
	last := testNonce()
	p.pushIdle(first)
	for range 2 * maxIdle {
		p.pushIdle(testNonce())
	}
	p.pushIdle(last)
	assert.Len(t, p.idle, maxIdle)
	assert.NotContains(t, p.idle, first)
	assert.Same(t, last, p.beginAny().nonce)
}

func TestPool_refusesExhaustedNonces(t *testing.T) {
	t.Parallel()
	var p pool
	p.pushIdle(&nonce{challenge: &digest.Challenge{}, lastCount: maxCount})
	assert.False(t, p.beginAny().isSigned())
	p.pushIdle(&nonce{challenge: &digest.Challenge{}, lastCount: maxCount - 1})
	assert.Equal(t, maxCount, p.beginAny().count)
	assert.False(t, p.beginAny().isSigned(), "no count is left to share")
}
