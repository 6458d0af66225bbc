package restorejobs

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// RestoredCollection is one collection of a collection restore, as the service returned it.
//
// API: Atlas v2 "listRestoreJobCollections".
type RestoredCollection struct {
	// SourceNamespace is the collection in the snapshot, as "database.collection".
	SourceNamespace string `json:"sourceNamespace,omitzero"`
	// TargetNamespace is the requested name in the target.
	TargetNamespace string `json:"targetNamespace,omitzero"`
	// EffectiveTargetNamespace is the name that the data have in the target. It differs from
	// TargetNamespace if that was in use: see [WriteStrategyCreateNew].
	EffectiveTargetNamespace string `json:"effectiveTargetNamespace,omitzero"`
	// Status is the state that the service reports. See [RestoredCollection.State].
	Status CollectionStatus `json:"state,omitzero"`
	// RestoredDocuments is the progress. It can fall.
	RestoredDocuments int64 `json:"restoredDocuments,omitzero"`
	// TotalDocuments is the number of documents. It begins as an estimate.
	TotalDocuments int64 `json:"totalDocuments,omitzero"`
	// IndexStatus is the state of the indexes.
	IndexStatus CollectionIndexStatus `json:"indexStatus,omitzero"`

	raw string // the text of the collection
}

// CollectionIndexStatus is the state of the indexes of one collection.
//
// API: Atlas v2 "listRestoreJobCollections", indexStatus.
type CollectionIndexStatus struct {
	// State is the state of the indexes.
	State IndexState `json:"state,omitzero"`
	// ErrorMessage is why an index failed.
	ErrorMessage string `json:"errorMessage,omitzero"`
	// FailedIndexes are the indexes that failed, as JSON objects. At most 64.
	FailedIndexes []json.RawMessage `json:"failedIndexes,omitzero"`
}

// CollectionStatus is the state of one collection of a collection restore. Values that are not
// listed here are kept as received.
//
// API: Atlas v2 "listRestoreJobCollections", state.
type CollectionStatus string

// The statuses of a collection.
const (
	// CollectionStatusNotStarted is a collection that waits.
	CollectionStatusNotStarted CollectionStatus = "NOT_STARTED"
	// CollectionStatusInProgress is a collection whose documents are being restored.
	CollectionStatusInProgress CollectionStatus = "IN_PROGRESS"
	// CollectionStatusFinalizing is a collection that is being completed.
	CollectionStatusFinalizing CollectionStatus = "FINALIZING"
	// CollectionStatusNotFound is a collection that the snapshot does not have.
	CollectionStatusNotFound CollectionStatus = "NOT_FOUND"
	// CollectionStatusUnsupported is a collection of a kind that cannot be restored, such as a
	// view or a time series.
	CollectionStatusUnsupported CollectionStatus = "UNSUPPORTED"
	// CollectionStatusSuccessful is a collection that was restored.
	CollectionStatusSuccessful CollectionStatus = "SUCCESSFUL"
	// CollectionStatusRollback is a collection that is removed again, because the job failed.
	CollectionStatusRollback CollectionStatus = "ROLLBACK"
	// CollectionStatusNotRestored is a collection that was not restored.
	CollectionStatusNotRestored CollectionStatus = "NOT_RESTORED"
	// CollectionStatusFailed is a collection that failed, which fails the job.
	CollectionStatusFailed CollectionStatus = "FAILED"
	// CollectionStatusIndexBuildFailed is a collection with documents and without all indexes.
	CollectionStatusIndexBuildFailed CollectionStatus = "INDEX_BUILD_FAILED"
)

// State returns the state of the collection. SUCCESSFUL is finished. NOT_FOUND, UNSUPPORTED,
// NOT_RESTORED, FAILED and INDEX_BUILD_FAILED are failed. NOT_STARTED, IN_PROGRESS, FINALIZING and
// ROLLBACK are running. Anything else is [StateUnknown].
//
// API: Atlas v2 "listRestoreJobCollections", state.
func (r *RestoredCollection) State() State {
	switch r.Status {
	case CollectionStatusSuccessful:
		return StateFinished
	case CollectionStatusNotFound, CollectionStatusUnsupported, CollectionStatusNotRestored,
		CollectionStatusFailed, CollectionStatusIndexBuildFailed:
		return StateFailed
	case CollectionStatusNotStarted, CollectionStatusInProgress, CollectionStatusFinalizing,
		CollectionStatusRollback:
		return StateRunning
	default:
		return StateUnknown
	}
}

// appendCollectionID appends what identifies the collection in its list: nothing without a name, as such
// an entry repeats no other one.
func appendCollectionID(dst []byte, r *RestoredCollection) []byte {
	if r.SourceNamespace == "" {
		return dst
	}
	dst = append(dst, r.SourceNamespace...)
	dst = append(dst, 0)
	return append(dst, r.TargetNamespace...)
}

// isComplete reports a collection with its documents and the indexes of the strategy. Indexes
// other than all of them can be none.
func (r *RestoredCollection) isComplete(strategy IndexStrategy) bool {
	if r.Status != CollectionStatusSuccessful {
		return false
	}
	switch r.IndexStatus.State {
	case IndexStateFailed, IndexStateInProgress:
		return false
	case IndexStateNotRestored:
		return strategy != IndexStrategyAll && strategy != ""
	case IndexStateNotStarted, IndexStateSuccessful, "": // a collection can have no indexes to build
		return true
	default:
		return false
	}
}

// RawJSON returns a copy of the bytes that the server sent for this collection, or nil for one
// built by hand.
func (r *RestoredCollection) RawJSON() []byte { return copyRaw(r.raw) }

// String returns one line: the names, the status and the state of the indexes.
func (r RestoredCollection) String() string {
	text := "collection " + sanitizeOr(r.SourceNamespace, "without name")
	if r.EffectiveTargetNamespace != "" && r.EffectiveTargetNamespace != r.SourceNamespace {
		text += " as " + sanitize(r.EffectiveTargetNamespace, maxNamespaceBytes)
	}
	text += " " + sanitizeOr(string(r.Status), "without state")
	if r.IndexStatus.State != "" {
		text += ", indexes " + sanitize(string(r.IndexStatus.State), 100)
	}
	return text
}

// Format prints [RestoredCollection.String] for every verb.
func (r RestoredCollection) Format(f fmt.State, _ rune) { writeString(f, r.String()) }

// LogValue returns names, status, indexes and progress for log/slog.
func (r RestoredCollection) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("source", sanitize(r.SourceNamespace, maxNamespaceBytes)),
		slog.String("target", sanitize(r.EffectiveTargetNamespace, maxNamespaceBytes)),
		slog.String("status", sanitize(string(r.Status), 100)),
		slog.String("indexes", sanitize(string(r.IndexStatus.State), 100)),
		slog.Int64("restoredDocuments", r.RestoredDocuments),
		slog.Int64("totalDocuments", r.TotalDocuments),
	)
}

// Format prints the fields as fmt would, without the server's control characters.
func (c CollectionIndexStatus) Format(f fmt.State, verb rune) {
	type indexStatus CollectionIndexStatus
	writeFields(f, verb, indexStatus(c))
}
