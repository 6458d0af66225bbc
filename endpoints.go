package restorejobs

import (
	"time"

	"example.com/restorejobs/internal/api"
)

// endpoint is one row of the table: the facts about one kind of source. CONTRIBUTING has the steps
// to add a row.
type endpoint struct {
	variant       Variant
	name          string // name of the method that returns the source
	refPrefix     string // reference before the project, as in "opsmanager/groups"
	refCollection string // reference between project and cluster, as in "clusters"

	pathPrefix         string // path before the project
	pathInfix          string // path between project and cluster
	pathSuffix         string // path after the cluster
	downloadPathSuffix string // the same, to create a download; empty for pathSuffix
	apiVersion         string // version of the media type; empty except in Atlas v2

	snapshotsSuffix     string        // path of the snapshots after the cluster
	hidesIncomplete     bool          // the list of snapshots omits incomplete ones without completed=all
	hasShardedSnapshots bool          // snapshots of sharded clusters have a path of their own
	onDemand            *onDemandForm // of a request for a snapshot; nil if the source takes none

	idLabel               string // name of the second id in errors
	format                jobFormat
	buildBody             bodyBuilder
	hasBatches            bool // lists can be filtered by batch
	canCancel             bool
	hasCollections        bool // single collections can be restored, and listed in snapshots
	timeRanges            timeRangesSource
	max100PerPage         bool // old servers refuse more than 100 jobs a page
	targetProjectOptional bool // a target can omit its project
}

// timeRangesSource is where the restorable time ranges of a source come from.
type timeRangesSource int

const (
	noTimeRanges        timeRangesSource = iota
	listedTimeRanges                     // an operation lists them
	estimatedTimeRanges                  // the cluster and its backup schedule permit an estimate
)

const (
	atlasVersion20230101 = "2023-01-01"
	atlasVersion20240805 = "2024-08-05"
	atlasVersion20241113 = "2024-11-13"
	atlasVersion20250312 = "2025-03-12"
	// latestAtlasVersion is for operations of Client.Do. The service uses the newest version of an
	// operation that is not later.
	latestAtlasVersion = atlasVersion20250312
)

var (
	cloudManagerCluster = &endpoint{
		variant:         VariantCloudManager,
		name:            "Cluster",
		refPrefix:       "cloudmanager/groups",
		refCollection:   "clusters",
		pathPrefix:      publicAPIPath,
		pathInfix:       "/clusters/",
		pathSuffix:      "/restoreJobs",
		snapshotsSuffix: "/snapshots",
		idLabel:         "cluster id",
		format:          classic,
		buildBody:       buildManagerBody,
		hasBatches:      true,
		timeRanges:      listedTimeRanges,
		max100PerPage:   true,
	}
	cloudManagerHost = &endpoint{
		variant:         VariantCloudManager,
		name:            "Host",
		refPrefix:       "cloudmanager/groups",
		refCollection:   "hosts",
		pathPrefix:      publicAPIPath,
		pathInfix:       "/hosts/",
		pathSuffix:      "/restoreJobs",
		snapshotsSuffix: "/snapshots",
		idLabel:         "host id",
		format:          classic,
		buildBody:       buildManagerBody,
		max100PerPage:   true,
	}
	opsManagerCluster = &endpoint{
		variant:         VariantOpsManager,
		name:            "Cluster",
		refPrefix:       "opsmanager/groups",
		refCollection:   "clusters",
		pathPrefix:      publicAPIPath,
		pathInfix:       "/clusters/",
		pathSuffix:      "/restoreJobs",
		snapshotsSuffix: "/snapshots",
		hidesIncomplete: true,
		onDemand:        managerOnDemand,
		idLabel:         "cluster id",
		format:          classic,
		buildBody:       buildManagerBody,
		hasBatches:      true,
		timeRanges:      listedTimeRanges,
		max100PerPage:   true,
	}
	opsManagerHost = &endpoint{
		variant:         VariantOpsManager,
		name:            "Host",
		refPrefix:       "opsmanager/groups",
		refCollection:   "hosts",
		pathPrefix:      publicAPIPath,
		pathInfix:       "/hosts/",
		pathSuffix:      "/restoreJobs",
		snapshotsSuffix: "/snapshots",
		idLabel:         "host id",
		format:          classic,
		buildBody:       buildManagerBody,
		max100PerPage:   true,
	}
	mmsCluster = &endpoint{
		variant:         VariantMMS,
		name:            "Cluster",
		refPrefix:       "mms/groups",
		refCollection:   "clusters",
		pathPrefix:      publicAPIPath,
		pathInfix:       "/clusters/",
		pathSuffix:      "/restoreJobs",
		snapshotsSuffix: "/snapshots",
		idLabel:         "cluster id",
		format:          classic,
		buildBody:       buildMMSBody,
		hasBatches:      true,
		max100PerPage:   true,
	}
	atlasV1Cluster = &endpoint{
		variant:             VariantAtlasV1,
		name:                "Cluster",
		refPrefix:           "atlasv1/groups",
		refCollection:       "clusters",
		pathPrefix:          atlasV1Path,
		pathInfix:           "/clusters/",
		pathSuffix:          "/backup/restoreJobs",
		snapshotsSuffix:     "/backup/snapshots",
		hasShardedSnapshots: true,
		onDemand:            cloudOnDemand,
		idLabel:             "cluster name",
		format:              cloud,
		buildBody:           buildCloudBody,
		canCancel:           true,
	}
	atlasV1Serverless = &endpoint{
		variant:         VariantAtlasV1,
		name:            "Serverless",
		refPrefix:       "atlasv1/groups",
		refCollection:   "serverless",
		pathPrefix:      atlasV1Path,
		pathInfix:       "/serverless/",
		pathSuffix:      "/backup/restoreJobs",
		snapshotsSuffix: "/backup/snapshots",
		idLabel:         "instance name",
		format:          cloud,
		buildBody:       buildServerlessBody,
	}
	atlasV1LegacyCluster = &endpoint{
		variant:         VariantAtlasV1,
		name:            "LegacyCluster",
		refPrefix:       "atlasv1/groups",
		refCollection:   "legacyClusters",
		pathPrefix:      atlasV1Path,
		pathInfix:       "/clusters/",
		pathSuffix:      "/restoreJobs",
		snapshotsSuffix: "/snapshots",
		idLabel:         "cluster name",
		format:          classic,
		buildBody:       buildLegacyBody,
		hasBatches:      true,
	}
	atlasV2Cluster = &endpoint{
		variant:             VariantAtlasV2,
		name:                "Cluster",
		refPrefix:           "atlasv2/groups",
		refCollection:       "clusters",
		pathPrefix:          atlasV2Path,
		pathInfix:           "/clusters/",
		pathSuffix:          "/backup/restoreJobs",
		snapshotsSuffix:     "/backup/snapshots",
		hasShardedSnapshots: true,
		onDemand:            cloudOnDemand,
		idLabel:             "cluster name",
		apiVersion:          atlasVersion20230101,
		format:              cloud,
		buildBody:           buildCloudBody,
		canCancel:           true,
		hasCollections:      true,
		timeRanges:          estimatedTimeRanges,
	}
	atlasV2Serverless = &endpoint{
		variant:         VariantAtlasV2,
		name:            "Serverless",
		refPrefix:       "atlasv2/groups",
		refCollection:   "serverless",
		pathPrefix:      atlasV2Path,
		pathInfix:       "/serverless/",
		pathSuffix:      "/backup/restoreJobs",
		snapshotsSuffix: "/backup/snapshots",
		idLabel:         "instance name",
		apiVersion:      atlasVersion20230101,
		format:          cloud,
		buildBody:       buildServerlessBody,
	}
	atlasV2LegacyCluster = &endpoint{
		variant:         VariantAtlasV2,
		name:            "LegacyCluster",
		refPrefix:       "atlasv2/groups",
		refCollection:   "legacyClusters",
		pathPrefix:      atlasV2Path,
		pathInfix:       "/clusters/",
		pathSuffix:      "/restoreJobs",
		snapshotsSuffix: "/snapshots",
		hidesIncomplete: true,
		idLabel:         "cluster name",
		apiVersion:      atlasVersion20230101,
		format:          classic,
		buildBody:       buildLegacyBody,
		hasBatches:      true,
	}
	atlasV2Flex = &endpoint{
		variant:               VariantAtlasV2,
		name:                  "Flex",
		refPrefix:             "atlasv2/groups",
		refCollection:         "flexClusters",
		pathPrefix:            atlasV2Path,
		pathInfix:             "/flexClusters/",
		pathSuffix:            "/backup/restoreJobs",
		snapshotsSuffix:       "/backup/snapshots",
		downloadPathSuffix:    "/backup/download",
		idLabel:               "cluster name",
		apiVersion:            atlasVersion20241113,
		format:                flex,
		buildBody:             buildFlexBody,
		targetProjectOptional: true,
	}
)

// endpoints is the table.
var endpoints = []*endpoint{
	cloudManagerCluster, cloudManagerHost, opsManagerCluster, opsManagerHost, mmsCluster,
	atlasV1Cluster, atlasV1Serverless, atlasV1LegacyCluster,
	atlasV2Cluster, atlasV2Serverless, atlasV2LegacyCluster, atlasV2Flex,
}

// String returns the variant and the kind of source, as in "OpsManager.Host".
func (e *endpoint) String() string { return string(e.variant) + "." + e.name }

// isManager reports whether automation agents carry out restores into a cluster.
func (e *endpoint) isManager() bool {
	return e.variant == VariantCloudManager || e.variant == VariantOpsManager
}

// isAtlas reports whether clusters have names instead of IDs, and totals are optional.
func (e *endpoint) isAtlas() bool { return e.variant == VariantAtlasV1 || e.variant == VariantAtlasV2 }

// ref returns the reference of a source of this endpoint.
func (e *endpoint) ref(project, cluster string) string {
	return e.refPrefix + "/" + api.EscapeSegment(project) + "/" + e.refCollection + "/" + api.EscapeSegment(cluster)
}

// clusterPath returns the path of a source itself.
func (e *endpoint) clusterPath(project, cluster string) string {
	return e.pathPrefix + api.EscapeSegment(project) + e.pathInfix + api.EscapeSegment(cluster)
}

// createSuffix returns the path of a create after the source.
func (e *endpoint) createSuffix(to Destination) string {
	if to.kind == downloadDestination && e.downloadPathSuffix != "" {
		return e.downloadPathSuffix
	}
	return e.pathSuffix
}

// newCreateRequest returns a create with the facts of this endpoint.
func (e *endpoint) newCreateRequest(project, cluster string, point RestorePoint, dest Destination) *createRequest {
	return &createRequest{
		subject:               e.String(),
		builder:               e.buildBody,
		targetProjectOptional: e.targetProjectOptional,
		project:               project,
		cluster:               cluster,
		point:                 point,
		dest:                  dest,
		now:                   time.Now(),
	}
}

// unsupportedErr is the error for an operation that the endpoint does not have.
func (e *endpoint) unsupportedErr(operation string) error {
	return &unsupportedError{operation: operation, subject: e.String()}
}

// ManagerService returns the sources of Cloud Manager or Ops Manager.
type ManagerService struct {
	client  *Client
	cluster *endpoint
	host    *endpoint
}

// MMSService returns the sources of MMS and Ops Manager 1.5, of 2014. An Ops Manager
// needs [WithBaseURL].
type MMSService struct{ client *Client }

// AtlasV1Service returns the sources of Atlas v1.
//
// Deprecated: MongoDB has deprecated Atlas v1 in favour of v2. Use [AtlasV2Service].
type AtlasV1Service struct{ client *Client }

// AtlasV2Service returns the sources of Atlas v2.
type AtlasV2Service struct{ client *Client }
