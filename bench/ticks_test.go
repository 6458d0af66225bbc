package main

import (
	"math"
	"slices"
	"testing"
)

func tickTexts(u unit, ticks []float64) []string {
	var texts []string
	for _, tick := range ticks {
		texts = append(texts, tickText(u, tick))
	}
	return texts
}

// Ticks are round numbers in their unit, enclose all values, and have room.
func TestAxis_roundTicks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		axis axis
		unit unit
		want []string
	}{
		{"seconds", newLogAxis(seconds, []float64{3e-6, 0.2}), seconds, []string{"1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s"}},
		{"bytes", newLogAxis(byteCount, []float64{200e3, 7e6}), byteCount, []string{"64 KiB", "256 KiB", "1 MiB", "4 MiB", "16 MiB"}},
		{"sizes", newLogAxis(byteCount, []float64{1 << 20, 8 << 30}), byteCount, []string{"1 MiB", "16 MiB", "256 MiB", "4 GiB", "64 GiB"}},
		{"counts", newLogAxis(count, []float64{1, 100_000}), count, []string{"1", "10", "100", "1,000", "10,000", "100,000"}},
		{"one value", newLogAxis(count, []float64{10}), count, []string{"10", "100"}},
		{"nothing", newLogAxis(count, nil), count, []string{"1", "10"}},
		{"linear", newLinearAxis([]float64{1.02, 1.9}), count, []string{"0", "0.5", "1", "1.5", "2"}},
		{"speeds", newLinearAxis([]float64{2345}), count, []string{"0", "500", "1,000", "1,500", "2,000", "2,500"}},
	} {
		if got := tickTexts(c.unit, c.axis.ticks); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if len(c.axis.ticks) > maxTicks+1 {
			t.Errorf("%s: %d ticks", c.name, len(c.axis.ticks))
		}
		if got := c.axis.position(c.axis.high); math.Abs(got-1) > 1e-9 {
			t.Errorf("%s: the highest is at %g", c.name, got)
		}
		if got := c.axis.position(c.axis.low); got != 0 {
			t.Errorf("%s: the lowest is at %g", c.name, got)
		}
	}
}

func TestRatioTicks_haveRoom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		low, high float64
		want      []float64
	}{
		{0.5, 10, []float64{0.5, 1, 2, 5, 10}},
		{0.0016, 909, []float64{0.01, 0.1, 1, 10, 100}},
	} {
		got := ratioTicks(c.low, c.high)
		isClose := func(a, b float64) bool { return math.Abs(a-b) < 1e-9*b }
		if !slices.EqualFunc(got, c.want, isClose) {
			t.Errorf("%g to %g: %v, want %v", c.low, c.high, got, c.want)
		}
	}
}

func TestTickText_withoutRoundingErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		unit unit
		v    float64
		want string
	}{
		{seconds, math.Pow(10, -4), "100 µs"},
		{seconds, 100, "100 s"},
		{seconds, 1000, "1,000 s"},
		{count, 0.1, "0.1"},
		{byteCount, 1024 * 1024, "1 MiB"},
	} {
		if got := tickText(c.unit, c.v); got != c.want {
			t.Errorf("%s %g: %s, want %s", c.unit, c.v, got, c.want)
		}
	}
}
