package restorejobs

// State is the common answer to "how is the job?" over all variants.
// See [Job.State] for the rules.
type State string

// The states of a job.
const (
	// StateUnknown is a status that this version does not know: neither a success
	// nor a failure.
	StateUnknown State = "unknown"
	// StateRunning is a job that has not ended.
	StateRunning State = "running"
	// StateFinished is a job that has done its work by the service's own word. A download
	// has its links. A restore into a cluster by Cloud Manager or Ops Manager is not proven:
	// a point-in-time job is FINISHED when it is made, and the agents restore afterwards. A
	// snapshot job can be FINISHED before the servers have the data. A restore that breaks
	// there has never been seen to fail its job. Verify the data on the target. Atlas builds
	// search indexes after the job has finished.
	StateFinished State = "finished"
	// StateFailed is a job, or its delivery, that broke.
	StateFailed State = "failed"
	// StateCancelled is a job that somebody or the service ended.
	StateCancelled State = "cancelled"
	// StateExpired is a download whose links are gone by the server's word: too late, or
	// used up.
	StateExpired State = "expired"
)

// Terminal reports whether the job has ended: finished, failed, cancelled or expired. A
// finished download can still become [StateExpired], when its links are gone. [StateUnknown]
// has not ended.
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

// JobStatus is the statusName of a classic job. Values that are not listed here
// are kept as they came.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", statusName.
type JobStatus string

// The statuses of a classic job.
const (
	// JobStatusInProgress is a job that runs.
	JobStatusInProgress JobStatus = "IN_PROGRESS"
	// JobStatusFinished is a job that is done by the service's word; see [StateFinished].
	// Delivery has the state of a download's file.
	JobStatusFinished JobStatus = "FINISHED"
	// JobStatusBroken is a job that failed.
	JobStatusBroken JobStatus = "BROKEN"
	// JobStatusKilled is a job that was cancelled.
	JobStatusKilled JobStatus = "KILLED"
)

// DeliveryStatus is the delivery.statusName of a classic job: the state of the
// file to be fetched. Values that are not listed here are kept as they came.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", delivery.statusName.
type DeliveryStatus string

// The statuses of a classic delivery. MMS documents only Ready, Expired and
// MaxDownloadsExceeded; Pending is of Atlas v2 legacy clusters alone. No document says more
// of them than their names; the comments say how this library takes them.
const (
	// DeliveryStatusPending is a file that is not there yet. Atlas v2 legacy clusters.
	DeliveryStatusPending DeliveryStatus = "PENDING"
	// DeliveryStatusNotStarted is a file that is not there yet.
	DeliveryStatusNotStarted DeliveryStatus = "NOT_STARTED"
	// DeliveryStatusInProgress is a file that is not there yet.
	DeliveryStatusInProgress DeliveryStatus = "IN_PROGRESS"
	// DeliveryStatusReady is a file that can be fetched.
	DeliveryStatusReady DeliveryStatus = "READY"
	// DeliveryStatusFailed is a delivery that failed.
	DeliveryStatusFailed DeliveryStatus = "FAILED"
	// DeliveryStatusInterrupted is a delivery that failed.
	DeliveryStatusInterrupted DeliveryStatus = "INTERRUPTED"
	// DeliveryStatusExpired is a file whose link has ended.
	DeliveryStatusExpired DeliveryStatus = "EXPIRED"
	// DeliveryStatusMaxDownloadsExceeded is a file whose link was used as often as it may be.
	DeliveryStatusMaxDownloadsExceeded DeliveryStatus = "MAX_DOWNLOADS_EXCEEDED"
)

// DeliveryMethod is the delivery.methodName of a classic job. A server answers
// HTTP even where AUTOMATED_RESTORE was asked for: whether a job restores into a
// cluster is told by [Delivery.Automated]. Values that are not listed here are
// kept as they came.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", delivery.methodName.
type DeliveryMethod string

// The delivery methods of a classic job. Only HTTP and AutomatedRestore can be
// asked for. Of the others, Query is in the documents of Atlas v1 legacy clusters, and all are
// in the schema of Atlas v2, which says no more than their names.
const (
	// DeliveryMethodHTTP is a file to be fetched, and what servers answer for a restore into
	// a cluster.
	DeliveryMethodHTTP DeliveryMethod = "HTTP"
	// DeliveryMethodAutomatedRestore is a restore into a cluster.
	DeliveryMethodAutomatedRestore DeliveryMethod = "AUTOMATED_RESTORE"
	// DeliveryMethodQuery is a snapshot to be queried, without a file.
	DeliveryMethodQuery DeliveryMethod = "QUERY"
	// DeliveryMethodClientPITHTTP is taken for a file to be fetched.
	DeliveryMethodClientPITHTTP DeliveryMethod = "CLIENT_PIT_HTTP"
	// DeliveryMethodClientPITSCP is taken for no file to be fetched.
	DeliveryMethodClientPITSCP DeliveryMethod = "CLIENT_PIT_SCP"
	// DeliveryMethodThirdPartyCopy is taken for no file to be fetched.
	DeliveryMethodThirdPartyCopy DeliveryMethod = "THIRD_PARTY_COPY"
	// DeliveryMethodSCP is a copy to a host of the user's, which ended in 2018 and with Ops
	// Manager 4.0.
	DeliveryMethodSCP DeliveryMethod = "SCP"
)

// DeliveryType is the deliveryType of an Atlas job, spelled in one way for clusters and
// serverless instances, and in upper case for flex clusters. Values that are not listed
// here are kept as they came.
//
// API: Atlas "Return One Restore Job for One Cluster", deliveryType.
type DeliveryType string

// The delivery types of Atlas jobs. The flex ones are in responses only: a flex create
// makes a restore, and another operation makes a download.
const (
	// DeliveryTypeAutomated is a restore of a snapshot into a cluster. Cloud.
	DeliveryTypeAutomated DeliveryType = "automated"
	// DeliveryTypeDownload is files to be fetched. Cloud.
	DeliveryTypeDownload DeliveryType = "download"
	// DeliveryTypePointInTime is a restore to a point in time into a cluster. Cloud.
	DeliveryTypePointInTime DeliveryType = "pointInTime"
	// DeliveryTypeFlexRestore is a restore of a snapshot into a flex cluster. Flex.
	DeliveryTypeFlexRestore DeliveryType = "RESTORE"
	// DeliveryTypeFlexDownload is a file to be fetched. Flex.
	DeliveryTypeFlexDownload DeliveryType = "DOWNLOAD"
)

// FlexStatus is the status of a flex job. Values that are not listed here are kept
// as they came.
//
// API: Atlas v2 "Return One Restore Job for One Flex Cluster", status.
type FlexStatus string

// The statuses of a flex job.
const (
	// FlexStatusPending is a job that has not begun.
	FlexStatusPending FlexStatus = "PENDING"
	// FlexStatusQueued is a job that has not begun.
	FlexStatusQueued FlexStatus = "QUEUED"
	// FlexStatusRunning is a job that runs.
	FlexStatusRunning FlexStatus = "RUNNING"
	// FlexStatusFailed is a job that failed.
	FlexStatusFailed FlexStatus = "FAILED"
	// FlexStatusCompleted is a job that is done.
	FlexStatusCompleted FlexStatus = "COMPLETED"
)

// HashType is the typeName of a [FileHash]. Values that are not listed here are kept
// as they came.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", hashes.typeName.
type HashType string

// HashTypeSHA1 is the only hash that the API documents.
const HashTypeSHA1 HashType = "SHA1"
