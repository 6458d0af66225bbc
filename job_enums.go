package restorejobs

// State is the state of a job in the terms of all variants. [Job.State] has the rules.
type State string

// The states of a job.
const (
	// StateUnknown is a status that this version does not know: not a success and not a failure.
	StateUnknown State = "unknown"
	// StateRunning is a job that has not ended.
	StateRunning State = "running"
	// StateFinished is a job that the service reports as complete. A download has its links. Atlas
	// builds search indexes after the job has finished.
	//
	// For a restore into a cluster by Cloud Manager or Ops Manager it does not prove that the servers
	// have the data. A point-in-time job is FINISHED when it is created, and the agents restore
	// afterwards. A snapshot job can be FINISHED before the servers have the data. No failure of the
	// agents is known to fail its job. [Jobs.Wait] proves it, with [UntilFinished].
	StateFinished State = "finished"
	// StateFailed is a job that failed, or whose delivery failed.
	StateFailed State = "failed"
	// StateCancelled is a job that a user or the service cancelled.
	StateCancelled State = "cancelled"
	// StateExpired is a download whose links, according to the server, have expired or were used up.
	StateExpired State = "expired"
)

// Terminal reports whether the job has ended: finished, failed, cancelled or expired. A finished
// download can later become [StateExpired]. [StateUnknown] is not terminal.
func (s State) Terminal() bool {
	switch s {
	case StateFinished, StateFailed, StateCancelled, StateExpired:
		return true
	case StateUnknown, StateRunning:
		return false
	default:
		return false
	}
}

// JobStatus is the statusName of a classic job. Values that are not listed
// here are kept as received.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", statusName.
type JobStatus string

// The statuses of a classic job.
const (
	// JobStatusInProgress is a job that runs.
	JobStatusInProgress JobStatus = "IN_PROGRESS"
	// JobStatusFinished is a job that the service reports as complete; see [StateFinished]. The
	// Delivery of a download has the status of its file.
	JobStatusFinished JobStatus = "FINISHED"
	// JobStatusBroken is a job that failed.
	JobStatusBroken JobStatus = "BROKEN"
	// JobStatusKilled is a job that was cancelled.
	JobStatusKilled JobStatus = "KILLED"
)

// DeliveryStatus is the delivery.statusName of a classic job: the status of its file. Values that
// are not listed here are kept as received.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", delivery.statusName.
type DeliveryStatus string

// The statuses of a classic delivery. MMS documents only Ready, Expired and MaxDownloadsExceeded.
// The documents list only names; the comments have this library's interpretation.
const (
	// DeliveryStatusPending is a file that does not exist yet. Atlas v2 legacy clusters.
	DeliveryStatusPending DeliveryStatus = "PENDING"
	// DeliveryStatusNotStarted is a file that does not exist yet.
	DeliveryStatusNotStarted DeliveryStatus = "NOT_STARTED"
	// DeliveryStatusInProgress is a file that does not exist yet.
	DeliveryStatusInProgress DeliveryStatus = "IN_PROGRESS"
	// DeliveryStatusReady is a file that can be downloaded.
	DeliveryStatusReady DeliveryStatus = "READY"
	// DeliveryStatusFailed is a delivery that failed.
	DeliveryStatusFailed DeliveryStatus = "FAILED"
	// DeliveryStatusInterrupted is a delivery that failed.
	DeliveryStatusInterrupted DeliveryStatus = "INTERRUPTED"
	// DeliveryStatusExpired is a file whose link has expired.
	DeliveryStatusExpired DeliveryStatus = "EXPIRED"
	// DeliveryStatusMaxDownloadsExceeded is a file that reached its maximum number of downloads.
	DeliveryStatusMaxDownloadsExceeded DeliveryStatus = "MAX_DOWNLOADS_EXCEEDED"
)

// DeliveryMethod is the delivery.methodName of a classic job. Servers return HTTP even for a
// requested AUTOMATED_RESTORE: use [Delivery.Automated]. Values that are not listed here are kept
// as received.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", delivery.methodName.
type DeliveryMethod string

// The delivery methods of a classic job. A create can request only HTTP and AutomatedRestore. The
// schema of Atlas v2 lists the names of the others; the documents of Atlas v1 have Query.
const (
	// DeliveryMethodHTTP is a file to download, and often a restore into a cluster.
	DeliveryMethodHTTP DeliveryMethod = "HTTP"
	// DeliveryMethodAutomatedRestore is a restore into a cluster.
	DeliveryMethodAutomatedRestore DeliveryMethod = "AUTOMATED_RESTORE"
	// DeliveryMethodQuery is a snapshot to query, without a file.
	DeliveryMethodQuery DeliveryMethod = "QUERY"
	// DeliveryMethodClientPITHTTP is treated as a file to download.
	DeliveryMethodClientPITHTTP DeliveryMethod = "CLIENT_PIT_HTTP"
	// DeliveryMethodClientPITSCP is treated as a job without a file.
	DeliveryMethodClientPITSCP DeliveryMethod = "CLIENT_PIT_SCP"
	// DeliveryMethodThirdPartyCopy is treated as a job without a file.
	DeliveryMethodThirdPartyCopy DeliveryMethod = "THIRD_PARTY_COPY"
	// DeliveryMethodSCP is a copy to a host of the user, removed in 2018 and in Ops Manager 4.0.
	DeliveryMethodSCP DeliveryMethod = "SCP"
)

// DeliveryType is the deliveryType of a cloud or flex job. Values that are not listed here are kept
// as received.
//
// API: Atlas "Return One Restore Job for One Cluster", deliveryType.
type DeliveryType string

// The delivery types of cloud and flex jobs. Requests of flex clusters have no delivery type: one
// operation creates a restore, another a download.
const (
	// DeliveryTypeAutomated is a restore of a snapshot into a cluster. Cloud.
	DeliveryTypeAutomated DeliveryType = "automated"
	// DeliveryTypeDownload is files to download. Cloud.
	DeliveryTypeDownload DeliveryType = "download"
	// DeliveryTypePointInTime is a restore to a point in time into a cluster. Cloud.
	DeliveryTypePointInTime DeliveryType = "pointInTime"
	// DeliveryTypeFlexRestore is a restore of a snapshot into a flex cluster. Flex.
	DeliveryTypeFlexRestore DeliveryType = "RESTORE"
	// DeliveryTypeFlexDownload is a file to download. Flex.
	DeliveryTypeFlexDownload DeliveryType = "DOWNLOAD"
)

// FlexStatus is the status of a flex job. Values that are not listed here are kept as received.
//
// API: Atlas v2 "Return One Restore Job for One Flex Cluster", status.
type FlexStatus string

// The statuses of a flex job.
const (
	// FlexStatusPending is a job that has not started.
	FlexStatusPending FlexStatus = "PENDING"
	// FlexStatusQueued is a job that has not started.
	FlexStatusQueued FlexStatus = "QUEUED"
	// FlexStatusRunning is a job that runs.
	FlexStatusRunning FlexStatus = "RUNNING"
	// FlexStatusFailed is a job that failed.
	FlexStatusFailed FlexStatus = "FAILED"
	// FlexStatusCompleted is a job that has finished.
	FlexStatusCompleted FlexStatus = "COMPLETED"
)

// HashType is the typeName of a [FileHash]. Values that are not listed here are kept as received.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", hashes.typeName.
type HashType string

// HashTypeSHA1 is the only hash that the API documents.
const HashTypeSHA1 HashType = "SHA1"
