package main

import "testing"

func TestParseRange_oneRange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header     string
		first, end int64
		isRange    bool
	}{
		{"", 0, 100, false},
		{"bytes=10-", 10, 100, true},
		{"bytes=10-19", 10, 20, true},
		{"bytes=10-500", 10, 100, true},
		{"bytes=-5", 0, 100, false},
		{"bytes=100-", 0, 100, false},
		{"lines=1-2", 0, 100, false},
	} {
		first, end, isRange := parseRange(c.header, 100)
		if first != c.first || end != c.end || isRange != c.isRange {
			t.Errorf("%q: %d %d %t", c.header, first, end, isRange)
		}
	}
}

func TestPieces_hashOfParts(t *testing.T) {
	t.Parallel()
	a := newPieces(3<<20 + 5)
	if a.hash(a.size) != a.sum || a.hash(a.size-1) == a.sum {
		t.Error("the SHA-1 depends on every byte")
	}
}
