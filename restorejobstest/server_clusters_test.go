package restorejobstest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestServer_addedClusterIsSourceAndTarget(t *testing.T) {
	t.Parallel()
	for _, scope := range []rjt.Scope{rjt.OpsManagerCluster, rjt.AtlasV2Cluster, rjt.AtlasV2Flex} {
		c := newInProcessCaller(t)
		project := c.server.AddProject(scope, "Staging")
		name := c.server.AddCluster(rjt.ClusterSpec{
			Scope:   scope,
			Project: project,
			Name:    "invoices",
		})
		added := strings.Replace(path(scope, name), scope.Project(), project, 1)
		require.Equal(t, http.StatusOK, c.get(added).status)

		body := fill(scope, crossProjectBody(scope, project, name))
		created := c.do(http.MethodPost, jobs(scope), body)
		require.Equal(t, http.StatusOK, created.status, "into it: %s", created.body)
		back := c.do(http.MethodPost, added, fill(scope, crossProjectBody(scope, scope.Project(), scope.Target())))
		require.Equal(t, http.StatusOK, back.status, "from it: %s", back.body)
		assert.Len(t, c.server.JobsOf(scope, project+"/"+name), 1)
		assert.Len(t, c.server.JobsOf(scope, scope.Cluster()), 1+len(scope.Jobs()))
		if scope != rjt.OpsManagerCluster {
			continue
		}
		c.server.Advance(time.Minute)
		assert.NotEmpty(t, c.server.Hostnames(scope, project+"/"+name))
		status := c.get(publicGroups + project + "/automationStatus")
		first, _ := c.goal(rjt.CloudManagerCluster)
		assert.InDelta(t, first+1, status.doc["goalVersion"], 0)
	}
}

// crossProjectBody is a create of a restore into a cluster of another project.
func crossProjectBody(scope rjt.Scope, project, cluster string) string {
	switch scope {
	case rjt.AtlasV2Cluster:
		return `{"deliveryType":"automated","targetGroupId":"` + project + `","targetClusterName":"` + cluster + `","snapshotId":"S"}`
	case rjt.AtlasV2Flex:
		return `{"targetProjectId":"` + project + `","targetDeploymentItemName":"` + cluster + `","snapshotId":"S"}`
	default:
		return `{"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"` + project + `","targetClusterId":"` + cluster + `"},"snapshotId":"S"}`
	}
}

func TestServer_jobsOfSharded(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.CloudManagerCluster
	c.create(scope, scope.Sharded(), goodBody(scope))
	assert.Len(t, c.server.JobsOf(scope, scope.Sharded()), 3)
	assert.Len(t, c.server.JobsOf(scope, scope.Cluster()), 1)
	assert.Empty(t, c.server.JobsOf(scope, scope.Target()))
	assert.Panics(t, func() { c.server.JobsOf(scope, "nowhere") })
}

func TestServer_editCluster(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	one := clustersPath(scope) + "/" + scope.Target()
	c.server.EditCluster(scope, scope.Target(), rjt.SetFields(map[string]any{"stateName": "REPAIRING"}))
	c.server.EditCluster(scope, scope.Target(), rjt.SetFields(map[string]any{"paused": true}))
	assert.Equal(t, "REPAIRING", c.get(one).doc["stateName"])
	assert.Equal(t, true, c.get(one).doc["paused"])
	c.server.EditCluster(scope, scope.Target(), nil)
	assert.Equal(t, "IDLE", c.get(one).doc["stateName"])
}

func TestServer_addClusterRefusesNonsense(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for name, spec := range map[string]rjt.ClusterSpec{
		"no name":         {Scope: rjt.AtlasV2Cluster},
		"a host":          {Scope: rjt.OpsManagerHost, Name: "x"},
		"unknown project": {Scope: rjt.AtlasV2Cluster, Name: "x", Project: unknownID},
		"other product":   {Scope: rjt.AtlasV2Cluster, Name: "x", Project: rjt.OpsManagerCluster.Project()},
		"used name":       {Scope: rjt.AtlasV2Flex, Name: "Cluster0"},
	} {
		assert.Panics(t, func() { c.server.AddCluster(spec) }, name)
	}
}
