package restorejobstest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestServer_targetThatIsBeingRestored(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	manager := rjt.OpsManagerCluster
	body := fill(manager, automatedBody)
	first := c.create(manager, manager.Cluster(), body)
	c.server.Advance(4 * time.Minute)
	c.create(manager, manager.Cluster(), body) // the agents were faster than the job
	refused := c.do(http.MethodPost, jobs(manager), body)
	assert.Equal(t, http.StatusConflict, refused.status, refused.body)
	assert.Equal(t, "CONCURRENT_RESTORES_JOB_IDS", refused.doc["errorCode"])
	assert.NotContains(t, refused.doc["parameters"], first[0]["id"])
	assert.Len(t, refused.doc["parameters"], 1)

	atlas := rjt.AtlasV2Cluster
	body = fill(atlas, `{"deliveryType":"automated","snapshotId":"S","targetClusterName":"T","targetGroupId":"P"}`)
	created := c.create(atlas, atlas.Cluster(), body)
	refused = c.do(http.MethodPost, jobs(atlas), body)
	assert.Equal(t, http.StatusBadRequest, refused.status)
	assert.Equal(t, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE", refused.doc["errorCode"])
	c.server.FailJob(created[0]["id"].(string))
	c.create(atlas, atlas.Cluster(), body)
	c.create(atlas, atlas.Cluster(), goodBody(atlas)) // a download has no target
}

// A point-in-time job is finished long before its agents are.
func TestServer_targetIsBusyUntilItsAgentsAreDone(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.CloudManagerCluster
	point := pointBody(scope, time.Now().Add(-time.Hour))
	c.create(scope, scope.Cluster(), point)
	c.server.Advance(99 * time.Second)
	assert.Equal(t, http.StatusConflict, c.do(http.MethodPost, jobs(scope), point).status)
	c.server.Advance(time.Second)
	c.create(scope, scope.Cluster(), point)
}

func TestServer_setBusy(t *testing.T) {
	t.Parallel()
	for scope, code := range map[rjt.Scope]string{
		rjt.OpsManagerCluster: "CONCURRENT_RESTORES_JOB_IDS",
		rjt.AtlasV2Cluster:    "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE",
		rjt.AtlasV2Flex:       "ATLAS_CLUSTER_RESTORE_IN_PROGRESS",
	} {
		c := newInProcessCaller(t)
		body := fill(scope, crossProjectBody(scope, scope.Project(), scope.Target()))
		c.server.SetBusy(scope, scope.Target(), true)
		assert.Equal(t, code, c.do(http.MethodPost, jobs(scope), body).doc["errorCode"])
		assert.Zero(t, c.server.CreateCount())
		c.server.SetBusy(scope, scope.Target(), false)
		require.Equal(t, http.StatusOK, c.do(http.MethodPost, jobs(scope), body).status)
	}
}

func TestServer_targetThatIsPausedOrDeleted(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	body := fill(scope, crossProjectBody(scope, scope.Project(), scope.Target()))
	for code, fields := range map[string]map[string]any{
		"CLUSTER_PAUSED_CANNOT_RESTORE":      {"paused": true},
		"CLUSTER_ALREADY_REQUESTED_DELETION": {"stateName": "DELETING"},
	} {
		c.server.EditCluster(scope, scope.Target(), rjt.SetFields(fields))
		refused := c.do(http.MethodPost, jobs(scope), body)
		assert.Equal(t, http.StatusBadRequest, refused.status)
		assert.Equal(t, code, refused.doc["errorCode"])
		c.server.EditCluster(scope, scope.Target(), nil)
	}
	assert.Equal(t, http.StatusOK, c.do(http.MethodPost, jobs(scope), body).status)
}
