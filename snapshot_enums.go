package restorejobs

// SnapshotState is the state of a snapshot in the terms of all variants. [Snapshot.State] has the
// rules.
type SnapshotState string

// The states of a snapshot.
const (
	// SnapshotUnknown is a status that this version does not know: not a success and not a failure.
	SnapshotUnknown SnapshotState = "unknown"
	// SnapshotPending is a snapshot that is not complete.
	SnapshotPending SnapshotState = "pending"
	// SnapshotCompleted is a snapshot that is complete. [Snapshot.IsRestorable] also requires that
	// no shard is missing.
	SnapshotCompleted SnapshotState = "completed"
	// SnapshotFailed is a snapshot that will not complete.
	SnapshotFailed SnapshotState = "failed"
)

// SnapshotStatus is the status of a cloud or flex snapshot. Values that are not listed here are kept
// as received. The service writes those of flex snapshots in upper case.
//
// API: Atlas v2 "getClusterBackupSnapshot" and "getFlexBackupSnapshot", status.
type SnapshotStatus string

// The statuses of a cloud or flex snapshot.
const (
	// SnapshotStatusQueued is a cloud snapshot that has not begun.
	SnapshotStatusQueued SnapshotStatus = "queued"
	// SnapshotStatusInProgress is a cloud snapshot that is being taken.
	SnapshotStatusInProgress SnapshotStatus = "inProgress"
	// SnapshotStatusCompleted is a cloud snapshot that can be restored.
	SnapshotStatusCompleted SnapshotStatus = "completed"
	// SnapshotStatusFailed is a cloud snapshot that failed.
	SnapshotStatusFailed SnapshotStatus = "failed"
)

// SnapshotTopology is what a cloud snapshot is a snapshot of. Values that are not listed here are
// kept as received.
//
// API: Atlas v2 "getClusterBackupSnapshot", type.
type SnapshotTopology string

// The topologies of a cloud snapshot.
const (
	// SnapshotOfReplicaSet is a snapshot of a replica set.
	SnapshotOfReplicaSet SnapshotTopology = "replicaSet"
	// SnapshotOfShardedCluster is a snapshot of a sharded cluster.
	SnapshotOfShardedCluster SnapshotTopology = "shardedCluster"
)

// SnapshotType is why a cloud snapshot was taken. Values that are not listed here are kept as
// received.
//
// API: Atlas v2 "getClusterBackupSnapshot", snapshotType.
type SnapshotType string

// The types of a cloud snapshot.
const (
	// SnapshotTypeOnDemand is a snapshot of [Snapshots.Create], or of a user.
	SnapshotTypeOnDemand SnapshotType = "onDemand"
	// SnapshotTypeScheduled is a snapshot of the backup policy.
	SnapshotTypeScheduled SnapshotType = "scheduled"
	// SnapshotTypeFallback is a snapshot of last resort: see [SnapshotOptions].IncludeFallback.
	SnapshotTypeFallback SnapshotType = "fallback"
)

// SnapshotFrequency is the schedule that took a cloud snapshot. Values that are not listed here are
// kept as received.
//
// API: Atlas v2 "getClusterBackupSnapshot", frequencyType.
type SnapshotFrequency string

// The frequencies of a cloud snapshot.
const (
	// SnapshotHourly is a schedule in hours.
	SnapshotHourly SnapshotFrequency = "hourly"
	// SnapshotDaily is a schedule in days.
	SnapshotDaily SnapshotFrequency = "daily"
	// SnapshotWeekly is a schedule in weeks.
	SnapshotWeekly SnapshotFrequency = "weekly"
	// SnapshotMonthly is a schedule in months.
	SnapshotMonthly SnapshotFrequency = "monthly"
	// SnapshotYearly is a schedule in years.
	SnapshotYearly SnapshotFrequency = "yearly"
	// SnapshotOnDemand is a snapshot without a schedule. The service sends it, and no document has it.
	SnapshotOnDemand SnapshotFrequency = "ondemand"
)
