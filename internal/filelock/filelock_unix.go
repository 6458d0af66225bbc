//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package filelock

import (
	"errors"
	"os"
	"syscall"
)

func tryLock(file *os.File) error { return flock(file, syscall.LOCK_EX|syscall.LOCK_NB) }

func unlock(file *os.File) { _ = flock(file, syscall.LOCK_UN) }

func isLocked(err error) bool { return errors.Is(err, syscall.EWOULDBLOCK) }

func isUnsupported(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.ENOLCK)
}

func flock(file *os.File, flag int) error {
	return control(file, func(handle uintptr) error {
		for {
			err := syscall.Flock(int(handle), flag)
			if !errors.Is(err, syscall.EINTR) {
				return err
			}
		}
	})
}
