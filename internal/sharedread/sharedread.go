// Package sharedread lets concurrent callers share the reads of a resource, so that several who
// watch it read it once.
package sharedread

import (
	"context"
	"sync"
	"time"
)

// Group is a set of resources with the keys K. The zero value is empty. It starts no goroutine, and
// holds a resource only while a [Watcher] of it is open.
type Group[K comparable, V any] struct {
	mu        sync.Mutex
	resources map[K]*resource[V]
}

// Reading is the result of one read. It is shared: callers must not change its value.
type Reading[V any] struct {
	Value V
	Err   error
	// Started is when the read began, by the local clock.
	Started time.Time
}

// resource is what the watchers of one key share.
type resource[V any] struct {
	watchers int
	last     *Reading[V] // of the newest complete read
	flight   *flight[V]  // nil between reads
}

// flight is a read that is in progress.
type flight[V any] struct {
	done    chan struct{}
	reading *Reading[V] // nil after done: the context of the reader ended before
}

// Watcher is one caller that reads a resource repeatedly.
type Watcher[K comparable, V any] struct {
	group    *Group[K, V]
	key      K
	resource *resource[V]
}

// Watch returns a watcher of a resource. The caller must close it.
func (g *Group[K, V]) Watch(key K) *Watcher[K, V] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.resources == nil {
		g.resources = map[K]*resource[V]{}
	}
	shared := g.resources[key]
	if shared == nil {
		shared = &resource[V]{}
		g.resources[key] = shared
	}
	shared.watchers++
	return &Watcher[K, V]{group: g, key: key, resource: shared}
}

// Close ends the watch.
func (w *Watcher[K, V]) Close() {
	w.group.mu.Lock()
	defer w.group.mu.Unlock()
	w.resource.watchers--
	if w.resource.watchers == 0 {
		delete(w.group.resources, w.key)
	}
}

// Read returns a reading that began less than maxAge ago, or one that is in progress. Otherwise it
// calls read on this goroutine. A context that ends is only its own caller's: another one that
// waits for the same reading reads again. The error is that of ctx.
func (w *Watcher[K, V]) Read(ctx context.Context, maxAge time.Duration, read func(context.Context) (V, error)) (*Reading[V], error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		reading, inProgress, own := w.join(maxAge)
		switch {
		case reading != nil:
			return reading, nil
		case own != nil:
			return w.lead(ctx, own, read)
		}
		select {
		case <-inProgress.done:
			if inProgress.reading != nil {
				return inProgress.reading, nil
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// join returns a fresh reading, or the read in progress, or a new one of the caller's own.
func (w *Watcher[K, V]) join(maxAge time.Duration) (fresh *Reading[V], inProgress, own *flight[V]) {
	w.group.mu.Lock()
	defer w.group.mu.Unlock()
	shared := w.resource
	switch {
	case shared.last != nil && time.Since(shared.last.Started) < maxAge:
		return shared.last, nil, nil
	case shared.flight != nil:
		return nil, shared.flight, nil
	default:
		shared.flight = &flight[V]{done: make(chan struct{})}
		return nil, nil, shared.flight
	}
}

// lead reads for everybody who has joined. It also ends the flight if read panics.
func (w *Watcher[K, V]) lead(ctx context.Context, own *flight[V], read func(context.Context) (V, error)) (*Reading[V], error) {
	var complete *Reading[V]
	defer func() {
		w.group.mu.Lock()
		defer w.group.mu.Unlock()
		if complete != nil {
			w.resource.last = complete
			own.reading = complete
		}
		w.resource.flight = nil
		close(own.done)
	}()
	reading := &Reading[V]{Started: time.Now()}
	reading.Value, reading.Err = read(ctx)
	if reading.Err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	complete = reading
	return reading, nil
}
