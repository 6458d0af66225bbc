package restorejobs

import (
	"encoding/json"
	"fmt"
	"strings"
)

// CollectionJobError is the error of a [CollectionJobs.Wait] for a job that ended badly, or ended
// without some of its collections or indexes. It matches [ErrJobFailed], [ErrJobCancelled] or
// [ErrCollectionsNotRestored].
type CollectionJobError struct {
	// Job is the job as last read.
	Job *CollectionJob
	// Collections are those that were not restored whole: missing in the snapshot, of a kind that
	// cannot be restored, failed, rolled back, or without the requested indexes. The ones that
	// failed come first. Empty if the job failed before it listed its collections, if the list could
	// not be read, and for [UntilJobFinished].
	Collections []*RestoredCollection

	listed int // collections that a finished job lists
}

// maxCollectionNames limits the collections in a message.
const maxCollectionNames = 10

// Error returns one line: the job, its state and message, and its incomplete collections.
func (e *CollectionJobError) Error() string {
	var b strings.Builder
	b.WriteString("restorejobs: wait: collection restore job " + sanitizeOr(e.Job.ID, "without id"))
	switch state := e.Job.State(); {
	case state != StateFinished:
		b.WriteString(" " + string(state))
	case len(e.Collections) > 0:
		fmt.Fprintf(&b, " finished, %d of its collections incomplete", len(e.Collections))
	default:
		b.WriteString(" finished, " + e.describeJob())
	}
	if e.Job.ErrorMessage != "" {
		b.WriteString(": " + sanitize(e.Job.ErrorMessage, 500))
	}
	for i, collection := range e.Collections[:min(len(e.Collections), maxCollectionNames)] {
		separator := ", "
		if i == 0 {
			separator = ": "
		}
		b.WriteString(separator + collection.describe())
	}
	if omitted := len(e.Collections) - maxCollectionNames; omitted > 0 {
		fmt.Fprintf(&b, " and %d more", omitted)
	}
	return b.String()
}

// describeJob returns what a finished job lacks although no listed collection is incomplete.
func (e *CollectionJobError) describeJob() string {
	failed := e.Job.IndexStatus.FailedCollectionCount
	requested := len(e.Job.Collections)
	switch {
	case failed == 1:
		return "indexes of 1 collection failed"
	case e.Job.hasFailedIndexes():
		return fmt.Sprintf("indexes of %d collections failed", failed)
	case e.listed == 0:
		return "none of its collections is listed"
	default:
		return fmt.Sprintf("only %d of its %d collections listed", e.listed, requested)
	}
}

// describe returns the name, the status, and why indexes failed.
func (r *RestoredCollection) describe() string {
	text := sanitizeOr(r.SourceNamespace, "without name") + " " + sanitizeOr(string(r.Status), "without state")
	hasOwnReason := r.Status != CollectionStatusSuccessful && r.Status != CollectionStatusIndexBuildFailed
	if hasOwnReason {
		return text
	}
	text += ", indexes " + sanitizeOr(string(r.IndexStatus.State), "without state")
	if r.IndexStatus.ErrorMessage != "" {
		text += " (" + sanitize(r.IndexStatus.ErrorMessage, 200) + ")"
	}
	return text
}

// Is reports whether target is the sentinel of the end of the job.
func (e *CollectionJobError) Is(target error) bool {
	switch e.Job.State() {
	case StateFailed:
		return target == ErrJobFailed
	case StateCancelled:
		return target == ErrJobCancelled
	case StateFinished, StateRunning, StateExpired, StateUnknown:
		return target == ErrCollectionsNotRestored
	default:
		return false
	}
}

// Format prints [CollectionJobError.Error] for every verb.
func (e *CollectionJobError) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		writeString(f, fmt.Sprintf("%q", e.Error()))
		return
	}
	writeString(f, e.Error())
}

// MarshalJSON returns [CollectionJobError.Error] as a string, as [WaitError] does.
func (e *CollectionJobError) MarshalJSON() ([]byte, error) { return json.Marshal(e.Error()) }

// collectionsUnreadError is why the collections of a finished job are unknown.
type collectionsUnreadError struct{ err error }

func (e *collectionsUnreadError) Error() string {
	return "the job is finished, but the state of its collections is unknown: " + trimPackagePrefix(e.err)
}
func (e *collectionsUnreadError) Unwrap() error { return e.err }
