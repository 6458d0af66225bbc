//go:build linux && !arm

package partfile

import (
	"os"
	"syscall"
)

// flushEvery is the number of bytes between two flushes.
const flushEvery = 8 << 20

// flush starts writing a range to the disk, without a journal commit as in fsync. It reports no
// error: the Sync at the end does.
func flush(f *os.File, from, n int64) error {
	const write = 2 // SYNC_FILE_RANGE_WRITE
	raw, err := f.SyscallConn()
	if err == nil {
		_ = raw.Control(func(fd uintptr) { _ = syscall.SyncFileRange(int(fd), from, n, write) })
	}
	return nil
}
