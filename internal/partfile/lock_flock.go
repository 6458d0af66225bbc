//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package partfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// lock takes the file for this process, or fails at once. A file system that has no
// locks is used without.
func lock(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var lockErr error
	err = raw.Control(func(fd uintptr) {
		for {
			lockErr = syscall.Flock(int(fd), syscall.LOCK_EX|syscall.LOCK_NB)
			if !errors.Is(lockErr, syscall.EINTR) {
				return
			}
		}
	})
	switch {
	case err != nil:
		return err
	case errors.Is(lockErr, syscall.EWOULDBLOCK):
		return &fs.PathError{Op: "lock", Path: f.Name(), Err: ErrBusy}
	case errors.Is(lockErr, errors.ErrUnsupported), errors.Is(lockErr, syscall.ENOLCK):
		return nil
	}
	return lockErr
}
