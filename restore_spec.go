package restorejobs

import (
	"fmt"
	"time"
)

// RestorePoint is what to restore. Make one with [FromSnapshot], [FromPointInTime],
// [FromOplog] or [FromCheckpoint]; the zero value is refused.
type RestorePoint struct {
	kind  pointKind
	id    string
	time  time.Time
	oplog Timestamp
}

type pointKind int

const (
	noPoint pointKind = iota
	snapshotPoint
	timePoint
	oplogPoint
	checkpointPoint
)

// FromSnapshot restores a snapshot of the scope's own cluster, host or instance. All
// variants. The id must not be empty.
//
// API: "Create One Restore Job" of every variant, snapshotId.
func FromSnapshot(snapshotID string) RestorePoint {
	return RestorePoint{kind: snapshotPoint, id: snapshotID}
}

// FromPointInTime restores to a point in time, which must be in the past and after 1970, on Atlas
// from 2008-01-01 to 2038-01-19. Not for flex clusters; a download of it only from MMS. Atlas
// clusters, serverless instances and MMS take whole seconds, the others whole milliseconds:
// [time.Time.Truncate] to a second suits all.
//
// API: "Create One Restore Job", pointInTimeUTCMillis, pointInTimeUTCSeconds and MMS's
// timestamp.
func FromPointInTime(t time.Time) RestorePoint { return RestorePoint{kind: timePoint, time: t} }

// FromOplog restores to an entry of the oplog: whole seconds in the past, bounded as in
// [FromPointInTime], and an increment from 0 to 4294967295, on Atlas from 1 to 2147483647. Not for
// flex clusters; a download of it only from MMS. [ParseTimestamp] reads what tools print.
//
// API: "Create One Restore Job", oplogTs and oplogInc, and MMS's timestamp.
func FromOplog(t Timestamp) RestorePoint { return RestorePoint{kind: oplogPoint, oplog: t} }

// FromCheckpoint restores a checkpoint of a sharded cluster (feature compatibility
// version 4.0 and before) into a cluster. Cloud Manager, Ops Manager and Atlas legacy
// clusters; Atlas documents the field, and that such a create may be refused. The id must
// not be empty.
//
// API: "Create One Restore Job", checkpointId.
func FromCheckpoint(checkpointID string) RestorePoint {
	return RestorePoint{kind: checkpointPoint, id: checkpointID}
}

// String tells what is restored, as in "snapshot 53bd439ae4b0774946a16490".
func (r RestorePoint) String() string {
	switch r.kind {
	case snapshotPoint:
		return "snapshot " + r.id
	case timePoint:
		return "time " + r.time.UTC().Format(time.RFC3339Nano)
	case oplogPoint:
		return fmt.Sprintf("oplog entry %s, %d", r.oplog.Date.UTC().Format(time.RFC3339), r.oplog.Increment)
	case checkpointPoint:
		return "checkpoint " + r.id
	case noPoint:
		return "no restore point"
	default:
		return "no restore point"
	}
}

func (p pointKind) String() string {
	switch p {
	case snapshotPoint:
		return "a snapshot"
	case timePoint:
		return "a point in time"
	case oplogPoint:
		return "an oplog entry"
	case checkpointPoint:
		return "a checkpoint"
	case noPoint:
		return "nothing"
	default:
		return "nothing"
	}
}

// Destination is where to. Make one with [ToDownload] or [ToCluster]; the zero value
// is refused.
type Destination struct {
	kind    destinationKind
	link    DownloadLinkOptions
	project string
	cluster string
}

type destinationKind int

const (
	noDestination destinationKind = iota
	downloadDestination
	clusterDestination
)

// DownloadLinkOptions is how a download link is wanted. The zero value is a link for one hour
// and one download, where that can be wished for. Atlas clusters, serverless instances and MMS
// take no wishes: there, [Jobs.Create] refuses a value that is not zero, and the service
// decides.
//
// API: "Create One Restore Job", delivery.
type DownloadLinkOptions struct {
	// ExpirationHours is how long the link works, in hours from when the job is done;
	// 0 stands for 1, and 2147483647 is the most. Cloud Manager, Ops Manager and Atlas legacy
	// clusters.
	ExpirationHours int
	// Expires is when the link ends, instead of ExpirationHours, which must be 0 then; whole
	// seconds, in the future. Cloud Manager and Ops Manager.
	Expires time.Time
	// MaxDownloads is how often the link may be used; 0 stands for 1, and 2147483647 for no
	// limit. Cloud Manager, Ops Manager and Atlas legacy clusters.
	MaxDownloads int
}

// ToDownload offers the data as files, over links with the default options of
// [DownloadLinkOptions]. It requires a snapshot; MMS also accepts a point in time. This version
// does not start downloads of flex clusters. The service has an operation for them, POST
// …/flexClusters/{name}/backup/download with the body {"snapshotId": "…"}, which [Client.Do]
// can send. [Jobs.Wait] and [Jobs.Download] accept its job.
//
// API: "Create One Restore Job", delivery.methodName HTTP and deliveryType download.
func ToDownload() Destination { return ToDownloadWith(DownloadLinkOptions{}) }

// ToDownloadWith is [ToDownload] with options for the links.
//
// API: "Create One Restore Job", delivery.
func ToDownloadWith(opts DownloadLinkOptions) Destination {
	return Destination{kind: downloadDestination, link: opts}
}

// ToCluster restores into a cluster, whose data are deleted first: its project, and
// its id on Cloud Manager and Ops Manager, its name on Atlas. Atlas legacy clusters are
// addressed by name. Not for MMS. Neither may be empty, but flex clusters take "" for a
// target in their own project.
//
// API: "Create One Restore Job", delivery.methodName AUTOMATED_RESTORE, deliveryType
// automated and pointInTime, and flex's targetDeploymentItemName.
func ToCluster(projectID, cluster string) Destination {
	return Destination{kind: clusterDestination, project: projectID, cluster: cluster}
}

// String tells where to, as in "cluster Cluster1 of project 5d2b…".
func (d Destination) String() string {
	switch d.kind {
	case downloadDestination:
		return "a download"
	case clusterDestination:
		return "cluster " + d.cluster + " of project " + d.project
	case noDestination:
		return "no destination"
	default:
		return "no destination"
	}
}
