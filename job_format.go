package restorejobs

import (
	"slices"
	"strings"
)

// jobFormat is the family of shapes a job belongs to.
type jobFormat int

const (
	unknownFormat jobFormat = iota
	classic                 // Cloud Manager, Ops Manager, MMS, Atlas legacy clusters
	cloud                   // Atlas clusters and serverless instances
	flex                    // Atlas flex clusters
)

// unreadMembers is a set of members that decide a job's state and could not be read: their
// JSON has another type than documented, or another form. null and missing members are read.
type unreadMembers uint16

const (
	unreadStatusName   unreadMembers = 1 << iota
	unreadDelivery                   // delivery, or its statusName
	unreadTarget                     // what says whether a classic job restores into a cluster
	unreadStatus                     // of flex jobs
	unreadDeliveryType               // from here on of cloud jobs
	unreadFailed
	unreadCancelled
	unreadFinishedAt
	unreadExpired
	unreadExpiresAt
	unreadLinks // deliveryUrl and components
	unreadPrivateLinks
)

// record adds a member that could not be read. A later one of the same name does not remove it.
func (u *unreadMembers) record(member unreadMembers, ok bool) {
	if !ok {
		*u |= member
	}
}

// has reports whether any of the members could not be read.
func (u *unreadMembers) has(members unreadMembers) bool { return *u&members != 0 }

// format tells the family from the fields themselves, so that a job read back
// from a file knows it too.
func (j *Job) format() jobFormat {
	switch {
	case j.StatusName != "" || j.Delivery.MethodName != "" || j.unread.has(unreadStatusName):
		return classic
	case j.Status != "" || j.InstanceName != "":
		return flex
	case j.DeliveryType != "", j.Failed, j.Cancelled, j.Expired, !j.FinishedAt.IsZero():
		return cloud
	default:
		return unknownFormat
	}
}

// State tells how the job is, by the rules of its generation:
//
//   - Classic: BROKEN is failed, KILLED is cancelled, IN_PROGRESS is running. FINISHED
//     with a delivery.statusName of FAILED or INTERRUPTED is failed. Otherwise it is
//     finished for a restore into a cluster, which does not prove the data on its
//     servers: see [StateFinished]; for a download READY or none is finished,
//     EXPIRED and MAX_DOWNLOADS_EXCEEDED are expired, PENDING, NOT_STARTED and IN_PROGRESS
//     are still running.
//   - Cloud: failed, else cancelled, else finished where finishedAt is set (also when
//     the link expired later), else expired, else finished for a download all of
//     whose links are there, be they through private endpoints only, or that has an
//     expiresAt, which it gets when they are and keeps when they are used up, else running.
//   - Flex: COMPLETED is finished, FAILED is failed, PENDING, QUEUED and RUNNING are
//     running; letter case does not matter.
//
// A status or deliveryType that is not listed is [StateUnknown], and so is a job without
// any of its generation's marks, and one whose state depends on a member that cannot be read,
// such as a finishedAt that is an object.
func (j *Job) State() State {
	switch j.format() {
	case classic:
		return j.classicState()
	case cloud:
		return j.cloudState()
	case flex:
		return j.flexState()
	case unknownFormat:
		return StateUnknown
	default:
		return StateUnknown
	}
}

func (j *Job) classicState() State {
	if j.unread.has(unreadStatusName) {
		return StateUnknown
	}
	switch j.StatusName {
	case JobStatusInProgress:
		return StateRunning
	case JobStatusBroken:
		return StateFailed
	case JobStatusKilled:
		return StateCancelled
	case JobStatusFinished:
		return j.classicEnd()
	default:
		return StateUnknown
	}
}

// classicEnd is the state of a job that is FINISHED.
func (j *Job) classicEnd() State {
	if j.unread.has(unreadDelivery) {
		return StateUnknown
	}
	state := j.Delivery.state()
	switch {
	case state == StateFailed, state == StateFinished:
		return state
	case j.Delivery.Automated(): // there is no file that the rest could be about
		return StateFinished
	case j.unread.has(unreadTarget):
		return StateUnknown
	default:
		return state
	}
}

// state is the state of a file whose job is FINISHED.
func (d *Delivery) state() State {
	switch d.StatusName {
	case DeliveryStatusReady, "":
		return StateFinished
	case DeliveryStatusPending, DeliveryStatusNotStarted, DeliveryStatusInProgress:
		return StateRunning
	case DeliveryStatusFailed, DeliveryStatusInterrupted:
		return StateFailed
	case DeliveryStatusExpired, DeliveryStatusMaxDownloadsExceeded:
		return StateExpired
	default:
		return StateUnknown
	}
}

func (j *Job) cloudState() State {
	switch {
	case j.unread.has(unreadFailed):
		return StateUnknown
	case j.Failed:
		return StateFailed
	case j.unread.has(unreadCancelled):
		return StateUnknown
	case j.Cancelled:
		return StateCancelled
	case j.unread.has(unreadFinishedAt):
		return StateUnknown
	case !j.FinishedAt.IsZero():
		return StateFinished
	case j.unread.has(unreadExpired):
		return StateUnknown
	case j.Expired:
		return StateExpired
	case j.unread.has(unreadDeliveryType):
		return StateUnknown
	case j.DeliveryType == DeliveryTypeDownload:
		return j.cloudDownloadState()
	case j.DeliveryType == DeliveryTypeAutomated, j.DeliveryType == DeliveryTypePointInTime:
		return StateRunning
	default:
		return StateUnknown
	}
}

// cloudDownloadState is the state of a download that has not ended badly. A link is taken back
// when it was used, expiresAt stays.
func (j *Job) cloudDownloadState() State {
	switch {
	case j.unread.has(unreadLinks): // fewer files would look like all of them
		return StateUnknown
	case j.hasAllCloudLinks(), !j.ExpiresAt.IsZero():
		return StateFinished
	case j.unread.has(unreadExpiresAt | unreadPrivateLinks):
		return StateUnknown
	default:
		return StateRunning
	}
}

// hasAllCloudLinks reports whether every file of the job has its link: one for
// each component of a sharded cluster.
func (j *Job) hasAllCloudLinks() bool {
	for i := range j.Components {
		if !j.Components[i].hasLink() {
			return false
		}
	}
	switch {
	case len(j.Components) > 0:
		return true
	case slices.ContainsFunc(j.DeliveryURL, func(link Secret) bool { return link != "" }):
		return !slices.Contains(j.DeliveryURL, "")
	default:
		return len(withURL(j.PrivateDownloadDeliveryURLs)) > 0
	}
}

func (j *Job) flexState() State {
	if j.unread.has(unreadStatus) {
		return StateUnknown
	}
	switch FlexStatus(strings.ToUpper(string(j.Status))) {
	case FlexStatusPending, FlexStatusQueued, FlexStatusRunning:
		return StateRunning
	case FlexStatusCompleted:
		return StateFinished
	case FlexStatusFailed:
		return StateFailed
	default:
		return StateUnknown
	}
}

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

// ConfigHostID returns the mirrored config server that the job is for: HostID, else
// ClusterID, where some lists carry it. Hosts of Cloud Manager and Ops Manager; of other
// jobs it is the cluster's id, or "".
func (j *Job) ConfigHostID() string {
	if j.HostID != "" {
		return j.HostID
	}
	return j.ClusterID
}

// JobIDs returns the ids of jobs, such as those that [Jobs.Create] returned, in their
// order, never nil. It leaves out nil, which [Jobs.Wait] returns for a job it never saw.
func JobIDs(jobs []*Job) []string {
	ids := make([]string, 0, len(jobs))
	for _, job := range jobs {
		if job != nil {
			ids = append(ids, job.ID)
		}
	}
	return ids
}
