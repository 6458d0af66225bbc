package paging

// DefaultSize is how many entries servers return on a page by default.
const DefaultSize = 100

// UnknownTotal is the Total of a page without one.
const UnknownTotal = -1

// maxEmptyTail is how many empty pages in a row end a list without links.
const maxEmptyTail = 3

// Page is one page of a list.
type Page[T any] struct {
	// Items are the entries in the server's order.
	Items []T
	// Number is the number of the page, from 1.
	Number int
	// Total is the server's count of entries on all pages, [UnknownTotal] without one.
	Total int
	// HasLinks reports whether the page has paging links, which show where the list ends.
	HasLinks bool
	// HasNextLink reports whether one of the links leads to another page.
	HasNextLink bool
	// Release frees the memory of the entries after their use. It can be nil.
	Release func()
	// RateLimitExhausted reports whether the server permits no further request for now.
	RateLimitExhausted bool
}

// HasNext reports whether another page follows one that was read without those before it.
// Requested is how many entries the request allowed.
func (p *Page[T]) HasNext(requested int) bool {
	size := p.fullSize(requested, false)
	return p.hasNext(position{
		size:       size,
		end:        (p.Number-1)*size + len(p.Items),
		emptyPages: maxEmptyTail,
	})
}

// position is where a page is in its list.
type position struct {
	size       int // entries on a full page
	end        int // entries up to the end of the page
	emptyPages int // in a row at the end of the page
}

// hasNext decides whether another page follows. A link decides first, then the total. Without any
// links a full page is never the last: a total that ends there may be too low.
func (p *Page[T]) hasNext(at position) bool {
	isEmpty := len(p.Items) == 0
	isFull := !isEmpty && len(p.Items) >= at.size
	switch {
	case p.HasNextLink:
		return true
	case isFull && !p.HasLinks:
		return true
	case p.Total <= at.end:
		return false
	case isEmpty:
		return !p.HasLinks && at.emptyPages < maxEmptyTail
	default:
		return true
	}
}

// fullSize is how many entries the server puts on a full page, which may be fewer than requested.
// A reader that starts at a later page assumes the worse: the pages before it are unknown.
func (p *Page[T]) fullSize(requested int, isStart bool) int {
	items := len(p.Items)
	if items == 0 || items >= requested {
		return requested
	}
	before := (p.Number - 1) * requested
	hasMore := p.Total > items && p.Total != before+items
	startsInside := isStart && p.Number > 1
	switch {
	case p.HasNextLink:
		return items
	case p.HasLinks:
		return requested
	case hasMore || startsInside || p.isDefaultSized():
		return items
	default:
		return requested
	}
}

// linksEndHere reports a page whose links lead to no other.
func (p *Page[T]) linksEndHere() bool { return p.HasLinks && !p.HasNextLink }

// isDefaultSized reports whether the page may be full for its size alone: it has neither links nor a
// total, and some servers return no more than the default.
func (p *Page[T]) isDefaultSized() bool {
	return !p.HasLinks && p.Total < 0 && len(p.Items) == DefaultSize
}
