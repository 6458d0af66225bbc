package program

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"example.com/restorejobs"
	restoretemporal "example.com/restorejobs/temporal"
	"example.com/restorejobs/temporal/cmd/internal/display"
)

// runner runs one fleet on one Temporal.
type runner struct {
	*Program

	flags      *flags
	request    restoretemporal.FleetRequest
	mongo      *restorejobs.Client // of the worker, if this process has one
	isEmbedded bool
}

func (r *runner) run(ctx context.Context, opts client.Options) error {
	c, err := Dial(ctx, opts)
	if err != nil {
		return err
	}
	defer c.Close()
	switch {
	case r.flags.worker:
		return r.runWorker(ctx, c)
	case r.flags.isControl():
		return r.control(ctx, c)
	case r.flags.start:
		return r.runFleet(ctx, c)
	}
	w, err := r.startWorker(c)
	if err != nil {
		return err
	}
	defer w.Stop()
	return r.runFleet(ctx, c)
}

// control sends a signal to the fleet, or cancels it.
func (r *runner) control(ctx context.Context, c client.Client) error {
	var err error
	switch {
	case r.flags.pause:
		err = c.SignalWorkflow(ctx, r.flags.id, "", restoretemporal.PauseSignal, nil)
	case r.flags.resume:
		err = c.SignalWorkflow(ctx, r.flags.id, "", restoretemporal.ResumeSignal, nil)
	default:
		err = c.CancelWorkflow(ctx, r.flags.id, "")
	}
	if err != nil {
		return fmt.Errorf("fleet %s: %w", r.flags.id, err)
	}
	return nil
}

// runFleet starts the fleet, or follows the one that runs, and prints its table.
func (r *runner) runFleet(ctx context.Context, c client.Client) error {
	run, err := r.startFleet(ctx, c)
	if err != nil {
		return err
	}
	progress := r.Stdout
	if r.flags.json {
		progress = r.Stderr
	}
	watch := Watch{
		Client:  c,
		Run:     run,
		Display: display.New(progress),
	}
	result, err := watch.Follow(ctx)
	watch.Display.Close()
	switch {
	case ctx.Err() != nil && !r.isEmbedded:
		fmt.Fprintf(r.Stderr, "the fleet %s continues; run the same command to follow it, or -cancel to cancel it\n", r.flags.id)
		return ctx.Err()
	case ctx.Err() != nil:
		return r.abandon(ctx, c, run)
	case restoretemporal.FailureType(err) == restoretemporal.FailureInvalidPlan:
		return refused(r.flags.list, err)
	case err != nil:
		return r.printCancelled(err)
	}
	if err := r.print(result); err != nil {
		return err
	}
	if result.Counts[restoretemporal.FleetDone] < len(result.Rows) {
		return errFailed
	}
	return nil
}

// printCancelled prints the table of a fleet that was cancelled, as by -cancel, and returns the error.
func (r *runner) printCancelled(err error) error {
	if result, ok := restoretemporal.FleetResultOf(err); ok {
		if err := r.print(&result); err != nil {
			return err
		}
	}
	return fmt.Errorf("fleet %s: %w", r.flags.id, err)
}

// memoList is the memo of a fleet that identifies its list.
const memoList = "restore-fleet.list"

// startFleet starts the workflow. A fleet with this id and this list that runs already is followed.
func (r *runner) startFleet(ctx context.Context, c client.Client) (client.WorkflowRun, error) {
	data, err := json.Marshal(r.request)
	if err != nil {
		return nil, err
	}
	list := fmt.Sprintf("%x", sha256.Sum256(data))
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       r.flags.id,
		TaskQueue:                                r.flags.taskQueue,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		Memo:                                     map[string]any{memoList: list},
	}, restoretemporal.FleetWorkflow, r.request)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	switch {
	case errors.As(err, &started):
		return r.followFleet(ctx, c, list)
	case err != nil:
		return nil, fmt.Errorf("start fleet %s: %w", r.flags.id, err)
	}
	return run, nil
}

// followFleet returns the fleet that runs. One of another list would be reported as this one.
func (r *runner) followFleet(ctx context.Context, c client.Client, list string) (client.WorkflowRun, error) {
	description, err := c.DescribeWorkflowExecution(ctx, r.flags.id, "")
	if err != nil {
		return nil, fmt.Errorf("fleet %s: %w", r.flags.id, err)
	}
	var running string
	memo := description.GetWorkflowExecutionInfo().GetMemo().GetFields()[memoList]
	if memo != nil {
		if err := converter.GetDefaultDataConverter().FromPayload(memo, &running); err != nil {
			return nil, fmt.Errorf("fleet %s: %w", r.flags.id, err)
		}
	}
	if running != list {
		return nil, usage(fmt.Sprintf("fleet %s runs already with another list or other limits: set another -id, or wait for its end", r.flags.id))
	}
	fmt.Fprintf(r.Stderr, "the fleet %s runs already: this follows it\n", r.flags.id)
	return c.GetWorkflow(ctx, r.flags.id, ""), nil
}

// maxAbandon is how long the cancelled fleet of an embedded server may take to end.
const maxAbandon = 30 * time.Second

// abandon cancels the fleet of an embedded server, and prints where its restores were.
func (r *runner) abandon(ctx context.Context, c client.Client, run client.WorkflowRun) error {
	rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), maxAbandon)
	defer cancel()
	if err := c.CancelWorkflow(rest, run.GetID(), ""); err != nil {
		return errors.Join(ctx.Err(), err)
	}
	_ = run.Get(rest, nil) // the fleet is cancelled, and its last progress counts
	result, err := queryProgress(rest, c, run.GetID())
	if err != nil {
		return errors.Join(ctx.Err(), err)
	}
	if err := r.print(&result); err != nil {
		return err
	}
	return fmt.Errorf("%w: the jobs in this table continue in the service", ctx.Err())
}

// print prints the result of a fleet.
func (r *runner) print(result *restoretemporal.FleetResult) error {
	if r.flags.json {
		encoder := json.NewEncoder(r.Stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(result)
	}
	fmt.Fprintln(r.Stdout)
	return result.WriteTable(r.Stdout)
}
