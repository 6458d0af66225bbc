package restoretemporal

import (
	"encoding/json"
	"time"

	"example.com/restorejobs/durable"
)

// RestoreRequest is the argument of [Restore].
type RestoreRequest struct {
	// Plan is the restore.
	Plan Plan `json:"plan"`
	// State continues a restore that another workflow has begun: see [Outcome]. Nil is the beginning. A
	// cron has none, because each run would continue the same restore.
	State *durable.State `json:"state,omitempty"`
}

// UnmarshalJSON reads a request, and refuses unknown fields.
func (r *RestoreRequest) UnmarshalJSON(data []byte) error {
	var request struct {
		Plan  Plan            `json:"plan"`
		State json.RawMessage `json:"state"`
	}
	if err := unmarshalStrict(data, &request); err != nil {
		return err
	}
	r.Plan = request.Plan
	return unmarshalState(request.State, &r.State)
}

// unmarshalState reads a state. Package durable decides which versions it knows.
func unmarshalState(data json.RawMessage, state **durable.State) error {
	if len(data) == 0 {
		return nil
	}
	return json.Unmarshal(data, state)
}

// Progress is how far a [Restore] is: the answer of [StateQuery].
type Progress struct {
	// State is the state as the last step returned it.
	State durable.State `json:"state"`
	// Step is the step that is performed. Empty before the first one.
	Step durable.Step `json:"step,omitempty"`
	// Paused reports that the restore stops before its create; see [PauseSignal].
	Paused bool `json:"paused,omitempty"`
	// Busy is why the restore waits for its target. Empty if it does not.
	Busy string `json:"busy,omitempty"`
	// BusySince is when that wait began.
	BusySince time.Time `json:"busySince,omitzero"`
	// NextTry is when a busy target is checked again.
	NextTry time.Time `json:"nextTry,omitzero"`
}
