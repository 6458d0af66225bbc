package download

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/parallel"
	"example.com/restorejobs/internal/partfile"
)

const (
	// rangeBuffer is the buffer of each connection and of the hash.
	rangeBuffer = 512 << 10
	// checkpointRanges is how often the sidecar is saved, in bytes of all connections.
	checkpointRanges = 2 << 20
)

// connections fetches the ranges of one file over several connections. The hash follows behind
// the beginning of the file that is whole.
type connections struct {
	transfer *transfer
	part     *partfile.Part
	dest     *partDestination
	cancel   context.CancelFunc
	first    *segment        // of the first response
	slowOnly bool            // the others must wait until the first has been measured
	parent   context.Context //nolint:containedctx // of all requests of the file
	proved   chan struct{}   // closed when a range has come, or cannot come
	prove    sync.Once

	mu       sync.Mutex
	changed  *sync.Cond // more can be hashed
	segments *segments
	isProved bool  // a range has come
	refused  bool  // no more ranges may be requested
	ended    bool  // no connection fetches any more
	lastErr  error // why a connection has ended
	hashErr  error

	saving  sync.Mutex // while the sidecar is saved
	unsaved int64      // bytes since then

	reporting sync.Mutex // while Progress runs
}

// receiveRanges receives a response and fetches the rest of the file on further connections.
func (t *transfer) receiveRanges(resp *response) error {
	dest, isPart := t.dest.(*partDestination)
	if !isPart {
		return &permanentError{errRangesRefused}
	}
	if t.segments == nil {
		t.segments = t.newSegments()
	}
	count := t.connections()
	if t.validators.Size-t.have() < t.client.minRangesLeft() || resp.forbidsRanges {
		count = 1
	}
	t.segments.length = t.segmentLength(count)
	if err := dest.part.Allocate(t.validators.Size); err != nil {
		return &permanentError{err}
	}
	ctx, cancel := context.WithCancel(resp.parent)
	defer cancel()
	c := &connections{
		transfer: t,
		part:     dest.part,
		dest:     dest,
		parent:   resp.parent,
		cancel:   cancel,
		slowOnly: t.beginning != nil && t.file.SlowOnly && !t.usesRanges(),
		proved:   make(chan struct{}),
		segments: t.segments,
	}
	c.first = c.segments.gapAt(t.bytes, time.Now()) // before another connection can have it
	c.changed = sync.NewCond(&c.mu)
	err := c.run(ctx, resp, count)
	return c.finish(err)
}

// run returns after all connections and the hash have ended.
func (c *connections) run(ctx context.Context, resp *response, count int) error {
	hashed := make(chan struct{})
	go func() {
		defer close(hashed)
		c.hashErr = c.hash()
	}()
	defer func() {
		c.mu.Lock()
		c.ended = true
		c.changed.Signal()
		c.mu.Unlock()
		<-hashed
	}()
	return parallel.ForEach(ctx, count, count, func(ctx context.Context, i int) error {
		defer c.setProved() // the others must not wait for one that has ended
		w := &connection{connections: c, buffer: make([]byte, rangeBuffer)}
		if i == 0 {
			w.resp = resp
			w.offset = c.first.start
			w.assigned = c.first
			context.AfterFunc(ctx, func() { resp.cancel(nil) })
		} else if !c.mayStart(ctx, i) {
			return nil
		}
		return w.work(ctx)
	})
}

// mayStart waits until a first range has shown that ranges work.
func (c *connections) mayStart(ctx context.Context, i int) bool {
	if c.slowOnly && !c.isSlow(ctx) {
		return false
	}
	if i > 1 {
		select {
		case <-c.proved:
		case <-ctx.Done():
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return ctx.Err() == nil && !c.refused && (i == 1 || c.isProved)
}

// isSlow measures the first connection as [slowReader] does.
func (c *connections) isSlow(ctx context.Context) bool {
	if api.Sleep(ctx, slowAfter) != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	left := c.segments.size - c.segments.base - c.segments.ahead()
	return left >= c.transfer.client.minRangesLeft() && c.first.rate(time.Now()) < slowRate
}

func (c *connections) setProved() { c.prove.Do(func() { close(c.proved) }) }

// finish records what was fetched. The error is that of a connection only if bytes are missing.
func (c *connections) finish(err error) error {
	t := c.transfer
	if errors.Is(c.hashErr, errDamaged) {
		return t.reset(noValidators) // the next request is for all of it
	}
	for c.segments.advance(t.bytes, func() []byte { return t.hash.Sum(nil) }) {
	}
	isFetched := t.bytes == c.segments.size
	var saveErr error
	if isFetched {
		t.segments = nil
		saveErr = c.dest.Checkpoint(t.bytes, t.bytes, t.hash.Sum(nil))
	} else {
		saveErr = t.keepSegments(c.part, c.dest)
	}
	t.noRanges = t.noRanges || c.refused
	var permanent *permanentError
	switch {
	case errors.As(err, &permanent):
		return err
	case c.hashErr != nil:
		return &permanentError{c.hashErr}
	case saveErr != nil:
		return &permanentError{saveErr}
	case isFetched:
		return nil
	case c.lastErr != nil:
		return c.lastErr
	case c.refused:
		return ErrVersionChanged
	case err != nil:
		return &connectionError{err: err}
	default:
		return &connectionError{err: io.ErrUnexpectedEOF}
	}
}

// hash hashes what is on the disk, in order, until all connections have ended.
func (c *connections) hash() error {
	t := c.transfer
	if err := t.verifyBeginning(c.parent); err != nil {
		c.cancel()
		return err
	}
	buffer := make([]byte, rangeBuffer)
	for {
		end, ok := c.nextHashable(t.bytes)
		if !ok {
			return nil
		}
		n := min(int64(len(buffer)), end-t.bytes)
		if _, err := c.part.ReadAt(buffer[:n], t.bytes); err != nil {
			c.cancel()
			return err
		}
		_, _ = t.hash.Write(buffer[:n]) // a hash never fails
		t.bytes += n
	}
}

// nextHashable waits for bytes after an offset.
func (c *connections) nextHashable(offset int64) (end int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if c.segments.advance(offset, func() []byte { return c.transfer.hash.Sum(nil) }) {
			continue
		}
		if end := c.segments.hashable(c.segments.base); end > offset {
			return end, true
		}
		if c.ended {
			return 0, false
		}
		c.changed.Wait()
	}
}

func (c *connections) report(n int64) {
	c.reporting.Lock()
	defer c.reporting.Unlock()
	c.transfer.progress.add(n)
}

// save saves the sidecar from time to time.
func (c *connections) save(n int64) error {
	c.saving.Lock()
	defer c.saving.Unlock()
	c.unsaved += n
	if c.unsaved < checkpointRanges {
		return nil
	}
	c.unsaved = 0
	c.mu.Lock()
	state := segments{base: c.segments.base, size: c.segments.size, sum: c.segments.sum}
	for _, segment := range c.segments.list {
		copied := *segment
		state.list = append(state.list, &copied)
	}
	c.mu.Unlock()
	return c.dest.CheckpointRanges(&state)
}

func (c *connections) release(segment *segment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.segments.release(segment)
	c.changed.Signal()
	if c.segments.isFetched() {
		c.cancel()
	}
}

// fail records why a connection has ended. A response that is not the range ends all further
// requests.
func (c *connections) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if errors.Is(err, errRangesRefused) {
		c.refused = true
		return
	}
	c.lastErr = err
}
