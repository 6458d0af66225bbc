//go:build !linux || arm

package partfile

import (
	"os"
	"sync"
	"sync/atomic"
)

// flushEvery is the number of bytes between two syncs.
const flushEvery = 64 << 20

// flusher syncs in the background, one Sync at a time.
type flusher struct {
	busy  atomic.Bool
	group sync.WaitGroup
	err   error // the first: a system reports each one only once
}

// start reports whether it could begin.
func (f *flusher) start(file *os.File, _, _ int64) bool {
	if !f.busy.CompareAndSwap(false, true) {
		return false
	}
	f.group.Go(func() {
		if err := file.Sync(); err != nil && f.err == nil {
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
