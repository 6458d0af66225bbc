//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package filelock

import (
	"errors"
	"os"
)

// tryLock fails: the system has no lock that ends with its process.
func tryLock(*os.File) error { return errors.ErrUnsupported }

func unlock(*os.File) {}

func isLocked(error) bool { return false }

func isUnsupported(err error) bool { return errors.Is(err, errors.ErrUnsupported) }
