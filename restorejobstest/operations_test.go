package restorejobstest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestCreate_responseShapes(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	create := func(scope rjt.Scope) map[string]any {
		return c.do(http.MethodPost, jobs(scope), goodBody(scope)).doc
	}
	assert.Contains(t, create(rjt.OpsManagerCluster), "links")
	mms := create(rjt.MMSCluster)
	assert.NotContains(t, mms, "links", "a create of MMS has no links at the top level")
	assert.NotContains(t, objects(mms["results"])[0], "delivery", "MMS has no delivery before the end")
	assert.NotContains(t, objects(mms["results"])[0], "encryptionEnabled")
	assert.NotContains(t, create(rjt.OpsManagerHost), "results", "a host responds with the job itself")
	assert.NotContains(t, objects(create(rjt.AtlasV2LegacyCluster)["results"])[0], "pointInTime")
	assert.Contains(t, create(rjt.AtlasV1Cluster), "createdAt")
	v2 := create(rjt.AtlasV2Cluster)
	assert.NotContains(t, v2, "createdAt")
	assert.Equal(t, map[string]any{
		"date":      nil,
		"increment": nil,
		"time":      nil,
	}, v2["desiredTimestamp"])
	assert.NotContains(t, create(rjt.AtlasV2Serverless), "links")
	flex := create(rjt.AtlasV2Flex)
	assert.Equal(t, "PENDING", flex["status"])
	assert.Equal(t, rjt.AtlasV2Flex.Project(), flex["targetProjectId"])
}

func TestList_pages(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	c.server.AddJobs(scope, 248) // 250 with the two of a new server
	var seen []string
	next := jobs(scope) + "?itemsPerPage=100&pageNum=1"
	pages := 0
	for next != "" {
		page := c.get(next)
		require.Equal(t, http.StatusOK, page.status, page.body)
		assert.InDelta(t, 250, page.doc["totalCount"], 0)
		for _, job := range objects(page.doc["results"]) {
			seen = append(seen, job["id"].(string))
		}
		rels := map[string]string{}
		for _, link := range objects(page.doc["links"]) {
			rels[link["rel"].(string)] = link["href"].(string)
		}
		assert.Contains(t, rels, "self")
		assert.Equal(t, pages > 0, rels["previous"] != "")
		next = rels["next"]
		pages++
	}
	assert.Equal(t, 3, pages)
	assert.Len(t, seen, 250)
	var all []string
	for _, job := range c.server.Jobs(scope) {
		all = append(all, job["id"].(string))
	}
	assert.Equal(t, all, seen)

	beyond := c.get(jobs(scope) + "?pageNum=9")
	assert.Equal(t, []any{}, beyond.doc["results"])
	assert.NotContains(t, c.get(jobs(scope)+"?includeCount=false").doc, "totalCount")
}

func TestCancel_everyVariant(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		for scope, media := range map[rjt.Scope]string{
			rjt.AtlasV1Cluster: "application/json", rjt.AtlasV2Cluster: "application/vnd.atlas.2023-01-01+json;charset=utf-8",
		} {
			id := c.create(scope, scope.Cluster(), goodBody(scope))[0]["id"].(string)
			a := c.do(http.MethodDelete, jobs(scope)+"/"+id, "")
			assert.Equal(t, http.StatusNoContent, a.status)
			assert.Empty(t, a.body)
			assert.Equal(t, media, a.header.Get("Content-Type"), "of a body that is not there")
			assert.Equal(t, true, c.get(jobs(scope) + "/" + id).doc["cancelled"])

			a = c.do(http.MethodDelete, jobs(scope)+"/"+scope.Jobs()[len(scope.Jobs())-1], "")
			assert.Equal(t, http.StatusBadRequest, a.status)
			assert.Equal(t, "CANNOT_CANCEL_AUTOMATED_RESTORE", a.doc["errorCode"])
		}
		for _, scope := range []rjt.Scope{rjt.OpsManagerCluster, rjt.AtlasV2Serverless, rjt.AtlasV2Flex, rjt.AtlasV1LegacyCluster} {
			a := c.do(http.MethodDelete, jobs(scope)+"/"+scope.Jobs()[0], "")
			assert.Equal(t, http.StatusMethodNotAllowed, a.status, scope)
			assert.Equal(t, "GET", a.header.Get("Allow"))
		}
	})
}

func TestTimeRanges_shapes(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.OpsManagerCluster
	a := c.do(http.MethodPost, jobs(scope)+"/restorableTimeRanges", "")
	assert.Equal(t, http.StatusOK, a.status)
	assert.Regexp(t, `^\[\{"end":\{"date":"[^"]+","increment":1\},"snapshotId":"[^"]+","start":\{`, a.body)
	assert.NotContains(t, a.body, "shardCount")
	a = c.do(http.MethodPost, path(scope, scope.Sharded())+"/restorableTimeRanges", "")
	assert.Contains(t, a.body, `"shardCount":2`)
	assert.Contains(t, a.body, `"configServerType":"Dedicated"`)
	assert.Equal(t, http.StatusMethodNotAllowed, c.get(jobs(scope)+"/restorableTimeRanges").status)
	assert.Equal(t, http.StatusMethodNotAllowed, c.do(http.MethodPost, jobs(rjt.OpsManagerHost)+"/restorableTimeRanges", "").status)

	assert.Equal(t, http.StatusBadRequest, c.do(http.MethodPost, jobs(scope)+"/restorableTimeRanges", `{"a":1}`).status)
}

func TestCreate_validBodies(t *testing.T) {
	t.Parallel()
	const auto = `{"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterId":"T"},`
	const autoID = `{"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterId":"6a11a5000000000000000002"},`
	const autoName = `{"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterName":"T"},`
	const cloudTarget = `"targetClusterName":"T","targetGroupId":"P"}`
	tests := map[rjt.Scope][]string{
		rjt.MMSCluster: {`{"timestamp":{"date":"2014-07-09T09:20:00Z","increment":0}}`},
		rjt.CloudManagerCluster: {
			`{"delivery":{"methodName":"HTTP","expires":"2030-04-21T04:49:57Z","maxDownloads":1},"snapshotId":"S"}`,
			auto + `"snapshotId":"S"}`,
			auto + `"pointInTimeUTCMillis":1536610288000}`,
			auto + `"pointInTimeUTCMillis":"1536610288001"}`,
			auto + `"oplogTs":"1536610288","oplogInc":"1"}`,
			auto + `"oplogTs":"1536610288","oplogInc":"0"}`,
			auto + `"oplogTs":"1536610288","oplogInc":"4294967295"}`,
		},
		rjt.OpsManagerHost: {`{"delivery":{"methodName":"HTTP"},"snapshotId":"S"}`, auto + `"checkpointId":"K"}`},
		rjt.AtlasV1LegacyCluster: {
			`{"delivery":{"methodName":"HTTP"},"snapshotId":"S"}`,
			autoName + `"pointInTimeUTCMillis":1536610288000}`,
			autoID + `"oplogTs":"2018-09-10T20:11:28Z","oplogInc":1}`,
			autoName + `"checkpointId":"K"}`,
		},
		rjt.AtlasV2Cluster: {
			`{"deliveryType":"automated","snapshotId":"S",` + cloudTarget,
			`{"deliveryType":"pointInTime","pointInTimeUTCSeconds":1588523147,` + cloudTarget,
			`{"deliveryType":"pointInTime","oplogTs":1583753751,"oplogInc":1,` + cloudTarget,
		},
		rjt.AtlasV1Serverless: {`{"deliveryType":"download","snapshotId":"S",` + cloudTarget},
		rjt.AtlasV2Flex: {
			`{"snapshotId":"S","targetDeploymentItemName":"T"}`,
			`{"snapshotId":"S","targetDeploymentItemName":"cluster-833","targetProjectId":"P"}`,
		},
	}
	for scope, bodies := range tests {
		for _, body := range bodies {
			c := newInProcessCaller(t) // its target is not busy yet
			c.reachBack()
			c.create(scope, scope.Cluster(), fill(scope, body))
		}
	}
	c := newInProcessCaller(t)
	c.create(rjt.CloudManagerCluster, rjt.CloudManagerCluster.Sharded(),
		fill(rjt.CloudManagerCluster, auto+`"checkpointId":"K"}`))
	a := c.do(http.MethodPost, jobs(rjt.AtlasV2Cluster), goodBody(rjt.AtlasV2Cluster), "Content-Type", "application/vnd.atlas.2023-01-01+json")
	assert.Equal(t, http.StatusOK, a.status)
}

// A time in the future of the server's clock is refused.
func TestCreate_pointInTimeByServerClock(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	body := fill(scope, fmt.Sprintf(`{"deliveryType":"pointInTime","pointInTimeUTCSeconds":%d,"targetClusterName":"T","targetGroupId":"P"}`,
		time.Now().Add(time.Hour).Unix()))
	assert.Equal(t, "INVALID_PIT_RESTORE_TIME", c.do(http.MethodPost, jobs(scope), body).doc["errorCode"])
	c.server.Advance(time.Hour)
	assert.Equal(t, http.StatusOK, c.do(http.MethodPost, jobs(scope), body).status)
}
