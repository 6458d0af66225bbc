package restoretemporal

// The names of the workflows, for [go.temporal.io/sdk/client.Client].ExecuteWorkflow.
const (
	// RestoreWorkflow is [Restore]. Its argument is a [RestoreRequest], its result a
	// [example.com/restorejobs/durable.Result].
	RestoreWorkflow = "restorejobs.Restore"
	// FleetWorkflow is [Fleet]. Its argument is a [FleetRequest], its result a [FleetResult].
	FleetWorkflow = "restorejobs.Fleet"
)

// The names of the activities.
const (
	// ResolveActivity validates plans, and replaces names by references.
	ResolveActivity = "restorejobs.Resolve"
	// ChooseActivity is [example.com/restorejobs/durable.StepChoose]. It also begins the next attempt of a restore
	// that failed, and verifies a state that is done.
	ChooseActivity = "restorejobs.Choose"
	// CheckActivity is [example.com/restorejobs/durable.StepCheck].
	CheckActivity = "restorejobs.Check"
	// PrepareActivity is [example.com/restorejobs/durable.StepPrepare].
	PrepareActivity = "restorejobs.Prepare"
	// CreateActivity is [example.com/restorejobs/durable.StepCreate].
	CreateActivity = "restorejobs.Create"
	// WaitActivity is [example.com/restorejobs/durable.StepWait].
	WaitActivity = "restorejobs.Wait"
	// DownloadActivity is [example.com/restorejobs/durable.StepDownload].
	DownloadActivity = "restorejobs.Download"
	// OutcomeActivity waits for the end of a restore that a [Fleet] has started before it was reset.
	OutcomeActivity = "restorejobs.Outcome"
)

// The signals. They have no argument.
const (
	// PauseSignal makes a [Restore] stop before its create, and a [Fleet] start no more restores. A
	// restore that was created continues.
	PauseSignal = "pause"
	// ResumeSignal ends the effect of PauseSignal. If several signals arrive in one workflow task, only the
	// order of the first is known. The others count as if pauses and resumes alternate; if they cannot, the
	// pause counts. A pause after two resumes in one task can be lost: read the query after it.
	ResumeSignal = "resume"
)

// The queries. They have no argument.
const (
	// StateQuery returns the [Progress] of a [Restore].
	StateQuery = "state"
	// ProgressQuery returns the [FleetResult] of a [Fleet] so far.
	ProgressQuery = "progress"
)
