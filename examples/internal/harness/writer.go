package harness

import (
	"io"
	"sync"
)

// SyncWriter returns a writer for several goroutines.
func SyncWriter(out io.Writer) io.Writer { return &syncWriter{out: out} }

type syncWriter struct {
	mu  sync.Mutex
	out io.Writer
}

func (w *syncWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}
