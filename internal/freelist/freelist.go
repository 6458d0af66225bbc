// Package freelist keeps the objects of a pool during a series of calls.
package freelist

import "sync"

// List holds objects of a [sync.Pool]. Garbage collections do not empty it, as they empty a pool: a busy
// heap has several in a second. It is safe for concurrent use.
type List struct {
	pool *sync.Pool

	mu   sync.Mutex
	free []any
}

// New returns an empty list. Call [List.Close] after use.
func New(pool *sync.Pool) *List {
	return &List{pool: pool}
}

// Get removes an object from the list, else from the pool, and returns it.
func (l *List) Get() any {
	l.mu.Lock()
	last := len(l.free) - 1
	if last < 0 {
		l.mu.Unlock()
		return l.pool.Get()
	}
	x := l.free[last]
	l.free[last] = nil
	l.free = l.free[:last]
	l.mu.Unlock()
	return x
}

// Put adds an object.
func (l *List) Put(x any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = append(l.free, x)
}

// Close moves all objects to the pool.
func (l *List) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, x := range l.free {
		l.pool.Put(x)
	}
	l.free = nil
}
