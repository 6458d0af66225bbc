package restorejobstest_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

// oldestManagerSnapshot is the time of the older snapshot of Cloud Manager and Ops Manager.
var oldestManagerSnapshot = time.Date(2017, 4, 19, 21, 14, 25, 0, time.UTC)

// pointBody is a restore of a point in time into the scope's target.
func pointBody(scope rjt.Scope, at time.Time) string {
	body := fmt.Sprintf(`{"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterId":"T"},"pointInTimeUTCMillis":%d}`, at.UnixMilli())
	switch scope {
	case rjt.MMSCluster:
		body = fmt.Sprintf(`{"timestamp":{"date":%q,"increment":1}}`, at.UTC().Format(time.RFC3339))
	case rjt.AtlasV1Cluster, rjt.AtlasV1Serverless, rjt.AtlasV2Cluster, rjt.AtlasV2Serverless:
		body = fmt.Sprintf(`{"deliveryType":"pointInTime","pointInTimeUTCSeconds":%d,"targetGroupId":"P","targetClusterName":"T"}`, at.Unix())
	case rjt.AtlasV1LegacyCluster, rjt.AtlasV2LegacyCluster:
		body = fmt.Sprintf(`{"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterName":"T"},"pointInTimeUTCMillis":%d}`, at.UnixMilli())
	default:
	}
	return fill(scope, body)
}

func TestServer_timeRangesReachBackToTheOldestSnapshot(t *testing.T) {
	t.Parallel()
	for _, scope := range []rjt.Scope{rjt.CloudManagerCluster, rjt.OpsManagerCluster} {
		c := newInProcessCaller(t)
		ranges := c.timeRanges(path(scope, scope.Cluster()))
		require.Len(t, ranges, 1)
		assert.Equal(t, "2017-04-19T21:14:25Z", ranges[0]["start"].(map[string]any)["date"])
		assert.Equal(t, scope.Snapshots()[1], ranges[0]["snapshotId"])
		end, err := time.Parse(time.RFC3339, ranges[0]["end"].(map[string]any)["date"].(string))
		require.NoError(t, err)
		assert.WithinDuration(t, time.Now(), end, 2*time.Second)
		assert.Equal(t, "Dedicated", c.timeRanges(path(scope, scope.Sharded()))[0]["configServerType"])
		assert.Empty(t, c.timeRanges(path(scope, scope.Target())))

		schedule := c.get(publicGroups + scope.Project() + "/backupConfigs/" + scope.Cluster() + "/snapshotSchedule")
		assert.InDelta(t, time.Since(oldestManagerSnapshot).Hours(), schedule.doc["pointInTimeWindowHours"], 1)
	}
}

func TestServer_pointOutsideOfTheRange(t *testing.T) {
	t.Parallel()
	oldestAtlas := time.Date(2026, 8, 9, 3, 5, 5, 0, time.UTC)
	week := 7 * 24 * time.Hour
	now := time.Now().Truncate(time.Second)
	for _, tt := range []struct {
		scope  rjt.Scope
		at     time.Time
		status int
		text   string
	}{
		{rjt.OpsManagerCluster, oldestManagerSnapshot, 400, "Invalid restore point: "},
		{rjt.OpsManagerCluster, oldestManagerSnapshot.Add(time.Second), 200, ""},
		{rjt.CloudManagerHost, oldestManagerSnapshot.Add(-time.Hour), 400, "Invalid restore point: "},
		{rjt.CloudManagerCluster, now.Add(time.Hour), 400, "INVALID_PIT_RESTORE_TIME"},
		{rjt.MMSCluster, time.Date(2014, 7, 8, 21, 24, 37, 0, time.UTC), 400, "Invalid restore point: "},
		{rjt.MMSCluster, time.Date(2014, 7, 8, 21, 24, 38, 0, time.UTC), 200, ""},
		{rjt.AtlasV2LegacyCluster, oldestManagerSnapshot, 400, "INVALID_PIT_RESTORE_TIME"},
		{rjt.AtlasV2LegacyCluster, oldestManagerSnapshot.Add(time.Second), 200, ""},
		{rjt.AtlasV1Cluster, now.Add(-week - time.Minute), 400, "INVALID_PIT_RESTORE_TIME"},
		{rjt.AtlasV2Cluster, now.Add(-week - time.Minute), 400, "INVALID_PIT_RESTORE_TIME"},
		{rjt.AtlasV2Cluster, now.Add(-week + time.Minute), 200, ""},
		{rjt.AtlasV2Serverless, oldestAtlas, 404, "UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME"},
		{rjt.AtlasV2Serverless, oldestAtlas.Add(time.Second), 200, ""},
	} {
		c := newInProcessCaller(t)
		got := c.do(http.MethodPost, jobs(tt.scope), pointBody(tt.scope, tt.at))
		assert.Equal(t, tt.status, got.status, "%s %s: %s", tt.scope, tt.at, got.body)
		assert.Contains(t, got.body, tt.text, "%s", tt.scope)
	}
}

func TestServer_atlasWindowFollowsClusterAndSchedule(t *testing.T) {
	t.Parallel()
	scope := rjt.AtlasV2Cluster
	recent := pointBody(scope, time.Now().Add(-48*time.Hour))

	narrow := newInProcessCaller(t)
	narrow.server.EditSchedule(scope, scope.Cluster(), rjt.SetFields(map[string]any{"restoreWindowDays": 1}))
	assert.Equal(t, "INVALID_PIT_RESTORE_TIME", narrow.do(http.MethodPost, jobs(scope), recent).doc["errorCode"])
	narrow.server.EditSchedule(scope, scope.Cluster(), nil)
	assert.Equal(t, http.StatusOK, narrow.do(http.MethodPost, jobs(scope), recent).status)

	off := newInProcessCaller(t)
	off.server.EditCluster(scope, scope.Cluster(), rjt.SetFields(map[string]any{"pitEnabled": false}))
	assert.Equal(t, "INVALID_PIT_RESTORE_TIME", off.do(http.MethodPost, jobs(scope), recent).doc["errorCode"])
}

// A bubble starts in the year 2000, before all snapshots.
func TestServer_rangeBeforeAllSnapshots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newInProcessCaller(t)
		defer c.server.Close()
		for _, scope := range []rjt.Scope{rjt.OpsManagerCluster, rjt.AtlasV2Cluster} {
			assert.Equal(t, http.StatusOK, c.do(http.MethodPost, jobs(scope), pointBody(scope, time.Now().Add(-time.Hour))).status, "%s", scope)
		}
		ranges := c.timeRanges(jobs(rjt.OpsManagerCluster))
		assert.Equal(t, "1999-12-31T00:00:00Z", ranges[0]["start"].(map[string]any)["date"])
	})
}

func TestServer_oplogGap(t *testing.T) {
	t.Parallel()
	scope := rjt.OpsManagerCluster
	newer := time.Date(2017, 4, 20, 21, 14, 25, 0, time.UTC)
	from := oldestManagerSnapshot.Add(time.Hour)
	for name, to := range map[string]time.Time{"before the newer snapshot": from.Add(time.Hour), "until now": time.Now()} {
		c := newInProcessCaller(t)
		c.server.AddOplogGap(scope, scope.Cluster(), from, to)
		ranges := c.timeRanges(jobs(scope))
		assert.Equal(t, "2017-04-19T22:14:25Z", ranges[0]["end"].(map[string]any)["date"], name)
		inside := c.do(http.MethodPost, jobs(scope), pointBody(scope, newer.Add(-time.Hour)))
		assert.Equal(t, http.StatusBadRequest, inside.status, name)
		assert.Contains(t, inside.body, "Invalid restore point: the oplog has a gap", name)
		if name == "until now" {
			assert.Len(t, ranges, 1)
			continue
		}
		require.Len(t, ranges, 2)
		assert.Equal(t, scope.Snapshots()[0], ranges[1]["snapshotId"])
		assert.Equal(t, http.StatusOK, c.do(http.MethodPost, jobs(scope), pointBody(scope, newer.Add(time.Hour))).status)
	}
}
