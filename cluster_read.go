package restorejobs

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/parallel"
)

// clusterFormat is the document of the cluster of a source.
type clusterFormat struct {
	apiVersion string // of the media type; empty except in Atlas v2
	decode     func(body []byte) (*Cluster, error)
	hasID      bool // the source is identified by the ID, not by the name
}

var managerClusterFormat = clusterFormat{decode: decodeManagerCluster, hasID: true}

// clusterFormats has the endpoints with clusters. Hosts are config servers.
var clusterFormats = map[*endpoint]clusterFormat{
	cloudManagerCluster:  managerClusterFormat,
	opsManagerCluster:    managerClusterFormat,
	mmsCluster:           managerClusterFormat,
	atlasV1Cluster:       {decode: decodeBackupCluster},
	atlasV1Serverless:    {decode: decodeServerlessCluster},
	atlasV1LegacyCluster: {decode: decodeLegacyCluster},
	atlasV2Cluster:       {decode: decodeBackupCluster, apiVersion: atlasVersion20240805},
	atlasV2Serverless:    {decode: decodeServerlessCluster, apiVersion: atlasVersion20230101},
	atlasV2LegacyCluster: {decode: decodeLegacyCluster, apiVersion: atlasVersion20240805},
	atlasV2Flex:          {decode: decodeFlexCluster, apiVersion: atlasVersion20241113},
}

// hasCluster reports whether the source is a cluster or instance.
func (e *endpoint) hasCluster() bool {
	_, ok := clusterFormats[e]
	return ok
}

// Cluster reads the state of the cluster or instance. All variants except hosts, which are config
// servers: their error matches [errors.ErrUnsupported]. See [CapabilityCluster]. An unknown cluster
// matches [ErrNotFound].
//
// Atlas needs one request. Cloud Manager, Ops Manager and MMS need two to four: the cluster, its
// backup configuration, the snapshot schedule if backup is on, and the list of clusters for the
// shards of a sharded cluster. If they refuse one of these with 401, 403, 404 or 409, its facts are
// unknown.
//
// API: Atlas v2 "getCluster", "getFlexCluster", "getServerlessInstance"; Cloud Manager and Ops
// Manager "Get One Cluster", "Get One Backup Configuration", "Get Snapshot Schedule".
func (s *Source) Cluster(ctx context.Context) (*Cluster, error) {
	return s.readCluster(ctx, "get cluster")
}

// clusterFact reads a fact that is not in the document of a cluster.
type clusterFact func(ctx context.Context, operation string, c *Cluster) error

// readCluster reads all facts about the cluster for an operation.
func (s *Source) readCluster(ctx context.Context, operation string) (*Cluster, error) {
	return s.readFacts(ctx, operation, s.readBackup, s.readShards)
}

// readTopology reads the facts about the cluster, except those about its backups.
func (s *Source) readTopology(ctx context.Context, operation string) (*Cluster, error) {
	return s.readFacts(ctx, operation, s.readShards)
}

// readFacts reads the document of the cluster, and further facts where the product has them elsewhere.
func (s *Source) readFacts(ctx context.Context, operation string, facts ...clusterFact) (*Cluster, error) {
	c, err := s.getCluster(ctx, operation)
	if err != nil || !clusterFormats[s.endpoint].hasID {
		return c, err
	}
	err = parallel.ForEach(ctx, len(facts), len(facts), func(ctx context.Context, i int) error {
		return facts[i](ctx, operation, c)
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// getCluster reads the document of the cluster.
func (s *Source) getCluster(ctx context.Context, operation string) (*Cluster, error) {
	format, ok := clusterFormats[s.endpoint]
	if !ok {
		return nil, &unsupportedError{
			operation: operation,
			subject:   s.endpoint.String() + ", a config server and not a cluster,",
		}
	}
	req, err := s.newRequest(&sourceCall{
		operation:  operation,
		method:     http.MethodGet,
		path:       s.path,
		apiVersion: format.apiVersion,
		isSince:    format.apiVersion != "",
	})
	if err != nil {
		return nil, err
	}
	return send(ctx, s.client, req, func(resp *api.Response) (*Cluster, error) {
		c, err := format.decode(resp.Body)
		if err != nil {
			return nil, err
		}
		return c, s.checkCluster(c, format)
	})
}

// checkCluster returns an error for a response about another cluster than that of the source.
func (s *Source) checkCluster(c *Cluster, format clusterFormat) error {
	if c.ProjectID == "" {
		c.ProjectID = s.projectID
	}
	received := c.Name
	if format.hasID {
		received = c.ID
	}
	if !strings.EqualFold(received, s.clusterID) || !strings.EqualFold(c.ProjectID, s.projectID) {
		return errOtherCluster
	}
	return nil
}

var errOtherCluster = errors.New("the response is about another cluster")

// readBackup reads whether backup is on.
func (s *Source) readBackup(ctx context.Context, operation string, c *Cluster) error {
	var config backupConfig
	path := s.endpoint.pathPrefix + api.EscapeSegment(s.projectID) + "/backupConfigs/" + api.EscapeSegment(s.clusterID)
	if err := s.readOptional(ctx, operation, path, &config); err != nil {
		return err
	}
	c.BackupEnabled = config.isEnabled()
	c.PointInTimeEnabled = c.BackupEnabled
	if c.BackupEnabled != TernaryTrue {
		return nil
	}
	var schedule snapshotSchedule
	if err := s.readOptional(ctx, operation, path+"/snapshotSchedule", &schedule); err != nil {
		return err
	}
	c.PointInTimeEnabled = Ternary(schedule.PointInTimeWindowHours)
	return nil
}

// readShards counts the shards and the config servers of a sharded cluster.
func (s *Source) readShards(ctx context.Context, operation string, c *Cluster) error {
	if c.Type != ClusterTypeSharded || c.Name == "" {
		return nil
	}
	entries, err := listManagerClusters(ctx, s.client, s.endpoint, operation, s.projectID)
	if isUnreadable(err) {
		return nil
	}
	if err != nil {
		return err
	}
	configServerType := ""
	named := 0 // entries with the name of a shard
	all := 0
	for _, entry := range entries {
		switch {
		case entry.ClusterName != c.Name:
		case entry.isSharded() && !strings.EqualFold(entry.ID, c.ID):
			return nil // the parts of two clusters have one name
		case entry.isConfigServer():
			configServerType = "DEDICATED"
		case entry.isShard():
			named++
			all++
		case entry.TypeName == managerReplicaSet:
			all++
		}
	}
	c.ConfigServerType = configServerType
	shards := cmp.Or(named, all) // without named ones, a replica set of the name is a shard
	if shards > 0 {
		c.ShardCount = shards
	}
	return nil
}

// readOptional reads a document into out, which is unchanged if the service does not return it.
func (s *Source) readOptional(ctx context.Context, operation, path string, out any) error {
	req, err := s.newRequest(&sourceCall{
		operation: operation,
		method:    http.MethodGet,
		path:      path,
	})
	if err != nil {
		return err
	}
	_, err = send(ctx, s.client, req, func(resp *api.Response) (noResult, error) {
		_, err := decodeEntity(resp.Body, out)
		return noResult{}, err
	})
	if isUnreadable(err) {
		return nil
	}
	return err
}

// isUnreadable reports a refusal that leaves a fact unknown: the role is missing, or the cluster has
// no backup.
func isUnreadable(err error) bool {
	var apiErr *Error
	if !errors.As(err, &apiErr) {
		return false
	}
	switch apiErr.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict:
		return true
	default:
		return false
	}
}
