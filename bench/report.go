package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
)

// unit selects how a figure is printed.
type unit int

const (
	count unit = iota
	seconds
	byteCount
)

func (u unit) text(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case u == seconds:
		return durationText(v)
	case u == byteCount && v >= 1<<20:
		return three(v/(1<<20)) + " MiB"
	case u == byteCount:
		return three(v/1024) + " KiB"
	case v == math.Trunc(v):
		return strconv.FormatFloat(v, 'f', 0, 64)
	default:
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
}

func durationText(v float64) string {
	switch {
	case v < 1e-3:
		return three(v*1e6) + " µs"
	case v < 1:
		return three(v*1e3) + " ms"
	default:
		return three(v) + " s"
	}
}

// three formats a number with three digits.
func three(v float64) string {
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

// line is a figure with its measurements.
type line struct {
	figure

	by map[string]samples // contestant
}

func (l *line) ratio(peer string) samples { return l.by[peer].over(l.by[oursName]) }

// verdict is "met" or "missed", or empty without an aim.
func (l *line) verdict() string {
	ours := l.by[oursName].median()
	switch {
	case math.IsNaN(ours):
		return ""
	case l.times > 0:
		return met(l.ratio(atlasName).median() >= l.times)
	case l.atMost >= 0:
		return met(ours <= l.atMost)
	}
	return ""
}

func met(ok bool) string {
	if ok {
		return "met"
	}
	return "missed"
}

func (l *line) aim() string {
	switch {
	case l.times > 0:
		return "≥ " + strconv.FormatFloat(l.times, 'f', -1, 64) + "×"
	case l.atMost >= 0:
		return "≤ " + l.unit.text(l.atMost)
	}
	return ""
}

func (l *line) cells() []string {
	cells := []string{l.title}
	for _, c := range contestants {
		s := l.by[c.name]
		cell := l.unit.text(s.median())
		if spread := s.spread(); spread >= 0.005 {
			cell += fmt.Sprintf(" ±%.0f%%", 100*spread)
		}
		cells = append(cells, cell)
	}
	for _, peer := range []string{atlasName, plainName} {
		cells = append(cells, ratioText(l.ratio(peer)))
	}
	return append(cells, l.aim(), l.verdict())
}

func ratioText(s samples) string {
	if len(s) == 0 {
		return "–"
	}
	text := three(s.median()) + "×"
	if len(s) > 1 && s.spread() >= 0.005 {
		text += fmt.Sprintf(" (%s–%s)", three(slices.Min(s)), three(slices.Max(s)))
	}
	return text
}

var columns = []string{"work", oursName, atlasName, plainName, atlasName + " / ours", plainName + " / ours", "aim", ""}

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

func lineRows(lines []*line) [][]string {
	var rows [][]string
	for _, l := range lines {
		rows = append(rows, l.cells())
	}
	return rows
}

// machine describes the machine of a measurement.
func machine() string {
	return fmt.Sprintf("%s, %d cores, %s/%s, %s", cmp.Or(processorModel(), "unknown processor"),
		runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// load is the load average of the last minute, or 0 if the system does not provide it.
func load() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	average, _ := strconv.ParseFloat(first, 64) // 0 if it is not a number
	return average
}

// loadText reports the load before and now. A measurement itself causes a load of 2.
func loadText(before float64) string {
	after := load()
	text := fmt.Sprintf("Load average %.1f before, %.1f after.", before, after)
	if max(before, after) > 4 {
		text += " Other programs were running: times are longer than on a quiet machine, most of all for work\nthat needs both cores (read-ahead, downloads)."
	}
	return text
}

func processorModel() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer file.Close() //nolint:errcheck // only read
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// versions lists the modules that were compared.
func versions() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	var all []string
	for _, m := range info.Deps {
		switch m.Path {
		case "go.mongodb.org/atlas", "github.com/mongodb-forks/digest", "github.com/icholy/digest":
			all = append(all, m.Path+" "+m.Version)
		}
	}
	return strings.Join(all, ", ")
}

func today() string { return time.Now().UTC().Format(time.DateOnly) }
