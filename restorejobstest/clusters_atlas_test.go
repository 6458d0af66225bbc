package restorejobstest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestServer_atlasClusterInEveryVersion(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	sharded := clustersPath(rjt.AtlasV2Cluster) + "/" + rjt.AtlasV2Cluster.Sharded()
	for requested, want := range map[string]struct {
		version    string
		specs      int
		deprecated bool
	}{
		"2025-03-12": {"2024-08-05", 2, false},
		"2024-08-05": {"2024-08-05", 2, false},
		"2024-05-30": {"2023-02-01", 1, true},
		"2023-01-01": {"2023-01-01", 1, false},
	} {
		got := c.do(http.MethodGet, sharded, "", "Accept", "application/vnd.atlas."+requested+"+json")
		require.Equal(t, http.StatusOK, got.status, got.body)
		assert.Contains(t, got.header.Get("Content-Type"), want.version)
		assert.Equal(t, "10000", got.header.Get("Ratelimit-Limit"))
		assert.Equal(t, "SHARDED", got.doc["clusterType"])
		assert.Equal(t, "IDLE", got.doc["stateName"])
		specs := objects(got.doc["replicationSpecs"])
		require.Len(t, specs, want.specs, requested)
		if want.specs == 1 {
			assert.InDelta(t, 2, specs[0]["numShards"], 0)
		} else {
			assert.NotContains(t, specs[0], "numShards")
		}
		assert.Equal(t, want.deprecated, got.header.Get("Deprecation") == "Mon, 5 Aug 2024 00:00:00 GMT", requested)
		assert.Equal(t, want.deprecated, got.header.Get("Sunset") == "Thu, 1 Jul 2027 00:00:00 GMT", requested)
	}
	v1 := c.get(clustersPath(rjt.AtlasV1Cluster) + "/" + rjt.AtlasV1Cluster.Cluster())
	assert.Equal(t, true, v1.doc["providerBackupEnabled"])
	assert.Equal(t, "REPLICASET", v1.doc["clusterType"])
	gone := c.do(http.MethodGet, sharded+"x", "", "Accept", "application/vnd.atlas.2023-02-01+json")
	assert.Equal(t, http.StatusNotFound, gone.status)
	assert.NotEmpty(t, gone.header.Get("Deprecation"), "an error has the headers too")
}

func TestServer_atlasClusterOfAnotherKind(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	clusters := clustersPath(rjt.AtlasV2Cluster)
	flexes := strings.Replace(clusters, "/clusters", "/flexClusters", 1)
	instances := strings.Replace(clusters, "/clusters", "/serverless", 1)
	for path, want := range map[string]struct {
		status int
		code   any
	}{
		clusters + "/Cluster0":                                {200, nil},
		clusters + "/Legacy0":                                 {200, nil},
		clusters + "/Flex0":                                   {400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"},
		clusters + "/Nowhere":                                 {404, "CLUSTER_NOT_FOUND"},
		clusters + "/Serverless0":                             {404, "CLUSTER_NOT_FOUND"},
		flexes + "/Flex0":                                     {200, nil},
		flexes + "/Cluster0":                                  {400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"},
		flexes + "/Nowhere":                                   {404, "CLUSTER_NOT_FOUND"},
		instances + "/Serverless0":                            {200, nil},
		clusters + "/Cluster0?pageNum=1":                      {400, "INVALID_QUERY_PARAMETER"},
		clusters + "?includeDeletedWithRetainedBackups=maybe": {400, "INVALID_QUERY_PARAMETER"},
		flexes + "?includeDeletedWithRetainedBackups=true":    {400, "INVALID_QUERY_PARAMETER"},
	} {
		got := c.get(path)
		assert.Equal(t, want.status, got.status, path)
		assert.Equal(t, want.code, got.doc["errorCode"], path)
	}
	assert.Equal(t, "Thu, 15 Jan 2026 00:00:00 GMT", c.get(instances+"/Serverless0").header.Get("Sunset"))
	assert.Empty(t, c.get(flexes+"/Flex0").header.Get("Sunset"))
	assert.InDelta(t, 3, c.get(flexes).doc["totalCount"], 0)
	assert.InDelta(t, 6, c.get(clusters + "?includeDeletedWithRetainedBackups=false").doc["totalCount"], 0)
}
