package restoretemporal

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"example.com/restorejobs/durable"
)

// The result of a fleet fits into a payload, also if all restores were cancelled while they ran.
func TestFleetRow_sizeOfCancelledRows(t *testing.T) {
	t.Parallel()
	state := durable.State{Version: 1, Step: durable.StepWait}
	for i := range 100 {
		state.JobIDs = append(state.JobIDs, fmt.Sprintf("%024d", i))
	}
	f := fleet{}
	for i := range maxRestores {
		f.result.Rows = append(f.result.Rows, FleetRow{Name: strconv.Itoa(i), WorkflowID: fmt.Sprintf("a fleet/%d/12345678", i)})
		row := &f.result.Rows[i]
		row.setEnd(time.Time{}, nil, temporal.NewCanceledError(Outcome{State: state}))
		f.boundState(row)
	}
	data, err := json.Marshal(f.result)
	require.NoError(t, err)
	assert.Less(t, len(data), 2<<20, "the limit of a payload")
	assert.NotNil(t, f.result.Rows[0].State)
	last := f.result.Rows[maxRestores-1]
	assert.Nil(t, last.State)
	assert.Contains(t, last.Failure, "a fleet/999/12345678")
}

func TestFleetRow_failureIsBounded(t *testing.T) {
	t.Parallel()
	var row FleetRow
	row.setEnd(time.Time{}, nil, newWorkflowError(strings.Repeat("ü", 1000), FailureRefused))
	assert.LessOrEqual(t, len(row.Failure), maxRowText)
}
