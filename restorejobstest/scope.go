package restorejobstest

import "slices"

// A Scope selects a variant of the API and, within it, a kind of source: a cluster, host or
// instance. All its ids are fixed, so that a test can contain them. The methods panic on a
// value that is not one of the constants.
type Scope int

// The scopes, one for each variant and kind of source.
const (
	// CloudManagerCluster is a cluster in Cloud Manager.
	CloudManagerCluster Scope = iota
	// CloudManagerHost is a mirrored config server in Cloud Manager.
	CloudManagerHost
	// OpsManagerCluster is a cluster in Ops Manager.
	OpsManagerCluster
	// OpsManagerHost is a mirrored config server in Ops Manager.
	OpsManagerHost
	// MMSCluster is a cluster in the MMS of 2014.
	MMSCluster
	// AtlasV1Cluster is a cloud backup cluster in Atlas v1.
	AtlasV1Cluster
	// AtlasV1Serverless is a serverless instance in Atlas v1.
	AtlasV1Serverless
	// AtlasV1LegacyCluster is a legacy backup cluster in Atlas v1.
	AtlasV1LegacyCluster
	// AtlasV2Cluster is a cloud backup cluster in Atlas v2.
	AtlasV2Cluster
	// AtlasV2Serverless is a serverless instance in Atlas v2.
	AtlasV2Serverless
	// AtlasV2LegacyCluster is a legacy backup cluster in Atlas v2.
	AtlasV2LegacyCluster
	// AtlasV2Flex is a flex cluster in Atlas v2.
	AtlasV2Flex
)

// Scopes returns every scope, in the order of the constants.
func Scopes() []Scope {
	all := make([]Scope, len(scopeSpecs()))
	for i := range all {
		all[i] = Scope(i)
	}
	return all
}

// String returns a short name such as "AtlasV2Cluster".
func (s Scope) String() string { return s.spec().name }

// Project returns the id of the project, also called group.
func (s Scope) Project() string { return s.spec().project }

// Cluster returns the id or name that identifies the cluster, host or instance in a path. The
// cluster is a replica set unless the server has [WithShards].
func (s Scope) Cluster() string { return s.spec().cluster }

// Ref returns the reference of the scope, for [restorejobs.Client.Source].
func (s Scope) Ref() string {
	r := s.spec()
	place := r.collection
	if r.isAtlasLegacy() {
		place = "legacyClusters"
	}
	return r.product() + "/groups/" + r.project + "/" + place + "/" + r.cluster
}

// Sharded returns the id or name of a second cluster in the same project, with two shards. It
// is empty if the variant has no sharded clusters. The cluster has the same snapshots and, in
// a new server, no jobs. For Atlas clusters its snapshots are listed under
// backup/snapshots/shardedClusters only.
func (s Scope) Sharded() string { return s.spec().sharded }

// Target returns the id or name of another cluster of the same project, as a target of
// restores. It is empty for MMS, which cannot restore into a cluster. A new server has no
// snapshots and no jobs of it. Every other cluster of the product is a valid target too.
func (s Scope) Target() string {
	targets := s.spec().targets
	if len(targets) == 0 {
		return ""
	}
	return targets[0]
}

// Jobs returns the ids of the jobs of a new server, newest first.
func (s Scope) Jobs() []string {
	var ids []string
	for _, body := range seedJobs(s) {
		ids = append(ids, mustParse(body)["id"].(string))
	}
	return ids
}

// Snapshots returns the ids of the snapshots of a new server, newest first.
func (s Scope) Snapshots() []string {
	var ids []string
	for _, snap := range s.spec().snapshots {
		ids = append(ids, snap.id)
	}
	return ids
}

// Checkpoints returns the ids of the checkpoints, newest first. Only sharded clusters and hosts
// of Cloud Manager and Ops Manager, and legacy clusters of Atlas, have checkpoints.
func (s Scope) Checkpoints() []string { return slices.Clone(s.spec().checkpoints) }

func (s Scope) spec() scopeSpec {
	all := scopeSpecs()
	if s < 0 || int(s) >= len(all) {
		panic("restorejobstest: unknown scope")
	}
	return all[s]
}
