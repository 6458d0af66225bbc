package download

import (
	"context"
	"errors"
	"io"
	"time"
)

// stallTimer ends an exchange in which nothing comes for too long. It runs only while
// the server is waited for.
type stallTimer struct {
	after time.Duration
	timer *time.Timer // nil without a limit
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

// stallCause names the stall where the context was ended by it.
func stallCause(ctx context.Context, err error) error {
	var stalled *stallError
	if cause := context.Cause(ctx); errors.As(cause, &stalled) && !errors.As(err, &stalled) {
		return stalled
	}
	return err
}

// stallReader is a body under the stall clock.
type stallReader struct {
	io.ReadCloser

	timer *stallTimer
}

func (s *stallReader) Read(p []byte) (int, error) {
	s.timer.start()
	defer s.timer.stop()
	return s.ReadCloser.Read(p)
}

// countingReader counts what is read.
type countingReader struct {
	io.Reader

	progress *progressMeter
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.progress.add(int64(n))
	return n, err
}
