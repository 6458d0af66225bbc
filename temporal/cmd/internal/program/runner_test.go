package program

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	restoretemporal "example.com/restorejobs/temporal"
)

// A fleet that was cancelled by another command has a table too: its rows have the jobs that continue.
func TestPrintCancelled_table(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := runner{
		Program: &Program{Stdout: &out},
		flags:   &flags{id: "fleet"},
	}
	rows := []restoretemporal.FleetRow{{
		Name:   "orders",
		Status: restoretemporal.FleetCancelled,
		JobIDs: []string{"job1"},
	}}
	err := r.printCancelled(temporal.NewCanceledError(restoretemporal.FleetResult{Rows: rows}))
	require.ErrorContains(t, err, "fleet fleet: ")
	assert.Contains(t, out.String(), "job1")
	assert.Equal(t, exitFailed, ExitCode(t.Output(), err))
}
