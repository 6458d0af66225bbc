package restorejobstest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestRequests_recorded(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		c.do(http.MethodPost, jobs(rjt.MMSCluster)+"?pretty=true", `{"snapshotId":"x"}`)
		seen := c.server.Requests()
		require.Len(t, seen, 2)
		assert.Equal(t, http.StatusUnauthorized, seen[0].Status)
		assert.False(t, seen[0].Signed)
		second := seen[1]
		assert.Equal(t, http.MethodPost, second.Method)
		assert.Equal(t, jobs(rjt.MMSCluster), second.Path)
		assert.Equal(t, "pretty=true", second.Query)
		assert.Equal(t, `{"snapshotId":"x"}`, string(second.Body))
		assert.Equal(t, http.StatusNotFound, second.Status)
		assert.True(t, second.Signed)
		assert.Equal(t, "digest", second.Scheme)
		assert.NotContains(t, second.Header, "Authorization")
		assert.Equal(t, "application/json", second.Header.Get("Content-Type"))
		assert.False(t, second.Time.IsZero())
		assert.Zero(t, c.server.CreateCount())
	})
}

func TestServer_controlsJobs(t *testing.T) {
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
