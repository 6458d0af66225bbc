// Package paging remembers the ids of a long list that comes in pages: it drops what came
// before, as pages shift while the list grows, and notices a list that goes in circles.
package paging

import (
	"fmt"
	"hash/maphash"
)

// MinRemembered is how many of the latest ids are known at least.
const MinRemembered = 4096

const (
	maxEmptyPages      = 10 // in a row
	maxPagesWithoutNew = 10 // in a row, all of whose ids were seen before
)

// LoopDetector are what was seen: the last 4,096 ids at least. They are kept as hashes, because an id
// would keep in memory whatever it is a part of. Make them with [New].
type LoopDetector struct {
	seed                        maphash.Seed
	current, previous           map[uint64]struct{}
	pages                       map[uint64]struct{}
	emptyInRow, pagesWithoutNew int // pages in a row
}

// New has seen nothing.
func New() *LoopDetector {
	return &LoopDetector{seed: maphash.MakeSeed(), current: map[uint64]struct{}{}, pages: map[uint64]struct{}{}}
}

// Add remembers an id and reports whether it is new. What has no id always is.
func (l *LoopDetector) Add(id string) bool {
	if id == "" {
		return true
	}
	if l.Has(id) {
		return false
	}
	if len(l.current) >= MinRemembered {
		l.previous, l.current = l.current, make(map[uint64]struct{}, MinRemembered)
	}
	l.current[maphash.String(l.seed, id)] = struct{}{}
	return true
}

// Has reports an id that was added. What has no id never was.
func (l *LoopDetector) Has(id string) bool {
	hash := maphash.String(l.seed, id)
	_, recent := l.current[hash]
	_, older := l.previous[hash]
	return id != "" && (recent || older)
}

// CheckPage checks a page before its ids are added, of which id gives the i-th of n. The error
// says that the list has no end. A list that has grown since the page before may repeat one.
func (l *LoopDetector) CheckPage(number, n int, grown bool, id func(i int) string) error {
	if n == 0 {
		l.emptyInRow++
		if l.emptyInRow >= maxEmptyPages {
			return fmt.Errorf("%d empty pages in a row, up to page %d", l.emptyInRow, number)
		}
		return nil
	}
	l.emptyInRow = 0
	hasEmptyID, hasNew := false, false
	for i := range n {
		id := id(i)
		hasEmptyID = hasEmptyID || id == ""
		hasNew = hasNew || id != "" && !l.Has(id)
	}
	l.pagesWithoutNew++
	if hasNew || hasEmptyID {
		l.pagesWithoutNew = 0
	}
	pageHash := l.Hash(n, id)
	_, repeated := l.pages[pageHash]
	l.pages[pageHash] = struct{}{}
	switch {
	case repeated && !hasNew && !grown:
		return fmt.Errorf("page %d repeats an earlier page", number)
	case l.pagesWithoutNew >= maxPagesWithoutNew:
		return fmt.Errorf("%d pages in a row without a new job, up to page %d", l.pagesWithoutNew, number)
	}
	return nil
}

// Hash is the hash of a page, of which id gives the i-th of n.
func (l *LoopDetector) Hash(n int, id func(i int) string) uint64 {
	var ids maphash.Hash
	ids.SetSeed(l.seed)
	for i := range n {
		_, _ = ids.WriteString(id(i)) // never fails
		_ = ids.WriteByte('\n')       // as above
	}
	return ids.Sum64()
}
