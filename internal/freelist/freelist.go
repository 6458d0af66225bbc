// Package freelist keeps objects for other uses while something runs.
package freelist

import "sync"

// List is a part of a [sync.Pool] that no garbage collection empties. A pool loses an object that is not
// used between two collections, which a busy heap has several times a second. It is safe for concurrent
// use.
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
