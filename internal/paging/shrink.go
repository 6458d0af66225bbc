package paging

import "fmt"

const (
	maxShrinks      = 10   // in a row
	maxEqualShrinks = 2    // in a row: a list that changes seldom repeats a shrink exactly
	maxReadAgain    = 4096 // entries; the ids of all of them are remembered
)

// shrinkHistory records the shrinks of a list since it last returned a new page.
type shrinkHistory struct {
	count     int
	latest    shrink
	repeats   int  // in a row that equal the latest
	isIgnored bool // the server does not keep its totals
}

// shrink is a fall of the total between two pages.
type shrink struct {
	number      int // of the page after
	totalBefore int
	totalAfter  int
	hash        uint64 // of the entries on the page after
	hashBefore  uint64 // of the entries on the page before, requested again
}

// hasShrunk reports a total that has fallen, unless a repeated entry shows that none was skipped.
func (r *Reader[T]) hasShrunk(page *Page[T]) bool {
	if r.shrinks.isIgnored || page.Total < 0 {
		return false
	}
	return page.Total < r.previous.Total && !r.repeatsItem(page)
}

// goBack requests the pages before a shrunk one, back to the first that joins what was returned.
// A server that repeats all responses does not keep its totals: then the shrunk page counts.
func (r *Reader[T]) goBack(page *Page[T]) (*Page[T], error) {
	found := shrink{
		number:      r.nextNumber,
		totalBefore: r.previous.Total,
		totalAfter:  page.Total,
		hash:        r.hash(page),
		hashBefore:  r.shrinks.latest.hashBefore,
	}
	if found != r.shrinks.latest {
		r.shrinks.repeats = 0
	}
	if r.shrinks.repeats >= maxEqualShrinks {
		r.shrinks.isIgnored = true
		return page, nil
	}
	r.shrinks.count++
	if r.shrinks.count > maxShrinks {
		return nil, &Error{fmt.Sprintf("the list has shrunk %d times in a row at page %d", r.shrinks.count, r.nextNumber)}
	}
	r.slowDown()
	for number := r.nextNumber - 1; ; number-- {
		if (r.nextNumber-number)*r.progress.size > maxReadAgain {
			return nil, &Error{fmt.Sprintf("more %ss have gone before page %d than can be read again", r.noun, r.nextNumber)}
		}
		back := r.request(r.ctx, number)
		if back.err != nil {
			return nil, back.err
		}
		if number == r.nextNumber-1 {
			found.hashBefore = r.hash(back.page)
			r.shrinks.record(found)
		}
		if number == r.progress.first || r.joins(back.page) {
			return back.page, nil
		}
	}
}

func (s *shrinkHistory) record(found shrink) {
	if found == s.latest {
		s.repeats++
	}
	s.latest = found
}

// joins reports a page that begins with an entry that was returned.
func (r *Reader[T]) joins(page *Page[T]) bool {
	return len(page.Items) > 0 && r.seen.Has(r.id(page.Items[0]))
}

func (r *Reader[T]) hash(page *Page[T]) uint64 {
	return r.seen.Hash(len(page.Items), func(i int) []byte { return r.id(page.Items[i]) })
}
