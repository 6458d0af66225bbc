package restorejobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// The documents of clusters are small and rare, so encoding/json reads them. A member of an
// unexpected type is unknown.

var (
	errNoClusterID   = errors.New("the body is not a cluster: it has no id")
	errNoClusterName = errors.New("the body is not a cluster: it has no name")
)

// decodeLeniently decodes an object and skips the members that have another type.
func decodeLeniently(body []byte, out any) error {
	err := json.Unmarshal(body, out)
	var typeErr *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &typeErr):
		return err
	case typeErr.Field != "": // of a member, not of the whole body
		return nil
	default:
		return fmt.Errorf("the body is not a JSON object, but of the type %s", typeErr.Value)
	}
}

// decodeEntity decodes a response with one small entity, which an envelope can wrap. It returns the
// bytes of the entity.
func decodeEntity(body []byte, out any) ([]byte, error) {
	body, err := requireBody(body)
	if err != nil {
		return nil, err
	}
	content, e, err := unwrapEnvelope(body)
	if err != nil {
		return nil, err
	}
	if e.isEmpty() {
		return nil, errEmptyEnvelope
	}
	return content, decodeLeniently(content, out)
}

// replicationSpec is one shard, or one zone up to version 2023-02-01.
type replicationSpec struct {
	NumShards int `json:"numShards"` // of a zone; 0 is one shard
}

// atlasCluster is the document of a cluster, a flex cluster or a serverless instance.
type atlasCluster struct {
	ID               string            `json:"id"`
	Name             string            `json:"name"`
	GroupID          string            `json:"groupId"`
	ClusterType      string            `json:"clusterType"`
	ReplicationSpecs []replicationSpec `json:"replicationSpecs"`
	NumShards        int               `json:"numShards"` // Atlas v1
	ConfigServerType string            `json:"configServerType"`
	MongoDBVersion   string            `json:"mongoDBVersion"`
	StateName        string            `json:"stateName"`
	Paused           Ternary           `json:"paused"`
	// BackupEnabled is legacy backup in the versions that have ProviderBackupEnabled.
	BackupEnabled         Ternary  `json:"backupEnabled"`
	ProviderBackupEnabled Ternary  `json:"providerBackupEnabled"`
	PITEnabled            Ternary  `json:"pitEnabled"`
	BackupSettings        struct { // flex
		Enabled Ternary `json:"enabled"`
	} `json:"backupSettings"`
	ProviderSettings struct { // serverless
		TenantBackupEnabled Ternary `json:"tenantBackupEnabled"`
	} `json:"providerSettings"`
	ServerlessBackupOptions struct {
		ContinuousBackupEnabled Ternary `json:"serverlessContinuousBackupEnabled"`
	} `json:"serverlessBackupOptions"`
}

// decodeAtlasCluster decodes what all Atlas documents of clusters have in common.
func decodeAtlasCluster(body []byte) (*Cluster, *atlasCluster, error) {
	var doc atlasCluster
	raw, err := decodeEntity(body, &doc)
	if err != nil {
		return nil, nil, err
	}
	if doc.Name == "" {
		return nil, nil, errNoClusterName
	}
	c := &Cluster{
		ID:               doc.ID,
		Name:             doc.Name,
		ProjectID:        doc.GroupID,
		Type:             newClusterType(doc.ClusterType),
		RawType:          doc.ClusterType,
		ConfigServerType: doc.ConfigServerType,
		MongoDBVersion:   doc.MongoDBVersion,
		StateName:        doc.StateName,
		Paused:           doc.Paused,
		Deleting:         isDeletingState(doc.StateName),
		raw:              string(raw),
	}
	c.ShardCount = doc.shardCount(c.Type)
	return c, &doc, nil
}

// shardCount returns the number of shards, -1 if unknown. Only zones have a number of shards.
func (a *atlasCluster) shardCount(clusterType ClusterType) int {
	switch clusterType {
	case ClusterTypeReplicaSet:
		return 0
	case ClusterTypeUnknown:
		return -1
	case ClusterTypeSharded:
	}
	count := 0
	for _, spec := range a.ReplicationSpecs {
		count += max(spec.NumShards, 1)
	}
	if count == 0 {
		count = a.NumShards
	}
	if count <= 0 {
		return -1
	}
	return count
}

// isDeletingState is unknown for a state that this version does not know.
func isDeletingState(state string) Ternary {
	switch state {
	case "DELETING", "DELETED":
		return TernaryTrue
	case "IDLE", "CREATING", "UPDATING", "REPAIRING":
		return TernaryFalse
	default:
		return TernaryUnknown
	}
}

// decodeBackupCluster decodes a cluster with cloud backup.
func decodeBackupCluster(body []byte) (*Cluster, error) {
	c, doc, err := decodeAtlasCluster(body)
	if err != nil {
		return nil, err
	}
	c.BackupEnabled = doc.BackupEnabled
	if doc.ProviderBackupEnabled != TernaryUnknown {
		c.BackupEnabled = doc.ProviderBackupEnabled
	}
	c.PointInTimeEnabled = doc.PITEnabled
	return c, nil
}

// decodeLegacyCluster decodes a cluster with legacy backup. Later versions do not report it.
func decodeLegacyCluster(body []byte) (*Cluster, error) {
	c, doc, err := decodeAtlasCluster(body)
	if err != nil {
		return nil, err
	}
	if doc.ProviderBackupEnabled != TernaryUnknown {
		c.BackupEnabled = doc.BackupEnabled
	}
	return c, nil
}

func decodeFlexCluster(body []byte) (*Cluster, error) {
	c, doc, err := decodeAtlasCluster(body)
	if err != nil {
		return nil, err
	}
	c.BackupEnabled = doc.BackupSettings.Enabled
	return c, nil
}

func decodeServerlessCluster(body []byte) (*Cluster, error) {
	c, doc, err := decodeAtlasCluster(body)
	if err != nil {
		return nil, err
	}
	c.BackupEnabled = doc.ProviderSettings.TenantBackupEnabled
	c.PointInTimeEnabled = doc.ServerlessBackupOptions.ContinuousBackupEnabled
	return c, nil
}

// The types of a cluster in Cloud Manager and Ops Manager that are not whole clusters, or not only.
const (
	managerReplicaSet   = "REPLICA_SET" // also a shard
	managerConfigServer = "CONFIG_SERVER_REPLICA_SET"
)

// managerCluster is one entry in the list of clusters of Cloud Manager, Ops Manager or MMS. Shards
// and config servers have entries of their own, with the name of the whole cluster.
type managerCluster struct {
	ID             string `json:"id"`
	GroupID        string `json:"groupId"`
	TypeName       string `json:"typeName"`
	ClusterName    string `json:"clusterName"`
	ReplicaSetName string `json:"replicaSetName"`
	ShardName      string `json:"shardName"`
}

func (m *managerCluster) isSharded() bool { return newClusterType(m.TypeName) == ClusterTypeSharded }

// isShard reports an entry that names its shard. A sharded cluster can name one too.
func (m *managerCluster) isShard() bool { return m.TypeName == managerReplicaSet && m.ShardName != "" }

func (m *managerCluster) isConfigServer() bool { return m.TypeName == managerConfigServer }

// decodeManagerCluster decodes one entry of the list.
func decodeManagerCluster(body []byte) (*Cluster, error) {
	var doc managerCluster
	raw, err := decodeEntity(body, &doc)
	if err != nil {
		return nil, err
	}
	if doc.ID == "" {
		return nil, errNoClusterID
	}
	c := &Cluster{
		ID:         doc.ID,
		Name:       doc.name(),
		ProjectID:  doc.GroupID,
		Type:       newClusterType(doc.TypeName),
		RawType:    doc.TypeName,
		ShardCount: -1,
		raw:        string(raw),
	}
	if doc.isShard() || doc.isConfigServer() {
		c.shardOf = c.Name
	}
	if c.Type == ClusterTypeReplicaSet {
		c.ShardCount = 0
	}
	return c, nil
}

// name returns the name of the cluster. A replica set has none until a user names it.
func (m *managerCluster) name() string {
	if m.ClusterName != "" {
		return m.ClusterName
	}
	return m.ReplicaSetName
}

// backupConfig is the backup configuration of a cluster.
type backupConfig struct {
	StatusName string `json:"statusName"`
}

// isEnabled is unknown for a status that this version does not know.
func (b *backupConfig) isEnabled() Ternary {
	switch b.StatusName {
	case "STARTED", "PROVISIONING":
		return TernaryTrue
	case "INACTIVE", "STOPPED", "TERMINATING":
		return TernaryFalse
	default:
		return TernaryUnknown
	}
}

// snapshotSchedule is the schedule of the snapshots of a cluster.
type snapshotSchedule struct {
	PointInTimeWindowHours windowFact `json:"pointInTimeWindowHours"`
}

// windowFact is whether a number of hours is more than none. Anything else is unknown.
type windowFact Ternary

// UnmarshalJSON never fails.
func (w *windowFact) UnmarshalJSON(data []byte) error {
	*w = windowFact(TernaryUnknown)
	if hours, err := strconv.ParseFloat(string(data), 64); err == nil {
		*w = windowFact(newTernary(hours > 0))
	}
	return nil
}
