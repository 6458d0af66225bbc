package program

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
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

// oneFleet is a Temporal with one fleet, which runs once it was started.
type oneFleet struct {
	client.Client

	memo *commonpb.Memo
}

func (o *oneFleet) ExecuteWorkflow(_ context.Context, opts client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
	if o.memo != nil {
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("it runs", "", "")
	}
	o.memo = &commonpb.Memo{Fields: map[string]*commonpb.Payload{}}
	for name, value := range opts.Memo {
		payload, err := converter.GetDefaultDataConverter().ToPayload(value)
		if err != nil {
			return nil, err
		}
		o.memo.Fields[name] = payload
	}
	return nil, nil //nolint:nilnil // the run is not used
}

func (o *oneFleet) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return &workflowservice.DescribeWorkflowExecutionResponse{
		WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{Memo: o.memo},
	}, nil
}

func (o *oneFleet) GetWorkflow(context.Context, string, string) client.WorkflowRun { return nil }

// A fleet of another list with the same name is not the one of this command.
func TestStartFleet_anotherListRuns(t *testing.T) {
	t.Parallel()
	start := func(fleet *oneFleet, name string) error {
		r := runner{
			Program: &Program{Stderr: t.Output()},
			flags:   &flags{id: "fleet"},
			request: restoretemporal.FleetRequest{Restores: []restoretemporal.NamedPlan{{Name: name}}},
		}
		_, err := r.startFleet(t.Context(), fleet)
		return err
	}
	var fleet oneFleet
	require.NoError(t, start(&fleet, "orders"))
	require.NoError(t, start(&fleet, "orders"), "it is followed")
	err := start(&fleet, "stock")
	require.ErrorContains(t, err, "runs already with another list")
	assert.Equal(t, exitUsage, ExitCode(t.Output(), err))

	other := oneFleet{memo: &commonpb.Memo{}}
	require.ErrorContains(t, start(&other, "orders"), "another list", "it was not started by this program")
}

// One restore is not "1 restores".
func TestPrint_oneRestore(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := runner{
		Program: &Program{Stdout: &out},
		flags:   &flags{},
	}
	require.NoError(t, r.print(&restoretemporal.FleetResult{
		Rows:   []restoretemporal.FleetRow{{Name: "orders", Status: restoretemporal.FleetDone}},
		Counts: map[restoretemporal.FleetStatus]int{restoretemporal.FleetDone: 1},
	}))
	assert.Contains(t, out.String(), "\n1 restore: 1 done\n")
}
