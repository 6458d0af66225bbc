package paging

import "slices"

// progress is how far a list has been read.
type progress struct {
	first      int   // number of the first page
	highest    int   // number returned so far
	last       int   // number of the last page by the server's total, 0 if unknown
	size       int   // of a full page, 0 before the first
	lengths    []int // entries on each page, from the first
	itemsRead  int   // with those before the first page
	firstTotal int   // of the first page
}

// start records what the first page shows. The size of later pages shows nothing, as some of their
// entries may be hidden.
func (p *progress) start(number, size, total int) {
	p.size = size
	p.itemsRead = (number - 1) * size
	p.firstTotal = total
}

// record adds a page. A page that is read again replaces itself and those after it.
func (p *progress) record(number, items int) {
	p.highest = max(p.highest, number)
	for len(p.lengths) > number-p.first {
		p.itemsRead -= p.lengths[len(p.lengths)-1]
		p.lengths = p.lengths[:len(p.lengths)-1]
	}
	p.lengths = append(p.lengths, items)
	p.itemsRead += items
}

// setLast computes the last page from a total, unless the server does not keep its totals.
func (p *progress) setLast(total int, ignoresTotals bool) {
	p.last = 0
	if total < 0 || ignoresTotals {
		return
	}
	p.last = total / p.size
	if total%p.size > 0 {
		p.last++
	}
}

func (p *progress) hasGrown(total int) bool {
	return p.size > 0 && p.firstTotal >= 0 && total > p.firstTotal
}

// position is where the latest page is.
func (p *progress) position() position {
	return position{
		size:       p.size,
		end:        p.itemsRead,
		emptyPages: p.emptyTail(),
	}
}

// mostRead is how many entries the pages have, if those before the first are as long as requested.
func (p *progress) mostRead(requested int) int {
	if p.size == 0 {
		return 0
	}
	return p.itemsRead + (p.first-1)*(requested-p.size)
}

// emptyTail counts the empty pages at the end of what was read.
func (p *progress) emptyTail() int {
	empty := 0
	for _, length := range slices.Backward(p.lengths) {
		if length > 0 {
			break
		}
		empty++
	}
	return empty
}
