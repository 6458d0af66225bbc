package restorejobstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestLifecycle_batches(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for _, scope := range []rjt.Scope{rjt.CloudManagerCluster, rjt.OpsManagerCluster, rjt.MMSCluster, rjt.AtlasV1LegacyCluster, rjt.AtlasV2LegacyCluster} {
		made := c.create(scope, scope.Sharded(), goodBody(scope))
		require.Len(t, made, 3, "two shards and the config server")
		batch := made[0]["batchId"].(string)
		c.create(scope, scope.Sharded(), goodBody(scope))
		list := objects(c.get(path(scope, scope.Sharded()) + "?batchId=" + batch).doc["results"])
		require.Len(t, list, 3)
		for _, job := range list {
			assert.Equal(t, batch, job["batchId"])
		}
		assert.Len(t, objects(c.get(path(scope, scope.Sharded())).doc["results"]), 6)
	}
	scope := rjt.AtlasV2Cluster
	made := c.create(scope, scope.Sharded(), goodBody(scope))
	require.Len(t, made, 1)
	components := objects(made[0]["components"])
	require.Len(t, components, 3)
	assert.Nil(t, components[0]["downloadUrl"])
	c.server.Advance(4 * time.Minute)
	a := c.get(path(scope, scope.Sharded()) + "/" + made[0]["id"].(string))
	assert.NotEmpty(t, objects(a.doc["components"])[2]["downloadUrl"])
	assert.Empty(t, a.doc["deliveryUrl"])

	c = newInProcessCaller(t, rjt.WithShards(5), rjt.WithRestoreDuration(0))
	made = c.create(rjt.OpsManagerCluster, rjt.OpsManagerCluster.Cluster(), goodBody(rjt.OpsManagerCluster))
	require.Len(t, made, 6)
	assert.Equal(t, "FINISHED", made[5]["statusName"], "finished immediately")
}

func TestLifecycle_fakeClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newInProcessCaller(t, rjt.WithRestoreDuration(time.Hour))
		scope := rjt.AtlasV2Cluster
		body := fill(scope, `{"deliveryType":"pointInTime","oplogTs":946684000,"oplogInc":1,"targetClusterName":"T","targetGroupId":"P"}`)
		id := c.create(scope, scope.Cluster(), body)[0]["id"]
		began := time.Now()
		for c.job(scope, id)["finishedAt"] == nil {
			time.Sleep(time.Minute)
		}
		assert.Equal(t, time.Hour, time.Since(began))
	})
}
