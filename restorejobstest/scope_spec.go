package restorejobstest

// A format is the shape of jobs and snapshots.
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
	snapshots   []seedSnapshot
	checkpoints []string
}

// A seedSnapshot is a snapshot of a new server.
type seedSnapshot struct {
	id        string
	date      string
	increment int
}

func (s *scopeSpec) isHost() bool { return s.collection == "hosts" }

func (s *scopeSpec) isAtlas() bool { return s.basePath != publicBase }

func (s *scopeSpec) isServerless() bool { return s.collection == "serverless" }

func (s *scopeSpec) isMMS() bool { return s.scope == MMSCluster }

func (s *scopeSpec) isOpsManager() bool { return s.product() == opsManager }

// isManager reports Cloud Manager or Ops Manager.
func (s *scopeSpec) isManager() bool { return !s.isAtlas() && !s.isMMS() }

// product is the first part of a reference.
func (s *scopeSpec) product() string {
	switch s.scope {
	case CloudManagerCluster, CloudManagerHost:
		return cloudManager
	case OpsManagerCluster, OpsManagerHost:
		return opsManager
	case MMSCluster:
		return mms
	case AtlasV1Cluster, AtlasV1Serverless, AtlasV1LegacyCluster:
		return atlasV1
	default:
		return atlasV2
	}
}

const (
	cloudManager = "cloudmanager"
	opsManager   = "opsmanager"
	mms          = "mms"
	atlasV1      = "atlasv1"
	atlasV2      = "atlasv2"
)

func (s *scopeSpec) isAtlasLegacy() bool { return s.isAtlas() && s.format == classic }

func (s *scopeSpec) canCancel() bool { return s.isAtlasCluster() }

func (s *scopeSpec) isAtlasCluster() bool { return s.format == cloud && !s.isServerless() }

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
			snapshots: []seedSnapshot{
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
			snapshots:  append(cloudSnapshots("6a11a50000000000000001"), seedSnapshot{serverlessSeedSnapshotID, "2020-12-21T00:00:00Z", 1}),
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
			snapshots:  append([]seedSnapshot{{"6a79468a2c88faeba59de489", "2026-08-10T03:35:05Z", 1}}, cloudSnapshots("6a22a50000000000000000")...),
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
			snapshots:  append(cloudSnapshots("6a22a50000000000000003"), seedSnapshot{"6a6f78e0cab84da5c4476b25", "2026-08-02T17:06:56Z", 1}),
		},
	}
}

func classicSnapshots(prefix string) []seedSnapshot {
	return []seedSnapshot{
		{prefix + "a2", "2017-04-20T21:14:25Z", 3},
		{prefix + "a1", "2017-04-19T21:14:25Z", 1},
	}
}

func cloudSnapshots(prefix string) []seedSnapshot {
	return []seedSnapshot{
		{prefix + "b2", "2026-08-10T03:05:05Z", 1},
		{prefix + "b1", "2026-08-09T03:05:05Z", 1},
	}
}
