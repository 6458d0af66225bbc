package restoretemporal

import (
	"encoding/json"
	"errors"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"example.com/restorejobs/durable"
)

const (
	maxRowJobs      = 10
	maxRowStates    = 256 << 10  // bytes of all states of a fleet, so that its result fits into a payload
	maxContinuation = 2040 << 10 // bytes of the argument of the next run; a payload has 2 MiB
)

// FleetRow is a restore of a fleet.
type FleetRow struct {
	// Name is the name of the restore.
	Name string `json:"name"`
	// Status is its status.
	Status FleetStatus `json:"status"`
	// Source is the reference of the source.
	Source string `json:"source"`
	// Target is the reference of the target. Empty for a download.
	Target string `json:"target,omitempty"`
	// WorkflowID is the ID of its workflow, which answers [StateQuery]. Empty before the start.
	WorkflowID string `json:"workflowId,omitempty"`
	// Started is when its workflow was started.
	Started time.Time `json:"started,omitzero"`
	// Ended is when its workflow ended.
	Ended time.Time `json:"ended,omitzero"`
	// Choice is the data that was restored.
	Choice durable.Choice `json:"choice,omitzero"`
	// JobIDs are the jobs, at most 10 of them.
	JobIDs []string `json:"jobIds,omitempty"`
	// Attempts is how many restores were created.
	Attempts int `json:"attempts,omitempty"`
	// RestoreSeconds is that of [durable.Result].
	RestoreSeconds float64 `json:"restoreSeconds,omitempty"`
	// Files is how many files were downloaded.
	Files int `json:"files,omitempty"`
	// Bytes is the size of these files.
	Bytes int64 `json:"bytes,omitempty"`
	// FailureType is the type of the error, such as [FailureJobs]. Empty without one.
	FailureType string `json:"failureType,omitempty"`
	// Failure is the error as text, at most 300 bytes of JSON.
	Failure string `json:"failure,omitempty"`
	// State continues a restore that was cancelled or failed: copy it to [NamedPlan]. It has the step and
	// the jobs. If the jobs failed, a higher [Plan].MaxAttempts starts another restore. A skipped restore
	// has the state of its NamedPlan. The states of a fleet have at most 256 KiB of JSON; the others are
	// only in the details of WorkflowID, as [OutcomeOf] returns them.
	State *durable.State `json:"state,omitempty"`
}

// boundState removes the state of a row if those of the other rows are large.
func (f *fleet) boundState(row *FleetRow) {
	if row.State == nil {
		return
	}
	data, err := json.Marshal(row.State)
	isTooLarge := err != nil || f.states+len(data) > maxRowStates
	if isTooLarge {
		row.removeState()
		return
	}
	f.states += len(data)
}

// stateElsewhere follows the error of a row without its state.
const stateElsewhere = " (the details of its workflow have the state)"

// removeState removes the state of a row. Its workflow has it, or the argument of the fleet if none was
// started.
func (r *FleetRow) removeState() {
	r.State = nil
	switch {
	case r.Status == FleetFailed:
		r.Failure = truncateJSON(r.Failure, maxRowText-len(stateElsewhere)) + stateElsewhere
	case r.WorkflowID != "":
		r.Failure = truncateText("the details of workflow "+r.WorkflowID+" have the state to continue with", maxRowText)
	default:
		r.Failure = "the argument of the fleet has the state to continue with"
	}
}

// boundContinuation removes the last states of the rows if the argument of the next run is too large. The
// request can have states too.
func boundContinuation(next *FleetRequest) {
	size := jsonSize(next)
	rows := next.Continued.Result.Rows
	for i := len(rows) - 1; i >= 0 && size > maxContinuation; i-- {
		row := &rows[i]
		if row.State == nil {
			continue
		}
		size -= jsonSize(row)
		row.removeState()
		size += jsonSize(row)
	}
}

// jsonSize returns the bytes of the JSON of a value, 0 if it has none.
func jsonSize(value any) int {
	data, err := json.Marshal(value)
	if err != nil {
		return 0
	}
	return len(data)
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
		r.State = &outcome.State
	}
	if temporal.IsCanceledError(err) {
		r.Status = FleetCancelled
		return
	}
	r.Status = FleetFailed
	failure, text := describeChildError(err)
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

// existsText is a restore whose outcome is not known after a reset.
const existsText = "its workflow exists already, as the fleet was reset, and may have ended well: read its result before you restore again"

// describeChildError returns the type and the text of the error of a restore.
func describeChildError(err error) (failure, text string) {
	var application *temporal.ApplicationError
	switch {
	case errors.As(err, &application):
		return application.Type(), application.Message()
	case isAlreadyStarted(err):
		return FailureState, existsText
	default:
		return FailureTemporary, redactText(err.Error())
	}
}

// isAlreadyStarted reports a workflow that exists.
func isAlreadyStarted(err error) bool {
	var started *temporal.ChildWorkflowExecutionAlreadyStartedError
	var inTests *serviceerror.WorkflowExecutionAlreadyStarted // of the test environment of the SDK
	return errors.As(err, &started) || errors.As(err, &inTests)
}
