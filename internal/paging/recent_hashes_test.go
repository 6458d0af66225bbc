package paging

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRecentHashes_remembersTheLatest compares the set with a list of all hashes. Those of 14 bits
// occur again, and all are in few buckets.
func TestRecentHashes_remembersTheLatest(t *testing.T) {
	t.Parallel()
	for _, bits := range []int{64, 14} {
		random := rand.New(rand.NewPCG(1, uint64(bits)))
		var set recentHashes
		var all []uint64
		added := map[uint64]int{} // the index in all
		assert.False(t, set.has(0))
		for len(all) < 3*maxRecent {
			hash := random.Uint64() >> (64 - bits) << 3
			index, wasAdded := added[hash]
			isKnown := wasAdded && index >= len(all)-maxRecent
			require.Equal(t, isKnown, set.has(hash), "%d after %d of %d bits", hash, len(all), bits)
			if !isKnown {
				set.add(hash)
				added[hash] = len(all)
				all = append(all, hash)
			}
			require.True(t, set.has(all[max(0, len(all)-maxRecent)]), "the oldest of %d", len(all))
		}
		assert.Len(t, set.hashes, maxRecent)
		assert.Equal(t, maxRecent, cap(set.hashes))
	}
}

// TestRecentHashes_memory: a list of few entries does not pay for a long one.
func TestRecentHashes_memory(t *testing.T) {
	t.Parallel()
	var set recentHashes
	for hash := range uint64(100) {
		set.add(hash)
	}
	assert.Equal(t, 128, cap(set.hashes))
	assert.Len(t, set.newest, 128)
	assert.Equal(t, 128, cap(set.older))
}
