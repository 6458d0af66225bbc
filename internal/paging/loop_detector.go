package paging

import (
	"fmt"
	"hash/maphash"
)

const (
	maxEmptyPages      = 10 // in a row
	maxPagesWithoutNew = 10 // in a row, all of whose ids were seen before
)

// LoopDetector remembers the pages and the latest 8,192 ids of a list, as hashes. An id itself would
// keep in memory whatever it is a part of. Make one with [NewLoopDetector].
type LoopDetector struct {
	noun            string
	seed            maphash.Seed
	ids             recentHashes
	pages           map[uint64]struct{}
	emptyInRow      int
	pagesWithoutNew int // in a row
}

// NewLoopDetector returns a detector that has seen nothing. Its errors call an entry by the noun.
func NewLoopDetector(noun string) *LoopDetector {
	return &LoopDetector{
		noun:  noun,
		seed:  maphash.MakeSeed(),
		pages: map[uint64]struct{}{},
	}
}

// Add remembers an id and reports whether it is new. An empty id always is.
func (l *LoopDetector) Add(id []byte) bool {
	if len(id) == 0 {
		return true
	}
	hash := maphash.Bytes(l.seed, id)
	if l.ids.has(hash) {
		return false
	}
	l.ids.add(hash)
	return true
}

// Has reports whether an id was added. An empty id never was.
func (l *LoopDetector) Has(id []byte) bool {
	return len(id) > 0 && l.ids.has(maphash.Bytes(l.seed, id))
}

// CheckPage checks a page of n entries before their ids are added; id returns the i-th. The error
// reports a list without an end. A list that has grown since the page before may repeat a page.
func (l *LoopDetector) CheckPage(number, n int, hasGrown bool, id func(i int) []byte) error {
	if n == 0 {
		return l.checkEmptyPage(number)
	}
	l.emptyInRow = 0
	l.pagesWithoutNew++
	for i := range n {
		if !l.Has(id(i)) { // new, or without an id
			l.pagesWithoutNew = 0
			break
		}
	}
	pageHash := l.Hash(n, id)
	_, isRepeated := l.pages[pageHash]
	l.pages[pageHash] = struct{}{}
	switch {
	case isRepeated && !hasGrown: // whether or not its ids are still remembered
		return &Error{fmt.Sprintf("page %d repeats an earlier page", number)}
	case l.pagesWithoutNew >= maxPagesWithoutNew:
		return &Error{fmt.Sprintf("%d pages in a row without a new %s, up to page %d", l.pagesWithoutNew, l.noun, number)}
	default:
		return nil
	}
}

func (l *LoopDetector) checkEmptyPage(number int) error {
	l.emptyInRow++
	if l.emptyInRow >= maxEmptyPages {
		return &Error{fmt.Sprintf("%d empty pages in a row, up to page %d", l.emptyInRow, number)}
	}
	return nil
}

// Hash returns the hash of a page of n entries, of which id returns the i-th id.
func (l *LoopDetector) Hash(n int, id func(i int) []byte) uint64 {
	var ids maphash.Hash
	ids.SetSeed(l.seed)
	for i := range n {
		_, _ = ids.Write(id(i)) // never fails
		_ = ids.WriteByte('\n') // as above
	}
	return ids.Sum64()
}
