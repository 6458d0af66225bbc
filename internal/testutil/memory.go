package testutil

import (
	"runtime"
	"testing"
)

// SkipUnderRace skips a test of memory: the race detector allocates, and empties pools.
func SkipUnderRace(t *testing.T) {
	t.Helper()
	if RaceEnabled {
		t.Skip("the race detector allocates too: bounds hold for builds without it")
	}
}

// Allocated returns the bytes that all goroutines allocate during a call, garbage included.
func Allocated(call func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
