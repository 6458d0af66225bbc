package restorejobstest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

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

// A failed flex job has a finish date too, so that the date is not a sign of success.
func TestFlex_failedHasFinishDate(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	id := c.create(flexScope, flexScope.Cluster(), goodBody(flexScope))[0]["id"].(string)
	c.server.Advance(10 * time.Second)
	c.server.FailJob(id)
	c.server.Advance(time.Hour)
	doc := c.job(flexScope, id)
	assert.Equal(t, "FAILED", doc["status"])
	scheduled, err := time.Parse(time.RFC3339, doc["restoreScheduledDate"].(string))
	require.NoError(t, err)
	finished, _ := doc["restoreFinishedDate"].(string)
	end, err := time.Parse(time.RFC3339, finished)
	require.NoError(t, err)
	assert.InDelta(t, 10, end.Sub(scheduled).Seconds(), 2)
}
