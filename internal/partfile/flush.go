package partfile

import (
	"os"
	"sync"
	"sync/atomic"
)

// flusher writes to the disk in the background, one range at a time: the kernel can take long even
// to begin. Its methods are for one goroutine at a time, except start.
type flusher struct {
	busy  atomic.Bool
	group sync.WaitGroup
	err   error // the first: a system reports each one only once
}

// start reports whether it could begin.
func (f *flusher) start(file *os.File, from, n int64) bool {
	if !f.busy.CompareAndSwap(false, true) {
		return false
	}
	f.group.Go(func() {
		if err := flush(file, from, n); err != nil && f.err == nil {
			f.err = err
		}
		f.busy.Store(false)
	})
	return true
}

func (f *flusher) wait() error {
	f.group.Wait()
	return f.err
}
