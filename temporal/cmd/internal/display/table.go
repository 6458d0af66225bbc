package display

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	restoretemporal "example.com/restorejobs/temporal"
)

const (
	defaultWidth  = 80
	defaultHeight = 24
)

// table rewrites its lines in place: the counts, the restores that failed, and those that run.
type table struct {
	out   io.Writer
	size  func() (width, height int)
	lines int // on the screen
	last  []string
}

func (t *table) Show(update *Update) {
	width, height := t.size()
	t.last = t.render(update, height-1)
	for i, line := range t.last {
		t.last[i] = truncate(oneLine(line), width-1)
	}
	t.draw()
}

func (t *table) render(update *Update, maxLines int) []string {
	lines := []string{summary(update)}
	var running []string
	for i := range update.Result.Rows {
		row := &update.Result.Rows[i]
		switch row.Status {
		case restoretemporal.FleetFailed, restoretemporal.FleetCancelled:
			lines = append(lines, fmt.Sprintf("  %-9s  %-24s  %s", row.Status, row.Name, row.Failure))
		case restoretemporal.FleetRunning:
			elapsed := update.Result.Begin.Add(update.Elapsed).Sub(row.Started)
			running = append(running, fmt.Sprintf("  %-9s  %-24s  %s", Clock(elapsed.Round(time.Second)), row.Name, update.Steps[row.Name]))
		default: // the counts show the others
		}
	}
	lines = append(lines, running...)
	if len(lines) > maxLines && maxLines > 1 {
		hidden := len(lines) - maxLines + 1
		lines = append(lines[:maxLines-1], fmt.Sprintf("  … %d more", hidden))
	}
	return lines
}

func (t *table) Note(text string) {
	t.clear()
	fmt.Fprintln(t.out, oneLine(text))
	t.draw()
}

func (t *table) Close() {
	t.clear()
	t.last = nil
}

// clear moves the cursor to the first line and erases everything below.
func (t *table) clear() {
	if t.lines > 0 {
		fmt.Fprintf(t.out, "\x1b[%dA\x1b[J", t.lines)
	}
	t.lines = 0
}

func (t *table) draw() {
	t.clear()
	if len(t.last) == 0 {
		return
	}
	fmt.Fprintln(t.out, strings.Join(t.last, "\n"))
	t.lines = len(t.last)
}

// truncate shortens a line, which must not wrap.
func truncate(text string, width int) string {
	if utf8.RuneCountInString(text) <= width || width < 2 {
		return text
	}
	return string([]rune(text)[:width-1]) + "…"
}
