package partfile

import (
	"errors"
	"os"
	"syscall"
)

// allocate reserves the blocks of a file, so that a full disk is reported early. A file system
// without reservations gets a file with holes.
func allocate(f *os.File, size int64) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		for {
			failed = syscall.Fallocate(int(fd), 0, 0, size)
			if !errors.Is(failed, syscall.EINTR) {
				return
			}
		}
	})
	switch {
	case err != nil:
		return err
	case failed == nil:
		return nil
	case errors.Is(failed, syscall.ENOSPC), errors.Is(failed, syscall.EFBIG), errors.Is(failed, syscall.EDQUOT):
		return &os.PathError{Op: "allocate", Path: f.Name(), Err: failed}
	default:
		return f.Truncate(size)
	}
}
