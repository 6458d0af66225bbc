package restorejobs

import (
	"reflect"
	"strings"
	"time"
)

// flexLinkLifetime is how long a link lives from the request, by the text of the operation.
const flexLinkLifetime = 4 * time.Hour

// flexFormat is the format of Atlas flex clusters.
type flexFormat struct{}

func isFlex(j *Job) bool { return j.Status != "" || j.InstanceName != "" }

func (flexFormat) state(j *Job) State {
	if j.unread.has(unreadStatus) {
		return StateUnknown
	}
	switch FlexStatus(strings.ToUpper(string(j.Status))) {
	case FlexStatusPending, FlexStatusQueued, FlexStatusRunning:
		return StateRunning
	case FlexStatusCompleted:
		if j.unread.has(unreadLinks) {
			return StateUnknown
		}
		return StateFinished
	case FlexStatusFailed:
		return StateFailed
	default:
		return StateUnknown
	}
}

func (f flexFormat) links(j *Job) []DownloadLink {
	if f.state(j) != StateFinished || j.SnapshotURL == "" {
		return nil
	}
	return []DownloadLink{newDownloadLink(j.SnapshotURL, f.linkExpiry(j))}
}

func (flexFormat) hasAllLinks(*Job) bool { return true } // it has one file

func (flexFormat) isMissingLink(j *Job) bool { return isFlexDownload(j) && j.SnapshotURL == "" }

func isFlexDownload(j *Job) bool {
	return strings.EqualFold(string(j.DeliveryType), string(DeliveryTypeFlexDownload))
}

func (flexFormat) missingLink(*Job) missingLink { return linkPending }

func (flexFormat) isUsedUp(*Job) bool { return false }

// linkExpiry is earlier than the end of the job: the link lives for hours from the request.
func (flexFormat) linkExpiry(j *Job) time.Time {
	expiry := j.ExpirationDate
	hasLink := isFlexDownload(j) || j.SnapshotURL != ""
	if !hasLink || j.RestoreScheduledDate.IsZero() {
		return expiry
	}
	limit := j.RestoreScheduledDate.Add(flexLinkLifetime)
	if expiry.IsZero() || limit.Before(expiry) {
		return limit
	}
	return expiry
}

func (flexFormat) noFileReason(j *Job) string {
	isRestore := strings.EqualFold(string(j.DeliveryType), string(DeliveryTypeFlexRestore))
	if isRestore && j.SnapshotURL == "" {
		return restoresIntoCluster
	}
	return ""
}

func (flexFormat) hasChecksum() bool { return false }

func (flexFormat) target(j *Job) (projectID, cluster string) {
	if isFlexDownload(j) {
		return "", ""
	}
	return j.TargetProjectID, j.TargetDeploymentItemName
}

func (flexFormat) matches(j *Job, spec *restoreSpec) bool {
	if j.SnapshotID != spec.point.id {
		return false
	}
	if spec.to.kind == downloadDestination {
		return j.DeliveryType == "" || isFlexDownload(j)
	}
	return !isFlexDownload(j) &&
		unsetOrEqual(j.TargetDeploymentItemName, spec.to.cluster) &&
		unsetOrEqual(j.TargetProjectID, spec.to.project)
}

func (flexFormat) timestampJSON(t Timestamp) reflect.Value { return reflect.ValueOf(t) }
