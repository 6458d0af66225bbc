package main

import (
	"bytes"
	"math"
	"testing"
)

func TestUnit_text(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		unit unit
		v    float64
		want string
	}{
		{count, 2, "2"},
		{count, 1.0162, "1.016"},
		{count, 1015.8, "1,016"},
		{count, math.NaN(), "–"},
		{seconds, 5.9e-6, "5.90 µs"},
		{seconds, 0.0123, "12.3 ms"},
		{seconds, 120, "120 s"},
		{byteCount, 300, "300 B"},
		{byteCount, 2560, "2.50 KiB"},
		{byteCount, 3 << 20, "3.00 MiB"},
		{byteCount, 8 << 30, "8.00 GiB"},
	} {
		if got := c.unit.text(c.v); got != c.want {
			t.Errorf("%s %g: %s, want %s", c.unit, c.v, got, c.want)
		}
	}
}

func TestRatioText_rangeAndSmallValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s    samples
		want string
	}{
		{nil, "–"},
		{samples{2}, "2.00×"},
		{samples{2, 3, 4}, "3.00× (2.00–4.00)"},
		{samples{0.00164}, "0.0016×"},
	} {
		if got := ratioText(c.s); got != c.want {
			t.Errorf("%v: %s, want %s", c.s, got, c.want)
		}
	}
	if got := percentText(samples{0.9}); got != "90 %" {
		t.Error(got)
	}
	if got := speedText(1e9, 2); got != "500 MB/s" {
		t.Error(got)
	}
}

func TestTable_alignsColumns(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	table(&text, []string{"a", "unit"}, [][]string{{"µs", "1"}, {"long", ""}})
	want := "| a    | unit |\n| ---- | ---- |\n| µs   | 1    |\n| long |      |\n"
	if text.String() != want {
		t.Errorf("%s", text.String())
	}
}
