package restoretemporal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"example.com/restorejobs/durable"
)

func (a *activitySet) choose(ctx context.Context, request StepRequest) (*StepResult, error) {
	if request.isReset(ctx) { // a file that exists can be the one of this workflow
		unnamed := *a
		unnamed.Download.Name = nil
		a = &unnamed
	}
	return a.perform(ctx, &request, "", durable.StepChoose, durable.StepDone, durable.StepFailed)
}

func (a *activitySet) check(ctx context.Context, request StepRequest) (*StepResult, error) {
	return a.perform(ctx, &request, durable.StepCheck)
}

func (a *activitySet) prepare(ctx context.Context, request StepRequest) (*StepResult, error) {
	result, err := a.perform(ctx, &request, durable.StepPrepare)
	if err != nil || result.Busy != nil || !request.isReset(ctx) {
		return result, err
	}
	if err := a.keepCreatesOfWorkflow(ctx, &request, &result.State); err != nil {
		return nil, newFailure(err, false)
	}
	return result, nil
}

// isReset reports whether the workflow was reset: then it can have sent a create already.
func (r *StepRequest) isReset(ctx context.Context) bool {
	return r.Run != activity.GetInfo(ctx).WorkflowExecution.RunID
}

// create sends a create in the first attempt, and searches for it in all others. It ends before the
// next attempt can begin, so that two of them cannot send.
func (a *activitySet) create(ctx context.Context, request StepRequest) (*StepResult, error) {
	timeouts := request.Plan.Timeouts.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, request.Plan.searchTimeout()+time.Duration(timeouts.Request)*3/4)
	defer cancel()
	info := activity.GetInfo(ctx)
	isFirst := request.IsFirst && info.Attempt == 1 && !request.isReset(ctx)
	if isFirst && !activity.HasHeartbeatDetails(ctx) {
		request.State = request.State.WithoutSearch()
	}
	activity.RecordHeartbeat(ctx, "creating") // also known after the attempts were reset
	return a.perform(ctx, &request, durable.StepCreate)
}

func (a *activitySet) wait(ctx context.Context, request StepRequest) (*StepResult, error) {
	return a.performLong(ctx, &request, durable.StepWait)
}

func (a *activitySet) download(ctx context.Context, request StepRequest) (*StepResult, error) {
	return a.performLong(ctx, &request, durable.StepDownload)
}

// perform performs a step, and refuses a state of another one.
func (a *activitySet) perform(ctx context.Context, request *StepRequest, steps ...durable.Step) (*StepResult, error) {
	return a.performWith(ctx, request, nil, steps...)
}

func (a *activitySet) performWith(
	ctx context.Context, request *StepRequest, onEvent func(durable.Event) error, steps ...durable.Step,
) (result *StepResult, err error) {
	defer func() {
		if value := recover(); value != nil { // the SDK would write its text into the history
			err = newPanicFailure(ctx, value)
		}
	}()
	if !slices.Contains(steps, request.State.Step) {
		problem := fmt.Sprintf("a state of step %q was given to the activity of step %q", request.State.Step, steps[len(steps)-1])
		return nil, newFailure(&durable.StateError{Problem: problem}, false)
	}
	isCreated := request.State.Step == durable.StepWait || request.State.Step == durable.StepDownload
	if err := request.Plan.Validate(); err != nil {
		return nil, newFailure(err, isCreated)
	}
	plan, err := a.durablePlan(&request.Plan)
	if err != nil {
		return nil, newFailure(err, isCreated)
	}
	plan.OnEvent = onEvent
	next, err := durable.Advance(ctx, plan, request.State)
	next.Failure = redactText(next.Failure)
	redactFiles(next.Result.Files)
	var failed *durable.FailedError
	if err == nil || errors.As(err, &failed) {
		return &StepResult{State: next}, nil // a failed restore is the state StepFailed
	}
	if busy := newBusy(err); busy != nil && !isCreated {
		return &StepResult{State: next, Busy: busy}, nil
	}
	if errors.Is(context.Cause(ctx), errWorkerStops) {
		return nil, temporal.NewApplicationErrorWithOptions(errWorkerStops.Error(), FailureTemporary, temporal.ApplicationErrorOptions{
			NextRetryDelay: time.Second,
		})
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, ctx.Err()
	}
	return nil, newFailure(err, isCreated)
}
