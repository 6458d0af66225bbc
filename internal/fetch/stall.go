package fetch

import (
	"context"
	"errors"
	"io"
	"time"
)

// stallClock ends an exchange in which nothing comes for too long. It runs only while
// the server is waited for.
type stallClock struct {
	after time.Duration
	timer *time.Timer // nil without a limit
}

func newStallClock(after time.Duration, end context.CancelCauseFunc) *stallClock {
	if after < 0 {
		return &stallClock{}
	}
	timer := time.AfterFunc(after, func() { end(&stalledError{after}) })
	timer.Stop()
	return &stallClock{after: after, timer: timer}
}

func (c *stallClock) start() {
	if c.timer != nil {
		c.timer.Reset(c.after)
	}
}

func (c *stallClock) stop() {
	if c.timer != nil {
		c.timer.Stop()
	}
}

// stalledOr names the stall where the context was ended by it.
func stalledOr(ctx context.Context, err error) error {
	var stalled *stalledError
	if cause := context.Cause(ctx); errors.As(cause, &stalled) && !errors.As(err, &stalled) {
		return stalled
	}
	return err
}

// linkBody is a body under the stall clock.
type linkBody struct {
	io.ReadCloser

	clock *stallClock
}

func (b *linkBody) Read(p []byte) (int, error) {
	b.clock.start()
	defer b.clock.stop()
	return b.ReadCloser.Read(p)
}

// countedBody counts what is read.
type countedBody struct {
	io.Reader

	meter *meter
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.meter.add(int64(n))
	return n, err
}
