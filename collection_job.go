package restorejobs

import (
	"fmt"
	"log/slog"
	"time"
)

// CollectionJob is one collection restore, as the service returned it. It marshals as a [Job]
// does: to the JSON value that it was read from, unknown members included.
//
// API: Atlas v2 "getCollectionRestoreJob".
type CollectionJob struct {
	// ID identifies the job.
	ID string `json:"id,omitzero"`
	// Status is the state that the service reports. See [CollectionJob.State].
	Status CollectionJobStatus `json:"state,omitzero"`
	// ErrorMessage is why the job failed or was cancelled.
	ErrorMessage string `json:"errorMessage,omitzero"`
	// CreatedAt is the creation time.
	CreatedAt time.Time `json:"createdAt,omitzero"`
	// FinishedAt is the end of the job, failed or not. Zero while it runs.
	FinishedAt time.Time `json:"finishedAt,omitzero"`
	// SnapshotID is the snapshot to restore. Empty for a point in time.
	SnapshotID string `json:"snapshotId,omitzero"`
	// OplogTS is the requested oplog entry, in seconds since 1970. Zero for other restore points.
	OplogTS int64 `json:"oplogTs,omitzero"`
	// OplogInc is the increment of OplogTS.
	OplogInc int64 `json:"oplogInc,omitzero"`
	// PointInTimeUTCSeconds is the requested time, in seconds since 1970. Zero for other restore
	// points.
	PointInTimeUTCSeconds int64 `json:"pointInTimeUtcSeconds,omitzero"`
	// TargetGroupID is the project of TargetClusterName.
	TargetGroupID string `json:"targetGroupId,omitzero"`
	// TargetClusterName is the cluster that the job restores into.
	TargetClusterName string `json:"targetClusterName,omitzero"`
	// WriteStrategy is the requested write strategy.
	WriteStrategy WriteStrategy `json:"writeStrategy,omitzero"`
	// IndexStrategy is the requested index strategy.
	IndexStrategy IndexStrategy `json:"indexStrategy,omitzero"`
	// Databases are the requested databases.
	Databases []RestoreNamespace `json:"databases,omitzero"`
	// Collections are the requested collections. [CollectionJobs.Collections] has the state of
	// each.
	Collections []RestoreNamespace `json:"collections,omitzero"`
	// DatabaseSuffix is the requested suffix of databases.
	DatabaseSuffix string `json:"databaseSuffix,omitzero"`
	// CollectionSuffix is the requested suffix of collections.
	CollectionSuffix string `json:"collectionSuffix,omitzero"`
	// RestoredDocuments is the progress. It can fall: the service restarts a collection after it
	// has enlarged the disk of the target.
	RestoredDocuments int64 `json:"restoredDocuments,omitzero"`
	// TotalDocuments is the number of documents in all supported collections. It begins as an
	// estimate and can change, so RestoredDocuments can exceed it.
	TotalDocuments int64 `json:"totalDocuments,omitzero"`
	// IndexStatus is the state of the indexes.
	IndexStatus CollectionJobIndexStatus `json:"indexStatus,omitzero"`

	raw string // the text of the job
}

// CollectionJobIndexStatus is the state of the indexes of a collection restore.
//
// API: Atlas v2 "getCollectionRestoreJob", indexStatus.
type CollectionJobIndexStatus struct {
	// State is the state of all indexes together.
	State IndexState `json:"state,omitzero"`
	// FailedCollectionCount is the number of collections with an index that failed.
	FailedCollectionCount int64 `json:"failedCollectionCount,omitzero"`
}

// CollectionJobStatus is the state of a collection restore. Values that are not listed here are
// kept as received.
//
// API: Atlas v2 "getCollectionRestoreJob", state.
type CollectionJobStatus string

// The statuses of a collection restore.
const (
	// CollectionJobStatusInitializing is a job that has not listed its collections yet.
	CollectionJobStatusInitializing CollectionJobStatus = "INITIALIZING"
	// CollectionJobStatusInProgress is a job that restores collections.
	CollectionJobStatusInProgress CollectionJobStatus = "IN_PROGRESS"
	// CollectionJobStatusFinalizing is a job that has restored its collections and completes them.
	CollectionJobStatusFinalizing CollectionJobStatus = "FINALIZING"
	// CollectionJobStatusSuccessful is a job that has ended. Single collections can be missing:
	// see [ErrCollectionsNotRestored].
	CollectionJobStatusSuccessful CollectionJobStatus = "SUCCESSFUL"
	// CollectionJobStatusCanceled is a job that was cancelled.
	CollectionJobStatusCanceled CollectionJobStatus = "CANCELED"
	// CollectionJobStatusFailed is a job that failed. Its collections are rolled back.
	CollectionJobStatusFailed CollectionJobStatus = "FAILED"
)

// IndexState is the state of the indexes of a collection, or of all collections of a job. Values
// that are not listed here are kept as received.
//
// API: Atlas v2 "getCollectionRestoreJob", indexStatus.state.
type IndexState string

// The states of indexes.
const (
	// IndexStateNotStarted is indexes that are not built yet.
	IndexStateNotStarted IndexState = "NOT_STARTED"
	// IndexStateInProgress is indexes that are being built.
	IndexStateInProgress IndexState = "IN_PROGRESS"
	// IndexStateSuccessful is indexes that exist.
	IndexStateSuccessful IndexState = "SUCCESSFUL"
	// IndexStateFailed is indexes of which at least one could not be built.
	IndexStateFailed IndexState = "FAILED"
	// IndexStateNotRestored is indexes that were not restored, as by [IndexStrategyNone].
	IndexStateNotRestored IndexState = "NOT_RESTORED"
)

// State returns the state of the job. SUCCESSFUL is finished, FAILED is failed, CANCELED is
// cancelled. INITIALIZING, IN_PROGRESS and FINALIZING are running. Anything else is
// [StateUnknown].
//
// API: Atlas v2 "getCollectionRestoreJob", state.
func (c *CollectionJob) State() State {
	switch c.Status {
	case CollectionJobStatusSuccessful:
		return StateFinished
	case CollectionJobStatusFailed:
		return StateFailed
	case CollectionJobStatusCanceled:
		return StateCancelled
	case CollectionJobStatusInitializing, CollectionJobStatusInProgress, CollectionJobStatusFinalizing:
		return StateRunning
	default:
		return StateUnknown
	}
}

// hasFailedIndexes reports failed indexes by the job's own count.
func (c *CollectionJob) hasFailedIndexes() bool {
	return c.IndexStatus.State == IndexStateFailed || c.IndexStatus.FailedCollectionCount > 0
}

// RawJSON returns a copy of the bytes that the server sent for this job, or nil for a job built by
// hand.
func (c *CollectionJob) RawJSON() []byte { return copyRaw(c.raw) }

// creationTime returns when the job was created; zero if unknown.
func (c *CollectionJob) creationTime() time.Time {
	return firstTime(c.CreatedAt, objectIDTime(c.ID))
}

// String returns one line: ID, state and progress.
func (c CollectionJob) String() string {
	text := "collection restore job " + sanitizeOr(c.ID, "without id") + " " + string(c.State())
	if c.TotalDocuments > 0 {
		text += fmt.Sprintf(", %d of %d documents", c.RestoredDocuments, c.TotalDocuments)
	}
	return text
}

// Format prints [CollectionJob.String] for every verb.
func (c CollectionJob) Format(f fmt.State, _ rune) { writeString(f, c.String()) }

// LogValue returns ID, state, status and progress for log/slog.
func (c CollectionJob) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", sanitize(c.ID, 100)),
		slog.String("state", string(c.State())),
		slog.String("status", sanitize(string(c.Status), 100)),
		slog.Int64("restoredDocuments", c.RestoredDocuments),
		slog.Int64("totalDocuments", c.TotalDocuments),
	)
}

// Format prints the fields as fmt would, without the server's control characters.
func (c CollectionJobIndexStatus) Format(f fmt.State, verb rune) {
	type indexStatus CollectionJobIndexStatus
	writeFields(f, verb, indexStatus(c))
}

// Format prints the fields as fmt would, without the server's control characters.
func (r RestoreNamespace) Format(f fmt.State, verb rune) {
	type restoreNamespace RestoreNamespace
	writeFields(f, verb, restoreNamespace(r))
}
