// Package display shows the progress of a fleet: a table that refreshes on a terminal, and lines elsewhere.
package display

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	restoretemporal "example.com/restorejobs/temporal"
)

// Update is the progress of a fleet at one time.
type Update struct {
	// Result is the table so far.
	Result restoretemporal.FleetResult
	// Steps are what running restores do, by their names.
	Steps map[string]string
	// Elapsed is the time since the fleet began.
	Elapsed time.Duration
}

// Display shows updates and notes.
type Display interface {
	// Show shows the progress.
	Show(update *Update)
	// Note shows a line that stays.
	Note(text string)
	// Close removes what refreshes.
	Close()
}

// New returns a display for out.
func New(out io.Writer) Display {
	file, isFile := out.(*os.File)
	if isFile && term.IsTerminal(int(file.Fd())) {
		size := func() (width, height int) {
			width, height, err := term.GetSize(int(file.Fd()))
			if err != nil || width <= 0 || height <= 0 {
				return defaultWidth, defaultHeight
			}
			return width, height
		}
		return &table{out: out, size: size}
	}
	return &lines{out: out, shown: map[string]restoretemporal.FleetStatus{}}
}

// summary is the counts in one line.
func summary(update *Update) string {
	var parts []string
	for _, status := range []restoretemporal.FleetStatus{
		restoretemporal.FleetDone,
		restoretemporal.FleetFailed,
		restoretemporal.FleetCancelled,
		restoretemporal.FleetSkipped,
		restoretemporal.FleetRunning,
		restoretemporal.FleetWaiting,
	} {
		if count := update.Result.Counts[status]; count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count, status))
		}
	}
	noun := "restores"
	if len(update.Result.Rows) == 1 {
		noun = "restore"
	}
	text := fmt.Sprintf("%s  %d %s: %s", Clock(update.Elapsed), len(update.Result.Rows), noun, strings.Join(parts, ", "))
	switch {
	case update.Result.Paused:
		return text + " (paused)"
	case update.Result.BudgetUsed:
		return text + " (too many failed: no more are started)"
	default:
		return text
	}
}

// Clock is a duration as minutes and seconds, or hours, minutes and seconds.
func Clock(d time.Duration) string {
	d = max(d, 0).Truncate(time.Second)
	hours := int(d / time.Hour)
	minutes := int(d/time.Minute) % 60
	seconds := int(d/time.Second) % 60
	if hours > 0 {
		return fmt.Sprintf("%d:%02d:%02d", hours, minutes, seconds)
	}
	return fmt.Sprintf("%d:%02d", minutes, seconds)
}

// oneLine replaces everything that moves the cursor of a terminal.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return ' '
		}
		return r
	}, text)
}
