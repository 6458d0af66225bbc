package restorejobstest_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func fields(doc map[string]any) string {
	return strings.Join(slices.Sorted(maps.Keys(doc)), " ")
}

func TestSnapshot_fieldsOfEveryScope(t *testing.T) {
	t.Parallel()
	const (
		classic = "complete created doNotDelete expires groupId id lastOplogAppliedTimestamp links parts "
		cloud   = "createdAt expiresAt id links mongodVersion snapshotType status storageSizeBytes "
	)
	want := map[rjt.Scope]string{
		rjt.CloudManagerCluster:  classic + "clusterId namespaceFilterList",
		rjt.CloudManagerHost:     classic + "hostId namespaceFilterList",
		rjt.OpsManagerCluster:    classic + "clusterId namespaceFilterList",
		rjt.OpsManagerHost:       classic + "hostId namespaceFilterList",
		rjt.MMSCluster:           classic + "clusterId",
		rjt.AtlasV1Cluster:       cloud + "type replicaSetName",
		rjt.AtlasV1Serverless:    cloud + "serverlessInstanceName",
		rjt.AtlasV1LegacyCluster: classic + "clusterId clusterName incremental",
		rjt.AtlasV2Cluster:       cloud + "type replicaSetName frequencyType policyItems copyRegions cloudProvider",
		rjt.AtlasV2Serverless:    cloud + "serverlessInstanceName frequencyType",
		rjt.AtlasV2LegacyCluster: classic + "clusterId clusterName incremental",
		rjt.AtlasV2Flex:          "expiration finishTime id mongoDBVersion scheduledTime startTime status",
	}
	sharded := map[rjt.Scope]string{
		rjt.CloudManagerCluster:  " isPossiblyInconsistent missingShards",
		rjt.OpsManagerCluster:    " isPossiblyInconsistent missingShards",
		rjt.MMSCluster:           " isPossiblyInconsistent missingShards",
		rjt.AtlasV1LegacyCluster: "",
		rjt.AtlasV2LegacyCluster: "",
	}
	c := newInProcessCaller(t)
	for _, scope := range rjt.Scopes() {
		for _, doc := range objects(c.get(snapshots(scope, scope.Cluster())).doc["results"]) {
			assert.ElementsMatch(t, strings.Fields(want[scope]), strings.Fields(fields(doc)), scope)
		}
		more, isClassic := sharded[scope]
		if !isClassic {
			continue
		}
		for _, doc := range objects(c.get(snapshots(scope, scope.Sharded())).doc["results"]) {
			assert.ElementsMatch(t, strings.Fields(want[scope]+more), strings.Fields(fields(doc)), scope)
			var types []string
			for _, part := range objects(doc["parts"]) {
				types = append(types, part["typeName"].(string))
			}
			assert.Equal(t, []string{"REPLICA_SET", "REPLICA_SET", "CONFIG_SERVER_REPLICA_SET"}, types, scope)
		}
	}
}

// The fields appear as in the recorded answers of the service.
func TestSnapshot_fieldsAppearInOrder(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	list := snapshots(scope, scope.Cluster())
	id := c.do("POST", list, `{"description":"test-snapshot","retentionInDays":1}`).doc["id"].(string)
	var seen []string
	sizes := map[any]bool{}
	var expiry []any
	c.stages(list+"/"+id, "status", func(doc map[string]any) {
		form := doc["status"].(string) + ": " + fields(doc)
		if !slices.Contains(seen, form) {
			seen = append(seen, form)
			expiry = append(expiry, doc["expiresAt"])
		}
		sizes[doc["storageSizeBytes"]] = true
		assert.Equal(t, "ondemand", doc["frequencyType"])
		assert.Equal(t, scope.Cluster(), doc["replicaSetName"])
		assert.Len(t, doc["links"], 2)
	})
	const queued = "copyRegions description expiresAt frequencyType id links policyItems replicaSetName snapshotType status storageSizeBytes type"
	const inProgress = "copyRegions description expiresAt frequencyType id links mongodVersion policyItems replicaSetName snapshotType status storageSizeBytes type"
	assert.Equal(t, []string{
		"queued: " + queued,
		"inProgress: " + inProgress,
		"inProgress: cloudProvider " + inProgress,
		"inProgress: cloudProvider " + strings.Replace(inProgress, "copyRegions", "copyRegions createdAt", 1),
		"completed: cloudProvider " + strings.Replace(inProgress, "copyRegions", "copyRegions createdAt", 1),
	}, seen)
	assert.Len(t, sizes, 2, "zero until near the end")
	require.Len(t, expiry, 5)
	assert.Equal(t, expiry[0], expiry[3])
	assert.Greater(t, expiry[4], expiry[3], "counted from the end once completed")
}

func TestSnapshot_shardedMembers(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	doc := objects(c.get(snapshots(scope, scope.Sharded()) + "/shardedClusters").doc["results"])[0]
	assert.Equal(t, "DEDICATED", doc["configServerType"])
	assert.NotContains(t, doc, "replicaSetName")
	assert.NotContains(t, doc, "cloudProvider")
	members := objects(doc["members"])
	require.Len(t, members, 3, "one for each shard and for the config server")
	for i, member := range members {
		assert.Regexp(t, `^[a-f0-9]{24}$`, member["id"])
		assert.Equal(t, member["id"], doc["snapshotIds"].([]any)[i])
		assert.Equal(t, "AWS", member["cloudProvider"])
	}
	assert.Contains(t, objects(doc["links"])[0]["href"], "/backup/snapshots/shardedCluster/"+doc["id"].(string))
}

func TestSnapshot_flexTimes(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	taken := c.server.TakeSnapshot(rjt.AtlasV2Flex, rjt.AtlasV2Flex.Cluster())
	c.server.CompleteSnapshot(taken)
	docs := objects(c.get(snapshots(rjt.AtlasV2Flex, rjt.AtlasV2Flex.Cluster())).doc["results"])
	assert.Equal(t, taken, docs[len(docs)-1]["id"])
	for _, doc := range docs {
		var times []time.Time
		for _, field := range []string{"scheduledTime", "startTime", "finishTime", "expiration"} {
			at, err := time.Parse(time.RFC3339, doc[field].(string))
			require.NoError(t, err)
			times = append(times, at)
		}
		assert.True(t, slices.IsSortedFunc(times, time.Time.Compare))
		if doc["id"] == taken {
			assert.Equal(t, 8*24*time.Hour, times[3].Sub(times[0]))
		} else {
			assert.True(t, times[3].After(time.Now()), "the snapshots of a new server can always be restored")
		}
	}
}

func TestSnapshot_embeddedConfigServers(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	add := func(scope rjt.Scope) string {
		return c.server.AddCluster(rjt.ClusterSpec{
			Scope:            scope,
			Name:             "embedded",
			Shards:           3,
			ConfigServerType: "EMBEDDED",
		})
	}
	ops := objects(c.get(snapshots(rjt.OpsManagerCluster, add(rjt.OpsManagerCluster))).doc["results"])[0]
	var types []any
	for _, part := range objects(ops["parts"]) {
		types = append(types, part["typeName"])
	}
	assert.Equal(t, []any{"CONFIG_SHARD_REPLICA_SET", "REPLICA_SET", "REPLICA_SET"}, types)
	atlas := objects(c.get(snapshots(rjt.AtlasV2Cluster, add(rjt.AtlasV2Cluster)) + "/shardedClusters").doc["results"])[0]
	assert.Equal(t, "EMBEDDED", atlas["configServerType"])
	assert.Len(t, atlas["members"], 3)
}

func TestSnapshot_partsOfOneSet(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for scope, want := range map[rjt.Scope]map[string]any{
		rjt.OpsManagerCluster: {
			"typeName":       "REPLICA_SET",
			"clusterId":      rjt.OpsManagerCluster.Cluster(),
			"replicaSetName": rjt.OpsManagerCluster.ClusterName(),
		},
		rjt.OpsManagerHost: {
			"typeName":       "CONFIG_SERVER",
			"hostId":         rjt.OpsManagerHost.Cluster(),
			"replicaSetName": nil,
		},
	} {
		for _, doc := range objects(c.get(snapshots(scope, scope.Cluster())).doc["results"]) {
			parts := objects(doc["parts"])
			require.Len(t, parts, 1)
			for field, value := range want {
				assert.Equal(t, value, parts[0][field], scope)
			}
		}
	}
}
