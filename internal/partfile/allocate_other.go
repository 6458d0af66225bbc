//go:build !linux

package partfile

import "os"

// allocate makes a file with holes.
func allocate(f *os.File, size int64) error { return f.Truncate(size) }
