package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// unit selects how a figure is printed.
type unit string

const (
	count     unit = "count"
	seconds   unit = "seconds"
	byteCount unit = "bytes"
)

func (u unit) text(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case u == seconds:
		return durationText(v)
	case u == byteCount:
		return byteText(v)
	case v == math.Trunc(v):
		return thousands(int(v))
	case v >= 100:
		return thousands(int(math.Round(v)))
	default:
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
}

func byteText(v float64) string {
	const step = 1024
	unit := 0
	for ; v >= step && unit < len(byteUnits)-1; unit++ {
		v /= step
	}
	if unit == 0 {
		return strconv.Itoa(int(v)) + " B"
	}
	return three(v) + " " + byteUnits[unit]
}

var byteUnits = []string{"B", "KiB", "MiB", "GiB"}

func durationText(v float64) string {
	switch {
	case v < 1e-6:
		return three(v*1e9) + " ns"
	case v < 1e-3:
		return three(v*1e6) + " µs"
	case v < 1:
		return three(v*1e3) + " ms"
	default:
		return three(v) + " s"
	}
}

// three formats a number with three digits, or a small one with two.
func three(v float64) string {
	const small = 0.095
	if v > 0 && v < small {
		return strconv.FormatFloat(v, 'g', 2, 64)
	}
	decimals := 2
	switch {
	case v >= 100:
		decimals = 0
	case v >= 10:
		decimals = 1
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// spreadText is the median with the spread, if there is any.
func spreadText(u unit, s samples) string {
	text := u.text(s.median())
	if spread := s.spread(); spread >= 0.005 {
		text += fmt.Sprintf(" ±%.0f%%", 100*spread)
	}
	return text
}

// ratioText is the median with the lowest and the highest.
func ratioText(s samples) string {
	return rangeText(s, three, "×")
}

func percentText(s samples) string {
	return rangeText(s, func(v float64) string { return strconv.FormatFloat(100*v, 'f', 0, 64) }, " %")
}

func rangeText(s samples, text func(float64) string, unit string) string {
	if len(s) == 0 {
		return "–"
	}
	whole := text(s.median()) + unit
	if len(s) > 1 && s.spread() >= 0.005 {
		whole += fmt.Sprintf(" (%s–%s)", text(slices.Min(s)), text(slices.Max(s)))
	}
	return whole
}

func speedText(bytes int64, seconds float64) string {
	if math.IsNaN(seconds) || seconds <= 0 {
		return "–"
	}
	return thousands(int(float64(bytes)/seconds/1e6)) + " MB/s"
}

// table writes a Markdown table with aligned columns.
func table(w io.Writer, heads []string, rows [][]string) {
	widths := make([]int, len(heads))
	for _, row := range append([][]string{heads}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	put := func(row []string) {
		for i, cell := range row {
			fmt.Fprintf(w, "| %s%s ", cell, strings.Repeat(" ", widths[i]-len([]rune(cell))))
		}
		fmt.Fprintln(w, "|")
	}
	put(heads)
	rule := make([]string, len(heads))
	for i := range rule {
		rule[i] = strings.Repeat("-", widths[i])
	}
	put(rule)
	for _, row := range rows {
		put(row)
	}
}
