package testutil

import "testing"

// SkipUnderRace skips a test of memory: the race detector allocates, and empties pools.
func SkipUnderRace(t *testing.T) {
	t.Helper()
	if raceEnabled {
		t.Skip("the race detector allocates too: bounds hold for builds without it")
	}
}
