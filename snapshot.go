package restorejobs

import "time"

// Snapshot is one snapshot of any variant, as a server returned it. The comment of a field names the
// snapshots that set it; in others it is zero. The formats are those of [Job]:
//
//   - classic: Cloud Manager, Ops Manager, MMS, legacy clusters of Atlas v1 and v2
//   - cloud: clusters of Atlas v1 and v2, and formerly serverless instances
//   - flex: flex clusters of Atlas v2
//
// [Snapshot.State], [Snapshot.Time] and the other methods work for every format.
//
// A Snapshot marshals to the JSON value that it was read from, unknown members included. One built by
// hand marshals its nonzero fields.
//
// API: "Get One Snapshot" of every variant.
type Snapshot struct {
	// ID identifies the snapshot, as for [FromSnapshot]. Set by all snapshots.
	ID string `json:"id,omitzero"`
	// Links point to the snapshot and to related resources. Set by classic and cloud snapshots.
	Links []Link `json:"links,omitzero"`

	// GroupID is the project. Set by classic snapshots.
	GroupID string `json:"groupId,omitzero"`
	// ClusterID is the ID of the cluster. Set by classic snapshots of clusters.
	ClusterID string `json:"clusterId,omitzero"`
	// ClusterName is the name of the cluster. Set by Atlas legacy clusters.
	ClusterName string `json:"clusterName,omitzero"`
	// HostID is the config server (SCCC). Set by hosts of Cloud Manager, Ops Manager.
	HostID string `json:"hostId,omitzero"`
	// Created is when the service began the snapshot. Set by classic snapshots. See [Snapshot.Time].
	Created Timestamp `json:"created,omitzero"`
	// LastOplogAppliedTimestamp is the latest operation in the data. Set by classic snapshots.
	LastOplogAppliedTimestamp Timestamp `json:"lastOplogAppliedTimestamp,omitzero"`
	// Expires is when the service deletes the snapshot; zero with DoNotDelete. Set by classic
	// snapshots. See [Snapshot.ExpiryTime].
	Expires time.Time `json:"expires,omitzero"`
	// MissingShards are the shards whose data the snapshot lacks. Set by classic snapshots of sharded
	// clusters.
	MissingShards []MissingShard `json:"missingShards,omitzero"`
	// NamespaceFilterList are the namespaces that the backup omits or includes. Set by classic
	// snapshots.
	NamespaceFilterList NamespaceFilterList `json:"namespaceFilterList,omitzero"`
	// Parts are the replica sets of the snapshot, config servers included. Set by classic snapshots.
	Parts []SnapshotPart `json:"parts,omitzero"`

	// Complete is whether the service has finished the snapshot. Set by classic snapshots. See
	// [Snapshot.State].
	Complete bool `json:"complete,omitzero"`
	// DoNotDelete marks a snapshot that does not expire. Set by classic snapshots.
	DoNotDelete bool `json:"doNotDelete,omitzero"`
	// IsPossiblyInconsistent marks data of a sharded cluster whose balancer could not be stopped. Set
	// by classic snapshots of sharded clusters.
	IsPossiblyInconsistent bool `json:"isPossiblyInconsistent,omitzero"`
	// Incremental marks a snapshot that contains only changes. Set by Atlas v2 legacy clusters.
	Incremental bool `json:"incremental,omitzero"`

	// unread has the members that decide the state and could not be read.
	unread unreadSnapshotMembers

	// Status is the status. Set by cloud and flex snapshots. See [Snapshot.State].
	Status SnapshotStatus `json:"status,omitzero"`
	// Type is replica set or sharded cluster. Set by Atlas clusters.
	Type SnapshotTopology `json:"type,omitzero"`
	// SnapshotType is why the snapshot was taken. Set by cloud snapshots.
	SnapshotType SnapshotType `json:"snapshotType,omitzero"`
	// FrequencyType is the schedule that took the snapshot. Set by cloud snapshots.
	FrequencyType SnapshotFrequency `json:"frequencyType,omitzero"`
	// CreatedAt is when the snapshot was taken. It can be set before the snapshot is complete. Set by
	// cloud snapshots. See [Snapshot.Time].
	CreatedAt time.Time `json:"createdAt,omitzero"`
	// ExpiresAt is when the service deletes the snapshot. It moves when the snapshot completes. Set by
	// cloud snapshots. See [Snapshot.ExpiryTime].
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
	// StorageSizeBytes is the size when the snapshot was taken; 0 until it is nearly complete. Set by
	// cloud snapshots. See [Snapshot.Size].
	StorageSizeBytes int64 `json:"storageSizeBytes,omitzero"`
	// Description is the text of [SnapshotRequest]. Set by cloud snapshots that were taken on demand.
	Description string `json:"description,omitzero"`
	// MongodVersion is the version of MongoDB. Set by cloud snapshots. See [Snapshot.Version].
	MongodVersion string `json:"mongodVersion,omitzero"`
	// PolicyItems are the IDs of the backup policy's items that took the snapshot. Set by Atlas v2
	// clusters.
	PolicyItems []string `json:"policyItems,omitzero"`
	// MasterKeyUUID is the customer's AWS KMS key. Set by cloud snapshots. See [Snapshot.MasterKey].
	MasterKeyUUID string `json:"masterKeyUUID,omitzero"`
	// CloudProvider is where the snapshot is stored, such as "AWS". Set by replica sets of Atlas v2;
	// sharded clusters have it in Members.
	CloudProvider string `json:"cloudProvider,omitzero"`
	// CopyRegions are the regions with a copy of the snapshot. Set by replica sets of Atlas v2.
	CopyRegions []string `json:"copyRegions,omitzero"`
	// ReplicaSetName is the name of the cluster in every recording, although documents name the
	// replica set. Set by replica sets of Atlas.
	ReplicaSetName string `json:"replicaSetName,omitzero"`
	// Members are the shards and config servers. Set by sharded clusters of Atlas v2.
	Members []SnapshotMember `json:"members,omitzero"`
	// SnapshotIDs are the IDs of the parts. Set by sharded clusters of Atlas.
	SnapshotIDs []string `json:"snapshotIds,omitzero"`
	// ConfigServerType is "EMBEDDED" or "DEDICATED". Set by sharded clusters of Atlas.
	ConfigServerType string `json:"configServerType,omitzero"`
	// ServerlessInstanceName is the instance. Set by serverless instances.
	ServerlessInstanceName string `json:"serverlessInstanceName,omitzero"`

	// ScheduledTime is when the snapshot was due. Set by flex snapshots.
	ScheduledTime time.Time `json:"scheduledTime,omitzero"`
	// StartTime is when the service began the snapshot. Set by flex snapshots.
	StartTime time.Time `json:"startTime,omitzero"`
	// FinishTime is when the snapshot ended; failed ones have it too. Set by flex snapshots. See
	// [Snapshot.Time].
	FinishTime time.Time `json:"finishTime,omitzero"`
	// Expiration is when the service deletes the snapshot. Set by flex snapshots. See
	// [Snapshot.ExpiryTime].
	Expiration time.Time `json:"expiration,omitzero"`
	// MongoDBVersion is the version of MongoDB. Set by flex snapshots. See [Snapshot.Version].
	MongoDBVersion string `json:"mongoDBVersion,omitzero"`

	// raw is the text of the snapshot. The strings above are parts of it.
	raw string
}

// RawJSON returns a copy of the bytes that the server sent for this snapshot, or nil for one built by
// hand. They are complete: a list field omits entries when its JSON has dozens of empty ones.
func (s *Snapshot) RawJSON() []byte { return copyRaw(s.raw) }

// SnapshotPart is one replica set of a classic snapshot.
//
// API: Cloud Manager and Ops Manager "Get One Snapshot for One Cluster", parts.
type SnapshotPart struct {
	// TypeName is the kind: "REPLICA_SET", "CONFIG_SERVER_REPLICA_SET", "CONFIG_SHARD_REPLICA_SET" for
	// embedded config servers, or "CONFIG_SERVER" (SCCC).
	TypeName string `json:"typeName,omitzero"`
	// ClusterID is the ID of the replica set. Set by clusters.
	ClusterID string `json:"clusterId,omitzero"`
	// HostID is the config server (SCCC). Set by hosts.
	HostID string `json:"hostId,omitzero"`
	// ReplicaSetName is the name of the replica set.
	ReplicaSetName string `json:"replicaSetName,omitzero"`
	// MongodVersion is the version of the primary.
	MongodVersion string `json:"mongodVersion,omitzero"`
	// FCV is the feature compatibility version. Set by Atlas legacy clusters and hosts.
	FCV string `json:"fcv,omitzero"`
	// DataSizeBytes is the size of the data, without compression.
	DataSizeBytes int64 `json:"dataSizeBytes,omitzero"`
	// StorageSizeBytes is the size of the collections in storage.
	StorageSizeBytes int64 `json:"storageSizeBytes,omitzero"`
	// FileSizeBytes is the size of the files.
	FileSizeBytes int64 `json:"fileSizeBytes,omitzero"`
	// CompressionSetting is "NONE" or "GZIP".
	CompressionSetting string `json:"compressionSetting,omitzero"`
	// MasterKeyUUID is the KMIP master key of encrypted data.
	MasterKeyUUID string `json:"masterKeyUUID,omitzero"`
	// EncryptionEnabled marks encrypted data.
	EncryptionEnabled bool `json:"encryptionEnabled,omitzero"`
	// CompletedTime is when the part was complete. Set by Atlas legacy clusters and hosts.
	CompletedTime time.Time `json:"completedTime,omitzero"`
	// MachineID is the server that the data were read from. Set by Atlas legacy clusters and hosts.
	MachineID string `json:"machineId,omitzero"`
	// ReplicaState is the state of that server. Set by Atlas legacy clusters and hosts.
	ReplicaState string `json:"replicaState,omitzero"`
}

// MissingShard is a shard whose data a classic snapshot lacks.
//
// API: Cloud Manager and Ops Manager "Get One Snapshot for One Cluster", missingShards.
type MissingShard struct {
	// ID is the ID of the shard.
	ID string `json:"id,omitzero"`
	// GroupID is the project.
	GroupID string `json:"groupId,omitzero"`
	// TypeName is the kind of cluster, such as "REPLICA_SET".
	TypeName string `json:"typeName,omitzero"`
	// ClusterName is the name of the sharded cluster.
	ClusterName string `json:"clusterName,omitzero"`
	// ShardName is the name of the shard.
	ShardName string `json:"shardName,omitzero"`
	// ReplicaSetName is the replica set of the shard.
	ReplicaSetName string `json:"replicaSetName,omitzero"`
	// LastHeartbeat is when the service last received a report about the shard.
	LastHeartbeat time.Time `json:"lastHeartbeat,omitzero"`
	// Links are related resources.
	Links []Link `json:"links,omitzero"`
}

// NamespaceFilterList are the namespaces that a classic backup omits or includes.
//
// API: Cloud Manager and Ops Manager "Get One Snapshot for One Cluster", namespaceFilterList.
type NamespaceFilterList struct {
	// FilterList are the namespaces.
	FilterList []string `json:"filterList,omitzero"`
	// FilterType is "denyList" or "blacklist" for namespaces that the backup omits, "accessList" or
	// "whitelist" for those that it includes.
	FilterType string `json:"filterType,omitzero"`
}

// SnapshotMember is one shard or config server of a cloud snapshot.
//
// API: Atlas v2 "getBackupShardedCluster", members.
type SnapshotMember struct {
	// ID is the ID of the part's own snapshot.
	ID string `json:"id,omitzero"`
	// ReplicaSetName is the name of the shard or config server.
	ReplicaSetName string `json:"replicaSetName,omitzero"`
	// CloudProvider is where the part is stored, such as "AWS".
	CloudProvider string `json:"cloudProvider,omitzero"`
}
