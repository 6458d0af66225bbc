package restorejobs

import "time"

// Capability is an operation or option that not every source has.
type Capability string

// The capabilities of sources.
const (
	// CapabilityCancel is [Jobs.Cancel].
	CapabilityCancel Capability = "cancel"
	// CapabilityTimeRanges is [Jobs.RestorableTimeRanges].
	CapabilityTimeRanges Capability = "restorable time ranges"
	// CapabilityCluster is [Source.Cluster].
	CapabilityCluster Capability = "cluster"
	// CapabilityCheckTarget is [Source.CheckTarget].
	CapabilityCheckTarget Capability = "check target"
	// CapabilityBatches is [ListOptions].BatchID.
	CapabilityBatches Capability = "batches"
	// CapabilitySnapshots is [Source].Snapshots, which every source has.
	CapabilitySnapshots Capability = "snapshots"
	// CapabilityOnDemandSnapshots is [Snapshots.Create].
	CapabilityOnDemandSnapshots Capability = "on-demand snapshots"
	// CapabilityDownload is a create with [ToDownload].
	CapabilityDownload Capability = "download"
	// CapabilityDownloadLinkOptions is a create with [ToDownloadWith] and options that are
	// not zero.
	CapabilityDownloadLinkOptions Capability = "download link options"
	// CapabilityRestoreToCluster is a create with [ToCluster].
	CapabilityRestoreToCluster Capability = "restore to cluster"
	// CapabilityPointInTime is a create with [FromPointInTime].
	CapabilityPointInTime Capability = "point in time"
	// CapabilityOplog is a create with [FromOplog].
	CapabilityOplog Capability = "oplog"
	// CapabilityCheckpoint is a create with [FromCheckpoint].
	CapabilityCheckpoint Capability = "checkpoint"
	// CapabilityCollections is [Source].CollectionJobs, and the databases and collections of a
	// snapshot.
	CapabilityCollections Capability = "collections"
)

// Supports reports whether the source has a capability. It is false for an unknown one.
func (s *Source) Supports(capability Capability) bool { return s.endpoint.supports(capability) }

func (e *endpoint) supports(capability Capability) bool {
	snapshot := FromSnapshot("snapshot")
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	download := ToDownload()
	cluster := ToCluster("project", "cluster")
	switch capability {
	case CapabilityCancel:
		return e.canCancel
	case CapabilityTimeRanges:
		return e.timeRanges != noTimeRanges
	case CapabilityCluster:
		return e.hasCluster()
	case CapabilityCheckTarget:
		return e.hasCluster() && e.canCreate(snapshot, cluster)
	case CapabilityBatches:
		return e.hasBatches
	case CapabilityCollections:
		return e.hasCollections
	case CapabilitySnapshots:
		return e.snapshotsSuffix != ""
	case CapabilityOnDemandSnapshots:
		return e.onDemand != nil
	case CapabilityDownload:
		return e.canCreate(snapshot, download)
	case CapabilityDownloadLinkOptions:
		return e.canCreate(snapshot, ToDownloadWith(DownloadLinkOptions{MaxDownloads: 2}))
	case CapabilityRestoreToCluster:
		return e.canCreate(snapshot, cluster)
	case CapabilityPointInTime:
		return e.canCreate(FromPointInTime(past), download, cluster)
	case CapabilityOplog:
		return e.canCreate(FromOplog(Timestamp{Date: past, Increment: 1}), download, cluster)
	case CapabilityCheckpoint:
		return e.canCreate(FromCheckpoint("checkpoint"), download, cluster)
	default:
		return false
	}
}

// canCreate reports whether a create from a point to one of the destinations is valid. The rules
// of the request body decide, so that a capability cannot differ from them.
func (e *endpoint) canCreate(point RestorePoint, destinations ...Destination) bool {
	for _, dest := range destinations {
		if _, err := e.newCreateRequest("project", "cluster", point, dest).encode(); err == nil {
			return true
		}
	}
	return false
}
