package restorejobstest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestServer_backupConfigs(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.OpsManagerCluster
	all := publicGroups + scope.Project() + "/backupConfigs"
	list := c.get(all)
	assert.InDelta(t, 6, list.doc["totalCount"], 0, "the shards and the config server have their own")
	assert.Equal(t, "STARTED", c.get(all + "/" + scope.Cluster()).doc["statusName"])
	assert.Equal(t, "INACTIVE", c.get(all + "/" + scope.Target()).doc["statusName"])
	assert.Equal(t, "CLUSTER_NOT_FOUND", c.get(all + "/" + unknownID).doc["errorCode"])
	assert.Equal(t, "INVALID_CLUSTER_ID", c.get(all + "/orders").doc["errorCode"])
	assert.Equal(t, http.StatusMethodNotAllowed, c.do(http.MethodPatch, all+"/"+scope.Cluster(), "{}").status)

	c.server.EditBackupConfig(scope, scope.Cluster(), rjt.SetFields(map[string]any{"statusName": "STOPPED"}))
	assert.Equal(t, "STOPPED", c.get(all + "/" + scope.Cluster()).doc["statusName"])

	schedule := all + "/" + scope.Sharded() + "/snapshotSchedule"
	assert.InDelta(t, 60, c.get(schedule).doc["clusterCheckpointIntervalMin"], 0)
	c.server.EditSchedule(scope, scope.Sharded(), rjt.SetFields(map[string]any{"pointInTimeWindowHours": 0}))
	assert.InDelta(t, 0, c.get(schedule).doc["pointInTimeWindowHours"], 0)
	assert.InDelta(t, 0, c.get(all + "/" + scope.Target() + "/snapshotSchedule").doc["pointInTimeWindowHours"], 0)
}
