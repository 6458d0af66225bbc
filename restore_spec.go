package restorejobs

import (
	"fmt"
	"math"
	"time"
)

// RestorePoint is the state of the data to restore. Make one with [FromSnapshot],
// [FromPointInTime], [FromOplog] or [FromCheckpoint]. The zero value is invalid.
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

// FromSnapshot restores a snapshot of the source. All variants. The ID must not be empty.
//
// API: "Create One Restore Job" of every variant, snapshotId.
func FromSnapshot(snapshotID string) RestorePoint {
	return RestorePoint{kind: snapshotPoint, id: snapshotID}
}

// FromPointInTime restores the data as of a point in time. It must be in the past and after 1970,
// on Atlas from 2008-01-01 to 2038-01-19. Atlas clusters and MMS require whole seconds, as
// serverless instances did. The others require whole milliseconds. [time.Time.Truncate] to a
// second suits all.
//
// All variants except flex clusters. Only MMS permits a download.
//
// API: "Create One Restore Job", pointInTimeUTCMillis, pointInTimeUTCSeconds and MMS's
// timestamp.
func FromPointInTime(t time.Time) RestorePoint { return RestorePoint{kind: timePoint, time: t} }

// FromOplog restores the data as of an entry of the oplog. The time must be whole seconds, within
// the limits of [FromPointInTime]. The increment is from 0 to 4294967295, on Atlas from 1 to
// 2147483647. [ParseTimestamp] reads the output of tools.
//
// All variants except flex clusters. Only MMS permits a download.
//
// API: "Create One Restore Job", oplogTs and oplogInc, and MMS's timestamp.
func FromOplog(t Timestamp) RestorePoint { return RestorePoint{kind: oplogPoint, oplog: t} }

// FromCheckpoint restores a checkpoint of a sharded cluster into a cluster. Checkpoints exist up to
// feature compatibility version 4.0. The ID must not be empty. Cloud Manager, Ops Manager and Atlas
// legacy clusters; Atlas documents the field, and that it can refuse such a create.
//
// API: "Create One Restore Job", checkpointId.
func FromCheckpoint(checkpointID string) RestorePoint {
	return RestorePoint{kind: checkpointPoint, id: checkpointID}
}

// SnapshotID returns the snapshot of [FromSnapshot], empty for other points.
func (r RestorePoint) SnapshotID() string {
	if r.kind != snapshotPoint {
		return ""
	}
	return r.id
}

// Time returns the time of [FromPointInTime] or [FromOplog], zero for other points.
func (r RestorePoint) Time() time.Time {
	if r.kind == oplogPoint {
		return r.oplog.Date
	}
	return r.time
}

// String returns the kind and ID or time, as in "snapshot 53bd439ae4b0774946a16490".
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

// Destination is the target of a restore. Make one with [ToDownload], [ToDownloadWith] or
// [ToCluster]. The zero value is invalid.
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

// UnlimitedDownloads is the MaxDownloads of a link without a limit.
const UnlimitedDownloads = math.MaxInt32

// DownloadLinkOptions are the options of the download links that a restore creates. Cloud Manager,
// Ops Manager and Atlas legacy clusters. For other sources [Jobs.Create] refuses options that
// are not zero, and the service decides; see [CapabilityDownloadLinkOptions].
//
// API: "Create One Restore Job", delivery.
type DownloadLinkOptions struct {
	// ExpirationHours is the lifetime of a link in hours, from the end of the job. Default 1; at
	// most 2147483647.
	ExpirationHours int
	// Expires is when a link expires, instead of ExpirationHours, which must be 0 then. It must be
	// whole seconds, in the future. Cloud Manager and Ops Manager.
	Expires time.Time
	// MaxDownloads is how many times a link can be used. Default 1; [UnlimitedDownloads]
	// removes the limit. A link that can be used once cannot resume an interrupted download.
	MaxDownloads int
}

// ToDownload offers the data as files, through links with default options. It requires
// [FromSnapshot]; MMS also permits a point in time. All variants.
//
// API: "Create One Restore Job", delivery.methodName HTTP and deliveryType download; Atlas v2
// "downloadFlexBackup".
func ToDownload() Destination { return ToDownloadWith(DownloadLinkOptions{}) }

// ToDownloadWith is [ToDownload] with options for the links.
//
// API: "Create One Restore Job", delivery.
func ToDownloadWith(opts DownloadLinkOptions) Destination {
	return Destination{kind: downloadDestination, link: opts}
}

// ToCluster restores into a cluster, and deletes its data first, except in a [CollectionRestore]. The
// cluster is an ID for Cloud Manager and Ops Manager, and a name for Atlas. Neither argument may be
// empty, except that "" is the source's own project for flex clusters. All variants except MMS.
//
// API: "Create One Restore Job", delivery.methodName AUTOMATED_RESTORE, deliveryType
// automated and pointInTime, and flex's targetDeploymentItemName.
func ToCluster(projectID, cluster string) Destination {
	return Destination{kind: clusterDestination, project: projectID, cluster: cluster}
}

// IsDownload reports whether the destination is [ToDownload] or [ToDownloadWith].
func (d Destination) IsDownload() bool { return d.kind == downloadDestination }

// Target returns the arguments of [ToCluster]. Both are empty for other destinations.
func (d Destination) Target() (projectID, cluster string) { return d.project, d.cluster }

// String returns the kind of target, as in "cluster Cluster1 of project 5d2b…".
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

// restoreSpec is the point and the destination of a create, to compare jobs with.
type restoreSpec struct {
	point         RestorePoint
	to            Destination
	targetsByName bool // the target is a name, not an id
}
