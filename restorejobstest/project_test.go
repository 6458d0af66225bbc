package restorejobstest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

const (
	publicGroups = "/api/public/v1.0/groups/"
	v1Groups     = "/api/atlas/v1.0/groups/"
	v2Groups     = "/api/atlas/v2/groups/"
)

func TestServer_projectByName(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for scope, base := range map[rjt.Scope]string{
		rjt.CloudManagerCluster: publicGroups,
		rjt.OpsManagerHost:      publicGroups,
		rjt.MMSCluster:          publicGroups,
		rjt.AtlasV1Cluster:      v1Groups,
		rjt.AtlasV2Flex:         v2Groups,
	} {
		byName := c.get(base + "byName/" + escape(scope.ProjectName()))
		require.Equal(t, http.StatusOK, byName.status, "%s: %s", scope, byName.body)
		assert.Equal(t, scope.Project(), byName.doc["id"])
		assert.Equal(t, scope.ProjectName(), byName.doc["name"])
		assert.NotEmpty(t, byName.doc["orgId"])
		assert.Equal(t, byName.doc["id"], c.get(base + scope.Project()).doc["id"])
		_, hasSecret := byName.doc["agentApiKey"]
		assert.Equal(t, base == publicGroups, hasSecret, "%s", scope)

		unknown := c.get(base + "byName/production")
		assert.Equal(t, http.StatusNotFound, unknown.status)
		assert.Equal(t, "GROUP_NAME_NOT_FOUND", unknown.doc["errorCode"])
	}
	assert.Equal(t, "NOT_ATLAS_GROUP", c.get(v2Groups + rjt.OpsManagerCluster.Project()).doc["errorCode"])
	assert.Equal(t, "INVALID_QUERY_PARAMETER", c.get(v2Groups + "byName/Production?pageNum=1").doc["errorCode"])
	old := c.do(http.MethodGet, v2Groups+"byName/Production", "", "Accept", "application/json")
	assert.Equal(t, http.StatusNotAcceptable, old.status)
	assert.Equal(t, http.StatusMethodNotAllowed, c.do(http.MethodDelete, v2Groups+rjt.AtlasV2Cluster.Project(), "").status)
}

func TestServer_addProjectWithTheSameName(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	id := c.server.AddProject(rjt.OpsManagerCluster, "Production")
	assert.Equal(t, id, c.get(publicGroups + id).doc["id"])
	several := c.get(publicGroups + "byName/Production")
	assert.Equal(t, http.StatusConflict, several.status)
	assert.Equal(t, "MULTIPLE_GROUPS", several.doc["errorCode"])
	assert.Equal(t, http.StatusOK, c.get(v2Groups+"byName/Production").status)
}

func TestServer_listProjects(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	added := c.server.AddProject(rjt.AtlasV2Cluster, "Production")
	for base, want := range map[string][]string{
		publicGroups: {rjt.CloudManagerCluster.Project(), rjt.OpsManagerCluster.Project(), rjt.MMSCluster.Project()},
		v1Groups:     {rjt.AtlasV1Cluster.Project()},
		v2Groups:     {rjt.AtlasV2Cluster.Project(), added},
	} {
		path := strings.TrimSuffix(base, "/")
		assert.Equal(t, want, c.listIDs(path), base)
		page := c.get(path + "?itemsPerPage=1&pageNum=2&includeCount=false")
		if base == v1Groups {
			assert.Empty(t, page.doc["results"])
			continue
		}
		require.Len(t, page.doc["results"], 1, "%s: %s", base, page.body)
		entry := objects(page.doc["results"])[0]
		assert.Equal(t, want[1], entry["id"])
		assert.Equal(t, entry, c.get(base+want[1]).doc, "the project itself")
	}
	assert.Equal(t, "INVALID_QUERY_PARAMETER", c.get(v2Groups[:len(v2Groups)-1] + "?name=Production").doc["errorCode"])
	assert.Equal(t, http.StatusMethodNotAllowed, c.do(http.MethodPost, v1Groups[:len(v1Groups)-1], "{}").status)
}
