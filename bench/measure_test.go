package main

import (
	"math"
	"slices"
	"testing"
)

func TestSamples_medianAndSpread(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s              samples
		median, spread float64
	}{
		{samples{3, 1, 2}, 2, 0.5},
		{samples{4, 1, 2, 3}, 2.5, 0.6},
		{samples{7}, 7, 0},
	} {
		if got := c.s.median(); got != c.median {
			t.Errorf("%v: median %g", c.s, got)
		}
		if got := c.s.spread(); math.Abs(got-c.spread) > 1e-9 {
			t.Errorf("%v: spread %g", c.s, got)
		}
	}
	if !math.IsNaN(samples(nil).median()) {
		t.Error("nothing has a median")
	}
}

// A ratio belongs to one round, and rounds that only one side has are left out.
func TestSamples_overAndEach(t *testing.T) {
	t.Parallel()
	if got := (samples{2, 9, 5}).over(samples{1, 3}); !slices.Equal(got, samples{2, 3}) {
		t.Error(got)
	}
	if got := (samples{2}).over(samples{0}); len(got) != 0 {
		t.Error(got)
	}
	if got := each([]samples{{1, 5, 2}, {3, 4}}, slices.Min[samples]); !slices.Equal(got, samples{1, 4}) {
		t.Error(got)
	}
	if got := each(nil, slices.Min[samples]); got != nil {
		t.Error(got)
	}
}

func TestSamples_overlaps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b samples
		want bool
	}{
		{samples{1, 2}, samples{2, 3}, true},
		{samples{1, 2}, samples{3, 4}, false},
		{samples{3, 4}, samples{1, 2}, false},
		{nil, samples{1}, true},
	} {
		if got := c.a.overlaps(c.b); got != c.want {
			t.Errorf("%v %v: %t", c.a, c.b, got)
		}
	}
}
