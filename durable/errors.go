package durable

import (
	"errors"
	"fmt"
	"strings"

	"example.com/restorejobs"
)

var (
	// ErrLocked is a journal that another process uses.
	ErrLocked = errors.New("durable: the journal is in use by another process")
	// ErrConflict is a journal that another process has saved in the meantime.
	ErrConflict = errors.New("durable: the journal was saved by another process")
	// ErrSeveralRestores is a create whose response was lost, and that several restores match.
	ErrSeveralRestores = errors.New("durable: several restores match the create")
	// ErrJobMissing is a restore whose job the service does not have any more: a read of the job is not
	// found, and no list has it. Whether the job has ended well is unknown. A restore into a cluster ends
	// with a [*FailedError]. Another one is started for a higher [Plan.MaxAttempts], or for a newer snapshot
	// unless [Plan.Once] is set. A download counts the job as a failed attempt. A job younger than
	// [Plan.SearchTimeout] is not missing yet.
	ErrJobMissing = errors.New("durable: a restore job does not exist any more")
)

// SeveralRestoresError lists the restores that match a create whose response was lost. It matches
// [ErrSeveralRestores]. Nothing is started: check which one is yours, and add the ids of the others to
// [State].KnownJobIDs, which is knownJobIds in the JSON of a journal.
type SeveralRestoresError struct {
	// Creates are the jobs of each create, newest first.
	Creates [][]*restorejobs.Job
}

// Error lists the ids.
func (e *SeveralRestoresError) Error() string {
	creates := make([]string, len(e.Creates))
	for i, jobs := range e.Creates {
		creates[i] = strings.Join(restorejobs.JobIDs(jobs), " ")
	}
	return fmt.Sprintf("durable: %d restores match the create, and which one is of this plan is unknown: %s", len(creates), strings.Join(creates, ", "))
}

// Is reports whether target is [ErrSeveralRestores].
func (e *SeveralRestoresError) Is(target error) bool { return target == ErrSeveralRestores }

// FailedError is a restore whose jobs failed [Plan.MaxAttempts] times, or are missing. Later runs that start
// no other restore return it too.
type FailedError struct {
	// Attempts is how many restores were started.
	Attempts int
	// JobIDs are the jobs of the last.
	JobIDs []string
	// Failure is the error of the last attempt as text.
	Failure string

	err error // nil after the state was stored
}

// Error names the jobs and the failure.
func (e *FailedError) Error() string {
	return fmt.Sprintf("durable: the restore failed in attempt %d, jobs %s: %s", e.Attempts, strings.Join(e.JobIDs, " "), e.Failure)
}

// Unwrap returns the error of the last attempt. If an earlier process had it, that is [ErrJobMissing] or nil.
func (e *FailedError) Unwrap() error { return e.err }

// StepError is the error of a step, which can be repeated.
type StepError struct {
	// Step is the step.
	Step Step
	// Err is its error.
	Err error
}

// Error names the step and the error.
func (e *StepError) Error() string { return "durable: " + string(e.Step) + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *StepError) Unwrap() error { return e.Err }
