package restorejobs

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// OutcomeUnknownError is the error of a write that may have been executed: the response was lost,
// or does not prove the outcome. It matches [ErrOutcomeUnknown] and no sentinel of a status. An [*Error] in its
// chain has the response, if there was one.
type OutcomeUnknownError struct {
	// Start is the time before the create. Zero for [Client.Do].
	Start time.Time
	// Point is the create's restore point. Zero for [Client.Do].
	Point RestorePoint
	// Destination is the create's destination. Zero for [Client.Do].
	Destination Destination

	operation string
	isCreate  bool
	effect    string // what a create does, "" for the start of a restore
	search    string // the call that finds what a create has started, "" for Find
	attempts  int    // zero if err has them
	err       error
	finder    createFinder // nil for Client.Do
}

// createFinder is the part of [Jobs] that finds the jobs of a create.
type createFinder interface {
	FindCreated(ctx context.Context, since time.Time, point RestorePoint, to Destination) ([][]*Job, error)
}

// Find calls [Jobs.FindCreated] with the arguments and the start of the create. After
// [CollectionJobs.Create], which has a FindCreated of its own, and after [Snapshots.Create] and
// [Client.Do] it returns an error matching [errors.ErrUnsupported].
func (e *OutcomeUnknownError) Find(ctx context.Context) ([][]*Job, error) {
	if e.finder == nil {
		return nil, &unsupportedError{operation: "find created restore jobs", subject: e.operation}
	}
	return e.finder.FindCreated(ctx, e.Start, e.Point, e.Destination)
}

// Error names the operation and the cause.
func (e *OutcomeUnknownError) Error() string {
	hint := "no response confirms whether the request took effect: "
	if e.isCreate {
		search := cmp.Or(e.search, "OutcomeUnknownError.Find")
		effect := cmp.Or(e.effect, "a restore was started")
		hint = "no response confirms whether " + effect + ": use " + search + " before creating again: "
	}
	return "restorejobs: " + e.operation + ": " + hint + shortMessage(e.err) + attemptsSuffix(e.attempts)
}

// Unwrap returns the cause: an [*Error], or an error of the transport or the context.
func (e *OutcomeUnknownError) Unwrap() error { return e.err }

// Is reports whether target is [ErrOutcomeUnknown].
func (e *OutcomeUnknownError) Is(target error) bool { return target == ErrOutcomeUnknown }

// Format prints [OutcomeUnknownError.Error] for every verb.
func (e *OutcomeUnknownError) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		writeString(f, fmt.Sprintf("%q", e.Error()))
		return
	}
	writeString(f, e.Error())
}
