package restorejobs

import (
	"cmp"
	"slices"
)

const (
	firstPage = 1
	notListed = 0
)

// Two rules limit what a search costs. The first bounds the bytes of a few items: a poll reads one
// page of as many items, and the rest individually. That is twice the items of the wait, if all are
// of one size. The second is for many items: they are searched for on pages of the largest size.
const (
	// maxFewItems is how many items can be read individually for the cost of a page of the largest
	// size. It counts a request as much as 20 items.
	maxFewItems = maxItemsPerPage / 20
	// maxSearchPolls is how many polls without lists a search may cost.
	maxSearchPolls = 4
)

func isFew(items int) bool { return items <= maxFewItems }

// searchPageSize is the size of the pages for a number of items.
func searchPageSize(items int) int {
	if isFew(items) {
		return items
	}
	return maxItemsPerPage
}

// listSearch finds items on the pages of a list, in ascending order from the page on which each
// was found before. Every item and every page is handled once.
type listSearch[T waitable] struct {
	order   []*waitedItem[T]          // by page
	byID    map[string]*waitedItem[T] // all items of the wait
	missing int                       // how many of them have isMissing
	single  []*waitedItem[T]          // to get individually

	page   int // the next, or the current one
	begin  int // order[begin:end] are expected on this page, if they are missing
	end    int
	due    int // how many of them are missing
	misses int // pages in a row without a match
}

func newListSearch[T waitable](items []*waitedItem[T], byID map[string]*waitedItem[T]) *listSearch[T] {
	s := &listSearch[T]{byID: byID, order: make([]*waitedItem[T], 0, len(items))}
	for _, item := range items {
		item.isMissing = item.page != notListed
		if !item.isMissing {
			s.single = append(s.single, item)
			continue
		}
		s.order = append(s.order, item)
	}
	s.missing = len(s.order)
	slices.SortStableFunc(s.order, func(a, b *waitedItem[T]) int { return cmp.Compare(a.page, b.page) })
	return s
}

// nextPage selects the next page that is worth a request, false after the last.
func (s *listSearch[T]) nextPage() bool {
	for s.missing > 0 {
		if s.due == 0 {
			s.skipGap()
		} else {
			s.page++
		}
		s.expectItems()
		if !s.preferGet() {
			return true
		}
		s.giveUp(s.misses > 0)
	}
	return false
}

// skipGap moves to the page of the first item that is still missing.
func (s *listSearch[T]) skipGap() {
	for !s.order[s.end].isMissing {
		s.end++
	}
	s.begin = s.end
	s.page = s.order[s.end].page
}

// expectItems adds the items that were last found on the current page.
func (s *listSearch[T]) expectItems() {
	for s.end < len(s.order) && s.order[s.end].page <= s.page {
		if s.order[s.end].isMissing {
			s.due++
		}
		s.end++
	}
}

// preferGet reports whether getting the expected items costs less than another page: fewer than two
// items, or so many pages without a match that maxSearchPolls polls with Get cost as much.
func (s *listSearch[T]) preferGet() bool {
	return s.due < 2 || s.misses*maxFewItems >= s.due*maxSearchPolls
}

// record records the items on the current page. After the last page that is read it gives up the
// others.
func (s *listSearch[T]) record(page pollPage[T]) {
	s.misses++
	for _, item := range page.items {
		match := s.byID[item.waitID()]
		if match == nil || !match.isMissing {
			continue
		}
		if match.page <= s.page {
			s.due--
		}
		match.page = s.page
		match.record(item)
		match.isMissing = false
		s.missing--
		s.misses = 0
	}
	if !page.hasNext || isFew(len(s.byID)) {
		s.end = len(s.order)
		s.giveUp(true)
	}
}

// giveUp moves the expected items to those that are read individually.
func (s *listSearch[T]) giveUp(wasSearched bool) {
	for _, item := range s.order[s.begin:s.end] {
		if !item.isMissing {
			continue
		}
		if wasSearched {
			item.page = nextSearch(item.page)
		}
		s.single = append(s.single, item)
		item.isMissing = false
		s.missing--
	}
	s.begin = s.end
	s.due = 0
	s.misses = 0
}

// nextSearch is where the next poll begins after one that began at page in vain: an item that is
// not on a later page may have moved to an earlier one.
func nextSearch(page int) int {
	if page == firstPage {
		return notListed
	}
	return firstPage
}

// interrupt returns the missing items of a search that the next poll resumes at the current page.
func (s *listSearch[T]) interrupt() []*waitedItem[T] {
	missing := make([]*waitedItem[T], 0, s.missing)
	for _, item := range s.order[s.begin:] {
		if item.isMissing {
			item.page = max(item.page, s.page)
			missing = append(missing, item)
		}
	}
	return missing
}

func setPage[T waitable](items []*waitedItem[T], page int) {
	for _, item := range items {
		item.page = page
	}
}
