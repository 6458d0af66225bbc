package durable

import "sync/atomic"

// sendOnce permits one create without a search for an earlier one. It is shared by all copies of a
// state, so that a step that is repeated with the state it began with searches first.
type sendOnce struct{ used atomic.Bool }

// claim reports whether this is the first use.
func (s *sendOnce) claim() bool { return s != nil && s.used.CompareAndSwap(false, true) }

// WithoutSearch returns the state with the promise that no create of it was ever sent, so that
// [StepCreate] sends one without a search for an earlier one. The promise is used up by one
// [Advance]. Engines give it where they know that a step runs for the first time.
func (s State) WithoutSearch() State {
	s.unsent = &sendOnce{}
	return s
}
