//go:build race

package restorejobs_test

// raceEnabled tells that the race detector is on: it allocates by itself and empties pools.
const raceEnabled = true
