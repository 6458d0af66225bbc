//go:build !race

package testutil

// RaceEnabled reports whether the race detector is on. It allocates, and empties pools.
const RaceEnabled = false
