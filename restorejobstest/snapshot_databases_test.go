package restorejobstest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	rjt "example.com/restorejobs/restorejobstest"
)

func (c *caller) names(target string) []any {
	c.t.Helper()
	names := []any{}
	for _, item := range objects(c.get(target).doc["results"]) {
		names = append(names, item["name"])
	}
	return names
}

func TestSnapshotDatabases_listAndGet(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	databases := snapshots(scope, scope.Cluster()) + "/" + scope.Snapshots()[0] + "/databases"
	assert.Equal(t, []any{"sales", "stock"}, c.names(databases))
	assert.Equal(t, []any{"customers", "orders"}, c.names(databases+"/sales/collections"))
	assert.Equal(t, []any{"orders"}, c.names(databases+"/sales/collections?pageNum=2&itemsPerPage=1&includeCount=true"))
	assert.Equal(t, "sales", c.get(databases + "/sales").doc["name"])
	orders := c.get(databases + "/sales/collections/orders")
	assert.Equal(t, "orders", orders.doc["name"])
	assert.Contains(t, orders.header.Get("Content-Type"), "2025-03-12")
	for _, target := range []string{"/none", "/none/collections", "/sales/collections/none", "/stock/collections/orders"} {
		assert.Equal(t, http.StatusNotFound, c.get(databases+target).status, target)
	}
	old := c.do(http.MethodGet, databases, "", "Accept", "application/vnd.atlas.2023-01-01+json")
	assert.Equal(t, http.StatusNotAcceptable, old.status)
}

func TestSetDatabases_escapedNames(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	id := scope.Snapshots()[1]
	c.server.SetDatabases(id, map[string][]string{"a": {"x y/z", "%41"}, "empty": nil})
	for _, list := range []string{
		snapshots(scope, scope.Cluster()),
		snapshots(scope, scope.Sharded()), // which has the same snapshots
	} {
		databases := list + "/" + id + "/databases"
		assert.Equal(t, []any{"a", "empty"}, c.names(databases))
		assert.Empty(t, c.names(databases+"/empty/collections"))
		for _, item := range objects(c.get(databases + "/a/collections").doc["results"]) {
			self := objects(item["links"])[0]["href"].(string)
			assert.Equal(t, item["name"], c.get(self).doc["name"], self)
		}
		assert.Equal(t, "x y/z", c.get(databases + "/a/collections/x%20y%2Fz").doc["name"])
	}
	assert.Panics(t, func() { c.server.SetDatabases(unknownID, nil) })
}

func TestSnapshotDatabases_ofUnfinishedSnapshots(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	id := c.server.TakeSnapshot(scope, scope.Cluster())
	databases := snapshots(scope, scope.Cluster()) + "/" + id + "/databases"
	assert.Equal(t, http.StatusNotFound, c.get(databases).status)
	c.server.CompleteSnapshot(id)
	assert.Equal(t, http.StatusOK, c.get(databases).status)
	assert.Equal(t, http.StatusNotFound, c.get(snapshots(scope, scope.Cluster())+"/x/databases").status)
}
