package filelock

import (
	"errors"
	"os"
	"syscall"
	"unsafe"
)

const (
	lockExclusive       = 0x2 // LOCKFILE_EXCLUSIVE_LOCK
	lockFailImmediately = 0x1 // LOCKFILE_FAIL_IMMEDIATELY
	oneByte             = 1

	errNotSupported  = syscall.Errno(50) // ERROR_NOT_SUPPORTED
	errLockViolation = syscall.Errno(33) // ERROR_LOCK_VIOLATION
)

var (
	kernel32         = syscall.NewLazyDLL("kernel32.dll")
	procLockFileEx   = kernel32.NewProc("LockFileEx")
	procUnlockFileEx = kernel32.NewProc("UnlockFileEx")
)

// lockedByte is beyond the content: others cannot read the bytes of a lock.
func lockedByte() *syscall.Overlapped {
	return &syscall.Overlapped{Offset: 1<<32 - 2, OffsetHigh: 1<<31 - 1}
}

func tryLock(file *os.File) error {
	return control(file, func(handle uintptr) error {
		return result(procLockFileEx.Call(handle, lockExclusive|lockFailImmediately, 0, oneByte, 0,
			uintptr(unsafe.Pointer(lockedByte())))) //nolint:gosec // as the system call requires
	})
}

func unlock(file *os.File) {
	_ = control(file, func(handle uintptr) error {
		return result(procUnlockFileEx.Call(handle, 0, oneByte, 0,
			uintptr(unsafe.Pointer(lockedByte())))) //nolint:gosec // as the system call requires
	})
}

// result is the error of a system call that returned false.
func result(isOK, _ uintptr, err error) error {
	if isOK != 0 {
		return nil
	}
	return err
}

func isLocked(err error) bool { return errors.Is(err, errLockViolation) }

func isUnsupported(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, errNotSupported)
}
