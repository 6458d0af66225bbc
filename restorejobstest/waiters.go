package restorejobstest

import (
	"context"
	"errors"
	"time"
)

// errClosed ends every wait when the server is closed.
var errClosed = errors.New("restorejobstest: the server was closed")

// sleep waits for d, or until ctx ends or the server is closed.
func (s *Server) sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	closed := make(chan struct{}) // one for each wait, because a synctest bubble must not use a channel from outside
	if !s.registerWaiter(closed) {
		return errClosed
	}
	defer s.removeWaiter(closed)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-closed:
		return errClosed
	}
}

// registerWaiter has the channel closed together with the server. It reports false if the server
// is closed already.
func (s *Server) registerWaiter(closed chan struct{}) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.waiters[closed] = true
	return true
}

func (s *Server) removeWaiter(closed chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiters, closed)
}
