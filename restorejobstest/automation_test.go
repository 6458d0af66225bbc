package restorejobstest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

// automatedBody is a create of a restore into the scope's target.
const automatedBody = `{"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterId":"T"},"snapshotId":"S"}`

// goal reads the automation status and returns how far the goal is above the first one seen, and
// how many processes of each cluster have reached it.
func (c *caller) goal(scope rjt.Scope) (goal int, processes []map[string]any) {
	c.t.Helper()
	status := c.get(publicGroups + scope.Project() + "/automationStatus")
	require.Equal(c.t, 200, status.status, status.body)
	return int(status.doc["goalVersion"].(float64)), objects(status.doc["processes"])
}

// left counts the processes on these hosts that have not reached a goal.
func left(processes []map[string]any, goal int, hosts []string) int {
	n := 0
	for _, proc := range processes {
		if slices.Contains(hosts, proc["hostname"].(string)) && int(proc["lastGoalVersionAchieved"].(float64)) < goal {
			n++
		}
	}
	return n
}

func TestServer_goalRisesAfterARestore(t *testing.T) {
	t.Parallel()
	for _, scope := range []rjt.Scope{rjt.CloudManagerCluster, rjt.OpsManagerCluster, rjt.OpsManagerHost} {
		c := newInProcessCaller(t, rjt.WithRestoreDuration(0))
		first, processes := c.goal(scope)
		targets := c.server.Hostnames(scope, scope.Target())
		require.Len(t, targets, 3)
		assert.Zero(t, left(processes, first, targets))
		c.create(scope, scope.Cluster(), fill(scope, automatedBody))

		steps := []struct {
			after      time.Duration
			goal       int
			left       int // processes of the target below goal first + 1
			leftOfGoal int
		}{
			{0, 0, 0, 0},
			{39 * time.Second, 0, 0, 0},
			{2 * time.Second, 1, 3, 3},
			{58 * time.Second, 1, 3, 3},
			{time.Second, 2, 0, 3}, // the directives are removed
			{10 * time.Second, 2, 0, 0},
		}
		for i, step := range steps {
			c.server.Advance(step.after)
			goal, processes := c.goal(scope)
			assert.Equal(t, first+step.goal, goal, "%s, step %d", scope, i)
			if step.goal > 0 {
				assert.Equal(t, step.left, left(processes, first+1, targets), "%s, step %d", scope, i)
			}
			assert.Equal(t, step.leftOfGoal, left(processes, goal, targets), "%s, step %d", scope, i)
		}
	}
}

func TestServer_goalIsThatOfTheTargetsProject(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.OpsManagerCluster
	first, _ := c.goal(scope)
	c.create(scope, scope.Cluster(), goodBody(scope))
	c.server.Advance(time.Hour)
	after, _ := c.goal(scope)
	assert.Equal(t, first, after, "a download")
	c.server.RaiseGoal(scope)
	after, processes := c.goal(scope)
	assert.Equal(t, first+1, after)
	assert.Equal(t, 3, left(processes, after, c.server.Hostnames(scope, scope.Cluster())))
	c.server.Advance(10 * time.Second)
	_, processes = c.goal(scope)
	assert.Zero(t, left(processes, after, c.server.Hostnames(scope, scope.Cluster())))
	other, _ := c.goal(rjt.CloudManagerCluster)
	assert.Equal(t, first, other)
}

func TestServer_stuckProcess(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.OpsManagerCluster
	hosts := c.server.Hostnames(scope, scope.Target())
	c.server.SetAutomationGoalDelay(time.Second)
	c.server.SetAgentDelay(2 * time.Second)
	c.create(scope, scope.Cluster(), fill(scope, automatedBody))
	c.server.StickProcess(scope, hosts[1])
	c.server.Advance(time.Hour)
	goal, processes := c.goal(scope)
	assert.Equal(t, 1, left(processes, goal, hosts))
	for _, proc := range processes {
		isStuck := proc["hostname"] == hosts[1]
		assert.Equal(t, isStuck, proc["errorCode"] != 0.0, proc["hostname"])
		assert.Equal(t, isStuck, proc["errorString"] != "", proc["hostname"])
		if isStuck {
			assert.NotEmpty(t, proc["plan"])
		}
	}
	c.server.ReleaseProcess(scope, hosts[1])
	c.server.Advance(2 * time.Second)
	after, processes := c.goal(scope)
	assert.Equal(t, goal+1, after)
	assert.Zero(t, left(processes, goal, hosts))
	assert.Panics(t, func() { c.server.StickProcess(scope, "nowhere") })
}

func TestServer_pointInTimeRestoreIsFinishedWhenItIsMade(t *testing.T) {
	t.Parallel()
	for _, scope := range []rjt.Scope{rjt.CloudManagerCluster, rjt.OpsManagerCluster, rjt.OpsManagerHost} {
		c := newInProcessCaller(t)
		body := `{"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterId":"T"},"pointInTimeUTCMillis":` +
			pointInTimeMillis() + `}`
		created := c.create(scope, scope.Cluster(), fill(scope, body))
		assert.Equal(t, "FINISHED", created[0]["statusName"], "%s", scope)
	}
}

func TestServer_hosts(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.OpsManagerCluster
	all := publicGroups + scope.Project() + "/hosts"
	ofCluster := c.listIDs(all + "?clusterId=" + scope.Sharded() + "&itemsPerPage=500")
	assert.Len(t, ofCluster, 9, "two shards and a config server, without the mongos")
	docs := objects(c.get(all + "?clusterId=" + scope.Cluster()).doc["results"])
	require.Len(t, docs, 3)
	assert.Equal(t, scope.Cluster(), docs[0]["clusterId"])
	var sorted []string
	for _, doc := range objects(c.get(all).doc["results"]) {
		sorted = append(sorted, doc["hostname"].(string))
		if doc["typeName"] == "SHARD_MONGOS" {
			assert.NotContains(t, doc, "clusterId")
		}
	}
	assert.Len(t, sorted, 16)
	assert.True(t, slices.IsSorted(sorted))
	page := c.get(all + "?itemsPerPage=10&pageNum=2")
	assert.Len(t, page.doc["results"], 6)
	assert.Equal(t, "INVALID_QUERY_PARAMETER", c.get(all + "?clusterId=orders").doc["errorCode"])
	assert.Equal(t, "RESOURCE_NOT_FOUND", c.get(v2Groups + rjt.AtlasV2Cluster.Project() + "/automationStatus").doc["errorCode"])
}
