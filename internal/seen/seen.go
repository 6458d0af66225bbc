// Package seen remembers the ids of a long list that comes in pages: it drops what came
// before, as pages shift while the list grows, and notices a list that goes in circles.
package seen

import (
	"fmt"
	"hash/maphash"
)

// Remembered is how many of the latest ids are known at least.
const Remembered = 4096

const (
	maxEmptyPages       = 10 // in a row
	maxPagesWithoutNews = 10 // in a row, all of whose ids were seen before
)

// IDs are what was seen: the last 4,096 ids at least. They are kept as hashes, because an id
// would keep in memory whatever it is a part of. Make them with [New].
type IDs struct {
	seed          maphash.Seed
	recent, older map[uint64]struct{}
	pages         map[uint64]struct{}
	empty, stale  int // pages in a row
}

// New has seen nothing.
func New() *IDs {
	return &IDs{seed: maphash.MakeSeed(), recent: map[uint64]struct{}{}, pages: map[uint64]struct{}{}}
}

// Add remembers an id and reports whether it is new. What has no id always is.
func (s *IDs) Add(id string) bool {
	if id == "" {
		return true
	}
	if s.Has(id) {
		return false
	}
	if len(s.recent) >= Remembered {
		s.older, s.recent = s.recent, make(map[uint64]struct{}, Remembered)
	}
	s.recent[maphash.String(s.seed, id)] = struct{}{}
	return true
}

// Has reports an id that was added. What has no id never was.
func (s *IDs) Has(id string) bool {
	hash := maphash.String(s.seed, id)
	_, recent := s.recent[hash]
	_, older := s.older[hash]
	return id != "" && (recent || older)
}

// Page checks a page before its ids are added, of which id gives the i-th of n. The error
// says that the list has no end. A list that has grown since the page before may repeat one.
func (s *IDs) Page(number, n int, grown bool, id func(i int) string) error {
	if n == 0 {
		s.empty++
		if s.empty >= maxEmptyPages {
			return fmt.Errorf("%d empty pages in a row, up to page %d", s.empty, number)
		}
		return nil
	}
	s.empty = 0
	nameless, news := false, false
	for i := range n {
		one := id(i)
		nameless = nameless || one == ""
		news = news || one != "" && !s.Has(one)
	}
	s.stale++
	if news || nameless {
		s.stale = 0
	}
	mark := s.Hash(n, id)
	_, again := s.pages[mark]
	s.pages[mark] = struct{}{}
	switch {
	case again && !news && !grown:
		return fmt.Errorf("page %d repeats an earlier page", number)
	case s.stale >= maxPagesWithoutNews:
		return fmt.Errorf("%d pages in a row without a new job, up to page %d", s.stale, number)
	}
	return nil
}

// Hash is the hash of a page, of which id gives the i-th of n.
func (s *IDs) Hash(n int, id func(i int) string) uint64 {
	var ids maphash.Hash
	ids.SetSeed(s.seed)
	for i := range n {
		_, _ = ids.WriteString(id(i)) // never fails
		_ = ids.WriteByte('\n')       // as above
	}
	return ids.Sum64()
}
