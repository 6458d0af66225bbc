package restoretemporal

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs/durable"
)

// Restore is the workflow of one restore, whose history is its journal. Start it as [RestoreWorkflow],
// and without a retry policy, because a retry would begin another restore.
//
// It fails with an application error of one of the failure types, such as [FailureJobs], with an
// [Outcome] as its details. Before the create, errors that can disappear are retried for about an
// hour; after it, without a limit. A busy target is waited for by a timer.
//
// A cancelled workflow does not cancel its job. It waits for the end of a create that runs, and ends
// with an Outcome, whose state continues the restore in another workflow. [PauseSignal] stops it before
// the create. [StateQuery] returns its [Progress].
func Restore(ctx workflow.Context, request RestoreRequest) (*durable.Result, error) {
	r := &restoration{plan: request.Plan}
	if request.State != nil {
		r.progress.State = *request.State
	}
	if err := workflow.SetQueryHandler(ctx, StateQuery, r.query); err != nil {
		return nil, err
	}
	listenForPause(ctx, &r.progress.Paused)
	if err := validateStart(ctx, request.Plan.Validate()); err != nil {
		return nil, err
	}
	if err := validateState(ctx, request.State); err != nil {
		return nil, err
	}
	err := r.run(ctx)
	state := r.progress.State
	if err != nil {
		return nil, r.newError(ctx, err)
	}
	return &state.Result, nil
}

// restoreWorkflow is Restore for a payload that may be wrong. Without it, the type of the error would
// be that of the JSON decoder.
func restoreWorkflow(ctx workflow.Context, payload converter.RawValue) (*durable.Result, error) {
	var request RestoreRequest
	if err := decodePayload(payload, &request); err != nil {
		return nil, err
	}
	return Restore(ctx, request)
}

// decodePayload decodes the argument of a workflow.
func decodePayload(payload converter.RawValue, request any) error {
	if payload.Payload() == nil {
		return newWorkflowError("restoretemporal: the workflow must have an argument", FailureInvalidPlan)
	}
	if err := converter.GetDefaultDataConverter().FromPayload(payload.Payload(), request); err != nil {
		return newWorkflowError("restoretemporal: the argument of the workflow cannot be read: "+err.Error(), FailureInvalidPlan)
	}
	return nil
}

// validateStart returns the error of a workflow that must not begin.
func validateStart(ctx workflow.Context, err error) error {
	if err == nil && workflow.GetInfo(ctx).RetryPolicy != nil {
		err = newInvalidError("start", []string{"the workflow must have no retry policy: a retry would begin another restore"})
	}
	if err != nil {
		return newWorkflowError(err.Error(), FailureInvalidPlan)
	}
	return nil
}

// changeCronState is the change that a cron with a state is refused.
const changeCronState = "refuse the state of a cron"

// validateState refuses the state of a cron, whose runs would all report the end of the same restore.
func validateState(ctx workflow.Context, state *durable.State) error {
	isAccepted := state == nil || workflow.GetInfo(ctx).CronSchedule == ""
	if isAccepted || workflow.GetVersion(ctx, changeCronState, workflow.DefaultVersion, 1) < 1 {
		return nil
	}
	err := newInvalidError("start", []string{"a cron must have no state: each run would continue the same restore"})
	return newWorkflowError(err.Error(), FailureInvalidPlan)
}

// restoration is one run of Restore.
type restoration struct {
	plan     Plan
	progress Progress
	busy     time.Time // since when the target has been busy, zero if it is not
	prepared bool      // this run prepared the create, and has not scheduled it yet
}

func (r *restoration) query() (Progress, error) { return r.progress, nil }

// run performs the steps.
func (r *restoration) run(ctx workflow.Context) error {
	state := &r.progress.State
	isDone := state.Step == durable.StepDone
	if isDone && workflow.GetVersion(ctx, changeCheckDone, workflow.DefaultVersion, 1) < 1 {
		return nil
	}
	if err := r.resolve(ctx); err != nil {
		return err
	}
	isBeforeCreate := state.Step == "" || state.Step == durable.StepCheck || state.Step == durable.StepPrepare
	if isBeforeCreate { // there may be a newer snapshot
		state.Step = durable.StepChoose
	}
	for {
		if err := r.waitWhilePaused(ctx); err != nil {
			return err
		}
		result, err := r.perform(ctx)
		if err != nil {
			return err
		}
		isCreated := state.Step == durable.StepCreate && result.State.Step == durable.StepWait
		r.progress.State = result.State
		if isCreated {
			r.endBusy(ctx)
		}
		if state.Step == durable.StepFailed {
			return newWorkflowError(fmt.Sprintf("the restore failed in attempt %d, jobs %s: %s",
				state.Attempt, strings.Join(state.JobIDs, " "), state.Failure), FailureJobs)
		}
		if state.Step == durable.StepDone {
			return nil
		}
		if result.Busy != nil {
			if err := r.waitWhileBusy(ctx, result.Busy); err != nil {
				return err
			}
		}
	}
}

// changeCheckDone is the change that a state that is done must be one of the plan.
const changeCheckDone = "check a state that is done"

// resolve replaces the names of the plan by references.
func (r *restoration) resolve(ctx workflow.Context) error {
	request := ResolveRequest{Plans: []NamedPlan{{Plan: r.plan}}}
	var result ResolveResult
	ctx = workflow.WithActivityOptions(ctx, r.plan.shortOptions())
	if err := workflow.ExecuteActivity(ctx, ResolveActivity, request).Get(ctx, &result); err != nil {
		return err
	}
	r.plan = result.Plans[0].Plan
	return nil
}

// perform schedules the activity of the next step.
func (r *restoration) perform(ctx workflow.Context) (*StepResult, error) {
	state := r.progress.State
	info := workflow.GetInfo(ctx)
	request := StepRequest{
		Plan:    r.plan,
		State:   state,
		Run:     originalRunID(info),
		Begin:   info.WorkflowStartTime,
		IsFirst: state.Step == durable.StepCreate && r.prepared,
	}
	step, isKnown := stepActivities[state.Step]
	if !isKnown {
		return nil, newWorkflowError(fmt.Sprintf("step %q is not known to this version", state.Step), FailureState)
	}
	r.progress.Step = state.Step
	r.prepared = false
	var result StepResult
	ctx = workflow.WithActivityOptions(ctx, step.options(&r.plan))
	if err := workflow.ExecuteActivity(ctx, step.activity, request).Get(ctx, &result); err != nil {
		return nil, err
	}
	r.prepared = state.Step == durable.StepPrepare && result.State.Step == durable.StepCreate
	return &result, nil
}

// originalRunID is the run before all resets. The test environment of the SDK has none.
func originalRunID(info *workflow.Info) string {
	if info.OriginalRunID == "" {
		return info.WorkflowExecution.RunID
	}
	return info.OriginalRunID
}

// newError returns the error of the workflow, with its outcome.
func (r *restoration) newError(ctx workflow.Context, err error) error {
	outcome := Outcome{
		State:  r.progress.State,
		Advice: adviceFor(&r.progress.State),
	}
	text, failure := describeActivityError(err)
	if ctx.Err() != nil && failure == FailureTemporary {
		return temporal.NewCanceledError(outcome)
	}
	return newWorkflowError(text, failure, outcome)
}

// describeActivityError returns the text and the type of the error of an activity.
func describeActivityError(err error) (text, failure string) {
	var application *temporal.ApplicationError
	if errors.As(err, &application) {
		return application.Message(), application.Type()
	}
	var timeout *temporal.TimeoutError
	var failed *temporal.ActivityError
	if errors.As(err, &timeout) && errors.As(err, &failed) {
		return fmt.Sprintf("activity %s did not end in time: %s", failed.ActivityType().GetName(), timeout.Message()), FailureTemporary
	}
	return err.Error(), FailureTemporary
}

// adviceFor describes how to continue after a state.
func adviceFor(state *durable.State) string {
	jobs := strings.Join(state.JobIDs, " ")
	switch state.Step {
	case durable.StepCreate:
		return "Whether a restore was created is unknown. A request with this state searches for it before it creates one."
	case durable.StepWait:
		return "Restore job " + jobs + " continues. A request with this state waits for it and creates no other."
	case durable.StepDownload:
		return "The files of restore job " + jobs + " can be downloaded. A request with this state downloads them."
	case durable.StepFailed:
		return "A request with this state and a higher maxAttempts starts another restore."
	case durable.StepDone:
		return "The restore has ended well."
	case durable.StepChoose, durable.StepCheck, durable.StepPrepare:
		return "No restore was created. A request with this state begins with the choice of the data."
	default:
		return "No restore was created."
	}
}
