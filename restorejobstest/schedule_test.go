package restorejobstest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestServer_atlasSchedule(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	schedule := clustersPath(scope) + "/" + scope.Cluster() + "/backup/schedule"
	for requested, want := range map[string]struct {
		version    string
		deprecated bool
	}{
		"2025-03-12": {"2024-08-05", false},
		"2024-05-30": {"2023-01-01", true},
	} {
		got := c.do(http.MethodGet, schedule, "", "Accept", "application/vnd.atlas."+requested+"+json")
		require.Equal(t, http.StatusOK, got.status, got.body)
		assert.Contains(t, got.header.Get("Content-Type"), want.version)
		assert.Equal(t, want.deprecated, got.header.Get("Sunset") != "")
		assert.InDelta(t, 7, got.doc["restoreWindowDays"], 0)
		assert.NotEmpty(t, got.doc["nextSnapshot"])
		assert.Len(t, objects(got.doc["policies"])[0]["policyItems"], 2)
		cluster := c.get(clustersPath(scope) + "/" + scope.Cluster())
		assert.Equal(t, cluster.doc["id"], got.doc["clusterId"])
	}
	v1 := c.get(clustersPath(rjt.AtlasV1Cluster) + "/" + rjt.AtlasV1Cluster.Cluster() + "/backup/schedule")
	assert.InDelta(t, 7, v1.doc["restoreWindowDays"], 0)
	legacy := c.get(clustersPath(scope) + "/" + rjt.AtlasV2LegacyCluster.Cluster() + "/backup/schedule")
	assert.Equal(t, "INCORRECT_BACKUP_API_ENDPOINT", legacy.doc["errorCode"])

	c.server.EditCluster(scope, scope.Cluster(), rjt.SetFields(map[string]any{"backupEnabled": false}))
	without := c.get(schedule)
	assert.Equal(t, http.StatusNotFound, without.status)
	assert.Equal(t, "BACKUP_CONFIG_NOT_FOUND", without.doc["errorCode"])
}
