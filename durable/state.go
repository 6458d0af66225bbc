package durable

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// stateVersion is the version of the JSON of a [State].
const stateVersion = 1

// Step is a step of a restore.
type Step string

// The steps, in their order. Each can be repeated with the state that it began with.
const (
	// StepChoose chooses the snapshot.
	StepChoose Step = "choose"
	// StepCheck checks the target.
	StepCheck Step = "check"
	// StepPrepare records the goal of the target's project, and that a create will be sent.
	StepPrepare Step = "prepare"
	// StepCreate creates the restore, or finds the one that an earlier run created.
	StepCreate Step = "create"
	// StepWait waits until the data is in place, or the files can be downloaded.
	StepWait Step = "wait"
	// StepDownload downloads and verifies the files.
	StepDownload Step = "download"
	// StepDone is the end. [Advance] begins again if there is a newer snapshot.
	StepDone Step = "done"
	// StepFailed is the end of a restore whose jobs failed [Plan.MaxAttempts] times, or are missing:
	// see [ErrJobMissing]. [Advance] begins again if there is a newer snapshot or MaxAttempts was raised.
	StepFailed Step = "failed"
)

var allSteps = []Step{
	StepChoose,
	StepCheck,
	StepPrepare,
	StepCreate,
	StepWait,
	StepDownload,
	StepDone,
	StepFailed,
}

// Identity is the part of a plan that a journal must agree with.
type Identity struct {
	// Source is the reference of the source.
	Source string `json:"source"`
	// Point is the [Point] as text.
	Point string `json:"point"`
	// Destination is the destination as text.
	Destination string `json:"destination"`
}

// State is how far a restore is. It is plain data without a secret, to be stored as JSON. The zero
// State is the beginning.
type State struct {
	// Version is the version of this format, 0 at the beginning.
	Version int `json:"version"`
	// Revision counts the saved states of a journal.
	Revision int64 `json:"revision"`
	// Plan is what the restore is for.
	Plan Identity `json:"plan"`
	// Step is the next step.
	Step Step `json:"step"`
	// Run counts the restores of this journal, from 1.
	Run int `json:"run"`
	// Attempt counts the restores that were started for this choice, from 1.
	Attempt int `json:"attempt"`
	// Begin is when the run began.
	Begin time.Time `json:"begin"`
	// Choice is the chosen data, from StepCheck on.
	Choice Choice `json:"choice"`
	// GoalVersion is the goal of the target's project before the create, 0 if it has none.
	GoalVersion int64 `json:"goalVersion,omitempty"`
	// Intent is the time before the create. It is set from StepCreate on.
	Intent time.Time `json:"intent,omitzero"`
	// JobIDs are the jobs of the restore, from StepWait on.
	JobIDs []string `json:"jobIds,omitempty"`
	// KnownJobIDs are jobs that match the create, and are not of it. They are set at StepCreate.
	KnownJobIDs []string `json:"knownJobIds,omitempty"`
	// EarlierJobIDs are the jobs of earlier attempts and runs.
	EarlierJobIDs []string `json:"earlierJobIds,omitempty"`
	// FailedJobIDs are the jobs of earlier attempts of this run.
	FailedJobIDs []string `json:"failedJobIds,omitempty"`
	// Failure is why the last attempt failed. Empty if none did.
	Failure string `json:"failure,omitempty"`
	// ExhaustedAttempts is the MaxAttempts of a plan that ended with [ErrJobMissing]: a higher one permits
	// another restore. Zero otherwise.
	ExhaustedAttempts int `json:"exhaustedAttempts,omitempty"`
	// Result is the progress of this run, and its evidence at StepDone.
	Result Result `json:"result"`

	unsent *sendOnce // nil after JSON
}

// maxEarlierJobIDs bounds what a journal of many runs keeps.
const maxEarlierJobIDs = 100

// validate reports whether the state is one of this plan.
func (s State) validate(plan *Plan) error {
	identity := plan.identity()
	switch {
	case s.Version == 0:
		return nil
	case s.Version != stateVersion:
		return &StateError{Problem: fmt.Sprintf("version %d is not known to this version of durable, which writes %d", s.Version, stateVersion)}
	case s.Plan != identity && s.isUsed():
		return &StateError{Problem: "it belongs to another plan, and each needs its own journal: " + s.Plan.difference(identity)}
	case !slices.Contains(allSteps, s.Step):
		return &StateError{Problem: fmt.Sprintf("step %q is not known", s.Step)}
	}
	return nil
}

// difference describes the parts that differ from those of a plan.
func (i Identity) difference(plan Identity) string {
	var parts []string
	for _, part := range []struct{ name, journal, plan string }{
		{"source", i.Source, plan.Source},
		{"point", i.Point, plan.Point},
		{"destination", i.Destination, plan.Destination},
	} {
		if part.journal != part.plan {
			parts = append(parts, "its "+part.name+" is "+cmp.Or(part.journal, "unknown")+", that of the plan is "+part.plan)
		}
	}
	return strings.Join(parts, "; ")
}

// isUsed reports whether a create may have been sent.
func (s State) isUsed() bool {
	isBeforeCreate := s.Step == StepChoose || s.Step == StepCheck || s.Step == StepPrepare
	return !isBeforeCreate || len(s.EarlierJobIDs) > 0
}

// newRun returns the first state of the next run.
func (s State) newRun(plan *Plan, now time.Time) State {
	return State{
		Version:       stateVersion,
		Revision:      s.Revision,
		Plan:          plan.identity(),
		Step:          StepChoose,
		Run:           s.Run + 1,
		Begin:         now,
		EarlierJobIDs: s.allJobIDs(),
	}
}

// newAttempt returns the state before the next create for the same choice.
func (s State) newAttempt(failure string) State {
	next := s
	next.Step = StepCheck
	next.EarlierJobIDs = s.allJobIDs()
	next.FailedJobIDs = slices.Concat(s.FailedJobIDs, s.JobIDs)
	next.JobIDs = nil
	next.Intent = time.Time{}
	next.KnownJobIDs = nil
	next.GoalVersion = 0
	next.Failure = failure
	next.ExhaustedAttempts = 0
	next.unsent = nil
	return next
}

// allJobIDs are the newest of the job ids that the journal has.
func (s State) allJobIDs() []string {
	all := slices.Concat(s.EarlierJobIDs, s.JobIDs)
	return slices.Clone(all[max(0, len(all)-maxEarlierJobIDs):])
}

// StateError is a state that does not belong to the plan, or cannot be read.
type StateError struct {
	// Problem is what is wrong.
	Problem string
}

// Error names the problem.
func (e *StateError) Error() string { return "durable: the journal cannot be used: " + e.Problem }

// wallClock is the time as a state keeps it: in UTC, equal before and after JSON.
func wallClock() time.Time { return time.Now().UTC().Round(0) }
