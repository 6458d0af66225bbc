package restoretemporal

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs/durable"
)

// listenForPause keeps whether a workflow is paused. A pause wins over a resume of the same moment.
func listenForPause(ctx workflow.Context, paused *bool) {
	selector := workflow.NewSelector(ctx)
	receive := func(signal string, value bool) {
		selector.AddReceive(workflow.GetSignalChannel(ctx, signal), func(channel workflow.ReceiveChannel, _ bool) {
			channel.Receive(ctx, nil)
			*paused = value
		})
	}
	receive(ResumeSignal, false)
	receive(PauseSignal, true)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			selector.Select(ctx)
		}
	})
}

// drainPause receives the signals that the listener has not received yet.
func drainPause(ctx workflow.Context, paused *bool) {
	for workflow.GetSignalChannel(ctx, ResumeSignal).ReceiveAsync(nil) {
		*paused = false
	}
	for workflow.GetSignalChannel(ctx, PauseSignal).ReceiveAsync(nil) {
		*paused = true
	}
}

// waitWhilePaused stops before the create, which is then prepared again.
func (r *restoration) waitWhilePaused(ctx workflow.Context) error {
	step := r.progress.State.Step
	isBeforeCreate := step == durable.StepPrepare || step == durable.StepCreate
	if !isBeforeCreate || !r.progress.Paused {
		return nil
	}
	isUnknown := step == durable.StepCreate && !r.prepared
	if isUnknown {
		return r.pauseSearch(ctx)
	}
	if err := workflow.Await(ctx, func() bool { return !r.progress.Paused }); err != nil {
		return err
	}
	r.busy = time.Time{}
	if workflow.GetVersion(ctx, changeCheckAfterPause, workflow.DefaultVersion, 1) >= 1 {
		r.checkAgain()
	}
	return nil
}

// pauseSearch stops before the search for a create that may have been sent: it can send another one.
func (r *restoration) pauseSearch(ctx workflow.Context) error {
	if workflow.GetVersion(ctx, changePauseSearch, workflow.DefaultVersion, 1) < 1 {
		return nil
	}
	if err := workflow.Await(ctx, func() bool { return !r.progress.Paused }); err != nil {
		return err
	}
	r.busy = time.Time{}
	return nil
}

// changePauseSearch is the change that a pause is also before a search for a create.
const changePauseSearch = "pause before a search"

// changeCheckAfterPause is the change that a pause of any length is followed by another check.
const changeCheckAfterPause = "check after a pause"

// checkAgain returns to the check of the target. Nothing was sent.
func (r *restoration) checkAgain() {
	state := &r.progress.State
	state.Step = durable.StepCheck
	state.GoalVersion = 0
	state.Intent = time.Time{}
	state.KnownJobIDs = nil
	r.prepared = false
}
