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

func isAtlasCluster(scope rjt.Scope) bool {
	return scope == rjt.AtlasV1Cluster || scope == rjt.AtlasV2Cluster
}

func TestAddSnapshot_isSentAsItIs(t *testing.T) {
	t.Parallel()
	for _, scope := range rjt.Scopes() {
		c := newInProcessCaller(t)
		id := c.server.AddSnapshot(scope, `{"complete":true,"status":"completed","note":"as it is"}`)
		assert.ElementsMatch(t, append(scope.Snapshots(), id), c.listIDs(snapshots(scope, scope.Cluster())), scope)
		a := c.get(snapshots(scope, scope.Cluster()) + "/" + id)
		assert.Equal(t, map[string]any{
			"id":       id,
			"complete": true,
			"status":   "completed",
			"note":     "as it is",
		}, a.doc, scope)
	}
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	const id = "6a22a50000000000000000b9"
	assert.Equal(t, id, c.server.AddSnapshot(scope, `{"id":"`+id+`","status":"completed","createdAt":"2026-08-11T03:05:05Z"}`))
	created := c.create(scope, scope.Cluster(), `{"deliveryType":"download","snapshotId":"`+id+`"}`)
	assert.Equal(t, "2026-08-11T03:05:05Z", created[0]["timestamp"])
	assert.Panics(t, func() { c.server.AddSnapshot(scope, "[]") })
}

func TestAddSnapshot_sharded(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t, rjt.WithShards(2))
	scope := rjt.AtlasV2Cluster
	id := c.server.AddSnapshot(scope, `{"status":"inProgress"}`)
	assert.ElementsMatch(t, append(scope.Snapshots(), id), c.listIDs(snapshots(scope, scope.Cluster())+"/shardedClusters"))
}

func TestAddSnapshotTo_otherCluster(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.OpsManagerCluster
	id := c.server.AddSnapshotTo(scope, scope.Sharded(), `{"complete":true}`)
	assert.Contains(t, c.listIDs(snapshots(scope, scope.Sharded())), id)
	assert.NotContains(t, c.listIDs(snapshots(scope, scope.Cluster())), id)
	assert.Panics(t, func() { c.server.AddSnapshotTo(scope, "nowhere", `{}`) })
}

func TestAddSnapshot_incompleteIsNotRestorable(t *testing.T) {
	t.Parallel()
	for _, scope := range rjt.Scopes() {
		c := newInProcessCaller(t)
		for _, members := range []string{`"complete":false,"status":"inProgress"`, `"status":"failed"`, `"status":"RUNNING"`} {
			id := c.server.AddSnapshot(scope, `{`+members+`}`)
			a := c.do(http.MethodPost, jobs(scope), strings.ReplaceAll(goodBody(scope), scope.Snapshots()[0], id))
			assert.Equal(t, http.StatusConflict, a.status, "%s %s: %s", scope, members, a.body)
			assert.Regexp(t, `^CANNOT_(DOWNLOAD_INCOMPLETE_SNAPSHOT|START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT)$`, a.doc["errorCode"], scope)
		}
		assert.Zero(t, c.server.CreateCount(), scope)
	}
}

func TestAddSnapshot_expires(t *testing.T) {
	t.Parallel()
	for field, scope := range map[string]rjt.Scope{
		"expires":    rjt.OpsManagerCluster,
		"expiresAt":  rjt.AtlasV2Cluster,
		"expiration": rjt.AtlasV2Flex,
	} {
		c := newInProcessCaller(t)
		expiry := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		id := c.server.AddSnapshot(scope, `{"complete":true,"status":"completed","`+field+`":"`+expiry+`"}`)
		list := snapshots(scope, scope.Cluster())
		assert.Contains(t, c.listIDs(list), id)
		c.server.Advance(time.Hour)
		assert.ElementsMatch(t, scope.Snapshots(), c.listIDs(list), field)
		a := c.get(list + "/" + id)
		assert.Equal(t, http.StatusNotFound, a.status)
		assert.Equal(t, "SNAPSHOT_NOT_FOUND", a.doc["errorCode"])
		a = c.do(http.MethodPost, jobs(scope), strings.ReplaceAll(goodBody(scope), scope.Snapshots()[0], id))
		assert.Equal(t, http.StatusConflict, a.status, a.body)
		assert.Equal(t, "CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT", a.doc["errorCode"])
	}
}

func TestAddSnapshot_oplogTimeIsTheRestorePoint(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.OpsManagerCluster
	id := c.server.AddSnapshot(scope, `{"complete":true,"created":{"date":"2026-08-11T03:05:05Z","increment":1},
		"lastOplogAppliedTimestamp":{"date":"2026-08-11T03:06:00Z","increment":4}}`)
	created := c.create(scope, scope.Cluster(), strings.ReplaceAll(goodBody(scope), scope.Snapshots()[0], id))
	assert.Equal(t, "2026-08-11T03:06:00Z", created[0]["timestamp"].(map[string]any)["date"])
}

func TestGetSnapshot_everyScope(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for _, scope := range rjt.Scopes() {
		list := snapshots(scope, scope.Cluster())
		for i, item := range objects(c.get(list).doc["results"]) {
			a := c.get(list + "/" + item["id"].(string))
			require.Equal(t, http.StatusOK, a.status, "%s %d: %s", scope, i, a.body)
			assert.Equal(t, item, a.doc, scope)
		}
		unknown := c.get(list + "/" + unknownID)
		assert.Equal(t, http.StatusNotFound, unknown.status, scope)
		assert.Equal(t, forHosts(scope, "CONFIG_SNAPSHOT_NOT_FOUND", "SNAPSHOT_NOT_FOUND"), unknown.doc["errorCode"], scope)
		assert.Equal(t, "INVALID_SNAPSHOT_ID", c.get(list + "/x").doc["errorCode"], scope)
		assert.Equal(t, http.StatusBadRequest, c.get(list+"/"+scope.Snapshots()[0]+"?pageNum=1").status, scope)
		assert.Equal(t, http.StatusMethodNotAllowed, c.do(http.MethodPut, list+"/"+scope.Snapshots()[0], "{}").status, scope)
	}
}
