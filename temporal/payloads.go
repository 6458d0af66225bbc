package restoretemporal

import (
	"time"

	"example.com/restorejobs/durable"
)

// StepRequest is the argument of the activity of a step.
type StepRequest struct {
	// Plan is the plan, with references.
	Plan Plan `json:"plan"`
	// State is the state to begin with. An activity refuses one of another step.
	State durable.State `json:"state"`
	// Run is the original run ID of the workflow. After a reset of the workflow it differs from the ID
	// of the current run: then a create may have been sent already.
	Run string `json:"run,omitempty"`
	// Begin is when the workflow began.
	Begin time.Time `json:"begin,omitzero"`
	// IsFirst reports that the workflow schedules the create for the first time.
	IsFirst bool `json:"isFirst,omitempty"`
}

// StepResult is the result of the activity of a step.
type StepResult struct {
	// State is the state to continue with.
	State durable.State `json:"state"`
	// Busy is why the step has to be repeated later. Nil if it ended.
	Busy *Busy `json:"busy,omitempty"`
}

// Busy is a target or a service that refuses a restore for now.
type Busy struct {
	// Reason describes it.
	Reason string `json:"reason"`
	// Delay is the pause that the service requests. Zero without a request.
	Delay Duration `json:"delay,omitzero"`
}

// ResolveRequest is the argument of [ResolveActivity].
type ResolveRequest struct {
	// Plans are the plans.
	Plans []NamedPlan `json:"plans"`
}

// ResolveResult is the result of [ResolveActivity].
type ResolveResult struct {
	// Plans are the plans, with references instead of names.
	Plans []NamedPlan `json:"plans"`
	// Projects identify the project of the target of each plan, or of the source for a download.
	Projects []string `json:"projects"`
}

// OutcomeRequest is the argument of [OutcomeActivity].
type OutcomeRequest struct {
	// WorkflowID is the ID of the workflow of a restore.
	WorkflowID string `json:"workflowId"`
}

// OutcomeResult is the result of [OutcomeActivity].
type OutcomeResult struct {
	// Result is that of a restore that ended well. Nil otherwise.
	Result *durable.Result `json:"result,omitempty"`
	// IsCancelled reports that the workflow was cancelled.
	IsCancelled bool `json:"cancelled,omitempty"`
	// FailureType is the type of the error, such as [FailureJobs]. Empty if it ended well.
	FailureType string `json:"failureType,omitempty"`
	// Failure is the error as text.
	Failure string `json:"failure,omitempty"`
	// Outcome is how far the restore was. Nil if it is unknown.
	Outcome *Outcome `json:"outcome,omitempty"`
}
