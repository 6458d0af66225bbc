package restoretemporal

import (
	"context"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
)

// Activities are the activities of a worker: one per step of package durable. They hold what must
// not be in a history: the client and its credentials.
type Activities struct {
	// Client makes the requests. Required.
	Client *restorejobs.Client
	// Directory is the folder of all downloads. [Plan].Directory is below it. Downloads need it or
	// Deliver. If several workers serve a task queue, it is on a file system that they share.
	Directory string
	// Deliver, if not nil, fetches the files instead of Directory, such as into a bucket. See
	// [durable.Plan].Deliver. Links in the text of its errors are removed.
	Deliver func(ctx context.Context, plan Plan, state durable.State) ([]restorejobs.DownloadedFile, error)
	// Wait are the options of waits. Goal, GoalVersion, OnUpdate and Heartbeat must be zero: plans set them.
	Wait restorejobs.WaitOptions
	// Download are the options of downloads. Existing, Supersedes and Progress must be zero.
	Download restorejobs.DownloadOptions
}

// StepRequest is the argument of the activity of a step.
type StepRequest struct {
	// Plan is the plan, with references.
	Plan Plan `json:"plan"`
	// State is the state to begin with. An activity refuses one of another step.
	State durable.State `json:"state"`
	// Run identifies the run of the workflow that prepared the create: its original run ID. After a
	// reset of the workflow the run differs.
	Run string `json:"run,omitempty"`
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
