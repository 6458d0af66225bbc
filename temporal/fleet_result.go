package restoretemporal

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// FleetResult is the table of a fleet, one row per restore: its result, and the answer of
// [ProgressQuery]. A fleet with failed restores ends with a result too.
type FleetResult struct {
	// Rows are the restores, in the order of the request.
	Rows []FleetRow `json:"rows"`
	// Counts are how many rows have each status.
	Counts map[FleetStatus]int `json:"counts"`
	// Begin is when the fleet began.
	Begin time.Time `json:"begin"`
	// End is when the last restore had ended. Zero before.
	End time.Time `json:"end,omitzero"`
	// Paused reports that no more restores are started until [ResumeSignal].
	Paused bool `json:"paused,omitempty"`
	// BudgetUsed reports that no more restores are started, because too many failed.
	BudgetUsed bool `json:"budgetUsed,omitempty"`
}

// FleetStatus is the status of a restore of a fleet.
type FleetStatus string

// The statuses.
const (
	// FleetWaiting is a restore that has not been started yet.
	FleetWaiting FleetStatus = "waiting"
	// FleetRunning is a restore whose workflow runs.
	FleetRunning FleetStatus = "running"
	// FleetDone is a restore that ended well.
	FleetDone FleetStatus = "done"
	// FleetFailed is a restore that failed.
	FleetFailed FleetStatus = "failed"
	// FleetCancelled is a restore whose workflow was cancelled. Its job, if any, continues.
	FleetCancelled FleetStatus = "cancelled"
	// FleetSkipped is a restore that was never started, because the fleet was cancelled or too many
	// restores failed.
	FleetSkipped FleetStatus = "skipped"
)

// WriteTable writes the table for people: a line for each restore, and the counts.
func (r *FleetResult) WriteTable(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tSTATUS\tDATA OF\tRESTORED IN\tJOBS\tDETAIL")
	for i := range r.Rows {
		row := &r.Rows[i]
		dataTime := "-"
		if !row.Choice.Time.IsZero() {
			dataTime = row.Choice.Time.UTC().Format(time.RFC3339)
		}
		restoredIn := "-"
		if row.RestoreSeconds > 0 {
			restoredIn = time.Duration(row.RestoreSeconds * float64(time.Second)).Round(time.Second).String()
		}
		jobs := cmp.Or(strings.Join(row.JobIDs, " "), "-")
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", row.Name, row.Status, dataTime, restoredIn, jobs, row.detail())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, r.summary())
	return err
}

// detail describes the end of a restore in one line.
func (r *FleetRow) detail() string {
	switch {
	case r.Failure != "":
		isSeparator := func(c rune) bool { return c == ' ' || !unicode.IsPrint(c) }
		return strings.Join(strings.FieldsFunc(r.Failure, isSeparator), " ")
	case r.Files == 1:
		return fmt.Sprintf("1 file, %d bytes", r.Bytes)
	case r.Files > 1:
		return fmt.Sprintf("%d files, %d bytes", r.Files, r.Bytes)
	default:
		return ""
	}
}

// fleetStatuses is the order of the statuses in a summary.
var fleetStatuses = []FleetStatus{
	FleetDone,
	FleetFailed,
	FleetCancelled,
	FleetSkipped,
	FleetRunning,
	FleetWaiting,
}

// summary is the counts in one line, as in "3 restores: 2 done, 1 failed".
func (r *FleetResult) summary() string {
	var parts []string
	for _, status := range fleetStatuses {
		if count := r.Counts[status]; count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count, status))
		}
	}
	text := fmt.Sprintf("%d restores", len(r.Rows))
	if len(r.Rows) == 1 {
		text = "1 restore"
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text
}

// count sets the counts from the rows.
func (r *FleetResult) count() {
	r.Counts = map[FleetStatus]int{}
	for i := range r.Rows {
		r.Counts[r.Rows[i].Status]++
	}
}
