package restorejobstest

import (
	"cmp"
	"slices"
)

// sentSpans are the parts of a file that were sent: sorted, and neither overlapping nor adjacent.
type sentSpans []sentSpan

type sentSpan struct{ from, to int64 }

// add records a part, and merges it with those that it touches.
func (s *sentSpans) add(from, to int64) {
	*s = append(*s, sentSpan{from: from, to: to})
	slices.SortFunc(*s, func(a, b sentSpan) int { return cmp.Compare(a.from, b.from) })
	merged := (*s)[:1]
	for _, span := range (*s)[1:] {
		last := &merged[len(merged)-1]
		if span.from > last.to {
			merged = append(merged, span)
			continue
		}
		last.to = max(last.to, span.to)
	}
	*s = merged
}

// cover reports whether every byte of a file was sent.
func (s *sentSpans) cover(size int64) bool {
	return len(*s) == 1 && (*s)[0].from == 0 && (*s)[0].to >= size
}
