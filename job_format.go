package restorejobs

import (
	"reflect"
	"time"
)

// jobFormat is one of the shapes that a job can have. Each format has a file of its own. Other code
// that reads the fields of one format is listed in CONTRIBUTING.
type jobFormat interface {
	// state returns the state of the job.
	state(j *Job) State
	// links returns the links that exist now. A job that still runs can have some of its links.
	links(j *Job) []DownloadLink
	// hasAllLinks reports whether no file of a finished job lacks its link.
	hasAllLinks(j *Job) bool
	// isMissingLink reports whether a finished job is a download that still needs its link.
	isMissingLink(j *Job) bool
	// missingLink returns why a finished job lacks a link.
	missingLink(j *Job) missingLink
	// isUsedUp reports whether the service refuses the link because of its maximum number of downloads.
	isUsedUp(j *Job) bool
	// linkExpiry returns when the links expire; zero if unknown.
	linkExpiry(j *Job) time.Time
	// noFileReason returns why the job will never have a file; empty if it can have one.
	noFileReason(j *Job) string
	// hasChecksum reports whether the service computes a checksum of a downloaded file.
	hasChecksum() bool
	// target returns the project and the cluster that the job restores into; empty if unknown.
	target(j *Job) (projectID, cluster string)
	// matches reports whether the job can come from a create.
	matches(j *Job, spec *restoreSpec) bool
	// timestampJSON returns the timestamp as the API writes it.
	timestampJSON(t Timestamp) reflect.Value
}

// The formats. A new format also needs a case in Job.format.
var (
	classic       jobFormat = classicFormat{}
	cloud         jobFormat = cloudFormat{}
	flex          jobFormat = flexFormat{}
	unknownFormat jobFormat = unrecognizedFormat{}
)

// missingLink is why a finished job lacks a link.
type missingLink int

const (
	linkPending     missingLink = iota // it can still appear
	linkUsed                           // the service removed it after a download
	linkTypeUnknown                    // the job has a deliveryType that this version does not know
)

// format recognizes the format by the fields, because a job read from a file must have it too.
func (j *Job) format() jobFormat {
	switch {
	case isClassic(j):
		return classic
	case isFlex(j):
		return flex
	case isCloud(j):
		return cloud
	default:
		return unknownFormat
	}
}

// State returns the state of the job in the terms of all variants:
//
//   - Classic: BROKEN is failed, KILLED is cancelled, IN_PROGRESS is running.
//   - Classic, FINISHED: failed if the delivery is FAILED or INTERRUPTED, finished for other restores
//     into a cluster (see [StateFinished]) and for a download that is READY or has no status.
//     EXPIRED and MAX_DOWNLOADS_EXCEEDED are expired. PENDING, NOT_STARTED and IN_PROGRESS are running.
//   - Cloud, the first that applies: failed, cancelled, finished (finishedAt is set), expired,
//     finished (a download with all of its links or with an expiresAt), running.
//   - Flex, in any letter case: COMPLETED is finished, FAILED is failed. PENDING, QUEUED and
//     RUNNING are running.
//   - Anything else is [StateUnknown], and so is a state that depends on an unreadable member.
//
// API: statusName, delivery.statusName, status, and the flags of Atlas.
func (j *Job) State() State { return j.format().state(j) }

// unrecognizedFormat is the format of a job without a status.
type unrecognizedFormat struct{}

func (unrecognizedFormat) state(*Job) State                        { return StateUnknown }
func (unrecognizedFormat) links(*Job) []DownloadLink               { return nil }
func (unrecognizedFormat) hasAllLinks(*Job) bool                   { return false }
func (unrecognizedFormat) isMissingLink(*Job) bool                 { return false }
func (unrecognizedFormat) missingLink(*Job) missingLink            { return linkPending }
func (unrecognizedFormat) isUsedUp(*Job) bool                      { return false }
func (unrecognizedFormat) linkExpiry(*Job) time.Time               { return time.Time{} }
func (unrecognizedFormat) noFileReason(*Job) string                { return "" }
func (unrecognizedFormat) hasChecksum() bool                       { return false }
func (unrecognizedFormat) target(*Job) (projectID, cluster string) { return "", "" }
func (unrecognizedFormat) matches(*Job, *restoreSpec) bool         { return false }
func (unrecognizedFormat) timestampJSON(t Timestamp) reflect.Value { return reflect.ValueOf(t) }

// unsetOrEqual reports whether a job has the requested value, or none.
func unsetOrEqual[T comparable](value, requested T) bool {
	var unset T
	return value == unset || value == requested
}
