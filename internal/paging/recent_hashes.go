package paging

// maxRecent is how many hashes a [recentHashes] has. A place of one fits into 16 bits.
const maxRecent = 8192

// recentHashes is a set of the latest hashes. It needs 12 bytes for each, a third of what a map of
// hashes needs. Its zero value is empty.
type recentHashes struct {
	hashes []uint64 // the oldest one is replaced when there are maxRecent
	oldest int      // index in hashes

	// A place is an index in hashes plus one, and 0 is none.
	newest []uint16 // for each bucket, the place of its newest hash
	older  []uint16 // for each hash, the place of the next older one in its bucket
}

// has reports whether the set contains a hash.
func (s *recentHashes) has(hash uint64) bool {
	if len(s.hashes) == 0 {
		return false
	}
	for place := *s.bucket(hash); place > 0; place = s.older[place-1] {
		if s.hashes[place-1] == hash {
			return true
		}
	}
	return false
}

// add adds a hash that the set does not contain.
func (s *recentHashes) add(hash uint64) {
	var index int
	if len(s.hashes) < maxRecent {
		index = s.appendIndex()
	} else {
		index = s.removeOldest()
	}
	s.hashes[index] = hash
	s.insert(index)
}

// bucket returns the place of the newest hash with the same last bits.
func (s *recentHashes) bucket(hash uint64) *uint16 {
	return &s.newest[hash%uint64(len(s.newest))]
}

// insert makes a hash the newest of its bucket.
func (s *recentHashes) insert(index int) {
	bucket := s.bucket(s.hashes[index])
	s.older[index] = *bucket
	*bucket = uint16(index) + 1 //nolint:gosec // below maxRecent
}

// appendIndex returns the index of another hash.
func (s *recentHashes) appendIndex() int {
	if len(s.hashes) == len(s.newest) {
		s.grow()
	}
	s.hashes = append(s.hashes, 0)
	s.older = append(s.older, 0)
	return len(s.hashes) - 1
}

// removeOldest removes the oldest hash, which is the last of its bucket, and returns its index.
func (s *recentHashes) removeOldest() int {
	index := s.oldest
	place := s.bucket(s.hashes[index])
	for int(*place) != index+1 {
		place = &s.older[*place-1]
	}
	*place = 0
	s.oldest = (s.oldest + 1) % maxRecent
	return index
}

// grow doubles the room.
func (s *recentHashes) grow() {
	const least = 128
	size := min(max(2*len(s.newest), least), maxRecent)
	s.newest = make([]uint16, size)
	s.older = append(make([]uint16, 0, size), s.older...)
	s.hashes = append(make([]uint64, 0, size), s.hashes...)
	for index := range s.hashes {
		s.insert(index)
	}
}
