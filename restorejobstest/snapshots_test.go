package restorejobstest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestSnapshots_orderOfList(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for _, scope := range rjt.Scopes() {
		want := scope.Snapshots()
		if scope == rjt.AtlasV2Flex {
			slices.Reverse(want)
		}
		assert.Equal(t, want, c.listIDs(snapshots(scope, scope.Cluster())), scope)
	}
}

func TestSnapshots_shardedAtlasCluster(t *testing.T) {
	t.Parallel()
	for _, scope := range []rjt.Scope{rjt.AtlasV1Cluster, rjt.AtlasV2Cluster} {
		c := newInProcessCaller(t)
		sharded := snapshots(scope, scope.Sharded())
		assert.Empty(t, c.listIDs(sharded), "%s: this list is for replica sets", scope)
		assert.Equal(t, scope.Snapshots(), c.listIDs(sharded+"/shardedClusters"), scope)
		list := c.get(sharded + "/shardedClusters?pretty=true")
		assert.Equal(t, "shardedCluster", objects(list.doc["results"])[0]["type"])
		assert.Empty(t, c.listIDs(snapshots(scope, scope.Cluster())+"/shardedClusters"), scope)
		assert.Equal(t, http.StatusBadRequest, c.get(sharded+"/shardedClusters?pageNum=1").status, "the list has no pages")
		assert.Equal(t, http.StatusMethodNotAllowed, c.do(http.MethodPost, sharded+"/shardedClusters", "{}").status)
	}
	c := newInProcessCaller(t)
	for _, scope := range []rjt.Scope{rjt.OpsManagerCluster, rjt.AtlasV2LegacyCluster, rjt.AtlasV2Serverless, rjt.AtlasV2Flex} {
		assert.NotEqual(t, http.StatusOK, c.get(snapshots(scope, scope.Cluster())+"/shardedClusters").status, scope)
	}
	assert.Equal(t, rjt.OpsManagerCluster.Snapshots(), c.listIDs(snapshots(rjt.OpsManagerCluster, rjt.OpsManagerCluster.Sharded())))
}

func TestAddSnapshot_isNewest(t *testing.T) {
	t.Parallel()
	for _, scope := range rjt.Scopes() {
		c := newInProcessCaller(t)
		id := c.server.AddSnapshot(scope, `{"complete":true,"status":"completed","note":"as it is"}`)
		ids := c.listIDs(snapshots(scope, scope.Cluster()))
		if scope == rjt.AtlasV2Flex {
			slices.Reverse(ids)
		}
		assert.Equal(t, append([]string{id}, scope.Snapshots()...), ids, scope)
	}
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	const id = "6a22a50000000000000000b9"
	assert.Equal(t, id, c.server.AddSnapshot(scope, `{"id":"`+id+`","status":"completed","createdAt":"2026-08-11T03:05:05Z","note":"as it is"}`))
	assert.Equal(t, "as it is", objects(c.get(snapshots(scope, scope.Cluster())).doc["results"])[0]["note"])
	created := c.create(scope, scope.Cluster(), `{"deliveryType":"download","snapshotId":"`+id+`"}`)
	assert.Equal(t, "2026-08-11T03:05:05Z", created[0]["timestamp"])
	assert.Panics(t, func() { c.server.AddSnapshot(scope, "[]") })
}

func TestAddSnapshot_sharded(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t, rjt.WithShards(2))
	scope := rjt.AtlasV2Cluster
	id := c.server.AddSnapshot(scope, `{"status":"inProgress"}`)
	assert.Equal(t, append([]string{id}, scope.Snapshots()...), c.listIDs(snapshots(scope, scope.Cluster())+"/shardedClusters"))
}

func TestSnapshots_completed(t *testing.T) {
	t.Parallel()
	for _, scope := range rjt.Scopes() {
		c := newInProcessCaller(t)
		id := c.server.AddSnapshot(scope, `{"complete":false,"status":"queued"}`)
		list := snapshots(scope, scope.Cluster())
		if scope != rjt.OpsManagerCluster && scope != rjt.AtlasV2LegacyCluster {
			assert.Contains(t, c.listIDs(list), id, scope)
			assert.Equal(t, http.StatusBadRequest, c.get(list+"?completed=all").status, scope)
			continue
		}
		assert.Equal(t, scope.Snapshots(), c.listIDs(list), "%s: complete ones by default", scope)
		assert.Equal(t, scope.Snapshots(), c.listIDs(list+"?completed=true"), scope)
		assert.Equal(t, []string{id}, c.listIDs(list+"?completed=false"), scope)
		assert.Equal(t, append([]string{id}, scope.Snapshots()...), c.listIDs(list+"?completed=all"), scope)
		assert.Equal(t, http.StatusBadRequest, c.get(list+"?completed=yes").status, scope)
	}
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
