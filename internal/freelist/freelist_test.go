package freelist_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/freelist"
)

func newPool(made *int) *sync.Pool {
	return &sync.Pool{New: func() any {
		*made++
		return new(int)
	}}
}

func TestList_survivesCollections(t *testing.T) {
	t.Parallel()
	made := 0
	list := freelist.New(newPool(&made))
	first := list.Get()
	second := list.Get()
	assert.NotSame(t, first, second)
	list.Put(first)
	list.Put(second)
	for range 3 { // a pool is empty after two
		runtime.GC()
	}
	assert.Same(t, second, list.Get(), "the latest is the warmest")
	assert.Same(t, first, list.Get())
	assert.Equal(t, 2, made)
	list.Get()
	assert.Equal(t, 3, made)
}

func TestList_Close(t *testing.T) {
	t.Parallel()
	made := 0
	list := freelist.New(newPool(&made))
	first := list.Get()
	list.Put(first)
	list.Close()
	again := list.Get() // from the pool, which may have dropped it
	assert.Equal(t, again != first, made == 2)
	list.Close()
}

func TestList_concurrentUse(t *testing.T) {
	t.Parallel()
	list := freelist.New(&sync.Pool{New: func() any { return new(int) }})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 1000 {
				x := list.Get().(*int)
				*x++ // a race, if two have the same one
				list.Put(x)
			}
		})
	}
	group.Wait()
	list.Close()
}
