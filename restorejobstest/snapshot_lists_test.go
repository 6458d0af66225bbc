package restorejobstest_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestListSnapshots_shardedAtlasCluster(t *testing.T) {
	t.Parallel()
	for _, scope := range []rjt.Scope{rjt.AtlasV1Cluster, rjt.AtlasV2Cluster} {
		c := newInProcessCaller(t)
		sharded := snapshots(scope, scope.Sharded())
		assert.Empty(t, c.listIDs(sharded), "%s: this list is for replica sets", scope)
		assert.ElementsMatch(t, scope.Snapshots(), c.listIDs(sharded+"/shardedClusters"), scope)
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
	assert.ElementsMatch(t, rjt.OpsManagerCluster.Snapshots(), c.listIDs(snapshots(rjt.OpsManagerCluster, rjt.OpsManagerCluster.Sharded())))
}

func TestListSnapshots_order(t *testing.T) {
	t.Parallel()
	for _, scope := range rjt.Scopes() {
		for order, want := range map[rjt.SnapshotOrder][]int{
			rjt.SnapshotsUnsorted:    {3, 2, 0, 1},
			rjt.SnapshotsNewestFirst: {0, 1, 2, 3},
			rjt.SnapshotsOldestFirst: {3, 2, 1, 0},
		} {
			c := newInProcessCaller(t, rjt.WithSnapshotOrder(order))
			newestFirst := scope.Snapshots()
			newestFirst = newestFirst[:2] // some have a third
			for range 2 {
				id := c.server.AddSnapshot(scope, `{"complete":true,"status":"completed"}`)
				newestFirst = append([]string{id}, newestFirst...)
			}
			if scope == rjt.AtlasV2Flex {
				want = []int{3, 2, 1, 0}
			}
			got := c.listIDs(snapshots(scope, scope.Cluster()))
			var ids []string
			for _, i := range want {
				ids = append(ids, newestFirst[i])
			}
			four := slices.DeleteFunc(slices.Clone(got), func(id string) bool { return !slices.Contains(ids, id) })
			assert.Equal(t, ids, four, "%s %d", scope, order)
			if order != rjt.SnapshotsNewestFirst || scope == rjt.AtlasV2Flex {
				assert.NotEqual(t, newestFirst[0], got[0], "%s: the first is not the newest", scope)
			}
		}
	}
}

func TestListSnapshots_completed(t *testing.T) {
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
		assert.ElementsMatch(t, scope.Snapshots(), c.listIDs(list), "%s: complete ones by default", scope)
		assert.ElementsMatch(t, scope.Snapshots(), c.listIDs(list+"?completed=true"), scope)
		assert.Equal(t, []string{id}, c.listIDs(list+"?completed=false"), scope)
		assert.ElementsMatch(t, append(scope.Snapshots(), id), c.listIDs(list+"?completed=all"), scope)
		assert.Equal(t, http.StatusBadRequest, c.get(list+"?completed=yes").status, scope)
	}
}

func TestListSnapshots_pages(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	var ids []string
	for range 3 {
		ids = append(ids, c.server.AddSnapshot(scope, `{"status":"completed"}`))
	}
	var got []string
	for page := 1; page <= 3; page++ {
		list := c.get(snapshots(scope, scope.Cluster()) + "?itemsPerPage=2&pageNum=" + strconv.Itoa(page))
		for _, item := range objects(list.doc["results"]) {
			got = append(got, item["id"].(string))
		}
		assert.InDelta(t, 6, list.doc["totalCount"], 0)
	}
	assert.ElementsMatch(t, append(scope.Snapshots(), ids...), got)
}

func TestListSnapshots_closestBefore(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	list := snapshots(scope, scope.Cluster())
	seeds := scope.Snapshots() // of 2026-08-10 03:35:05 and 03:05:05, and of 2026-08-09 03:05:05
	failed := c.server.AddSnapshot(scope, `{"status":"failed","createdAt":"2026-08-09T12:00:00Z"}`)
	unix := func(text string) string {
		at, err := time.Parse(time.RFC3339, text)
		assert.NoError(t, err)
		return strconv.FormatInt(at.Unix(), 10)
	}
	for at, want := range map[string][]string{
		"2026-09-01T00:00:00Z": {seeds[0]},
		"2026-08-10T03:35:06Z": {seeds[0]},
		"2026-08-10T03:35:05Z": {seeds[1]},
		"2026-08-10T00:00:00Z": {failed},
		"2026-08-09T03:05:06Z": {seeds[2]},
		"2026-08-09T03:05:05Z": {},
	} {
		assert.Equal(t, want, c.listIDs(list+"?pointInTimeUtcSeconds="+unix(at)), at)
		assert.Equal(t, want, c.listIDs(list+"?oplogInc=1&oplogTs="+unix(at)), at)
	}
	for _, query := range []string{
		"?pointInTimeUtcSeconds=soon", "?pointInTimeUtcSeconds=-1", "?oplogTs=1", "?oplogInc=1", "?oplogTs=1&oplogInc=1&pointInTimeUtcSeconds=1",
	} {
		assert.Equal(t, http.StatusBadRequest, c.get(list+query).status, query)
	}
	for _, scope := range rjt.Scopes() {
		if scope != rjt.AtlasV2Cluster {
			assert.Equal(t, http.StatusBadRequest, c.get(snapshots(scope, scope.Cluster())+"?pointInTimeUtcSeconds=1").status, scope)
		}
	}
}
