package restorejobstest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

const collectionScope = rjt.AtlasV2Cluster

// collectionJobs is the path of the collection restores of the cluster.
var collectionJobs = strings.Replace(jobs(collectionScope), "backup/restoreJobs", "collectionRestoreJobs", 1)

// collectionBody is a valid body with further members, and a trailing comma after each.
func collectionBody(members string) string {
	if !strings.Contains(members, `"collections"`) && !strings.Contains(members, `"databases"`) {
		members += `"collections":[{"sourceNamespace":"sales.orders"},{"sourceNamespace":"sales.customers"}],`
	}
	if !strings.Contains(members, `"snapshotId"`) && !strings.Contains(members, `"pointInTime`) && !strings.Contains(members, `"oplog`) {
		members += `"snapshotId":"` + collectionScope.Snapshots()[0] + `",`
	}
	return `{` + members + `"targetGroupId":"` + collectionScope.Project() + `","targetClusterName":"` + collectionScope.Target() +
		`","writeStrategy":"CREATE_NEW","indexStrategy":"ALL"}`
}

// startCollections creates a collection restore and returns its id.
func (c *caller) startCollections(members string) string {
	c.t.Helper()
	a := c.do(http.MethodPost, collectionJobs, collectionBody(members))
	require.Equal(c.t, http.StatusCreated, a.status, a.body)
	return a.doc["id"].(string)
}

// collectionStates returns the state of each collection of a job by its source.
func (c *caller) collectionStates(id string) map[string]any {
	c.t.Helper()
	states := map[string]any{}
	for _, doc := range objects(c.get(collectionJobs + "/" + id + "/collections").doc["results"]) {
		states[doc["sourceNamespace"].(string)] = doc["state"]
	}
	return states
}

func TestCollectionJob_lifecycle(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		a := c.do(http.MethodPost, collectionJobs, collectionBody(""))
		require.Equal(t, http.StatusCreated, a.status, a.body)
		assert.Contains(t, a.header.Get("Content-Type"), "application/vnd.atlas.2025-03-12+json")
		assert.Equal(t, "INITIALIZING", a.doc["state"])
		assert.NotContains(t, a.doc, "finishedAt")
		assert.NotContains(t, a.doc, "links")
		assert.Equal(t, 1, c.server.CreateCount())
		id := a.doc["id"].(string)

		var states []any
		var passedTotal bool
		for range 25 {
			doc := c.get(collectionJobs + "/" + id).doc
			if len(states) == 0 || states[len(states)-1] != doc["state"] {
				states = append(states, doc["state"])
			}
			passedTotal = passedTotal || doc["restoredDocuments"].(float64) > doc["totalDocuments"].(float64)
			if doc["state"] == "INITIALIZING" {
				assert.Empty(t, c.collectionStates(id))
			}
			c.server.Advance(10 * time.Second)
		}
		assert.Equal(t, []any{"INITIALIZING", "IN_PROGRESS", "FINALIZING", "SUCCESSFUL"}, states)
		assert.True(t, passedTotal, "the total is an estimate at first")
		done := c.get(collectionJobs + "/" + id).doc
		assert.Equal(t, done["totalDocuments"], done["restoredDocuments"])
		assert.Equal(t, map[string]any{"state": "SUCCESSFUL", "failedCollectionCount": 0.0}, done["indexStatus"])
		assert.Contains(t, done, "finishedAt")
		assert.NotContains(t, done, "errorMessage")
		assert.Equal(t, map[string]any{"sales.orders": "SUCCESSFUL", "sales.customers": "SUCCESSFUL"}, c.collectionStates(id))
	})
}

func TestCollectionJob_inABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newInProcessCaller(t, rjt.WithRestoreDuration(time.Hour), rjt.WithNonceLifetime(24*time.Hour))
		id := c.startCollections("")
		time.Sleep(59 * time.Minute)
		assert.Equal(t, "FINALIZING", c.get(collectionJobs + "/" + id).doc["state"])
		time.Sleep(time.Minute)
		assert.Equal(t, "SUCCESSFUL", c.get(collectionJobs + "/" + id).doc["state"])
	})
}

func TestCollectionJob_collectionsFollowEachOther(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	id := c.startCollections("")
	c.server.Advance(time.Minute) // of four
	assert.Equal(t, map[string]any{"sales.orders": "IN_PROGRESS", "sales.customers": "NOT_STARTED"}, c.collectionStates(id))
	c.server.Advance(80 * time.Second)
	assert.Equal(t, map[string]any{"sales.orders": "FINALIZING", "sales.customers": "IN_PROGRESS"}, c.collectionStates(id))
}

func TestCollectionJob_list(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t, rjt.WithRestoreDuration(0))
	var ids []string
	for range 3 {
		ids = append(ids, c.startCollections(""))
	}
	assert.Equal(t, ids, c.listIDs(collectionJobs), "oldest first")
	page := c.get(collectionJobs + "?itemsPerPage=2")
	assert.Len(t, page.doc["results"], 2)
	next := objects(page.doc["links"])[1]["href"].(string)
	assert.NotContains(t, next, "includeCount", "which these lists do not have")
	assert.Len(t, c.get(next).doc["results"], 1)
	assert.Equal(t, http.StatusBadRequest, c.get(collectionJobs+"?includeCount=true").status)
	assert.Empty(t, c.listIDs(strings.Replace(collectionJobs, collectionScope.Cluster(), collectionScope.Sharded(), 1)))
}

func TestCollectionJob_notFound(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t, rjt.WithRestoreDuration(0))
	id := c.startCollections("")
	for target, code := range map[string]string{
		collectionJobs + "/" + unknownID:                           "RESTORE_JOB_NOT_FOUND",
		collectionJobs + "/x":                                      "INVALID_JOB_ID",
		collectionJobs + "/" + unknownID + "/collections":          "RESTORE_JOB_NOT_FOUND",
		collectionJobs + "/" + id + "/collections/sales.no":        "RESOURCE_NOT_FOUND",
		collectionJobs + "/" + id + "/collections/sales/no":        "RESOURCE_NOT_FOUND",
		strings.Replace(collectionJobs, "Cluster0", "Nowhere0", 1): "CLUSTER_NOT_FOUND",
	} {
		a := c.get(target)
		assert.Equal(t, http.StatusNotFound, a.status, target)
		assert.Equal(t, code, a.doc["errorCode"], target)
	}
	assert.Equal(t, http.StatusMethodNotAllowed, c.do(http.MethodDelete, collectionJobs+"/"+id, "").status, "the service cannot cancel")
	old := c.do(http.MethodGet, collectionJobs, "", "Accept", "application/vnd.atlas.2024-11-13+json")
	assert.Equal(t, http.StatusNotAcceptable, old.status)
}

func TestRestoredCollections_filtersAndGet(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t, rjt.WithRestoreDuration(0))
	id := c.startCollections(`"databases":[{"sourceNamespace":"sales","targetNamespace":"copy"}],
		"collections":[{"sourceNamespace":"stock.items"},{"sourceNamespace":"stock.lost"}],"collectionSuffix":"_2","databaseSuffix":"_old",`)
	list := collectionJobs + "/" + id + "/collections"
	sources := func(query string) []any {
		var found []any
		for _, doc := range objects(c.get(list + query).doc["results"]) {
			found = append(found, doc["sourceNamespace"])
		}
		return found
	}
	assert.Equal(t, []any{"stock.items", "stock.lost", "sales.customers", "sales.orders"}, sources(""))
	assert.Equal(t, []any{"stock.lost"}, sources("?state=NOT_FOUND"))
	assert.Equal(t, []any{"sales.orders"}, sources("?sourceNamespace=sales.orders"))
	assert.Equal(t, []any{"stock.items"}, sources("?targetNamespace=stock_old.items_2"))
	assert.Equal(t, []any{"sales.customers"}, sources("?targetNamespace=copy.customers_2&state=SUCCESSFUL"))
	assert.Len(t, sources("?itemsPerPage=1&pageNum=2"), 1)
	assert.Equal(t, http.StatusBadRequest, c.get(list+"?state=DONE").status)
	assert.Equal(t, http.StatusBadRequest, c.get(list+"?includeCount=true").status)

	one := c.get(list + "/sales.orders")
	assert.Equal(t, http.StatusOK, one.status)
	assert.Equal(t, "copy.orders_2", one.doc["effectiveTargetNamespace"])
	assert.Equal(t, one.doc["totalDocuments"], one.doc["restoredDocuments"])
	lost := c.get(list + "/stock%2Elost").doc
	assert.Equal(t, "NOT_FOUND", lost["state"])
	assert.Zero(t, lost["totalDocuments"])
	assert.Equal(t, "SUCCESSFUL", c.get(collectionJobs + "/" + id).doc["state"], "a good end hides it")
}

func TestCollectionJob_newNameBesideTheSource(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t, rjt.WithRestoreDuration(0))
	body := strings.Replace(collectionBody(""), `"`+collectionScope.Target()+`"`, `"`+collectionScope.Cluster()+`"`, 1)
	for strategy, renamed := range map[string]bool{"CREATE_NEW": true, "OVERWRITE_EXISTING": false} {
		a := c.do(http.MethodPost, collectionJobs, strings.Replace(body, "CREATE_NEW", strategy, 1))
		require.Equal(t, http.StatusCreated, a.status, a.body)
		for _, doc := range objects(c.get(collectionJobs + "/" + a.doc["id"].(string) + "/collections").doc["results"]) {
			assert.Equal(t, renamed, doc["targetNamespace"] != doc["effectiveTargetNamespace"], strategy)
		}
	}
}

func TestFailCollectionJob_rollsBack(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	id := c.startCollections(`"databases":[{"sourceNamespace":"sales"},{"sourceNamespace":"stock"}],`)
	c.server.Advance(2 * time.Minute) // customers are restored, orders are in progress
	c.server.FailCollectionJob(id, "sales.orders")
	for range 2 {
		doc := c.get(collectionJobs + "/" + id).doc
		assert.Equal(t, "FAILED", doc["state"])
		assert.Contains(t, doc["errorMessage"], "sales.orders")
		assert.Contains(t, doc, "finishedAt")
		assert.Equal(t, map[string]any{"sales.customers": "ROLLBACK", "sales.orders": "FAILED", "stock.items": "NOT_RESTORED"}, c.collectionStates(id))
		c.server.Advance(time.Hour)
	}
	assert.Equal(t, http.StatusCreated, c.do(http.MethodPost, collectionJobs, collectionBody("")).status, "the failed job has ended")
	assert.Panics(t, func() { c.server.FailCollectionJob(unknownID, "") })
}

func TestCancelCollectionJob_state(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	id := c.startCollections("")
	c.server.CancelCollectionJob(id)
	c.server.FinishCollectionJob(id)
	doc := c.get(collectionJobs + "/" + id).doc
	assert.Equal(t, "CANCELED", doc["state"])
	assert.Contains(t, doc, "errorMessage")
}

func TestSetCollectionOutcome_jobIsSuccessful(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for _, state := range []string{"NOT_FOUND", "UNSUPPORTED", "NOT_RESTORED", "INDEX_BUILD_FAILED", "SOMETHING_NEW"} {
		id := c.startCollections("")
		c.server.SetCollectionOutcome(id, "sales.orders", state)
		c.server.FinishCollectionJob(id)
		doc := c.get(collectionJobs + "/" + id).doc
		assert.Equal(t, "SUCCESSFUL", doc["state"], state)
		assert.Equal(t, map[string]any{"sales.orders": state, "sales.customers": "SUCCESSFUL"}, c.collectionStates(id))
		if state != "INDEX_BUILD_FAILED" {
			continue
		}
		assert.Equal(t, map[string]any{"state": "FAILED", "failedCollectionCount": 1.0}, doc["indexStatus"])
		collection := c.get(collectionJobs + "/" + id + "/collections/sales.orders").doc
		assert.NotEmpty(t, collection["indexStatus"].(map[string]any)["failedIndexes"])
	}
	id := c.startCollections("")
	assert.Panics(t, func() { c.server.SetCollectionOutcome(id, "sales.nothing", "NOT_FOUND") })
}

func TestCollectionJob_indexStrategyNone(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t, rjt.WithRestoreDuration(0))
	a := c.do(http.MethodPost, collectionJobs, strings.Replace(collectionBody(""), `"ALL"`, `"NONE"`, 1))
	assert.Equal(t, "NOT_RESTORED", a.doc["indexStatus"].(map[string]any)["state"])
}

func TestCollectionEndpoints_onlyAtlasV2Clusters(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for _, scope := range rjt.Scopes() {
		target := strings.NewReplacer("backup/restoreJobs", "collectionRestoreJobs", "restoreJobs", "collectionRestoreJobs").Replace(jobs(scope))
		status := c.get(target).status
		assert.Equal(t, scope == collectionScope, status == http.StatusOK, "%s %d", scope, status)
		assert.True(t, status == http.StatusOK || slices.Contains([]int{http.StatusNotFound, http.StatusBadRequest}, status), scope)
	}
}
