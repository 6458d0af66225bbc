package restorejobs

import (
	"reflect"
	"slices"
	"time"
)

// cloudFormat is the format of Atlas clusters and serverless instances.
type cloudFormat struct{}

func isCloud(j *Job) bool {
	return j.DeliveryType != "" || j.Failed || j.Cancelled || j.Expired || !j.FinishedAt.IsZero()
}

// state tests the members in the order of their precedence. An unreadable member hides all after it.
func (cloudFormat) state(j *Job) State {
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
		return finishedCloudState(j)
	case j.unread.has(unreadExpired):
		return StateUnknown
	case j.Expired:
		return StateExpired
	case j.unread.has(unreadDeliveryType):
		return StateUnknown
	case j.DeliveryType == DeliveryTypeDownload:
		return cloudDownloadState(j)
	case j.DeliveryType == DeliveryTypeAutomated, j.DeliveryType == DeliveryTypePointInTime:
		return StateRunning
	default:
		return StateUnknown
	}
}

// finishedCloudState tests the links of a download, because an unreadable link is not a used one.
func finishedCloudState(j *Job) State {
	if j.DeliveryType == DeliveryTypeDownload && isMissingUnreadLink(j) {
		return StateUnknown
	}
	return StateFinished
}

// isMissingUnreadLink reports links that could not be read and leave a file without one. Of
// several public links, the readable ones would pass for all of them.
func isMissingUnreadLink(j *Job) bool {
	isPrivateNeeded := j.unread.has(unreadPrivateLinks) && !cloudFormat{}.hasAllLinks(j)
	return j.unread.has(unreadLinks) || isPrivateNeeded
}

// cloudDownloadState relies on expiresAt too: the service removes a used link and keeps expiresAt.
func cloudDownloadState(j *Job) State {
	switch {
	case isMissingUnreadLink(j):
		return StateUnknown
	case cloudFormat{}.hasAllLinks(j), !j.ExpiresAt.IsZero():
		return StateFinished
	case j.unread.has(unreadExpiresAt):
		return StateUnknown
	default:
		return StateRunning
	}
}

func (cloudFormat) links(j *Job) []DownloadLink {
	switch {
	case j.DeliveryType != DeliveryTypeDownload, j.Expired:
		return nil
	case len(j.Components) > 0:
		return componentLinks(j)
	}
	private := withURL(j.PrivateDownloadDeliveryURLs)
	var links []DownloadLink
	for _, url := range j.DeliveryURL {
		if url == "" { // a null in the list
			continue
		}
		link := newDownloadLink(url, j.ExpiresAt)
		link.PrivateURLs = private
		links = append(links, link)
	}
	if len(links) == 0 {
		return privateLinks(private, j.ExpiresAt)
	}
	return links
}

// componentLinks returns a link for each component that has one.
func componentLinks(j *Job) []DownloadLink {
	var links []DownloadLink
	for i := range j.Components {
		component := &j.Components[i]
		if !component.hasLink() {
			continue
		}
		link := newDownloadLink(component.DownloadURL, j.ExpiresAt)
		link.ReplicaSet = component.ReplicaSetName
		link.PrivateURLs = withURL(component.PrivateDownloadDeliveryURLs)
		if link.URL == "" {
			link.FileName = lastPathSegment(link.PrivateURLs[0].DeliveryURL.Reveal())
		}
		links = append(links, link)
	}
	return links
}

// privateLinks returns the files of a job without public links. Private links of one name are one
// file, through several endpoints.
func privateLinks(private []PrivateDownload, expires time.Time) []DownloadLink {
	var links []DownloadLink
	indexes := map[string]int{}
	for _, p := range private {
		name := lastPathSegment(p.DeliveryURL.Reveal())
		i, isKnown := indexes[name]
		if !isKnown {
			i = len(links)
			indexes[name] = i
			links = append(links, DownloadLink{FileName: name, Expires: expires})
		}
		links[i].PrivateURLs = append(links[i].PrivateURLs, p)
	}
	return links
}

// hasAllLinks requires a link for each component of a sharded cluster.
func (cloudFormat) hasAllLinks(j *Job) bool {
	for i := range j.Components {
		if !j.Components[i].hasLink() {
			return false
		}
	}
	isLink := func(link Secret) bool { return link != "" }
	switch {
	case len(j.Components) > 0:
		return true
	case slices.ContainsFunc(j.DeliveryURL, isLink):
		return !slices.Contains(j.DeliveryURL, "")
	default:
		return len(withURL(j.PrivateDownloadDeliveryURLs)) > 0
	}
}

// hasLink reports whether the component can be downloaded, publicly or through a private endpoint.
func (c *ClusterComponent) hasLink() bool {
	return c.DownloadURL != "" || len(withURL(c.PrivateDownloadDeliveryURLs)) > 0
}

// withURL returns the endpoints that have a link.
func withURL(private []PrivateDownload) []PrivateDownload {
	return slices.DeleteFunc(slices.Clone(private), func(p PrivateDownload) bool { return p.DeliveryURL == "" })
}

// isMissingLink is false: a download runs until it has its links.
func (cloudFormat) isMissingLink(*Job) bool { return false }

func (cloudFormat) missingLink(j *Job) missingLink {
	if j.DeliveryType == DeliveryTypeDownload {
		return linkUsed // every link existed before the job was finished
	}
	return linkTypeUnknown
}

func (cloudFormat) isUsedUp(*Job) bool { return false }

func (cloudFormat) linkExpiry(j *Job) time.Time { return j.ExpiresAt }

func (cloudFormat) noFileReason(j *Job) string {
	if j.DeliveryType == DeliveryTypeAutomated || j.DeliveryType == DeliveryTypePointInTime {
		return restoresIntoCluster
	}
	return ""
}

func (cloudFormat) hasChecksum() bool { return false }

// target omits TargetDeploymentItemName, which is a name that Atlas uses internally.
func (cloudFormat) target(j *Job) (projectID, cluster string) {
	if j.DeliveryType == DeliveryTypeDownload {
		return "", ""
	}
	return j.TargetGroupID, j.TargetClusterName
}

func (cloudFormat) matches(j *Job, spec *restoreSpec) bool {
	return cloudPointMatches(j, spec.point) && cloudDestinationMatches(j, spec.to)
}

func cloudPointMatches(j *Job, point RestorePoint) bool {
	isPointInTime := j.DeliveryType == DeliveryTypePointInTime
	if isPointInTime == (point.kind == snapshotPoint) {
		return false
	}
	hasRequest := j.PointInTimeUTCSeconds != 0 || j.OplogTS != 0
	switch point.kind {
	case snapshotPoint:
		return j.SnapshotID == point.id
	case timePoint:
		if hasRequest {
			return j.PointInTimeUTCSeconds == point.time.Unix()
		}
		return !j.DesiredTimestamp.Date.After(point.time)
	case oplogPoint:
		if hasRequest {
			return j.OplogTS == point.oplog.Date.Unix() && unsetOrEqual(j.OplogInc, point.oplog.Increment)
		}
		desired := j.DesiredTimestamp
		isSame := desired.Date.Equal(point.oplog.Date) && unsetOrEqual(desired.Increment, point.oplog.Increment)
		return desired.IsZero() || isSame
	case checkpointPoint, noPoint:
		return false
	default:
		return false
	}
}

func cloudDestinationMatches(j *Job, to Destination) bool {
	isDownload := j.DeliveryType == DeliveryTypeDownload
	if to.kind == downloadDestination || isDownload {
		return to.kind == downloadDestination && isDownload
	}
	return unsetOrEqual(j.TargetClusterName, to.cluster) && unsetOrEqual(j.TargetGroupID, to.project)
}

// timestampJSON omits the increment: the timestamp is a plain string.
func (cloudFormat) timestampJSON(t Timestamp) reflect.Value { return reflect.ValueOf(t.Date) }
