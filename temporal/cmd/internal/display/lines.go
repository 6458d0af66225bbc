package display

import (
	"fmt"
	"io"
	"time"

	restoretemporal "example.com/restorejobs/temporal"
)

// summaryInterval is how often the counts are printed at least.
const summaryInterval = time.Minute

// lines prints a line for each change of a status, and the counts once a minute.
type lines struct {
	out         io.Writer
	shown       map[string]restoretemporal.FleetStatus
	lastSummary time.Duration
}

func (l *lines) Show(update *Update) {
	for i := range update.Result.Rows {
		row := &update.Result.Rows[i]
		if row.Status == l.shown[row.Name] || row.Status == restoretemporal.FleetWaiting {
			continue
		}
		l.shown[row.Name] = row.Status
		text := fmt.Sprintf("%s  %s %s", Clock(update.Elapsed), row.Name, row.Status)
		if row.Failure != "" {
			text += ": " + row.Failure
		}
		l.Note(text)
	}
	if update.Elapsed-l.lastSummary >= summaryInterval {
		l.lastSummary = update.Elapsed
		l.Note(summary(update))
	}
}

func (l *lines) Note(text string) { fmt.Fprintln(l.out, oneLine(text)) }

func (l *lines) Close() {}
