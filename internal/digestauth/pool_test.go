package digestauth

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestPool_newestFirst(t *testing.T) {
	t.Parallel()
	var p pool
	a, b := new(nonce), new(nonce)
	assert.Nil(t, p.take())
	p.put(a)
	p.put(b)
	assert.Same(t, b, p.take())
	assert.Same(t, a, p.take())
	assert.Nil(t, p.take())
}

func TestPool_dropsIdleNonces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p pool
		old, young := new(nonce), new(nonce)
		p.put(old)
		time.Sleep(maxIdleTime - time.Second)
		p.put(young)
		time.Sleep(2 * time.Second)
		assert.Len(t, p.idle, 2)
		p.put(p.take()) // sweeps
		assert.Len(t, p.idle, 1)
		assert.Same(t, young, p.take())
		p.put(young)
		time.Sleep(maxIdleTime + time.Second)
		assert.Nil(t, p.take())
		assert.Empty(t, p.idle)
	})
}

func TestPool_isBounded(t *testing.T) {
	t.Parallel()
	var p pool
	first, last := new(nonce), new(nonce)
	p.put(first)
	for range 2 * maxIdle {
		p.put(new(nonce))
	}
	p.put(last)
	assert.Len(t, p.idle, maxIdle)
	assert.NotContains(t, p.idle, first)
	assert.Same(t, last, p.take())
}

func TestPool_refusesExhaustedNonces(t *testing.T) {
	t.Parallel()
	var p pool
	p.put(&nonce{count: maxCount})
	assert.Nil(t, p.take())
	p.put(&nonce{count: maxCount - 1})
	assert.NotNil(t, p.take())
}
