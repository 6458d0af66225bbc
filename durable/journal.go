package durable

import (
	"context"
	"encoding/json"
	"sync"
)

// Journal stores the state of a restore. It must not be used by two restores at the same time;
// one that can prevent it also implements [Locker].
type Journal interface {
	// Load returns the stored state, or the zero State if there is none.
	Load(ctx context.Context) (State, error)
	// Save stores a state durably. It returns an error matching [ErrConflict] unless the Revision
	// is one more than that of the stored state. Ctx ends after a minute, and not with the run.
	Save(ctx context.Context, state State) error
}

// Locker is implemented by a [Journal] that can lock itself. [Restore] locks it first, so that one
// process uses it.
type Locker interface {
	// Lock returns a function that unlocks the journal. If it is locked, the error matches
	// [ErrLocked]. A lock ends with its process.
	Lock(ctx context.Context) (unlock func(), err error)
}

// MemoryJournal is a [Journal] in memory, for tests and for programs that do not resume. The zero
// value is empty. It must not be copied.
type MemoryJournal struct {
	mu     sync.Mutex
	saved  []byte
	locked bool
}

// Load returns the saved state.
func (m *MemoryJournal) Load(context.Context) (State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return decodeState(m.saved)
}

// Save saves a state.
func (m *MemoryJournal) Save(_ context.Context, state State) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	stored, err := decodeState(m.saved)
	if err != nil {
		return err
	}
	if state.Revision != stored.Revision+1 {
		return ErrConflict
	}
	encoded, err := json.Marshal(state)
	if err != nil {
		return err
	}
	m.saved = encoded
	return nil
}

// Lock locks the journal.
func (m *MemoryJournal) Lock(context.Context) (unlock func(), err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.locked {
		return nil, ErrLocked
	}
	m.locked = true
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.locked = false
	}, nil
}

// decodeState reads a stored state. Nothing is the zero State.
func decodeState(data []byte) (State, error) {
	var state State
	if len(data) == 0 {
		return state, nil
	}
	if err := json.Unmarshal(data, &state); err != nil {
		return State{}, &StateError{Problem: "it is not the JSON of a state: " + err.Error()}
	}
	if state.Version == 0 {
		return State{}, &StateError{Problem: "it is JSON without a version"}
	}
	return state, nil
}
