package restorejobstest_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

// stages reads a snapshot while it is taken, and returns its states in order.
func (c *caller) stages(target, field string, visit func(doc map[string]any)) []any {
	c.t.Helper()
	var states []any
	for range 40 {
		a := c.get(target)
		require.Equal(c.t, http.StatusOK, a.status, a.body)
		if len(states) == 0 || states[len(states)-1] != a.doc[field] {
			states = append(states, a.doc[field])
		}
		visit(a.doc)
		c.server.Advance(5 * time.Second)
	}
	return states
}

func TestTakeSnapshot_states(t *testing.T) {
	t.Parallel()
	for _, scope := range rjt.Scopes() {
		c := newInProcessCaller(t)
		id := c.server.TakeSnapshot(scope, scope.Cluster())
		field := "complete"
		want := []any{false, true}
		switch {
		case scope == rjt.AtlasV2Flex:
			field = "status"
			want = []any{"PENDING", "QUEUED", "RUNNING", "COMPLETED"}
		case strings.Contains(jobs(scope), "/backup/"):
			field = "status"
			want = []any{"queued", "inProgress", "completed"}
		}
		assert.Equal(t, want, c.stages(snapshots(scope, scope.Cluster())+"/"+id, field, func(map[string]any) {}), scope)
		a := c.do(http.MethodPost, jobs(scope), strings.ReplaceAll(goodBody(scope), scope.Snapshots()[0], id))
		assert.Equal(t, http.StatusOK, a.status, "%s: %s", scope, a.body)
	}
	c := newInProcessCaller(t)
	assert.Panics(t, func() { c.server.TakeSnapshot(rjt.AtlasV2Flex, "nowhere") })
}

func TestTakeSnapshot_expiresAWeekLater(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for _, scope := range rjt.Scopes() {
		id := c.server.TakeSnapshot(scope, scope.Cluster())
		list := snapshots(scope, scope.Cluster())
		c.server.Advance(time.Hour)
		assert.Contains(t, c.listIDs(list), id, scope)
		c.server.Advance(8 * 24 * time.Hour)
		assert.ElementsMatch(t, scope.Snapshots(), c.listIDs(list), scope)
	}
}

func TestTakeSnapshot_inABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newInProcessCaller(t, rjt.WithSnapshotDuration(time.Hour), rjt.WithNonceLifetime(24*time.Hour))
		scope := rjt.AtlasV2Cluster
		target := snapshots(scope, scope.Cluster()) + "/" + c.server.TakeSnapshot(scope, scope.Cluster())
		time.Sleep(59 * time.Minute)
		assert.Equal(t, "inProgress", c.get(target).doc["status"])
		time.Sleep(time.Minute)
		assert.Equal(t, "completed", c.get(target).doc["status"])
	})
}

func TestSetSnapshotState_everyScope(t *testing.T) {
	t.Parallel()
	for _, scope := range rjt.Scopes() {
		c := newInProcessCaller(t, rjt.WithSnapshotDuration(time.Hour))
		list := snapshots(scope, scope.Cluster()) + "/"
		taken := c.server.TakeSnapshot(scope, scope.Cluster())
		added := c.server.AddSnapshot(scope, `{"complete":false,"status":"inProgress"}`)
		for _, id := range []string{taken, added, scope.Snapshots()[0]} {
			c.server.FailSnapshot(id)
			c.server.Advance(2 * time.Hour)
			failed := c.get(list + id).doc
			c.server.CompleteSnapshot(id)
			complete := c.get(list + id).doc
			if _, isClassic := complete["complete"]; isClassic && !strings.Contains(jobs(scope), "/backup/") {
				assert.Equal(t, false, failed["complete"], scope)
				assert.Equal(t, true, complete["complete"], scope)
				continue
			}
			assert.Equal(t, "failed", strings.ToLower(failed["status"].(string)), scope)
			assert.Equal(t, "completed", strings.ToLower(complete["status"].(string)), scope)
			if scope == rjt.AtlasV2Flex && id == taken {
				assert.Contains(t, failed, "finishTime", "failed snapshots have it too")
			}
		}
		assert.Panics(t, func() { c.server.FailSnapshot(unknownID) })
		assert.Panics(t, func() { c.server.CompleteSnapshot(unknownID) })
	}
}

func TestPostSnapshot_atlasClusters(t *testing.T) {
	t.Parallel()
	for _, scope := range []rjt.Scope{rjt.AtlasV1Cluster, rjt.AtlasV2Cluster} {
		for _, cluster := range []string{scope.Cluster(), scope.Sharded()} {
			c := newInProcessCaller(t)
			list := snapshots(scope, cluster)
			a := c.do(http.MethodPost, list, `{"description":"before the upgrade","retentionInDays":3}`)
			require.Equal(t, http.StatusOK, a.status, a.body)
			assert.Equal(t, "queued", a.doc["status"])
			assert.Equal(t, "onDemand", a.doc["snapshotType"])
			assert.Equal(t, "before the upgrade", a.doc["description"])
			assert.Zero(t, c.server.CreateCount(), "no restore")

			again := c.do(http.MethodPost, list, `{"description":"","retentionInDays":1}`)
			assert.Equal(t, http.StatusBadRequest, again.status, again.body)
			assert.Equal(t, "UNFINISHED_ON_DEMAND_SNAPSHOT", again.doc["errorCode"])
			c.server.Advance(3 * time.Minute)
			assert.Equal(t, http.StatusOK, c.do(http.MethodPost, list, `{"description":"","retentionInDays":1}`).status)

			one := list + "/" + a.doc["id"].(string)
			wrong := list + "/shardedCluster/" + a.doc["id"].(string)
			if cluster == scope.Sharded() {
				one, wrong = wrong, one
			}
			assert.Equal(t, "completed", c.get(one).doc["status"], cluster)
			assert.Equal(t, http.StatusNotFound, c.get(wrong).status, cluster)
			assert.Equal(t, http.StatusMethodNotAllowed, c.do(http.MethodPatch, one, "{}").status)
			c.server.Advance(3 * 24 * time.Hour)
			assert.Equal(t, http.StatusNotFound, c.get(one).status, "expired")
		}
	}
}

func TestPostSnapshot_refused(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	list := snapshots(rjt.AtlasV2Cluster, rjt.AtlasV2Cluster.Cluster())
	for body, code := range map[string]string{
		`{"retentionInDays":0}`:     "ATTRIBUTE_NEGATIVE_OR_ZERO",
		`{"retentionInDays":"1"}`:   "INVALID_ATTRIBUTE",
		`{"description":1}`:         "INVALID_ATTRIBUTE",
		`{"retentionDays":1}`:       "INVALID_ATTRIBUTE",
		`{"links":[]}`:              "ATTRIBUTE_READ_ONLY",
		`{"snapshotType":"manual"}`: "INVALID_ATTRIBUTE",
		`[]`:                        "MALFORMED_JSON",
	} {
		a := c.do(http.MethodPost, list, body)
		assert.Equal(t, http.StatusBadRequest, a.status, body)
		assert.Equal(t, code, a.doc["errorCode"], body)
	}
	assert.ElementsMatch(t, rjt.AtlasV2Cluster.Snapshots(), c.listIDs(list))
	c.server.AddSnapshot(rjt.AtlasV2Cluster, `{"snapshotType":"onDemand","status":"inProgress"}`)
	assert.Equal(t, "UNFINISHED_ON_DEMAND_SNAPSHOT", c.do(http.MethodPost, list, `{}`).doc["errorCode"])
	for _, scope := range rjt.Scopes() {
		if !isAtlasCluster(scope) {
			a := c.do(http.MethodPost, snapshots(scope, scope.Cluster()), `{}`)
			assert.Equal(t, http.StatusMethodNotAllowed, a.status, scope)
		}
	}
}

func TestPostSnapshot_failedDoesNotForbidTheNext(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	list := snapshots(rjt.AtlasV2Cluster, rjt.AtlasV2Cluster.Cluster())
	id := c.do(http.MethodPost, list, `{}`).doc["id"].(string)
	c.server.FailSnapshot(id)
	assert.Equal(t, http.StatusOK, c.do(http.MethodPost, list, `{}`).status)
}

func TestWithSnapshotDuration_zero(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t, rjt.WithSnapshotDuration(0))
	a := c.do(http.MethodPost, snapshots(rjt.AtlasV2Cluster, rjt.AtlasV2Cluster.Cluster()), `{}`)
	assert.Equal(t, "completed", a.doc["status"])
}

func TestOnDemandSnapshot_opsManager(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.OpsManagerCluster
	list := snapshots(scope, scope.Cluster())
	a := c.do(http.MethodPost, list+"/onDemandSnapshot?retentionDays=2", "")
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.NotContains(t, a.doc, "id")
	assert.Contains(t, a.doc, "clusterName")
	stamp := a.doc["timestamp"].(map[string]any)
	assert.IsType(t, 0.0, stamp["time"])

	ids := c.listIDs(list + "?completed=false")
	require.Len(t, ids, 1)
	assert.Equal(t, stamp["date"], c.get(list + "/" + ids[0]).doc["created"].(map[string]any)["date"])
	c.server.Advance(4 * time.Minute)
	assert.Contains(t, c.listIDs(list), ids[0])
	c.server.Advance(48 * time.Hour)
	assert.NotContains(t, c.listIDs(list+"?completed=all"), ids[0])

	for target, body := range map[string]string{
		"/onDemandSnapshot":                    "",
		"/onDemandSnapshot?retentionDays=0":    "",
		"/onDemandSnapshot?retentionDays=many": "",
		"/onDemandSnapshot?retentionDays=2":    "{}",
	} {
		assert.Equal(t, http.StatusBadRequest, c.do(http.MethodPost, list+target, body).status, target)
	}
	for _, scope := range rjt.Scopes() {
		if scope != rjt.OpsManagerCluster {
			a := c.do(http.MethodPost, snapshots(scope, scope.Cluster())+"/onDemandSnapshot?retentionDays=1", "")
			assert.Equal(t, http.StatusMethodNotAllowed, a.status, scope)
		}
	}
}

func TestDeleteSnapshot_atlasClusters(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	list := snapshots(scope, scope.Cluster())
	target := list + "/" + scope.Snapshots()[0]
	a := c.do(http.MethodDelete, target, "")
	assert.Equal(t, http.StatusNoContent, a.status)
	assert.Empty(t, a.body)
	assert.Contains(t, a.header.Get("Content-Type"), "2023-01-01")
	assert.Equal(t, http.StatusNotFound, c.get(target).status)
	assert.Equal(t, http.StatusNotFound, c.do(http.MethodDelete, target, "").status)
	taken := c.server.TakeSnapshot(scope, scope.Sharded())
	sharded := snapshots(scope, scope.Sharded()) + "/shardedCluster/" + taken
	assert.Equal(t, "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT", c.do(http.MethodDelete, sharded, "").doc["errorCode"])
	c.server.CompleteSnapshot(taken)
	assert.Equal(t, http.StatusNoContent, c.do(http.MethodDelete, sharded, "").status)
}
