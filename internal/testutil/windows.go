package testutil

import (
	"os"
	"runtime"
	"testing"
)

// SkipOnWindows skips a test of what Windows does not have.
func SkipOnWindows(tb testing.TB, reason string) {
	tb.Helper()
	if runtime.GOOS == "windows" {
		tb.Skip("on Windows " + reason)
	}
}

// Symlink creates a symbolic link, or skips the test: Windows permits it to administrators only.
func Symlink(tb testing.TB, dir *os.Root, target, name string) {
	tb.Helper()
	err := dir.Symlink(target, name)
	if err == nil {
		return
	}
	if runtime.GOOS == "windows" {
		tb.Skip("symbolic links cannot be created here: " + err.Error())
	}
	tb.Fatal(err)
}
