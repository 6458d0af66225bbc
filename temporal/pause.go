package restoretemporal

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs/durable"
)

// changePauseOrder is the change that a resume can follow a pause of the same workflow task.
const changePauseOrder = "order of pause and resume"

// listenForPause keeps whether a workflow is paused.
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
			drainPause(ctx, paused)
			selector.Select(ctx) // the first signal of a task, as it arrives
		}
	})
}

// drainPause receives the signals that have arrived. The SDK keeps each kind for itself, so that their
// order is not known.
func drainPause(ctx workflow.Context, paused *bool) {
	count := func(signal string) (n int) {
		for workflow.GetSignalChannel(ctx, signal).ReceiveAsync(nil) {
			n++
		}
		return n
	}
	resumes := count(ResumeSignal)
	pauses := count(PauseSignal)
	switch {
	case pauses > 0 && isLastResume(*paused, pauses, resumes):
		*paused = workflow.GetVersion(ctx, changePauseOrder, workflow.DefaultVersion, 1) < 1
	case pauses > 0:
		*paused = true
	case resumes > 0:
		*paused = false
	}
}

// isLastResume reports whether the last of several signals is a resume, if each changes the state. If they
// cannot, a pause wins.
func isLastResume(isPaused bool, pauses, resumes int) bool {
	if isPaused {
		return resumes == pauses+1
	}
	return resumes > 0 && resumes == pauses
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
