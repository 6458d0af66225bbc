package restorejobstest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestServer_mediaTypesAndHeaders(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
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
		{"/api/atlas/v2/orgs", 404, "RESOURCE_NOT_FOUND"},
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

func TestServer_pathsAreMatchedBySegment(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	v2 := jobs(rjt.AtlasV2Cluster)
	for target, status := range map[string]int{
		v2:                                     http.StatusOK,
		strings.Replace(v2, "r0/", "%720/", 1): http.StatusOK,
		v2 + "/":                               http.StatusNotFound,
		v2 + "/a/b":                            http.StatusNotFound,
		strings.Replace(v2, "clusters/Cluster0", "clusters/Cluster0%2Fbackup", 1): http.StatusNotFound,
		strings.Replace(v2, "clusters/Cluster0", "clusters/", 1):                  http.StatusNotFound,
	} {
		assert.Equal(t, status, c.get(target).status, target)
	}
	wrong := c.do(http.MethodPatch, v2, "{}")
	assert.Equal(t, http.StatusMethodNotAllowed, wrong.status)
	assert.Equal(t, "GET, POST", wrong.header.Get("Allow"))
}
