package restorejobstest_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestScopes_distinctIDs(t *testing.T) {
	t.Parallel()
	hexID := regexp.MustCompile(`^[a-f0-9]{24}$`)
	jobsSeen := map[string]bool{}
	for _, scope := range rjt.Scopes() {
		assert.Regexp(t, hexID, scope.Project(), scope)
		require.NotEmpty(t, scope.Jobs(), scope)
		require.NotEmpty(t, scope.Snapshots(), scope)
		for _, id := range slices.Concat(scope.Jobs(), scope.Snapshots(), scope.Checkpoints()) {
			assert.Regexp(t, hexID, id, scope)
		}
		for _, id := range scope.Jobs() {
			assert.False(t, jobsSeen[id], id)
			jobsSeen[id] = true
		}
		assert.NotEmpty(t, scope.String())
	}
	assert.Panics(t, func() { _ = rjt.Scope(99).Project() })
	assert.Panics(t, func() { _ = rjt.Scope(-1).Project() })
}

func TestServer_everyScope(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, c *caller) {
		for i, scope := range rjt.Scopes() {
			list := c.get(jobs(scope))
			require.Equal(t, http.StatusOK, list.status, "%s: %s", scope, list.body)
			results := objects(list.doc["results"])
			require.Len(t, results, len(scope.Jobs()), scope)
			assert.InDelta(t, len(results), list.doc["totalCount"], 0, scope)
			for k, id := range scope.Jobs() {
				assert.Equal(t, id, results[k]["id"], scope)
				one := c.get(jobs(scope) + "/" + id)
				assert.Equal(t, http.StatusOK, one.status, scope)
				assert.Equal(t, results[k], one.doc, scope)
			}
			created := c.create(scope, scope.Cluster(), goodBody(scope))
			require.Len(t, created, 1, scope)
			id := created[0]["id"].(string)
			assert.Equal(t, id, c.get(jobs(scope) + "/" + id).doc["id"])
			assert.Equal(t, id, objects(c.get(jobs(scope)).doc["results"])[0]["id"], "newest first in %s", scope)
			assert.Equal(t, i+1, c.server.CreateCount())
		}
	})
}

func TestCreate_responseShapes(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	create := func(scope rjt.Scope) map[string]any {
		return c.do(http.MethodPost, jobs(scope), goodBody(scope)).doc
	}
	assert.Contains(t, create(rjt.OpsManagerCluster), "links")
	mms := create(rjt.MMSCluster)
	assert.NotContains(t, mms, "links", "MMS has no links at the top of a create")
	assert.NotContains(t, objects(mms["results"])[0], "delivery", "MMS has no delivery before the end")
	assert.NotContains(t, objects(mms["results"])[0], "encryptionEnabled")
	assert.NotContains(t, create(rjt.OpsManagerHost), "results", "a host answers with the job itself")
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

func TestServer_mediaTypesAndHeaders(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, c *caller) {
		old := c.get(jobs(rjt.CloudManagerCluster))
		assert.Equal(t, "application/json", old.header.Get("Content-Type"))
		assert.Contains(t, old.header.Get("X-Mongodb-Service-Version"), "gitHash=")
		assert.NotEmpty(t, old.header.Get("X-Request-ID"))
		assert.Empty(t, old.header.Get("Ratelimit-Limit"))

		v2 := c.get(jobs(rjt.AtlasV2Cluster))
		assert.Equal(t, "application/vnd.atlas.2023-01-01+json;charset=utf-8", v2.header.Get("Content-Type"))
		assert.Equal(t, "1200", v2.header.Get("Ratelimit-Limit"))
		assert.NotEmpty(t, v2.header.Get("Ratelimit-Remaining"))
		assert.NotEmpty(t, v2.header.Get("X-Java-Method"))
		assert.Equal(t, "application/vnd.atlas.2024-11-13+json;charset=utf-8", c.get(jobs(rjt.AtlasV2Flex)).header.Get("Content-Type"))

		for _, accept := range []string{
			"application/json", "*/*", "application/vnd.atlas.2022-01-01+json", "application/vnd.atlas.2023-13-01+json",
			"xapplication/vnd.atlas.2023-01-01+json", "application/vnd.atlas.2023-01-01+jsonx", "application/vnd.atlas.2023-01-01+json-patch",
			`text/plain; note="application/vnd.atlas.2023-01-01+json"`,
		} {
			bad := c.do(http.MethodGet, jobs(rjt.AtlasV2Cluster), "", "Accept", accept)
			assert.Equal(t, http.StatusNotAcceptable, bad.status, accept)
			assert.Equal(t, "INVALID_VERSION_DATE", bad.doc["errorCode"])
			assert.Equal(t, "INVALID_VERSION_DATE", bad.header.Get("X-Error-Code"))
			assert.Equal(t, "application/json", bad.header.Get("Content-Type"))
		}
		assert.Equal(t, http.StatusOK, c.do(http.MethodGet, jobs(rjt.AtlasV1Cluster), "", "Accept", "application/json").status)
		for _, accept := range []string{
			"text/html, application/vnd.atlas.2025-03-12+json", "application/vnd.atlas.2025-03-12+json;q=0.9", "Application/vnd.atlas.2025-03-12+JSON",
		} {
			assert.Equal(t, http.StatusOK, c.do(http.MethodGet, jobs(rjt.AtlasV2Cluster), "", "Accept", accept).status, accept)
		}
	})
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

func TestList_refusedQueries(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for _, query := range []string{
		"itemsPerPage=501", "itemsPerPage=0", "itemsPerPage=x", "pageNum=0", "pageNum=-1", "pretty=yes", "envelope=1",
		"includeCount=", "unknown=1", "batchId=6a22a5000000000000000001", "pretty=true&pretty=true", "a=%zz",
	} {
		a := c.get(jobs(rjt.AtlasV2Cluster) + "?" + query)
		assert.Equal(t, http.StatusBadRequest, a.status, query)
		assert.Equal(t, "INVALID_QUERY_PARAMETER", a.doc["errorCode"], query)
	}
	assert.Equal(t, http.StatusBadRequest, c.get(jobs(rjt.OpsManagerHost)+"?batchId=x").status, "a host has no batches")
	assert.Equal(t, http.StatusBadRequest, c.get(jobs(rjt.AtlasV2LegacyCluster)+"?batchId=x").status)
	assert.Equal(t, http.StatusBadRequest, c.do(http.MethodPost, jobs(rjt.AtlasV2Cluster)+"?pageNum=1", goodBody(rjt.AtlasV2Cluster)).status)
	assert.Equal(t, http.StatusOK, c.get(jobs(rjt.AtlasV2Cluster)+"?itemsPerPage=500&pageNum=1&pretty=true&envelope=false&includeCount=true").status)
}

func TestServer_unknownPaths(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	cm := rjt.CloudManagerCluster
	v1 := rjt.AtlasV1Cluster
	v2 := rjt.AtlasV2Cluster
	host := rjt.OpsManagerHost
	flex := rjt.AtlasV2Flex
	const unknown = "ffffffffffffffffffffffff"
	tests := []struct {
		path   string
		status int
		code   string
	}{
		{jobs(cm) + "/" + unknown, 404, "RESTORE_JOB_NOT_FOUND"},
		{jobs(host) + "/" + unknown, 404, "CONFIG_RESTORE_JOB_NOT_FOUND"},
		{jobs(v2) + "/" + unknown, 404, "RESTORE_JOB_NOT_FOUND"},
		{jobs(v2) + "/short", 404, "INVALID_JOB_ID"},
		{jobs(v2) + "/" + cm.Jobs()[0], 404, "RESTORE_JOB_NOT_FOUND"},
		{path(cm, unknown), 404, "CLUSTER_NOT_FOUND"},
		{path(cm, "Cluster0"), 404, "INVALID_CLUSTER_ID"},
		{path(v2, "Nowhere"), 404, "CLUSTER_NOT_FOUND"},
		{path(host, unknown), 404, "HOST_NOT_FOUND"},
		{strings.Replace(jobs(cm), cm.Project(), unknown, 1), 404, "GROUP_NOT_FOUND"},
		{strings.Replace(jobs(cm), cm.Project(), "me", 1), 404, "INVALID_GROUP_ID"},
		{strings.Replace(jobs(cm), cm.Project(), v2.Project(), 1), 404, "ATLAS_GROUP"},
		{strings.Replace(jobs(v1), v1.Project(), cm.Project(), 1), 404, "NOT_ATLAS_GROUP"},
		{path(flex, v2.Cluster()), 400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"},
		{path(v2, flex.Cluster()), 400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"},
		{path(v2, rjt.AtlasV2LegacyCluster.Cluster()), 400, "INCORRECT_BACKUP_API_ENDPOINT"},
		{"/api/atlas/v2/groups", 404, "RESOURCE_NOT_FOUND"},
		{strings.Replace(jobs(cm), "/clusters/", "/serverless/", 1), 404, "RESOURCE_NOT_FOUND"},
	}
	for _, tt := range tests {
		a := c.get(tt.path)
		assert.Equal(t, tt.status, a.status, tt.path)
		assert.Equal(t, tt.code, a.doc["errorCode"], tt.path)
		assert.Equal(t, tt.code, a.header.Get("X-Error-Code"), tt.path)
		assert.InDelta(t, tt.status, a.doc["error"], 0)
		assert.Equal(t, http.StatusText(tt.status), a.doc["reason"])
	}
	a := c.get(path(v2, "cluster-989"))
	assert.Equal(t, "No cluster named cluster-989 exists in group "+v2.Project()+".", a.doc["detail"])
	assert.Equal(t, []any{"cluster-989", v2.Project()}, a.doc["parameters"])
}

func TestCancel(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, c *caller) {
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

func TestTimeRanges(t *testing.T) {
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

func TestEnvelope(t *testing.T) {
	t.Parallel()
	job := jobs(rjt.AtlasV2Flex) + "/" + rjt.AtlasV2Flex.Jobs()[0]

	c := newInProcessCaller(t)
	plain := c.get(job)
	one := c.get(job + "?envelope=true")
	assert.Equal(t, map[string]any{"status": 200.0, "content": plain.doc}, one.doc)
	list := c.get(jobs(rjt.AtlasV2Flex) + "?envelope=true")
	assert.InDelta(t, 200, list.doc["status"], 0)
	assert.Contains(t, list.doc, "results")
	assert.NotContains(t, list.doc, "content")
	missing := c.get(jobs(rjt.AtlasV2Flex) + "/ffffffffffffffffffffffff?envelope=true")
	assert.Equal(t, http.StatusNotFound, missing.status)
	assert.InDelta(t, 404, missing.doc["status"], 0)
	assert.Equal(t, "RESTORE_JOB_NOT_FOUND", missing.doc["content"].(map[string]any)["errorCode"])
	ranges := c.do(http.MethodPost, jobs(rjt.OpsManagerCluster)+"/restorableTimeRanges?envelope=true", "")
	assert.Len(t, objects(ranges.doc["content"]), 1)

	c = newInProcessCaller(t, rjt.WithEnvelopeKey("envelope"), rjt.WithEnvelopeStatusOK())
	assert.Equal(t, plain.doc, c.get(job + "?envelope=true").doc["envelope"])
	missing = c.get(jobs(rjt.AtlasV2Flex) + "/ffffffffffffffffffffffff?envelope=true")
	assert.Equal(t, http.StatusOK, missing.status)
	assert.InDelta(t, 404, missing.doc["status"], 0)
	id := c.create(rjt.AtlasV2Cluster, "Cluster0", goodBody(rjt.AtlasV2Cluster))[0]["id"].(string)
	gone := c.do(http.MethodDelete, jobs(rjt.AtlasV2Cluster)+"/"+id+"?envelope=true", "")
	assert.Equal(t, http.StatusOK, gone.status)
	assert.InDelta(t, 204, gone.doc["status"], 0)

	assert.Contains(t, c.get(job+"?pretty=true").body, "\n  \"")
	assert.NotContains(t, c.get(job).body, "\n")
}

func TestRequests_recorded(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, c *caller) {
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
