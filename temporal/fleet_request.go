package restoretemporal

import (
	"encoding/json"

	"example.com/restorejobs/durable"
)

// FleetRequest is the argument of [Fleet].
type FleetRequest struct {
	// Restores are the restores, started in this order. At least one, at most 1000. The JSON of the
	// request has at most 512 KiB.
	Restores []NamedPlan `json:"restores"`
	// MaxRunning is how many restores run at a time. Default 20; negative removes the limit.
	MaxRunning int `json:"maxRunning,omitempty"`
	// MaxRunningPerProject is how many restores run at a time for one project: that of the target, or
	// of the source for a download. Default 5; negative removes the limit.
	MaxRunningPerProject int `json:"maxRunningPerProject,omitempty"`
	// FailureBudget is how many restores may fail before no more are started: 1 stops at the first
	// failure. Default a tenth of the restores, at least 3; negative removes the limit. Running
	// restores always continue.
	FailureBudget int `json:"failureBudget,omitempty"`
	// MaxStartsPerRun is how many restores one run of the workflow starts before it continues as new,
	// which bounds its history. Default 500, at most 5000; the server can request it earlier.
	MaxStartsPerRun int `json:"maxStartsPerRun,omitempty"`
	// Continued is set by the workflow when it continues as new. Nil in the request of a user.
	Continued *FleetContinuation `json:"continued,omitempty"`
}

// NamedPlan is a restore of a fleet.
type NamedPlan struct {
	// Name identifies the restore in the fleet. Required, unique, at most 100 bytes, printable, without
	// "/".
	Name string `json:"name"`
	// Plan is the restore.
	Plan Plan `json:"plan"`
	// State continues a restore of another fleet that was cancelled or failed: see [FleetRow].
	State *durable.State `json:"state,omitempty"`
}

// UnmarshalJSON reads a restore, and refuses unknown fields.
func (n *NamedPlan) UnmarshalJSON(data []byte) error {
	var plan struct {
		Name  string          `json:"name"`
		Plan  Plan            `json:"plan"`
		State json.RawMessage `json:"state"`
	}
	if err := unmarshalStrict(data, &plan); err != nil {
		return err
	}
	n.Name = plan.Name
	n.Plan = plan.Plan
	return unmarshalState(plan.State, &n.State)
}

// UnmarshalJSON reads a request, and refuses unknown fields.
func (f *FleetRequest) UnmarshalJSON(data []byte) error {
	type request FleetRequest
	return unmarshalStrict(data, (*request)(f))
}

// FleetContinuation is what a fleet carries into its next run.
type FleetContinuation struct {
	// Result is the progress so far.
	Result FleetResult `json:"result"`
	// Projects are those of the plans; see [ResolveResult].
	Projects []string `json:"projects"`
	// Run identifies the first run, and is a part of the IDs of the restores.
	Run string `json:"run"`
}
