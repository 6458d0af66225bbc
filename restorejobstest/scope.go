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
	product := "cloudmanager"
	place := r.collection
	switch {
	case r.isMMS():
		product = "mms"
	case r.basePath == v1Base:
		product = "atlasv1"
	case r.basePath == v2Base:
		product = "atlasv2"
	case r.isOpsManager():
		product = "opsmanager"
	}
	if r.isAtlasLegacy() {
		place = "legacyClusters"
	}
	return product + "/groups/" + r.project + "/" + place + "/" + r.cluster
}

// Sharded returns the id or name of a second cluster in the same project, with two shards. It
// is empty if the variant has no sharded clusters. The cluster has the same snapshots and, in
// a new server, no jobs. For Atlas clusters its snapshots are listed under
// backup/snapshots/shardedClusters only.
func (s Scope) Sharded() string { return s.spec().sharded }

// Target returns the id or name of another cluster of the same project, as a target of
// restores. It is empty for MMS, which cannot restore into a cluster. The clusters of
// [Scope.Cluster] and [Scope.Sharded] are valid targets too; any other gets 404.
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

// A format is the shape of the jobs.
type format int

const (
	classic format = iota // statusName and delivery
	cloud                 // flags and deliveryUrl
	flex                  // status
)

const (
	publicBase = "/api/public/v1.0"
	v1Base     = "/api/atlas/v1.0"
	v2Base     = "/api/atlas/v2"
)

// A scopeSpec has the properties and the data of one scope.
type scopeSpec struct {
	scope       Scope
	name        string
	format      format
	basePath    string
	collection  string // path segment before the name
	backupPath  string // path between the name and the resource
	version     string // date of the resource, Atlas v2 only
	project     string
	cluster     string
	clusterID   string // id of a cluster that is addressed by name
	sharded     string
	targets     []string // further clusters as targets of restores
	snapshots   []snapshot
	checkpoints []string
}

type snapshot struct {
	id        string
	date      string
	increment int
}

func (s *scopeSpec) isHost() bool        { return s.collection == "hosts" }
func (s *scopeSpec) isAtlas() bool       { return s.basePath != publicBase }
func (s *scopeSpec) isServerless() bool  { return s.collection == "serverless" }
func (s *scopeSpec) isMMS() bool         { return s.scope == MMSCluster }
func (s *scopeSpec) isOpsManager() bool  { return s.project == opsProject }
func (s *scopeSpec) isAtlasLegacy() bool { return s.isAtlas() && s.format == classic }
func (s *scopeSpec) canCancel() bool     { return s.format == cloud && !s.isServerless() }

func (s *scopeSpec) snapshot(id string) (snapshot, bool) {
	i := slices.IndexFunc(s.snapshots, func(s snapshot) bool { return s.id == id })
	if i < 0 {
		return snapshot{}, false
	}
	return s.snapshots[i], true
}

const (
	cloudProject   = "5c0ffee00000000000000001"
	opsProject     = "5ba5e0000000000000000001"
	mmsProject     = "525ec8394f5e625c80c7404a"
	atlasV1Project = "6a11a5000000000000000001"
	atlasV2Project = "6a22a5000000000000000001"
)

func scopeSpecs() []scopeSpec {
	return []scopeSpec{
		{
			scope:       CloudManagerCluster,
			name:        "CloudManagerCluster",
			basePath:    publicBase,
			collection:  "clusters",
			project:     cloudProject,
			cluster:     "5c0ffee00000000000000002",
			sharded:     "5c0ffee00000000000000003",
			targets:     []string{"5c0ffee00000000000000005"},
			snapshots:   classicSnapshots("5c0ffee000000000000000"),
			checkpoints: []string{"5c0ffee000000000000000c1"},
		},
		{
			scope:       CloudManagerHost,
			name:        "CloudManagerHost",
			basePath:    publicBase,
			collection:  "hosts",
			project:     cloudProject,
			cluster:     "5c0ffee0000000000000000400000001",
			targets:     []string{"5c0ffee00000000000000005"},
			snapshots:   classicSnapshots("5c0ffee000000000000001"),
			checkpoints: []string{"5c0ffee000000000000001c1"},
		},
		{
			scope:       OpsManagerCluster,
			name:        "OpsManagerCluster",
			basePath:    publicBase,
			collection:  "clusters",
			project:     opsProject,
			cluster:     "5ba5e0000000000000000002",
			sharded:     "5ba5e0000000000000000003",
			targets:     []string{"5ba5e0000000000000000005"},
			snapshots:   classicSnapshots("5ba5e00000000000000000"),
			checkpoints: []string{"5ba5e00000000000000000c1"},
		},
		{
			scope:       OpsManagerHost,
			name:        "OpsManagerHost",
			basePath:    publicBase,
			collection:  "hosts",
			project:     opsProject,
			cluster:     "5ba5e000000000000000000400000001",
			targets:     []string{"5ba5e0000000000000000005"},
			snapshots:   classicSnapshots("5ba5e00000000000000001"),
			checkpoints: []string{"5ba5e00000000000000001c1"},
		},
		{
			scope:      MMSCluster,
			name:       "MMSCluster",
			basePath:   publicBase,
			collection: "clusters",
			project:    mmsProject,
			cluster:    "53bc556ce4b049c88baec825",
			sharded:    "53bc556ce4b049c88baec826",
			snapshots: []snapshot{
				{"53bd439ae4b0774946a16490", "2014-07-09T09:24:37Z", 1},
				{"53bd4356e4b0774946a16455", "2014-07-08T21:24:37Z", 1},
			},
		},
		{
			scope:      AtlasV1Cluster,
			name:       "AtlasV1Cluster",
			format:     cloud,
			basePath:   v1Base,
			collection: "clusters",
			backupPath: "backup/",
			project:    atlasV1Project,
			cluster:    "Cluster0",
			sharded:    "Sharded0",
			targets:    []string{"Cluster1"},
			snapshots:  cloudSnapshots("6a11a50000000000000000"),
		},
		{
			scope:      AtlasV1Serverless,
			name:       "AtlasV1Serverless",
			format:     cloud,
			basePath:   v1Base,
			collection: "serverless",
			backupPath: "backup/",
			project:    atlasV1Project,
			cluster:    "Serverless0",
			targets:    []string{"Serverless1"},
			snapshots:  append(cloudSnapshots("6a11a50000000000000001"), snapshot{serverlessSeedSnapshotID, "2020-12-21T00:00:00Z", 1}),
		},
		{
			scope:       AtlasV1LegacyCluster,
			name:        "AtlasV1LegacyCluster",
			basePath:    v1Base,
			collection:  "clusters",
			project:     atlasV1Project,
			cluster:     "Legacy0",
			clusterID:   "6a11a5000000000000000002",
			sharded:     "LegacySharded0",
			targets:     []string{"Legacy1"},
			snapshots:   classicSnapshots("6a11a50000000000000002"),
			checkpoints: []string{"6a11a50000000000000002c1"},
		},
		{
			scope:      AtlasV2Cluster,
			name:       "AtlasV2Cluster",
			format:     cloud,
			basePath:   v2Base,
			collection: "clusters",
			backupPath: "backup/",
			version:    "2023-01-01",
			project:    atlasV2Project,
			cluster:    "Cluster0",
			sharded:    "Sharded0",
			targets:    []string{"Cluster1"},
			snapshots:  append([]snapshot{{"6a79468a2c88faeba59de489", "2026-08-10T03:35:05Z", 1}}, cloudSnapshots("6a22a50000000000000000")...),
		},
		{
			scope:      AtlasV2Serverless,
			name:       "AtlasV2Serverless",
			format:     cloud,
			basePath:   v2Base,
			collection: "serverless",
			backupPath: "backup/",
			version:    "2023-01-01",
			project:    atlasV2Project,
			cluster:    "Serverless0",
			targets:    []string{"Serverless1"},
			snapshots:  cloudSnapshots("6a22a50000000000000001"),
		},
		{
			scope:       AtlasV2LegacyCluster,
			name:        "AtlasV2LegacyCluster",
			basePath:    v2Base,
			collection:  "clusters",
			version:     "2023-01-01",
			project:     atlasV2Project,
			cluster:     "Legacy0",
			clusterID:   "6a22a5000000000000000002",
			sharded:     "LegacySharded0",
			targets:     []string{"Legacy1"},
			snapshots:   classicSnapshots("6a22a50000000000000002"),
			checkpoints: []string{"6a22a50000000000000002c1"},
		},
		{
			scope:      AtlasV2Flex,
			name:       "AtlasV2Flex",
			format:     flex,
			basePath:   v2Base,
			collection: "flexClusters",
			backupPath: "backup/",
			version:    "2024-11-13",
			project:    atlasV2Project,
			cluster:    "Flex0",
			targets:    []string{"Flex1", "cluster-833"},
			snapshots:  append(cloudSnapshots("6a22a50000000000000003"), snapshot{"6a6f78e0cab84da5c4476b25", "2026-08-02T17:06:56Z", 1}),
		},
	}
}

func classicSnapshots(prefix string) []snapshot {
	return []snapshot{
		{prefix + "a2", "2017-04-20T21:14:25Z", 3},
		{prefix + "a1", "2017-04-19T21:14:25Z", 1},
	}
}

func cloudSnapshots(prefix string) []snapshot {
	return []snapshot{
		{prefix + "b2", "2026-08-10T03:05:05Z", 1},
		{prefix + "b1", "2026-08-09T03:05:05Z", 1},
	}
}
