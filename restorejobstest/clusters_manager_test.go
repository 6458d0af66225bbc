package restorejobstest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func clustersPath(scope rjt.Scope) string {
	base := publicGroups
	switch scope {
	case rjt.AtlasV1Cluster, rjt.AtlasV1LegacyCluster:
		base = v1Groups
	case rjt.AtlasV2Cluster, rjt.AtlasV2LegacyCluster:
		base = v2Groups
	default:
	}
	return base + scope.Project() + "/clusters"
}

func TestServer_managerClustersOfOneName(t *testing.T) {
	t.Parallel()
	for _, scope := range []rjt.Scope{rjt.CloudManagerCluster, rjt.OpsManagerCluster} {
		c := newInProcessCaller(t)
		kinds := map[string][]string{}
		for _, doc := range objects(c.get(clustersPath(scope)).doc["results"]) {
			kinds[doc["clusterName"].(string)] = append(kinds[doc["clusterName"].(string)], doc["typeName"].(string))
			one := c.get(clustersPath(scope) + "/" + doc["id"].(string))
			require.Equal(t, http.StatusOK, one.status, one.body)
			assert.Equal(t, doc["typeName"], one.doc["typeName"])
			if doc["typeName"] == "SHARDED_REPLICA_SET" {
				assert.Equal(t, scope.Sharded(), doc["id"])
			}
		}
		assert.Equal(t, map[string][]string{
			scope.ClusterName(): {"REPLICA_SET"},
			scope.TargetName():  {"REPLICA_SET"},
			scope.ShardedName(): {"REPLICA_SET", "REPLICA_SET", "CONFIG_SERVER_REPLICA_SET", "SHARDED_REPLICA_SET"},
		}, kinds)
		assert.Equal(t, "CLUSTER_NOT_FOUND", c.get(clustersPath(scope) + "/" + unknownID).doc["errorCode"])
		assert.Equal(t, "INVALID_CLUSTER_ID", c.get(clustersPath(scope) + "/orders").doc["errorCode"])
		page := c.get(clustersPath(scope) + "?itemsPerPage=4&pageNum=2")
		assert.Len(t, page.doc["results"], 2)
		assert.InDelta(t, 6, page.doc["totalCount"], 0)
	}
}

func TestServer_mmsClustersHaveTheOldTypes(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	var types []string
	for _, doc := range objects(c.get(clustersPath(rjt.MMSCluster)).doc["results"]) {
		types = append(types, doc["typeName"].(string))
	}
	assert.Equal(t, []string{"REPLICA_SET", "REPLICA_SET", "REPLICA_SET", "SHARDED"}, types)
}

func TestServer_shardIsNoTarget(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.OpsManagerCluster
	for _, doc := range objects(c.get(clustersPath(scope)).doc["results"]) {
		if doc["clusterName"] != scope.ShardedName() || doc["id"] == scope.Sharded() {
			continue
		}
		body := `{"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterId":"` + doc["id"].(string) + `"},"snapshotId":"S"}`
		refused := c.do(http.MethodPost, jobs(scope), fill(scope, body))
		assert.Equal(t, http.StatusBadRequest, refused.status)
		assert.Equal(t, "AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED", refused.doc["errorCode"], refused.body)
	}
}
