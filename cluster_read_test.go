package restorejobs_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// opsManagerDocuments are those of a sharded cluster with backup, on each of the products.
func opsManagerDocuments() documents {
	project := manager + lookupProject
	return documents{
		project + "/clusters/" + lookupCluster:                            shardedEntries()[3],
		project + "/clusters":                                             listOf(shardedEntries()...),
		project + "/backupConfigs/" + lookupCluster:                       `{"statusName":"STARTED"}`,
		project + "/backupConfigs/" + lookupCluster + "/snapshotSchedule": `{"pointInTimeWindowHours":24}`,
	}
}

func TestSourceCluster_managers(t *testing.T) {
	t.Parallel()
	client, log := opsManagerDocuments().serve(t)
	for _, source := range []*restorejobs.Source{
		client.CloudManager.Cluster(lookupProject, lookupCluster),
		client.OpsManager.Cluster(lookupProject, lookupCluster),
		client.MMS.Cluster(lookupProject, lookupCluster),
	} {
		c, err := source.Cluster(t.Context())
		require.NoError(t, err)
		assert.JSONEq(t, shardedEntries()[3], string(c.RawJSON()))
		assert.Equal(t, lookupCluster, c.ID)
		assert.Equal(t, "orders", c.Name)
		assert.Equal(t, lookupProject, c.ProjectID)
		assert.Equal(t, restorejobs.ClusterTypeSharded, c.Type)
		assert.Equal(t, "SHARDED_REPLICA_SET", c.RawType)
		assert.Equal(t, 2, c.ShardCount)
		assert.Equal(t, "DEDICATED", c.ConfigServerType)
		assert.Equal(t, restorejobs.TernaryTrue, c.BackupEnabled)
		assert.Equal(t, restorejobs.TernaryTrue, c.PointInTimeEnabled)
		assert.Empty(t, c.MongoDBVersion)
		assert.Empty(t, c.StateName)
		for _, fact := range []restorejobs.Ternary{c.Paused, c.Deleting, c.Restoring} {
			assert.Equal(t, restorejobs.TernaryUnknown, fact)
		}
	}
	assert.Len(t, log.paths(), 12)
}

func TestSourceCluster_managerUnknownFacts(t *testing.T) {
	t.Parallel()
	project := manager + lookupProject
	config := project + "/backupConfigs/" + lookupCluster
	list := project + "/clusters"
	for name, c := range map[string]struct {
		change map[string]string
		backup restorejobs.Ternary
		pit    restorejobs.Ternary
		shards int
		server string
	}{
		"no backup configuration": {map[string]string{config: "404 BACKUP_CONFIG_NOT_FOUND"}, 0, 0, 2, "DEDICATED"},
		"not monitored":           {map[string]string{config: "409 CANNOT_GET_BACKUP_CONFIG_INVALID_STATE"}, 0, 0, 2, "DEDICATED"},
		"role":                    {map[string]string{config: "403 ACCESS_FORBIDDEN"}, 0, 0, 2, "DEDICATED"},
		"role under 401":          {map[string]string{config: "401 USER_UNAUTHORIZED"}, 0, 0, 2, "DEDICATED"},
		"inactive":                {map[string]string{config: `{"statusName":"INACTIVE"}`}, restorejobs.TernaryFalse, restorejobs.TernaryFalse, 2, "DEDICATED"},
		"stopped":                 {map[string]string{config: `{"statusName":"STOPPED"}`}, restorejobs.TernaryFalse, restorejobs.TernaryFalse, 2, "DEDICATED"},
		"terminating":             {map[string]string{config: `{"statusName":"TERMINATING"}`}, restorejobs.TernaryFalse, restorejobs.TernaryFalse, 2, "DEDICATED"},
		"provisioning":            {map[string]string{config: `{"statusName":"PROVISIONING"}`}, restorejobs.TernaryTrue, restorejobs.TernaryTrue, 2, "DEDICATED"},
		"another status":          {map[string]string{config: `{"statusName":"PARKED"}`}, 0, 0, 2, "DEDICATED"},
		"no status":               {map[string]string{config: `{}`}, 0, 0, 2, "DEDICATED"},
		"no point in time":        {map[string]string{config + "/snapshotSchedule": `{"pointInTimeWindowHours":0}`}, restorejobs.TernaryTrue, restorejobs.TernaryFalse, 2, "DEDICATED"},
		"no window":               {map[string]string{config + "/snapshotSchedule": `{}`}, restorejobs.TernaryTrue, 0, 2, "DEDICATED"},
		"unusual window":          {map[string]string{config + "/snapshotSchedule": `{"pointInTimeWindowHours":"many"}`}, restorejobs.TernaryTrue, 0, 2, "DEDICATED"},
		"no schedule":             {map[string]string{config + "/snapshotSchedule": "404 X"}, restorejobs.TernaryTrue, 0, 2, "DEDICATED"},
		"no list":                 {map[string]string{list: "403 X"}, restorejobs.TernaryTrue, restorejobs.TernaryTrue, -1, ""},
		"nothing listed":          {map[string]string{list: listOf()}, restorejobs.TernaryTrue, restorejobs.TernaryTrue, -1, ""},
		"without config servers":  {map[string]string{list: listOf(shardedEntries()[:2]...)}, restorejobs.TernaryTrue, restorejobs.TernaryTrue, 2, ""},
		"replica set of the same name": {map[string]string{list: listOf(append(shardedEntries(),
			managerEntry("5ba5e0000000000000000041", "REPLICA_SET", "orders", "rs0", ""))...)}, restorejobs.TernaryTrue, restorejobs.TernaryTrue, 2, "DEDICATED"},
		"shards without names": {map[string]string{list: listOf(
			managerEntry("5ba5e0000000000000000041", "REPLICA_SET", "orders", "rs0", ""),
			managerEntry("5ba5e0000000000000000042", "REPLICA_SET", "other", "rs0", ""))}, restorejobs.TernaryTrue, restorejobs.TernaryTrue, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			documents := opsManagerDocuments()
			maps.Copy(documents, c.change)
			client, _ := documents.serve(t)
			got, err := client.OpsManager.Cluster(lookupProject, lookupCluster).Cluster(t.Context())
			require.NoError(t, err)
			assert.Equal(t, c.backup, got.BackupEnabled, "backup")
			assert.Equal(t, c.pit, got.PointInTimeEnabled, "point in time")
			assert.Equal(t, c.shards, got.ShardCount)
			assert.Equal(t, c.server, got.ConfigServerType)
		})
	}
}

func TestSourceCluster_managerErrors(t *testing.T) {
	t.Parallel()
	project := manager + lookupProject
	config := project + "/backupConfigs/" + lookupCluster
	for path, want := range map[string]error{
		project + "/clusters/" + lookupCluster: restorejobs.ErrUnavailable,
		project + "/clusters":                  restorejobs.ErrUnavailable,
		config:                                 restorejobs.ErrUnavailable,
		config + "/snapshotSchedule":           restorejobs.ErrUnavailable,
	} {
		documents := opsManagerDocuments()
		documents[path] = "503 SERVICE_UNAVAILABLE"
		client, _ := documents.serve(t)
		c, err := client.OpsManager.Cluster(lookupProject, lookupCluster).Cluster(t.Context())
		require.ErrorIs(t, err, want, path)
		assert.Nil(t, c)
	}
	client, _ := documents{project + "/clusters/" + lookupCluster: "404 CLUSTER_NOT_FOUND"}.serve(t)
	_, err := client.OpsManager.Cluster(lookupProject, lookupCluster).Cluster(t.Context())
	require.ErrorIs(t, err, restorejobs.ErrNotFound)
	require.ErrorContains(t, err, "get cluster")
}

func TestSourceCluster_managerReplicaSet(t *testing.T) {
	t.Parallel()
	project := manager + lookupProject
	client, log := documents{
		project + "/clusters/" + lookupCluster: managerEntry(lookupCluster, "REPLICA_SET", "", "rs0", ""),
	}.serve(t)
	c, err := client.CloudManager.Cluster(lookupProject, lookupCluster).Cluster(t.Context())
	require.NoError(t, err)
	assert.Equal(t, restorejobs.ClusterTypeReplicaSet, c.Type)
	assert.Equal(t, "rs0", c.Name)
	assert.Zero(t, c.ShardCount)
	assert.Len(t, log.paths(), 2, "no list, no schedule")
}

func TestSourceCluster_hostIsUnsupported(t *testing.T) {
	t.Parallel()
	client, log := documents{}.serve(t)
	for _, source := range []*restorejobs.Source{
		client.CloudManager.Host(lookupProject, "h"),
		client.OpsManager.Host(lookupProject, "h"),
	} {
		_, err := source.Cluster(t.Context())
		require.ErrorIs(t, err, errors.ErrUnsupported)
		require.ErrorContains(t, err, "get cluster: "+string(source.Variant())+".Host, a config server and not a cluster, does not have this")
	}
	assert.Empty(t, log.paths())
}

func TestSourceCluster_invalidIDs(t *testing.T) {
	t.Parallel()
	client, log := documents{}.serve(t)
	_, err := client.AtlasV2.Cluster("a/b", "").Cluster(t.Context())
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	require.ErrorContains(t, err, "get cluster")
	assert.Empty(t, log.paths())
}

const (
	atlasCluster = `{"id":"6a793f5fc0eb9e7a17714c2a","groupId":"` + lookupProject + `","name":"orders","clusterType":"REPLICASET",` +
		`"mongoDBVersion":"8.0.29","stateName":"IDLE","paused":false,"backupEnabled":true,"pitEnabled":true,` +
		`"replicationSpecs":[{"id":"6a793f5fc0eb9e7a17714c2b","regionConfigs":[]}]}`
	flexCluster = `{"id":"6a793f5fc0eb9e7a17714c2c","groupId":"` + lookupProject + `","name":"orders","clusterType":"REPLICASET",` +
		`"mongoDBVersion":"8.0.29","stateName":"IDLE","backupSettings":{"enabled":true}}`
	serverlessInstance = `{"id":"6a793f5fc0eb9e7a17714c2d","groupId":"` + lookupProject + `","name":"orders","mongoDBVersion":"8.0.17",` +
		`"stateName":"IDLE","providerSettings":{"tenantBackupEnabled":true},"serverlessBackupOptions":{"serverlessContinuousBackupEnabled":false}}`
	atlasV1Groups = "/api/atlas/v1.0/groups/"
)

func TestSourceCluster_atlas(t *testing.T) {
	t.Parallel()
	const yes = restorejobs.TernaryTrue
	const no = restorejobs.TernaryFalse
	const unknown = restorejobs.TernaryUnknown
	client, log := documents{
		atlas + lookupProject + "/clusters/orders":           atlasCluster,
		atlas + lookupProject + "/flexClusters/orders":       flexCluster,
		atlas + lookupProject + "/serverless/orders":         serverlessInstance,
		atlasV1Groups + lookupProject + "/clusters/orders":   `{"name":"orders","clusterType":"SHARDED","numShards":3,"backupEnabled":true,"providerBackupEnabled":false,"paused":true}`,
		atlasV1Groups + lookupProject + "/serverless/orders": serverlessInstance,
	}.serve(t)
	for _, c := range []struct {
		source *restorejobs.Source
		path   string
		accept string
		kind   restorejobs.ClusterType
		shards int
		paused restorejobs.Ternary
		delete restorejobs.Ternary
		backup restorejobs.Ternary
		pit    restorejobs.Ternary
	}{
		{client.AtlasV2.Cluster(lookupProject, "orders"), atlas + lookupProject + "/clusters/orders", "application/vnd.atlas.2024-08-05+json", restorejobs.ClusterTypeReplicaSet, 0, no, no, yes, yes},
		{client.AtlasV2.LegacyCluster(lookupProject, "orders"), atlas + lookupProject + "/clusters/orders", "application/vnd.atlas.2024-08-05+json", restorejobs.ClusterTypeReplicaSet, 0, no, no, unknown, unknown},
		{client.AtlasV2.Flex(lookupProject, "orders"), atlas + lookupProject + "/flexClusters/orders", "application/vnd.atlas.2024-11-13+json", restorejobs.ClusterTypeReplicaSet, 0, unknown, no, yes, unknown},
		{client.AtlasV2.Serverless(lookupProject, "orders"), atlas + lookupProject + "/serverless/orders", "application/vnd.atlas.2023-01-01+json", restorejobs.ClusterTypeUnknown, -1, unknown, no, yes, no},
		{client.AtlasV1.Serverless(lookupProject, "orders"), atlasV1Groups + lookupProject + "/serverless/orders", "application/json", restorejobs.ClusterTypeUnknown, -1, unknown, no, yes, no},
		{client.AtlasV1.Cluster(lookupProject, "orders"), atlasV1Groups + lookupProject + "/clusters/orders", "application/json", restorejobs.ClusterTypeSharded, 3, yes, unknown, no, unknown},
		{client.AtlasV1.LegacyCluster(lookupProject, "orders"), atlasV1Groups + lookupProject + "/clusters/orders", "application/json", restorejobs.ClusterTypeSharded, 3, yes, unknown, yes, unknown},
	} {
		log.requests = nil
		got, err := c.source.Cluster(t.Context())
		require.NoError(t, err, c.source)
		assert.Equal(t, []string{c.path}, log.paths())
		assert.Equal(t, c.accept, log.accept(t, c.path))
		assert.Equal(t, "orders", got.Name)
		assert.Equal(t, lookupProject, got.ProjectID)
		assert.Equal(t, c.kind, got.Type, c.source)
		assert.Equal(t, c.shards, got.ShardCount, c.source)
		assert.Equal(t, c.paused, got.Paused, c.source)
		assert.Equal(t, c.delete, got.Deleting, c.source)
		assert.Equal(t, restorejobs.TernaryUnknown, got.Restoring, c.source)
		assert.Equal(t, c.backup, got.BackupEnabled, c.source)
		assert.Equal(t, c.pit, got.PointInTimeEnabled, c.source)
	}
}

// Versions of 2023 have one replicationSpec for each zone. A service may respond with one.
func TestSourceCluster_shardsOfEveryVersion(t *testing.T) {
	t.Parallel()
	path := atlas + lookupProject + "/clusters/orders"
	for body, want := range map[string]int{
		`{"name":"orders","clusterType":"SHARDED","replicationSpecs":[{"numShards":2}]}`:                    2,
		`{"name":"orders","clusterType":"GEOSHARDED","replicationSpecs":[{"numShards":2},{"numShards":3}]}`: 5,
		`{"name":"orders","clusterType":"SHARDED","replicationSpecs":[{},{}]}`:                              2,
		`{"name":"orders","clusterType":"SHARDED"}`:                                                         -1,
		`{"name":"orders","clusterType":"REPLICASET","replicationSpecs":[{"numShards":1}]}`:                 0,
		`{"name":"orders","clusterType":"LATTICE","replicationSpecs":[{"numShards":1}]}`:                    -1,
	} {
		for version, used := range map[string]string{
			"2023-02-01": "2024-08-05",
			"2025-03-12": "2025-03-12",
		} {
			client, log := documents{path: body}.serve(t, restorejobs.WithAtlasAPIVersion(version))
			c, err := client.AtlasV2.Cluster(lookupProject, "orders").Cluster(t.Context())
			require.NoError(t, err)
			assert.Equal(t, want, c.ShardCount, body)
			assert.Equal(t, "application/vnd.atlas."+used+"+json", log.accept(t, path))
		}
	}
}

func TestSourceCluster_everyScope(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	defer server.Close()
	for _, scope := range restorejobstest.Scopes() {
		c, err := sourceOf(t, server, scope).Cluster(t.Context())
		if errors.Is(err, errors.ErrUnsupported) {
			assert.Contains(t, scope.String(), "Host")
			continue
		}
		require.NoError(t, err, scope)
		assert.NotEmpty(t, c.ID, scope)
		assert.Equal(t, scope.ClusterName(), c.Name, scope)
		assert.Equal(t, scope.Project(), c.ProjectID, scope)
		assert.NotEmpty(t, c.RawJSON())
		assert.NotEqual(t, restorejobs.TernaryTrue, c.Paused, scope)
		isServerless := strings.Contains(scope.String(), "Serverless")
		assert.Equal(t, !isServerless, c.Type == restorejobs.ClusterTypeReplicaSet, scope)
	}
}

// Two sharded clusters can have one name, which their shards have too.
func TestCluster_shardsOfTwoClustersOfOneName(t *testing.T) {
	t.Parallel()
	all := opsManagerDocuments()
	other := managerEntry("5ba5e0000000000000000099", "SHARDED_REPLICA_SET", "orders", "", "")
	all[manager+lookupProject+"/clusters"] = listOf(append(shardedEntries(), other,
		managerEntry("5ba5e0000000000000000098", "REPLICA_SET", "orders", "orders_9", "orders_9"))...)
	client, _ := all.serve(t)
	cluster, err := client.OpsManager.Cluster(lookupProject, lookupCluster).Cluster(t.Context())
	require.NoError(t, err)
	assert.Equal(t, -1, cluster.ShardCount)
	assert.Empty(t, cluster.ConfigServerType)
}

// A response of another JSON type is described in terms of JSON, not of Go.
func TestCluster_bodyIsNotAnObject(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`[]`, `"x"`, `1.5`, `true`} {
		client, _ := documents{
			manager + "byName/Production":              body,
			atlas + lookupProject + "/clusters/orders": body,
		}.serve(t)
		_, err := client.OpsManager.FindProject(t.Context(), "Production")
		require.ErrorContains(t, err, "the body is not a JSON object")
		require.NotContains(t, err.Error(), "Go ")
		_, err = client.AtlasV2.Cluster(lookupProject, "orders").Cluster(t.Context())
		require.ErrorContains(t, err, "the body is not a JSON object")
		require.NotContains(t, err.Error(), "Go ")
	}
}
