package restorejobstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

// job reads one job.
func (c *caller) job(scope rjt.Scope, id any) map[string]any {
	c.t.Helper()
	a := c.get(jobs(scope) + "/" + id.(string))
	require.Equal(c.t, 200, a.status, a.body)
	return a.doc
}

func delivery(doc map[string]any) map[string]any {
	d, _ := doc["delivery"].(map[string]any)
	return d
}

func TestLifecycle_classicDownload(t *testing.T) {
	t.Parallel()
	for _, scope := range []rjt.Scope{rjt.CloudManagerCluster, rjt.OpsManagerHost, rjt.AtlasV1LegacyCluster, rjt.AtlasV2LegacyCluster, rjt.MMSCluster} {
		t.Run(scope.String(), func(t *testing.T) {
			t.Parallel()
			c := newInProcessCaller(t)
			id := c.create(scope, scope.Cluster(), goodBody(scope))[0]["id"]
			c.server.Advance(3 * time.Minute)
			doc := c.job(scope, id)
			assert.Equal(t, "IN_PROGRESS", doc["statusName"])
			assert.NotContains(t, delivery(doc), "url")

			c.server.Advance(time.Minute)
			doc = c.job(scope, id)
			assert.Equal(t, "FINISHED", doc["statusName"])
			assert.Equal(t, "READY", delivery(doc)["statusName"])
			assert.NotEmpty(t, delivery(doc)["url"])
			hasV2 := scope == rjt.OpsManagerHost || scope == rjt.AtlasV2LegacyCluster
			assert.Equal(t, hasV2, delivery(doc)["urlV2"] != nil)
			assert.Equal(t, scope == rjt.OpsManagerHost, delivery(doc)["authBearer"] == "Bearer")
			assert.NotContains(t, doc, "hashes")

			c.server.Advance(2 * time.Hour)
			doc = c.job(scope, id)
			assert.Equal(t, "FINISHED", doc["statusName"])
			assert.Equal(t, "EXPIRED", delivery(doc)["statusName"])
		})
	}
}

func TestLifecycle_linkExpiry(t *testing.T) {
	t.Parallel()
	scope := rjt.CloudManagerCluster
	c := newInProcessCaller(t, rjt.WithRestoreDuration(0))
	end := time.Now().Add(90 * time.Minute).UTC().Format("2006-01-02T15:04:05Z")
	body := fill(scope, `{"delivery":{"methodName":"HTTP","maxDownloads":1,"expires":"`+end+`"},"snapshotId":"S"}`)
	id := c.create(scope, scope.Cluster(), body)[0]["id"]
	assert.Equal(t, end, delivery(c.job(scope, id))["expires"])
	c.server.Advance(80 * time.Minute)
	assert.Equal(t, "READY", delivery(c.job(scope, id))["statusName"])
	c.server.Advance(10 * time.Minute)
	assert.Equal(t, "EXPIRED", delivery(c.job(scope, id))["statusName"])
}

func TestLifecycle_cloud(t *testing.T) {
	t.Parallel()
	scope := rjt.AtlasV2Cluster
	c := newInProcessCaller(t, rjt.WithPrivateEndpoint("vpce-0123456789abcdef0"))
	id := c.create(scope, scope.Cluster(), goodBody(scope))[0]["id"]
	c.server.Advance(4 * time.Minute)
	doc := c.job(scope, id)
	assert.Len(t, doc["deliveryUrl"], 1)
	assert.Contains(t, doc, "expiresAt")
	assert.NotContains(t, doc, "finishedAt", "a download has no end")
	assert.Equal(t, "vpce-0123456789abcdef0", objects(doc["privateDownloadDeliveryUrls"])[0]["endpointId"])
	c.server.Advance(time.Hour)
	doc = c.job(scope, id)
	assert.Equal(t, true, doc["expired"])
	assert.Empty(t, doc["deliveryUrl"])

	body := fill(scope, `{"deliveryType":"automated","snapshotId":"S","targetClusterName":"T","targetGroupId":"P"}`)
	id = c.create(scope, scope.Cluster(), body)[0]["id"]
	assert.NotContains(t, c.job(scope, id), "finishedAt")
	c.server.Advance(4 * time.Minute)
	doc = c.job(scope, id)
	assert.Contains(t, doc, "finishedAt")
	assert.Equal(t, scope.Target(), doc["targetClusterName"])
	assert.NotEmpty(t, doc["targetDeploymentItemName"])
}

func TestLifecycle_flex(t *testing.T) {
	t.Parallel()
	scope := rjt.AtlasV2Flex
	c := newInProcessCaller(t)
	doc := c.create(scope, scope.Cluster(), goodBody(scope))[0]
	assert.Equal(t, "PENDING", doc["status"])
	scheduled, err := time.Parse(time.RFC3339, doc["restoreScheduledDate"].(string))
	require.NoError(t, err)
	assert.Equal(t, scheduled.Add(6*time.Hour).Format(time.RFC3339), doc["expirationDate"])
	c.server.Advance(4 * time.Second)
	assert.Equal(t, "RUNNING", c.job(scope, doc["id"])["status"])
	c.server.Advance(time.Minute)
	doc = c.job(scope, doc["id"])
	assert.Equal(t, "COMPLETED", doc["status"])
	assert.Contains(t, doc, "restoreFinishedDate")
	assert.NotContains(t, doc, "links")
}

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
	assert.Equal(t, "FINISHED", made[5]["statusName"], "done at once")
}

func TestLifecycle_controlledByTest(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for _, scope := range rjt.Scopes() {
		id := c.create(scope, scope.Cluster(), goodBody(scope))[0]["id"].(string)
		c.server.FailJob(id)
		doc := c.job(scope, id)
		failed := doc["failed"] == true || doc["statusName"] == "BROKEN" || doc["status"] == "FAILED"
		assert.True(t, failed, "%s: %v", scope, doc)

		c.server.FailJob(scope.Jobs()[0])
		doc = c.job(scope, scope.Jobs()[0])
		failed = doc["failed"] == true || doc["statusName"] == "BROKEN" || doc["status"] == "FAILED"
		assert.True(t, failed, "%s: %v", scope, doc)
	}
	id := c.create(rjt.MMSCluster, rjt.MMSCluster.Cluster(), goodBody(rjt.MMSCluster))[0]["id"].(string)
	c.server.FinishJob(id)
	assert.Equal(t, "FINISHED", c.job(rjt.MMSCluster, id)["statusName"])
	c.server.ExpireLinks(id)
	assert.Equal(t, "EXPIRED", delivery(c.job(rjt.MMSCluster, id))["statusName"])
	c.server.CancelJob(id)
	assert.Equal(t, "KILLED", c.job(rjt.MMSCluster, id)["statusName"])
	c.server.ExpireLinks(rjt.MMSCluster.Jobs()[1])
	assert.Equal(t, "EXPIRED", delivery(c.job(rjt.MMSCluster, rjt.MMSCluster.Jobs()[1]))["statusName"])
	c.server.CancelJob(rjt.MMSCluster.Jobs()[1])
	assert.Equal(t, "KILLED", c.job(rjt.MMSCluster, rjt.MMSCluster.Jobs()[1])["statusName"])

	id = c.server.AddJob(rjt.AtlasV2Cluster, `{"id":"0123456789abcdef01234567","deliveryType":"new","count":9007199254740993}`)
	assert.Equal(t, "0123456789abcdef01234567", id)
	assert.Contains(t, c.get(jobs(rjt.AtlasV2Cluster)+"/"+id).body, "9007199254740993", "a number is kept to the digit")
	assert.Equal(t, id, c.server.Jobs(rjt.AtlasV2Cluster)[0]["id"])
	assert.Panics(t, func() { c.server.AddJob(rjt.AtlasV2Cluster, `[]`) })
	assert.Panics(t, func() { c.server.FailJob("none") })
	assert.Panics(t, func() { c.server.Jobs(99) })
}

func TestSetJob_scripts(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.OpsManagerCluster
	id := c.create(scope, scope.Cluster(), goodBody(scope))[0]["id"].(string)
	c.server.SetJob(id,
		rjt.SetFields(map[string]any{"statusName": "IN_PROGRESS"}),
		rjt.SetFields(map[string]any{"statusName": "NEW_WORD"}),
		rjt.SetFields(map[string]any{"statusName": "KILLED"}),
	)
	assert.Equal(t, "IN_PROGRESS", c.server.Jobs(scope)[0]["statusName"], "looking does not move the script on")
	assert.Equal(t, "IN_PROGRESS", c.job(scope, id)["statusName"])
	assert.Equal(t, "NEW_WORD", objects(c.get(jobs(scope)).doc["results"])[0]["statusName"])
	assert.Equal(t, "KILLED", c.job(scope, id)["statusName"])
	assert.Equal(t, "KILLED", c.job(scope, id)["statusName"])
	c.server.SetJob(id, func(doc map[string]any) { delete(doc, "statusName") })
	assert.NotContains(t, c.job(scope, id), "statusName")
	c.server.SetJob(id)
	assert.Equal(t, "IN_PROGRESS", c.job(scope, id)["statusName"])
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
