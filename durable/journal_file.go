package durable

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/restorejobs/internal/filelock"
)

// FileJournal is a [Journal] in the file with this path. The folder of the file must exist: unlike
// [Plan].Directory it is not created. A state is written to path.tmp, synced and renamed, so that the
// file always has a whole state. While [Restore] uses it, the file path.lock is locked, on Unix
// systems and Windows; it stays. On other systems, and on file systems without locks, one process may
// use it. The files have no secret. Only their owner may read them.
type FileJournal string

// Load reads the file. A missing file is the zero State.
func (f FileJournal) Load(context.Context) (State, error) {
	data, err := os.ReadFile(string(f))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return State{}, nil
	case err != nil:
		return State{}, fmt.Errorf("durable: read the journal: %w", err)
	case len(data) == 0:
		return State{}, &StateError{Problem: "the file " + string(f) + " is empty"}
	}
	return decodeState(data)
}

// Save writes the file.
func (f FileJournal) Save(ctx context.Context, state State) error {
	stored, err := f.Load(ctx)
	if err != nil {
		return err
	}
	if state.Revision != stored.Revision+1 {
		return ErrConflict
	}
	data, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return err
	}
	if err := f.replace(append(data, '\n')); err != nil {
		return fmt.Errorf("durable: save the journal: %w", err)
	}
	return nil
}

// replace writes the file as a whole.
func (f FileJournal) replace(data []byte) error {
	temporary := string(f) + ".tmp"
	if err := writeSynced(temporary, data); err != nil {
		return err
	}
	if err := os.Rename(temporary, string(f)); err != nil {
		return err
	}
	return syncDirectory(filepath.Dir(string(f)))
}

func writeSynced(path string, data []byte) error {
	const ownerOnly = 0o600
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, ownerOnly) //nolint:gosec // of the caller's file
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncDirectory makes a rename durable, where directories can be synced.
func syncDirectory(path string) error {
	dir, err := os.Open(path) //nolint:gosec // of the caller's file
	if err != nil {
		return err
	}
	err = dir.Sync()
	_ = dir.Close() // nothing was written
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, fs.ErrPermission) {
		return nil // as on Windows
	}
	return err
}

// Lock locks the file path.lock.
func (f FileJournal) Lock(context.Context) (unlock func(), err error) {
	if f == "" {
		return nil, &planError{problems: []string{"the path of the journal must not be empty"}}
	}
	lock, err := filelock.New(string(f) + ".lock")
	if errors.Is(err, filelock.ErrLocked) {
		return nil, fmt.Errorf("%w: %s", ErrLocked, string(f))
	}
	if err != nil {
		return nil, fmt.Errorf("durable: lock the journal: %w", err)
	}
	return lock.Unlock, nil
}
