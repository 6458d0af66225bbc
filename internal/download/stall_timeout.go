package download

import (
	"context"
	"errors"
	"io"
	"time"
)

// stallTimer cancels a request whose server sends nothing for too long. It runs only during a
// read.
type stallTimer struct {
	after time.Duration
	timer *time.Timer // nil if it is disabled
}

func newStallTimer(after time.Duration, cancel context.CancelCauseFunc) *stallTimer {
	if after < 0 {
		return &stallTimer{}
	}
	timer := time.AfterFunc(after, func() { cancel(&stallError{after}) })
	timer.Stop()
	return &stallTimer{after: after, timer: timer}
}

func (s *stallTimer) start() {
	if s.timer != nil {
		s.timer.Reset(s.after)
	}
}

func (s *stallTimer) stop() {
	if s.timer != nil {
		s.timer.Stop()
	}
}

// stallCause returns the stall error if that has cancelled the context, else err.
func stallCause(ctx context.Context, err error) error {
	var stalled *stallError
	if cause := context.Cause(ctx); errors.As(cause, &stalled) && !errors.As(err, &stalled) {
		return stalled
	}
	return err
}

// stallReader reads a body under a stall timer.
type stallReader struct {
	io.ReadCloser

	timer *stallTimer
}

func (s *stallReader) Read(p []byte) (int, error) {
	s.timer.start()
	defer s.timer.stop()
	return s.ReadCloser.Read(p)
}

// countingReader counts the bytes read.
type countingReader struct {
	io.Reader

	progress *progressMeter
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.progress.add(int64(n))
	return n, err
}
