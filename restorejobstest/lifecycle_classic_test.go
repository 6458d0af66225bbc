package restorejobstest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	rjt "example.com/restorejobs/restorejobstest"
)

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
