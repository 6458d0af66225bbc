package restorejobs

import (
	"cmp"
	"slices"
)

const (
	firstPage = 1
	notListed = 0
)

// listSearch finds items on the pages of a list, in ascending order from the page on which each
// was found before. Every item and every page is handled once.
type listSearch[T waitable] struct {
	order   []*waitedItem[T] // by page
	missing map[string]*waitedItem[T]
	single  []*waitedItem[T] // to get individually

	page   int // the next, or the current one
	begin  int // order[begin:end] are expected on this page, if they are missing
	end    int
	due    int // how many of them are missing
	misses int // pages in a row without a match
}

func newListSearch[T waitable](items []*waitedItem[T]) *listSearch[T] {
	s := &listSearch[T]{missing: make(map[string]*waitedItem[T], len(items))}
	for _, item := range items {
		if item.page == notListed {
			s.single = append(s.single, item)
			continue
		}
		s.order = append(s.order, item)
		s.missing[item.id] = item
	}
	slices.SortStableFunc(s.order, func(a, b *waitedItem[T]) int { return cmp.Compare(a.page, b.page) })
	return s
}

// nextPage selects the next page that is worth a request, false after the last.
func (s *listSearch[T]) nextPage() bool {
	for len(s.missing) > 0 {
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
	for s.missing[s.order[s.end].id] == nil {
		s.end++
	}
	s.begin = s.end
	s.page = s.order[s.end].page
}

// expectItems adds the items that were last found on the current page.
func (s *listSearch[T]) expectItems() {
	for s.end < len(s.order) && s.order[s.end].page <= s.page {
		if s.missing[s.order[s.end].id] != nil {
			s.due++
		}
		s.end++
	}
}

// preferGet reports whether getting the expected items takes fewer requests than another page:
// fewer than two items, or as many pages without a match as items are missing.
func (s *listSearch[T]) preferGet() bool { return s.due < 2 || s.misses >= s.due }

// record removes the items on the current page. After the last page it gives up the others.
func (s *listSearch[T]) record(page pollPage[T], found map[string]T) {
	s.misses++
	for _, item := range page.items {
		id := item.waitID()
		match := s.missing[id]
		if match == nil {
			continue
		}
		if match.page <= s.page {
			s.due--
		}
		match.page = s.page
		found[id] = item
		delete(s.missing, id)
		s.misses = 0
	}
	if !page.hasNext {
		s.end = len(s.order)
		s.giveUp(true)
	}
}

// giveUp moves the expected items to those that are read individually.
func (s *listSearch[T]) giveUp(wasSearched bool) {
	for _, item := range s.order[s.begin:s.end] {
		if s.missing[item.id] == nil {
			continue
		}
		if wasSearched {
			item.page = nextSearch(item.page)
		}
		s.single = append(s.single, item)
		delete(s.missing, item.id)
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
	missing := make([]*waitedItem[T], 0, len(s.missing))
	for _, item := range s.order[s.begin:] {
		if s.missing[item.id] != nil {
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
