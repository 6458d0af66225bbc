package paging

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestProgress_pagesReadAgain(t *testing.T) {
	t.Parallel()
	p := progress{first: 3}
	p.start(3, 10, 100)
	assert.Equal(t, 20, p.itemsRead, "the pages before the first")
	for number := 3; number <= 6; number++ {
		p.record(number, 10)
	}
	assert.Equal(t, position{size: 10, end: 60}, p.position())
	p.record(4, 7)
	assert.Equal(t, position{size: 10, end: 37}, p.position())
	assert.Equal(t, 6, p.highest)
	p.record(5, 0)
	p.record(6, 0)
	assert.Equal(t, position{size: 10, end: 37, emptyPages: 2}, p.position())
}

func TestProgress_lastPage(t *testing.T) {
	t.Parallel()
	p := progress{first: 1}
	p.start(1, 10, 95)
	for total, want := range map[int]int{-1: 0, 0: 0, 1: 1, 10: 1, 11: 2, 95: 10, 100: 10} {
		p.setLast(total, false)
		assert.Equal(t, want, p.last, "total %d", total)
	}
	p.setLast(95, true)
	assert.Zero(t, p.last, "totals that the server does not keep")
	assert.True(t, p.hasGrown(96))
	assert.False(t, p.hasGrown(95))
}
