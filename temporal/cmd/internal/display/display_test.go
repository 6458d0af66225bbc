package display

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	restoretemporal "example.com/restorejobs/temporal"
)

var begin = time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC)

func newUpdate(elapsed time.Duration, rows ...restoretemporal.FleetRow) *Update {
	update := &Update{
		Result: restoretemporal.FleetResult{
			Rows:   rows,
			Counts: map[restoretemporal.FleetStatus]int{},
			Begin:  begin,
		},
		Steps:   map[string]string{"stock": "wait"},
		Elapsed: elapsed,
	}
	for i := range rows {
		update.Result.Counts[rows[i].Status]++
	}
	return update
}

func row(name string, status restoretemporal.FleetStatus) restoretemporal.FleetRow {
	return restoretemporal.FleetRow{
		Name:    name,
		Status:  status,
		Started: begin,
	}
}

func TestLines_oneForEachChange(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	lines := New(&out)
	failed := row("orders", restoretemporal.FleetFailed)
	failed.Failure = "a job\x1b[31m\nfailed"
	lines.Show(newUpdate(time.Second, row("orders", restoretemporal.FleetRunning), row("stock", restoretemporal.FleetWaiting)))
	lines.Show(newUpdate(2*time.Second, row("orders", restoretemporal.FleetRunning), row("stock", restoretemporal.FleetRunning)))
	lines.Note("a note")
	lines.Show(newUpdate(time.Hour, failed, row("stock", restoretemporal.FleetDone)))
	lines.Close()
	assert.Equal(t, "0:01  orders running\n"+
		"0:02  stock running\n"+
		"a note\n"+
		"1:00:00  orders failed: a job [31m failed\n"+
		"1:00:00  stock done\n"+
		"1:00:00  2 restores: 1 done, 1 failed\n", out.String())
}

func newTable(out *bytes.Buffer, width, height int) *table {
	return &table{out: out, size: func() (int, int) { return width, height }}
}

func TestTable_rewritesItsLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	table := newTable(&out, 80, 24)
	table.Show(newUpdate(61*time.Second, row("stock", restoretemporal.FleetRunning), row("orders", restoretemporal.FleetDone)))
	assert.Equal(t, "1:01  2 restores: 1 done, 1 running\n  1:01       stock                     wait\n", out.String())
	out.Reset()
	table.Note("a note")
	assert.True(t, strings.HasPrefix(out.String(), "\x1b[2A\x1b[Ja note\n1:01  2 restores"), out.String())
	out.Reset()
	table.Close()
	assert.Equal(t, "\x1b[2A\x1b[J", out.String())
	out.Reset()
	table.Note("after the end")
	assert.Equal(t, "after the end\n", out.String())
}

func TestTable_fitsTheTerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	table := newTable(&out, 30, 6)
	var rows []restoretemporal.FleetRow
	for range 300 {
		rows = append(rows, row(strings.Repeat("x", 100), restoretemporal.FleetRunning))
	}
	table.Show(newUpdate(time.Second, rows...))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	assert.Len(t, lines, 5)
	assert.Equal(t, "  … 297 more", lines[4])
	for _, line := range lines {
		assert.LessOrEqual(t, len([]rune(line)), 29)
	}
}

func TestSummary_states(t *testing.T) {
	t.Parallel()
	update := newUpdate(0, row("a", restoretemporal.FleetWaiting))
	update.Result.Paused = true
	assert.Equal(t, "0:00  1 restore: 1 waiting (paused)", summary(update))
	update.Result.Paused = false
	update.Result.BudgetUsed = true
	assert.Equal(t, "0:00  1 restore: 1 waiting (too many failed: no more are started)", summary(update))
}
