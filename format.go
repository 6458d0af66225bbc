package restorejobs

import (
	"fmt"
	"log/slog"
)

// How the exported values print. None of them shows a link, a key or a header's
// value, with any verb of fmt or any handler of log/slog.

// String gives the job in one line, without links: its id, state and what it
// restores.
func (j Job) String() string {
	text := "restore job " + quoteOr(j.ID, "without id") + " " + string(j.State())
	if j.SnapshotID != "" {
		text += " of snapshot " + quoteOr(j.SnapshotID, "")
	}
	if j.BatchID != "" {
		text += " in batch " + quoteOr(j.BatchID, "")
	}
	return text
}

// Format prints [Job.String] for every verb.
func (j Job) Format(f fmt.State, _ rune) { writeState(f, j.String()) }

// LogValue gives id, state, status, snapshot and batch for log/slog.
func (j Job) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("id", j.ID), slog.String("state", string(j.State()))}
	for _, optional := range []struct{ key, value string }{
		{"statusName", string(j.StatusName)},
		{"status", string(j.Status)},
		{"deliveryType", string(j.DeliveryType)},
		{"snapshotId", j.SnapshotID},
		{"batchId", j.BatchID},
	} {
		if optional.value != "" {
			attrs = append(attrs, slog.String(optional.key, optional.value))
		}
	}
	return slog.GroupValue(attrs...)
}

// String gives the page in one line: its number and how many jobs are on it.
func (p Page) String() string {
	return fmt.Sprintf("page %d with %d restore jobs", p.PageNum, len(p.Jobs))
}

// Format prints [Page.String] for every verb.
func (p Page) Format(f fmt.State, _ rune) { writeState(f, p.String()) }

// LogValue gives number, length, total and whether there is more for log/slog.
func (p Page) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("pageNum", p.PageNum), slog.Int("jobs", len(p.Jobs)),
		slog.Int("totalCount", p.TotalCount), slog.Bool("hasNext", p.HasNext))
}

// quoteOr returns a server's text fit for one line, or instead where there is none.
func quoteOr(text, instead string) string {
	if text == "" {
		return instead
	}
	return clean(text, 100)
}
