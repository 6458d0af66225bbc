package main

import (
	"fmt"
	"io"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
)

// view shows the jobs: as a table that is redrawn on a terminal, else as lines.
type view struct {
	out      io.Writer
	terminal bool
	ids      []string
	states   map[string]restorejobs.State
	changed  map[string]time.Time
	began    time.Time
	errs     string // the last tolerated failure
	printer  harness.UpdatePrinter
	rendered int // lines on the screen
}

func newView(out io.Writer, ids []string) *view {
	return &view{
		out:      out,
		terminal: harness.IsTerminal(out),
		ids:      ids,
		began:    time.Now(),
		states:   map[string]restorejobs.State{},
		changed:  map[string]time.Time{},
	}
}

func (v *view) update(u restorejobs.WaitUpdate) {
	text := v.printer.Format(u)
	v.errs = ""
	if u.Err != nil {
		v.errs = harness.RetryNote(u.Err)
	} else {
		v.states[u.ID] = u.State
		v.changed[u.ID] = time.Now()
	}
	if !v.terminal && text != "" { // empty if the failure is repeated
		fmt.Fprintf(v.out, "%6s  %s  %s\n", u.Elapsed.Round(100*time.Millisecond), u.ID, text)
	}
	v.draw()
}

// draw replaces the table on the screen.
func (v *view) draw() {
	if !v.terminal {
		return
	}
	if v.rendered > 0 {
		fmt.Fprintf(v.out, "\x1b[%dA", v.rendered) // up to the first line
	}
	lines := []string{fmt.Sprintf("%-24s  %-9s  %s", "JOB", "STATE", "SINCE")}
	for _, id := range v.ids {
		since := v.began
		if changed, seen := v.changed[id]; seen {
			since = changed
		}
		lines = append(lines, fmt.Sprintf("%-24s  %-9s  %s", id, v.states[id], time.Since(since).Round(time.Second)))
	}
	lines = append(lines, v.errs)
	for _, line := range lines {
		fmt.Fprintf(v.out, "\x1b[2K%s\n", line) // clear the old line first
	}
	v.rendered = len(lines)
}
