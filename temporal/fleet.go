package restoretemporal

import (
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs/durable"
)

// Fleet is the workflow of many restores, each in a child workflow of [Restore]. Start it as
// [FleetWorkflow], and without a retry policy.
//
// It first finds all clusters. An unknown name, or two restores into the same target, fails it with
// [FailureInvalidPlan], and nothing is restored. Then it runs the restores within the limits of the
// request. It continues as new before its history gets large, once the running restores have ended.
//
// The result has a row for each restore, also if some failed. [ProgressQuery] returns it earlier.
// [PauseSignal] starts no more restores.
//
// A cancelled fleet cancels its running restores, which do not cancel their jobs, and ends with its
// result as details: see [FleetResultOf]. The rows have the states to continue with. A fleet that is reset
// reads the outcomes of the restores that it started before, and starts none of them again.
func Fleet(ctx workflow.Context, request FleetRequest) (*FleetResult, error) {
	f := &fleet{request: request}
	if request.Continued != nil {
		f.result = request.Continued.Result
	}
	query := func() (*FleetResult, error) { return &f.result, nil }
	if err := workflow.SetQueryHandler(ctx, ProgressQuery, query); err != nil {
		return nil, err
	}
	listenForPause(ctx, &f.result.Paused)
	if err := validateStart(ctx, request.Validate()); err != nil {
		return nil, err
	}
	if err := validateFleetStart(ctx, request.Continued != nil); err != nil {
		return nil, err
	}
	if err := f.begin(ctx); err != nil {
		return nil, err
	}
	return f.run(ctx)
}

// validateFleetStart refuses a fleet that would count the restores of another one as its own: a copy of
// the argument of a later run, or a cron, which begins with the argument of the last run.
func validateFleetStart(ctx workflow.Context, isContinuation bool) error {
	info := workflow.GetInfo(ctx)
	var problems []string
	if isContinuation && info.ContinuedExecutionRunID == "" {
		problems = append(problems, "continued is set by the workflow only")
	}
	if info.CronSchedule != "" {
		problems = append(problems, "the fleet must have no cron schedule: use a schedule of Temporal")
	}
	isIDTooLong := jsonSize(info.WorkflowExecution.ID) > maxFleetID+len(`""`)
	if isIDTooLong && !isContinuation { // the first run was accepted, maybe by a version with another limit
		problems = append(problems, fmt.Sprintf("the workflow ID must have at most %d bytes of JSON", maxFleetID))
	}
	isAccepted := len(problems) == 0 || workflow.GetVersion(ctx, changeFleetStart, workflow.DefaultVersion, 1) < 1
	if isAccepted {
		return nil
	}
	return newWorkflowError(newInvalidError("start", problems).Error(), FailureInvalidPlan)
}

const (
	maxFleetID = 300 // in JSON; a part of the IDs of all restores, which have at most 1000 bytes
	// changeFleetStart is the change that these starts are refused.
	changeFleetStart = "refuse starts of fleets"
)

// fleetWorkflow is Fleet for a payload that may be wrong.
func fleetWorkflow(ctx workflow.Context, payload converter.RawValue) (*FleetResult, error) {
	var request FleetRequest
	if err := decodePayload(payload, &request); err != nil {
		return nil, err
	}
	return Fleet(ctx, request)
}

// FleetResultOf returns the result of a [Fleet] that was cancelled.
func FleetResultOf(err error) (result FleetResult, ok bool) {
	var canceled *temporal.CanceledError
	if !errors.As(err, &canceled) || !canceled.HasDetails() {
		return FleetResult{}, false
	}
	isResult := canceled.Details(&result) == nil && len(result.Rows) > 0 // others, such as a restore, have no rows
	if !isResult {
		return FleetResult{}, false
	}
	return result, true
}

// fleet is one run of Fleet.
type fleet struct {
	request  FleetRequest
	result   FleetResult
	projects []string // of the restores
	id       string   // of the first run, as a part of the IDs of the restores
	starts   int      // of this run
	running  int
	changes  int // of the rows
	states   int // bytes of the states of the rows
}

// begin finds the clusters, unless an earlier run has.
func (f *fleet) begin(ctx workflow.Context) error {
	if continued := f.request.Continued; continued != nil {
		f.projects = continued.Projects
		f.id = continued.Run
		f.request.Continued = nil
		for i := range f.result.Rows {
			f.boundState(&f.result.Rows[i])
		}
		return nil
	}
	f.id = shortRunID(originalRunID(workflow.GetInfo(ctx)))
	f.result.Begin = workflow.Now(ctx)
	resolved, err := resolveFleet(ctx, f.request.Restores)
	if err != nil {
		return err
	}
	f.request.Restores = resolved.Plans
	f.projects = resolved.Projects
	for _, named := range resolved.Plans {
		row := FleetRow{
			Name:   named.Name,
			Status: FleetWaiting,
			Source: named.Plan.Source.Ref,
		}
		if named.Plan.To != nil {
			row.Target = named.Plan.To.Ref
		}
		f.result.Rows = append(f.result.Rows, row)
	}
	f.result.count()
	return nil
}

func shortRunID(id string) string {
	const digits = 8
	return id[:min(len(id), digits)]
}

const (
	maxResolve       = time.Hour
	resolveHeartbeat = 2 * time.Minute // a cluster takes a few requests
)

// resolveFleet finds the clusters of all restores.
func resolveFleet(ctx workflow.Context, restores []NamedPlan) (*ResolveResult, error) {
	plan := Plan{Timeouts: restores[0].Plan.Timeouts}
	options := plan.shortOptions()
	options.StartToCloseTimeout = maxResolve
	options.HeartbeatTimeout = max(resolveHeartbeat, time.Duration(plan.Timeouts.Request))
	var result ResolveResult
	future := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), ResolveActivity, ResolveRequest{Plans: restores})
	if err := future.Get(ctx, &result); err != nil {
		if ctx.Err() != nil {
			return nil, temporal.NewCanceledError()
		}
		text, failure := describeActivityError(err)
		return nil, newWorkflowError(text, failure)
	}
	return &result, nil
}

// run runs the restores.
func (f *fleet) run(ctx workflow.Context) (*FleetResult, error) {
	for {
		for f.canStart(ctx) {
			i := f.next()
			if i < 0 {
				break
			}
			f.start(ctx, i)
		}
		switch {
		case f.running > 0 || f.isWaitingForResume(ctx):
			f.waitForChange(ctx)
		case f.isUnfinished(ctx):
			return nil, f.continueAsNew(ctx)
		default:
			return f.end(ctx)
		}
	}
}

// canStart reports whether another restore may be started in this run.
func (f *fleet) canStart(ctx workflow.Context) bool {
	maxRunning := limit(f.request.MaxRunning, defaultRunning)
	hasRoom := maxRunning == 0 || f.running < maxRunning
	return hasRoom && !f.result.Paused && f.isUnfinished(ctx) && !f.shouldContinueAsNew(ctx)
}

// isUnfinished reports whether restores have to be started, in this run or the next.
func (f *fleet) isUnfinished(ctx workflow.Context) bool {
	return ctx.Err() == nil && !f.result.BudgetUsed && f.result.Counts[FleetWaiting] > 0
}

// isWaitingForResume reports a pause in which nothing runs.
func (f *fleet) isWaitingForResume(ctx workflow.Context) bool {
	return f.result.Paused && f.isUnfinished(ctx) && !f.shouldContinueAsNew(ctx)
}

func (f *fleet) shouldContinueAsNew(ctx workflow.Context) bool {
	isFull := f.starts >= limit(f.request.MaxStartsPerRun, defaultStarts)
	return isFull || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
}

// next returns the first waiting restore whose project has room, -1 if there is none.
func (f *fleet) next() int {
	maxRunning := limit(f.request.MaxRunningPerProject, defaultInProject)
	running := map[string]int{}
	for i := range f.result.Rows {
		if f.result.Rows[i].Status == FleetRunning {
			running[f.projects[i]]++
		}
	}
	for i := range f.result.Rows {
		hasRoom := maxRunning == 0 || running[f.projects[i]] < maxRunning
		if f.result.Rows[i].Status == FleetWaiting && hasRoom {
			return i
		}
	}
	return -1
}

// start starts the workflow of a restore. Its ID is used once, so that a fleet that was reset starts
// no second one.
func (f *fleet) start(ctx workflow.Context, i int) {
	named := f.request.Restores[i]
	row := &f.result.Rows[i]
	row.Status = FleetRunning
	row.Started = workflow.Now(ctx)
	row.WorkflowID = fmt.Sprintf("%s/%s/%s", workflow.GetInfo(ctx).WorkflowExecution.ID, named.Name, f.id)
	f.starts++
	f.running++
	f.result.count()
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            row.WorkflowID,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_REQUEST_CANCEL,
		WaitForCancellation:   true,
	})
	request := RestoreRequest{
		Plan:  named.Plan,
		State: named.State,
	}
	future := workflow.ExecuteChildWorkflow(ctx, RestoreWorkflow, request)
	workflow.Go(ctx, func(ctx workflow.Context) {
		waiting, _ := workflow.NewDisconnectedContext(ctx)
		result := &durable.Result{}
		err := future.Get(waiting, result)
		if isAlreadyStarted(err) {
			result, err = f.readExisting(ctx, row, &named.Plan, err)
		}
		row.setEnd(workflow.Now(ctx), result, err)
		f.boundState(row)
		f.running--
		f.changes++
		f.result.count()
		budget := f.request.failureBudget()
		f.result.BudgetUsed = budget > 0 && f.result.Counts[FleetFailed] >= budget
	})
}

// waitForChange waits until a restore has ended, the pause has changed, or the fleet was cancelled.
func (f *fleet) waitForChange(ctx workflow.Context) {
	changes := f.changes
	paused := f.result.Paused
	condition := func() bool { return f.changes != changes || f.result.Paused != paused }
	if err := workflow.Await(ctx, condition); err != nil { // cancelled: the restores end
		ctx, _ = workflow.NewDisconnectedContext(ctx)
		_ = workflow.Await(ctx, func() bool { return f.running == 0 })
	}
}

func (f *fleet) continueAsNew(ctx workflow.Context) error {
	drainPause(ctx, &f.result.Paused)
	return workflow.NewContinueAsNewError(ctx, FleetWorkflow, f.continuation())
}

// continuation is the argument of the next run.
func (f *fleet) continuation() FleetRequest {
	next := f.request
	next.Continued = &FleetContinuation{
		Result:   f.result,
		Projects: f.projects,
		Run:      f.id,
	}
	boundContinuation(&next)
	return next
}

// end completes the result.
func (f *fleet) end(ctx workflow.Context) (*FleetResult, error) {
	for i := range f.result.Rows {
		if f.result.Rows[i].Status == FleetWaiting {
			f.result.Rows[i].Status = FleetSkipped
			f.result.Rows[i].State = f.request.Restores[i].State
			f.boundState(&f.result.Rows[i])
		}
	}
	f.result.count()
	f.result.End = workflow.Now(ctx)
	if ctx.Err() != nil {
		return nil, temporal.NewCanceledError(f.result)
	}
	return &f.result, nil
}
