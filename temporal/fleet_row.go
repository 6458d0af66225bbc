package restoretemporal

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"

	"example.com/restorejobs/durable"
)

const (
	maxRowJobs   = 10
	maxRowStates = 256 << 10 // bytes of all states of a fleet, so that its result fits into a payload
)

// boundState removes the state of a row if those of the other rows are large. Its workflow has it, or
// the argument of the fleet if none was started.
func (f *fleet) boundState(row *FleetRow) {
	if row.State == nil {
		return
	}
	data, err := json.Marshal(row.State)
	isTooLarge := err != nil || f.states+len(data) > maxRowStates
	if isTooLarge {
		row.State = nil
		place := "the argument of the fleet has"
		if row.WorkflowID != "" {
			place = "the details of workflow " + row.WorkflowID + " have"
		}
		row.Failure = truncateText(place+" the state to continue with", maxRowText)
		return
	}
	f.states += len(data)
}

// setEnd sets how the workflow of a restore has ended.
func (r *FleetRow) setEnd(now time.Time, result *durable.Result, err error) {
	r.Ended = now
	if err == nil {
		r.Status = FleetDone
		r.setResult(result)
		return
	}
	outcome, hasOutcome := OutcomeOf(err)
	if hasOutcome {
		r.setResult(&outcome.State.Result)
	}
	if temporal.IsCanceledError(err) {
		r.Status = FleetCancelled
		if hasOutcome {
			r.State = &outcome.State
		}
		return
	}
	r.Status = FleetFailed
	failure, text := describeChildError(r.WorkflowID, err)
	r.FailureType = failure
	r.Failure = truncateJSON(text, maxRowText)
}

// setResult sets what the result of a restore has.
func (r *FleetRow) setResult(result *durable.Result) {
	r.Choice = result.Choice
	r.Attempts = result.Attempts
	r.RestoreSeconds = result.RestoreSeconds
	r.JobIDs = nil
	for _, job := range result.Jobs[:min(len(result.Jobs), maxRowJobs)] {
		r.JobIDs = append(r.JobIDs, job.ID)
	}
	r.Files = len(result.Files)
	r.Bytes = 0
	for _, file := range result.Files {
		r.Bytes += file.Size
	}
}

// describeChildError returns the type and the text of the error of a restore.
func describeChildError(id string, err error) (failure, text string) {
	var application *temporal.ApplicationError
	var started *temporal.ChildWorkflowExecutionAlreadyStartedError
	switch {
	case errors.As(err, &application):
		return application.Type(), application.Message()
	case errors.As(err, &started):
		return FailureState, fmt.Sprintf("workflow %s exists already: the fleet was reset", id)
	default:
		return FailureTemporary, redactText(err.Error())
	}
}
