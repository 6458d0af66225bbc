// Package filelock locks a file against other processes. A lock ends with its process.
package filelock

import (
	"errors"
	"os"
)

// ErrLocked is returned if another process, or another part of this one, has the lock.
var ErrLocked = errors.New("the file is locked")

const ownerOnly = 0o600

// Lock is a locked file.
type Lock struct{ file *os.File }

// New creates the file if it does not exist, and locks it. The file stays after the lock: another
// process may wait to open it.
func New(path string) (*Lock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, ownerOnly) //nolint:gosec // the caller's path
	if err != nil {
		return nil, err
	}
	if err := TryLock(file); err != nil {
		_ = file.Close()
		return nil, err
	}
	return &Lock{file: file}, nil
}

// Unlock ends the lock.
func (l *Lock) Unlock() {
	Unlock(l.file)
	_ = l.file.Close()
}

// TryLock locks an open file, or fails immediately: with [ErrLocked] if another open file has the
// lock. A system or file system without locks is used without one. Others can still read and
// write the file.
func TryLock(file *os.File) error {
	err := tryLock(file)
	switch {
	case err == nil, isUnsupported(err):
		return nil
	case isLocked(err):
		return ErrLocked
	default:
		return &os.PathError{Op: "lock", Path: file.Name(), Err: err}
	}
}

// Unlock ends the lock of an open file. Closing the file is not enough: a process that another
// goroutine starts has a copy of all open files until it runs its program.
func Unlock(file *os.File) { unlock(file) }

// control calls f with the handle of the file.
func control(file *os.File, f func(handle uintptr) error) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var callErr error
	err = raw.Control(func(handle uintptr) { callErr = f(handle) })
	return errors.Join(err, callErr)
}
