// Package filelock locks a file against other processes. A lock ends with its process.
package filelock

import (
	"errors"
	"os"
)

// ErrLocked is returned if another process, or another part of this one, has the lock.
var ErrLocked = errors.New("the file is locked")

// Lock is a locked file.
type Lock struct{ file *os.File }

// New creates the file if it does not exist, and locks it. The file stays after the lock: another
// process may wait to open it. A system or file system without locks is used without one.
func New(path string) (*Lock, error) {
	file, err := open(path)
	if err != nil {
		return nil, err
	}
	return &Lock{file: file}, nil
}

// Unlock ends the lock.
func (l *Lock) Unlock() {
	unlock(l.file)
	_ = l.file.Close()
}
