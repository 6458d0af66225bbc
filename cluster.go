package restorejobs

import (
	"fmt"
	"log/slog"
)

// Cluster is the state of the cluster or instance of a source. A fact that a product does not report
// is unknown: empty, -1 or [TernaryUnknown].
//
// API: Atlas v2 "getCluster", "getFlexCluster" and "getServerlessInstance"; Cloud Manager and Ops
// Manager "Get One Cluster" and "Get One Backup Configuration".
type Cluster struct {
	// ID is the ID that the service gave the cluster.
	ID string
	// Name is the name of the cluster. A replica set of Cloud Manager and Ops Manager without a
	// name has that of the replica set.
	Name string
	// ProjectID is the project of the cluster.
	ProjectID string
	// Type is the topology.
	Type ClusterType
	// RawType is the topology as received, such as SHARDED_REPLICA_SET or GEOSHARDED.
	RawType string
	// ShardCount is the number of shards, 0 for a replica set and -1 if unknown. Cloud Manager and
	// Ops Manager have no such number: it is that of the shards in the list of clusters.
	ShardCount int
	// ConfigServerType is DEDICATED or EMBEDDED. Sharded clusters. Empty if unknown.
	ConfigServerType string
	// MongoDBVersion is the version of the servers. Set by Atlas.
	MongoDBVersion string
	// StateName is the state as received, such as IDLE. Set by Atlas.
	StateName string
	// Paused is whether the cluster is paused. Set by Atlas clusters.
	Paused Ternary
	// Restoring is whether a restore into the cluster runs. No documented state reports it;
	// [Source.CheckTarget] also reads the jobs of its source.
	Restoring Ternary
	// Deleting is whether the cluster is being deleted. Set by Atlas.
	Deleting Ternary
	// BackupEnabled is whether backups are made. It is false on an Atlas cluster that is being
	// deleted. Unknown for Atlas legacy clusters, except in Atlas v1.
	BackupEnabled Ternary
	// PointInTimeEnabled is whether a point in time can be restored. Unknown for flex clusters and
	// legacy clusters.
	PointInTimeEnabled Ternary

	shardOf string // the sharded cluster that this is a part of, empty for a whole cluster
	raw     string
}

// RawJSON returns a copy of the bytes that the server sent for the cluster. They can contain
// connection strings, which have no password.
func (c *Cluster) RawJSON() []byte { return copyRaw(c.raw) }

// String returns one line: type, name and state.
func (c Cluster) String() string {
	text := "cluster " + sanitizeOr(c.Name, "without name")
	if c.RawType != "" {
		text += ", " + sanitize(c.RawType, 100)
	}
	if c.ShardCount > 0 {
		text += fmt.Sprintf(" of %d shards", c.ShardCount)
	}
	if c.StateName != "" {
		text += ", " + sanitize(c.StateName, 100)
	}
	return text
}

// Format prints [Cluster.String] for every verb.
func (c Cluster) Format(f fmt.State, _ rune) { writeString(f, c.String()) }

// LogValue returns id, name, type and state for log/slog.
func (c Cluster) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", sanitize(c.ID, 100)),
		slog.String("name", sanitize(c.Name, 100)),
		slog.String("type", sanitize(c.RawType, 100)),
		slog.String("state", sanitize(c.StateName, 100)),
	)
}

// ClusterType is the topology of a cluster, in the terms of all products.
//
// API: Atlas clusterType; Cloud Manager and Ops Manager "Get One Cluster", typeName.
type ClusterType string

// The topologies of a cluster.
const (
	// ClusterTypeUnknown is a topology that the service does not report, or that this version does
	// not know, such as that of config servers.
	ClusterTypeUnknown ClusterType = ""
	// ClusterTypeReplicaSet is a replica set: REPLICASET in Atlas, else REPLICA_SET.
	ClusterTypeReplicaSet ClusterType = "replicaSet"
	// ClusterTypeSharded is a sharded cluster: SHARDED, GEOSHARDED or SHARDED_REPLICA_SET.
	ClusterTypeSharded ClusterType = "sharded"
)

// newClusterType maps the types of all products.
func newClusterType(rawType string) ClusterType {
	switch rawType {
	case "REPLICASET", "REPLICA_SET":
		return ClusterTypeReplicaSet
	case "SHARDED", "GEOSHARDED", "SHARDED_REPLICA_SET":
		return ClusterTypeSharded
	default:
		return ClusterTypeUnknown
	}
}

// Ternary is a fact that can be unknown.
type Ternary int8

// The values of a Ternary.
const (
	// TernaryUnknown is a fact that the product does not report.
	TernaryUnknown Ternary = iota
	// TernaryTrue is a fact that holds.
	TernaryTrue
	// TernaryFalse is a fact that does not hold.
	TernaryFalse
)

// String returns "true", "false" or "unknown".
func (t Ternary) String() string {
	switch t {
	case TernaryTrue:
		return "true"
	case TernaryFalse:
		return "false"
	case TernaryUnknown:
		return "unknown"
	default:
		return "unknown"
	}
}

// MarshalJSON returns true, false, or null for an unknown fact.
func (t Ternary) MarshalJSON() ([]byte, error) {
	switch t {
	case TernaryTrue:
		return []byte("true"), nil
	case TernaryFalse:
		return []byte("false"), nil
	case TernaryUnknown:
		return []byte("null"), nil
	default:
		return []byte("null"), nil
	}
}

// UnmarshalJSON reads true and false. Anything else is unknown; it never fails.
func (t *Ternary) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "true":
		*t = TernaryTrue
	case "false":
		*t = TernaryFalse
	default:
		*t = TernaryUnknown
	}
	return nil
}

// newTernary is the fact of a condition that is known.
func newTernary(holds bool) Ternary {
	if holds {
		return TernaryTrue
	}
	return TernaryFalse
}
