package digestauth

import (
	"hash"
	"sync"
)

// hasher hashes texts. It is pooled for its memory.
type hasher struct {
	algorithm string
	hash      hash.Hash
	text      []byte
	sum       []byte
}

var hashers sync.Pool

func getHasher(algorithm string) *hasher {
	if h, ok := hashers.Get().(*hasher); ok && h.algorithm == algorithm {
		return h
	}
	return &hasher{algorithm: algorithm, hash: newHash(algorithm)}
}

// sumText returns the hash of text. The bytes are valid until the next hash.
func (h *hasher) sumText() []byte {
	h.hash.Reset()
	_, _ = h.hash.Write(h.text) // never fails
	h.sum = h.hash.Sum(h.sum[:0])
	return h.sum
}
