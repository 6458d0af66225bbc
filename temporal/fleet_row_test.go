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

// stateOfManyJobs is a state with a hundred jobs.
func stateOfManyJobs(step durable.Step) durable.State {
	state := durable.State{Version: 1, Step: step}
	for i := range 100 {
		state.JobIDs = append(state.JobIDs, fmt.Sprintf("%024d", i))
	}
	return state
}

// The result of a fleet fits into a payload, also if all restores were cancelled while they ran.
func TestFleetRow_sizeOfCancelledRows(t *testing.T) {
	t.Parallel()
	state := stateOfManyJobs(durable.StepWait)
	f := fleet{}
	for i := range maxRestores {
		f.result.Rows = append(f.result.Rows, FleetRow{Name: strconv.Itoa(i), WorkflowID: fmt.Sprintf("a fleet/%d/12345678", i)})
		row := &f.result.Rows[i]
		row.setEnd(time.Time{}, nil, temporal.NewCanceledError(Outcome{State: state, Advice: adviceFor(&state)}))
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

// A failed row keeps its error if its state does not fit into the result.
func TestFleetRow_sizeOfFailedRows(t *testing.T) {
	t.Parallel()
	state := stateOfManyJobs(durable.StepFailed)
	f := fleet{}
	for i := range maxRestores {
		f.result.Rows = append(f.result.Rows, FleetRow{Name: strconv.Itoa(i), WorkflowID: fmt.Sprintf("a fleet/%d/12345678", i)})
		row := &f.result.Rows[i]
		row.setEnd(time.Time{}, nil, newWorkflowError("the disk is full "+strings.Repeat("<", 1000), FailureJobs, Outcome{State: state, Advice: adviceFor(&state)}))
		f.boundState(row)
		assert.Contains(t, row.Failure, "the disk is full")
		data, err := json.Marshal(row.Failure)
		require.NoError(t, err)
		assert.LessOrEqual(t, len(data), maxRowText+2)
	}
	data, err := json.Marshal(f.result)
	require.NoError(t, err)
	assert.Less(t, len(data), 2<<20, "the limit of a payload")
	require.NotNil(t, f.result.Rows[0].State)
	assert.Equal(t, state, *f.result.Rows[0].State)
	last := f.result.Rows[maxRestores-1]
	assert.Nil(t, last.State)
	assert.Contains(t, last.Failure, "the details of its workflow have the state")
}

func TestFleetRow_failureIsBounded(t *testing.T) {
	t.Parallel()
	var row FleetRow
	row.setEnd(time.Time{}, nil, newWorkflowError(strings.Repeat("ü", 1000), FailureRefused))
	assert.LessOrEqual(t, len(row.Failure), maxRowText)
}

// A text of the service cannot move the cursor of a terminal.
func TestFleetResult_tableOfControlCharacters(t *testing.T) {
	t.Parallel()
	result := FleetResult{Rows: []FleetRow{{Name: "orders", Status: FleetFailed, Failure: "refused\x1b[2J\r\nby\u202e it"}}}
	var table strings.Builder
	require.NoError(t, result.WriteTable(&table))
	assert.Contains(t, table.String(), "refused [2J by it\n")
}

// The argument of the next run fits into a payload, whatever the restores and their errors are.
func TestFleet_sizeOfContinuation(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"plain":   strings.Repeat("x", 1000),
		"escaped": strings.Repeat("<>", 500),
		"control": strings.Repeat("\x01", 1000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ref := "atlas/v2/project/" + strings.Repeat("0", 24) + "/cluster/" + strings.Repeat("c", 64)
			f := fleet{id: "12345678"}
			for i := range maxRestores {
				named := NamedPlan{Name: fmt.Sprintf("%0100d", i), Plan: Plan{Source: Cluster{Ref: ref}, To: &Cluster{Ref: ref}}}
				f.request.Restores = append(f.request.Restores, named)
				f.projects = append(f.projects, "atlas/"+strings.Repeat("0", 24))
				row := FleetRow{
					Name:       named.Name,
					Source:     ref,
					Target:     ref,
					WorkflowID: strings.Repeat("f", maxFleetID) + "/" + named.Name + "/12345678",
					Started:    time.Now(),
				}
				var result durable.Result
				for range maxRowJobs {
					result.Jobs = append(result.Jobs, durable.JobResult{ID: strings.Repeat("0", 24)})
				}
				state := durable.State{Version: 1, Step: durable.StepFailed, Result: result}
				row.setEnd(time.Now(), nil, newWorkflowError(text, FailureRefused, Outcome{State: state, Advice: adviceFor(&state)}))
				f.boundState(&row)
				f.result.Rows = append(f.result.Rows, row)
			}
			f.result.count()
			data, err := json.Marshal(f.continuation())
			require.NoError(t, err)
			assert.Less(t, len(data), 2<<20, "the limit of a payload")
			assert.NotNil(t, f.result.Rows[0].State)
			assert.Nil(t, f.result.Rows[maxRestores-1].State)

			request, err := json.Marshal(f.request)
			require.NoError(t, err)
			f.request.Restores[0].State = &durable.State{Failure: strings.Repeat("x", maxRequestSize-len(request)-1000)}
			require.NoError(t, f.request.Validate(), "a request that is almost too large")
			data, err = json.Marshal(f.continuation())
			require.NoError(t, err)
			assert.Less(t, len(data), 2<<20, "the limit of a payload")
			assert.Len(t, f.continuation().Continued.Result.Rows, maxRestores)
		})
	}
}

// The text that replaces the state of a cancelled row has up to 300 bytes, which count too.
func TestFleet_sizeOfContinuationOfCancelledRows(t *testing.T) {
	t.Parallel()
	const cancelled = 250
	ref := "atlas/v2/project/" + strings.Repeat("0", 24) + "/cluster/" + strings.Repeat("c", 64)
	f := fleet{id: "12345678"}
	for i := range maxRestores {
		named := NamedPlan{Name: fmt.Sprintf("%0100d", i), Plan: Plan{Source: Cluster{Ref: ref}, To: &Cluster{Ref: ref}}}
		f.request.Restores = append(f.request.Restores, named)
		f.projects = append(f.projects, "atlas/"+strings.Repeat("0", 24))
		row := FleetRow{
			Name:       named.Name,
			Source:     ref,
			Target:     ref,
			WorkflowID: strings.Repeat("f", maxFleetID-15) + strings.Repeat("&", 15) + "/" + named.Name + "/12345678",
			Started:    time.Now(),
		}
		state := durable.State{Version: 1, Step: durable.StepWait}
		if i < maxRestores-cancelled {
			for range maxRowJobs {
				state.Result.Jobs = append(state.Result.Jobs, durable.JobResult{ID: strings.Repeat("0", 24)})
			}
			row.setEnd(time.Now(), nil, newWorkflowError(strings.Repeat("x", 1000), FailureRefused, Outcome{State: state, Advice: adviceFor(&state)}))
			row.removeState()
		} else {
			state.Failure = strings.Repeat("x", 400)
			row.setEnd(time.Now(), nil, temporal.NewCanceledError(Outcome{State: state, Advice: adviceFor(&state)}))
			f.boundState(&row)
		}
		f.result.Rows = append(f.result.Rows, row)
	}
	f.result.count()
	request, err := json.Marshal(f.request)
	require.NoError(t, err)
	f.request.Restores[0].State = &durable.State{Failure: strings.Repeat("x", maxRequestSize-len(request)-1000)}
	require.NotNil(t, f.result.Rows[maxRestores-1].State)
	data, err := json.Marshal(f.continuation())
	require.NoError(t, err)
	assert.Less(t, len(data), 2<<20, "the limit of a payload")
	assert.NotNil(t, f.result.Rows[maxRestores-cancelled].State)
	last := f.result.Rows[maxRestores-1]
	assert.Nil(t, last.State)
	assert.Contains(t, last.Failure, "the details of workflow ")
}
