//go:build race

package testutil

// raceEnabled reports whether the race detector is on. It allocates, and empties pools.
const raceEnabled = true
