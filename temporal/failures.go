package restoretemporal

import (
	"errors"

	"go.temporal.io/sdk/temporal"

	"example.com/restorejobs/durable"
)

// The types of the application errors with which workflows and activities fail. None of them is
// retried by Temporal, except [FailureTemporary].
const (
	// FailureInvalidPlan is a plan or payload that is wrong, or a name without exactly one cluster. No
	// restore was created.
	FailureInvalidPlan = "restorejobs.InvalidPlan"
	// FailureState is a state of another plan, or of another step.
	FailureState = "restorejobs.State"
	// FailureNoSnapshot is a source without a snapshot that can be restored.
	FailureNoSnapshot = "restorejobs.NoSnapshot"
	// FailureTarget is a target that cannot be restored into.
	FailureTarget = "restorejobs.Target"
	// FailureBusy is a target or service that was busy for longer than [Plan].BusyTimeout.
	FailureBusy = "restorejobs.Busy"
	// FailureRefused is a request that the service refuses, such as for a missing role before the create.
	FailureRefused = "restorejobs.Refused"
	// FailureJobs is a restore whose jobs failed [Plan].MaxAttempts times, or are missing: see
	// [example.com/restorejobs/durable.ErrJobMissing].
	FailureJobs = "restorejobs.Jobs"
	// FailureSeveralRestores is a create whose response was lost, and that several restores match.
	FailureSeveralRestores = "restorejobs.SeveralRestores"
	// FailureTargetUnknown is a finished job whose target cannot be watched. A request with its state
	// and [Plan].UntilJobFinished ends well.
	FailureTargetUnknown = "restorejobs.TargetUnknown"
	// FailureFile is a file that is in the way of a download.
	FailureFile = "restorejobs.File"
	// FailureTemporary is an error that can disappear. Before the create, it ends a restore after
	// several attempts; after it, it is retried without a limit.
	FailureTemporary = "restorejobs.Temporary"
)

// Outcome is how far a [Restore] is that did not end well. It is the details of its error. Get it
// with [OutcomeOf].
type Outcome struct {
	// State continues the restore in another workflow, as [RestoreRequest].State. A restore that was
	// created is not created again.
	State durable.State `json:"state"`
	// Advice describes what runs on, and how to continue.
	Advice string `json:"advice"`
}

// OutcomeOf returns how far a [Restore] was that ended with an error, as a client or a parent
// workflow receives it.
func OutcomeOf(err error) (outcome Outcome, ok bool) {
	var canceled *temporal.CanceledError
	var failure *temporal.ApplicationError
	switch {
	case errors.As(err, &canceled) && canceled.HasDetails():
		err = canceled.Details(&outcome)
	case errors.As(err, &failure) && failure.HasDetails():
		err = failure.Details(&outcome)
	default:
		return Outcome{}, false
	}
	isOutcome := err == nil && outcome.Advice != "" // others, such as a fleet, have no advice
	if !isOutcome {
		return Outcome{}, false
	}
	return outcome, true
}

// FailureType returns the type of the error of a workflow, such as [FailureJobs]. It is empty for
// other errors.
func FailureType(err error) string {
	var failure *temporal.ApplicationError
	if errors.As(err, &failure) {
		return failure.Type()
	}
	return ""
}
