package restorejobs_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

const (
	mainSnapshots    = "GET /backup/snapshots"
	shardedSnapshots = "GET /backup/snapshots/shardedClusters"
)

// allSnapshots returns the IDs of All, in its order.
func allSnapshots(t *testing.T, snapshots *restorejobs.Snapshots, opts restorejobs.SnapshotOptions) ([]string, error) {
	t.Helper()
	ids := []string{}
	for snapshot, err := range snapshots.All(t.Context(), opts) {
		if err != nil {
			assert.Nil(t, snapshot)
			assert.Empty(t, ids, "an error comes alone")
			return nil, err
		}
		ids = append(ids, snapshot.ID)
	}
	return ids, nil
}

// cloudList is a list of completed snapshots, each "id@hour".
func cloudList(entries ...string) string {
	var results []string
	for _, entry := range entries {
		id, hour, _ := strings.Cut(entry, "@")
		results = append(results, fmt.Sprintf(`{"id":%q,"status":"completed","createdAt":"2026-08-10T%s:00:00Z"}`, id, hour))
	}
	return fmt.Sprintf(`{"links":[{"rel":"self","href":"x"}],"results":[%s],"totalCount":%d}`, strings.Join(results, ","), len(results))
}

func TestSnapshotsAll_everySource(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, _ *restorejobs.Jobs) {
		source := sourceOf(t, server, r.scope)
		ids, err := allSnapshots(t, source.Snapshots, restorejobs.SnapshotOptions{})
		require.NoError(t, err)
		assert.ElementsMatch(t, r.scope.Snapshots(), ids)
		var last time.Time
		for snapshot, err := range source.Snapshots.All(t.Context(), restorejobs.SnapshotOptions{}) {
			require.NoError(t, err)
			assert.False(t, !last.IsZero() && snapshot.Time().After(last), "newest first")
			assert.True(t, snapshot.IsRestorable())
			last = snapshot.Time()
		}
	})
}

func TestSnapshotsAll_requestsOfEverySource(t *testing.T) {
	t.Parallel()
	for _, r := range rows() {
		service := newSnapshotService()
		_, suffix, _ := strings.Cut(r.path, "/C/")
		path := "GET /" + strings.Replace(suffix, "restoreJobs", "snapshots", 1)
		service.on(path, http.StatusOK, cloudList("a@01"))
		want := []string{path + "?itemsPerPage=500&pageNum=1"}
		switch r.name {
		case "OpsManager.Cluster", "AtlasV2.LegacyCluster":
			want = []string{path + "?completed=all&itemsPerPage=500&pageNum=1"}
		case "AtlasV1.Cluster", "AtlasV2.Cluster":
			want = append(want, path+"/shardedClusters")
			service.on(path+"/shardedClusters", http.StatusOK, cloudList())
		}
		ids, err := allSnapshots(t, sourceWith(t, r.scope, service).Snapshots, restorejobs.SnapshotOptions{})
		require.NoError(t, err, r.name)
		assert.Equal(t, []string{"a"}, ids)
		assert.ElementsMatch(t, want, service.requests(), r.name)
	}
}

func TestSnapshotsAll_shardedCluster(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer(restorejobstest.WithShards(2))
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	for scope, cluster := range map[restorejobstest.Scope]func(projectID, name string) *restorejobs.Source{
		restorejobstest.AtlasV1Cluster: client.AtlasV1.Cluster,
		restorejobstest.AtlasV2Cluster: client.AtlasV2.Cluster,
	} {
		ids, err := allSnapshots(t, cluster(scope.Project(), scope.Sharded()).Snapshots, restorejobs.SnapshotOptions{})
		require.NoError(t, err)
		assert.ElementsMatch(t, scope.Snapshots(), ids)
	}
}

// TestSnapshotsAll_order: whatever the order of the pages is, All is newest first.
func TestSnapshotsAll_order(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	service.on(mainSnapshots, http.StatusOK, `{"results":[
		{"id":"old","status":"completed","createdAt":"2026-08-01T00:00:00Z"},
		{"id":"newest","status":"completed","createdAt":"2026-08-03T00:00:00Z"},
		{"id":"without time"},
		{"id":"6a7944880000000000000001","status":"queued"},
		{"id":"other zone","status":"completed","createdAt":"2026-08-02T23:30:00-01:00"},
		42,
		{"id":"b","status":"completed","createdAt":"2026-08-01T12:00:00Z"},
		{"id":"a","status":"completed","createdAt":"2026-08-01T12:00:00Z"}],"links":[{"rel":"self","href":"x"}]}`)
	ids, err := allSnapshots(t, service.atlas(t), restorejobs.SnapshotOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{"6a7944880000000000000001", "other zone", "newest", "b", "a", "old", "without time", ""}, ids)
}

func TestSnapshotsAll_classicOrder(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	service.on("GET /snapshots", http.StatusOK, `{"results":[
		{"id":"first operation","complete":true,"created":{"date":"2018-09-10T20:00:00Z","increment":1}},
		{"id":"second operation","complete":true,"created":{"date":"2018-09-10T20:00:00Z","increment":2}},
		{"id":"late data","complete":true,"created":{"date":"2018-09-10T19:59:00Z","increment":1},
			"lastOplogAppliedTimestamp":{"date":"2018-09-10T20:00:30Z","increment":1}}]}`)
	ids, err := allSnapshots(t, service.client(t).OpsManager.Cluster("p", "c").Snapshots, restorejobs.SnapshotOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{"late data", "second operation", "first operation"}, ids)
}

// TestSnapshotsAll_everyPage has the newest snapshot on the last page.
func TestSnapshotsAll_everyPage(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		server := restorejobstest.NewServer(restorejobstest.InProcess())
		add := func(at string) string {
			return server.AddSnapshot(scope, fmt.Sprintf(`{"complete":true,"status":"completed","created":{"date":%q,"increment":1},"createdAt":%q,"finishTime":%q}`, at, at, at))
		}
		newest := add("2026-11-27T00:00:00Z")
		for range 1203 {
			add("2001-01-01T00:00:00Z")
		}
		ids, err := allSnapshots(t, sourceOf(t, server, scope).Snapshots, restorejobs.SnapshotOptions{})
		server.Close()
		require.NoError(t, err)
		require.NotEmpty(t, ids)
		assert.Equal(t, newest, ids[0], scope)
		assert.Len(t, ids, 1204+len(scope.Snapshots()), scope)
		slices.Sort(ids)
		assert.Len(t, slices.Compact(ids), 1204+len(scope.Snapshots()), scope)
	}
}

// TestSnapshotsAll_oldServers refuse large pages, and the parameter.
func TestSnapshotsAll_oldServers(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	service.responses["GET /snapshots"] = func(r *http.Request) *http.Response {
		size, _ := strconv.Atoi(r.URL.Query().Get("itemsPerPage"))
		if size > 100 || r.URL.Query().Has("completed") {
			return testutil.APIError(http.StatusBadRequest, "INVALID_QUERY_PARAMETER")
		}
		return testutil.JSON(http.StatusOK, `{"results":[{"id":"a","complete":true}]}`)
	}
	ids, err := allSnapshots(t, service.client(t).OpsManager.Cluster("p", "c").Snapshots, restorejobs.SnapshotOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, ids)
	assert.Equal(t, []string{"GET /snapshots?completed=all&itemsPerPage=500&pageNum=1", "GET /snapshots?itemsPerPage=100&pageNum=1"}, service.requests())
}

func TestSnapshotsAll_mergesBothLists(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	service.on(mainSnapshots, http.StatusOK, cloudList("a@01", "both@02"))
	service.on(shardedSnapshots, http.StatusOK, strings.Replace(cloudList("b@03", "both@02"), `"id":"both"`, `"type":"shardedCluster","id":"both"`, 1))
	ids, err := allSnapshots(t, service.atlas(t), restorejobs.SnapshotOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{"b", "both", "a"}, ids)
	for snapshot, err := range service.atlas(t).All(t.Context(), restorejobs.SnapshotOptions{}) {
		require.NoError(t, err)
		if snapshot.ID == "both" {
			assert.Equal(t, restorejobs.SnapshotOfShardedCluster, snapshot.Type, "the list for sharded clusters has more")
		}
	}
}

func TestSnapshotsAll_knownTopology(t *testing.T) {
	t.Parallel()
	for topology, want := range map[restorejobs.SnapshotTopology]string{
		restorejobs.SnapshotOfReplicaSet:     mainSnapshots + "?itemsPerPage=500&pageNum=1",
		restorejobs.SnapshotOfShardedCluster: shardedSnapshots,
	} {
		service := newSnapshotService()
		service.on(mainSnapshots, http.StatusOK, cloudList("a@01"))
		service.on(shardedSnapshots, http.StatusOK, cloudList("a@01"))
		ids, err := allSnapshots(t, service.atlas(t), restorejobs.SnapshotOptions{Topology: topology})
		require.NoError(t, err)
		assert.Equal(t, []string{"a"}, ids)
		assert.Equal(t, []string{want}, service.requests())
	}
}

// TestSnapshotsAll_oneListIsRefused: what a list answers for the other topology is unknown.
func TestSnapshotsAll_oneListIsRefused(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusBadRequest, http.StatusNotFound} {
		for _, refused := range []string{mainSnapshots, shardedSnapshots} {
			for _, list := range []string{cloudList("a@01"), cloudList()} {
				service := newSnapshotService()
				service.on(mainSnapshots, http.StatusOK, list)
				service.on(shardedSnapshots, http.StatusOK, list)
				service.on(refused, status, fmt.Sprintf(`{"error":%d,"errorCode":"OTHER_TOPOLOGY"}`, status))
				ids, err := allSnapshots(t, service.atlas(t), restorejobs.SnapshotOptions{})
				require.NoError(t, err)
				assert.Len(t, ids, strings.Count(list, `"id"`))
			}
		}
	}
}

func TestSnapshotsAll_refusals(t *testing.T) {
	t.Parallel()
	const (
		flexCode = `{"error":400,"errorCode":"CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"}`
		notFound = `{"error":404,"errorCode":"CLUSTER_NOT_FOUND"}`
		denied   = `{"error":403,"errorCode":"USER_CANNOT_ACCESS_GROUP"}`
		crashed  = `{"error":500,"errorCode":"UNEXPECTED_ERROR"}`
	)
	for _, c := range []struct {
		name          string
		mainStatus    int
		mainBody      string
		shardedStatus int
		shardedBody   string
		topology      restorejobs.SnapshotTopology
		want          restorejobs.ErrorCode
	}{
		{"both for a flex cluster", 400, flexCode, 400, flexCode, "", "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"},
		{"both for an unknown cluster", 404, notFound, 404, notFound, "", "CLUSTER_NOT_FOUND"},
		{"no permission", 403, denied, 200, cloudList("a@01"), "", "USER_CANNOT_ACCESS_GROUP"},
		{"no permission for sharded clusters", 200, cloudList("a@01"), 403, denied, "", "USER_CANNOT_ACCESS_GROUP"},
		{"crash", 200, cloudList("a@01"), 500, crashed, "", "UNEXPECTED_ERROR"},
		{"the only list", 404, notFound, 200, cloudList("a@01"), restorejobs.SnapshotOfReplicaSet, "CLUSTER_NOT_FOUND"},
		{"the only list for sharded clusters", 200, cloudList("a@01"), 400, flexCode, restorejobs.SnapshotOfShardedCluster, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			service := newSnapshotService()
			service.on(mainSnapshots, c.mainStatus, c.mainBody)
			service.on(shardedSnapshots, c.shardedStatus, c.shardedBody)
			_, err := allSnapshots(t, service.atlas(t), restorejobs.SnapshotOptions{Topology: c.topology})
			var apiErr *restorejobs.Error
			require.ErrorAs(t, err, &apiErr)
			assert.Equal(t, c.want, apiErr.Code)
		})
	}
}

// TestSnapshotsAll_refusedLaterPage must not pass for the end of the list.
func TestSnapshotsAll_refusedLaterPage(t *testing.T) {
	t.Parallel()
	for _, refused := range []string{mainSnapshots, shardedSnapshots} {
		service := newSnapshotService()
		service.on(mainSnapshots, http.StatusOK, cloudList("a@01"))
		service.on(shardedSnapshots, http.StatusOK, cloudList("b@02"))
		service.responses[refused] = func(r *http.Request) *http.Response {
			if number := r.URL.Query().Get("pageNum"); number == "2" {
				return testutil.APIError(http.StatusBadRequest, "INVALID_QUERY_PARAMETER")
			}
			return testutil.JSON(http.StatusOK, `{"results":[{"id":"x","status":"completed"}],"links":[{"rel":"next","href":"x"}]}`)
		}
		_, err := allSnapshots(t, service.atlas(t), restorejobs.SnapshotOptions{})
		require.ErrorIs(t, err, restorejobs.ErrorCode("INVALID_QUERY_PARAMETER"), refused)
	}
}

// TestSnapshotsAll_pagesOfTheShardedList: the list has no parameters, so only a link or a total shows
// that it is not whole.
func TestSnapshotsAll_pagesOfTheShardedList(t *testing.T) {
	t.Parallel()
	many := make([]string, 250)
	for i := range many {
		many[i] = fmt.Sprintf(`{"id":"s%d","status":"completed","createdAt":"2026-08-10T00:00:00Z"}`, i)
	}
	page := func(from, to int, rest string) string {
		return `{"results":[` + strings.Join(many[from:to], ",") + `]` + rest + `}`
	}
	for name, pages := range map[string][]string{
		"whole without links": {page(0, 100, "")},
		"whole and long":      {page(0, 250, "")},
		"whole with a total":  {page(0, 100, `,"totalCount":100`)},
		"whole with links":    {page(0, 250, `,"links":[{"rel":"self","href":"x"}],"totalCount":250`)},
		"next link":           {page(0, 100, `,"links":[{"rel":"next","href":"x"}]`), page(100, 250, `,"links":[{"rel":"self","href":"x"}]`)},
		"total without links": {page(0, 100, `,"totalCount":250`), page(100, 200, `,"totalCount":250`), page(200, 250, `,"totalCount":250`)},
		"total with a self link": {
			page(0, 200, `,"totalCount":250,"links":[{"rel":"self","href":"x"}]`),
			page(200, 250, `,"totalCount":250,"links":[{"rel":"self","href":"x"}]`),
		},
	} {
		service := newSnapshotService()
		service.responses[shardedSnapshots] = func(r *http.Request) *http.Response {
			number, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
			return testutil.JSON(http.StatusOK, pages[max(number, 1)-1])
		}
		ids, err := allSnapshots(t, service.atlas(t), restorejobs.SnapshotOptions{Topology: restorejobs.SnapshotOfShardedCluster})
		require.NoError(t, err, name)
		assert.Len(t, ids, strings.Count(strings.Join(pages, ""), `"id"`), name)
		assert.Len(t, service.requests(), len(pages), name)
	}
}

func TestSnapshotsAll_limits(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	service.on(mainSnapshots, http.StatusOK, strings.Replace(cloudList("a@01", "b@02", "c@03"), `"results":[`, `"results":[{"id":"pending","status":"queued"},`, 1))
	at := func(hour int) time.Time { return time.Date(2026, 8, 10, hour, 0, 0, 0, time.UTC) }
	for want, opts := range map[string]restorejobs.SnapshotOptions{
		"c b a pending": {},
		"b a":           {Before: at(3)},
		"c b a":         {Before: at(3).Add(1)},
		"c b":           {After: at(1)},
		"b":             {After: at(1), Before: at(3)},
		"":              {After: at(3)},
	} {
		ids, err := allSnapshots(t, service.atlas(t), opts)
		require.NoError(t, err)
		assert.Equal(t, want, strings.Join(ids, " "))
	}
}

func TestSnapshotsAll_breakEndsIt(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	service.on(mainSnapshots, http.StatusOK, cloudList("a@01", "b@02"))
	for snapshot, err := range service.atlas(t).All(t.Context(), restorejobs.SnapshotOptions{}) {
		require.NoError(t, err)
		assert.Equal(t, "b", snapshot.ID)
		break
	}
}

func TestSnapshotsAll_invalidOptions(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	client := service.client(t)
	now := time.Now()
	for text, opts := range map[string]restorejobs.SnapshotOptions{
		"After must be earlier than Before": {After: now, Before: now},
		"After must be earlier":             {After: now.Add(1), Before: now},
		"Topology must be":                  {Topology: "geo"},
	} {
		_, err := allSnapshots(t, client.AtlasV2.Cluster("p", "c").Snapshots, opts)
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
		require.ErrorContains(t, err, text)
	}
	_, err := allSnapshots(t, client.AtlasV2.Flex("p", "c").Snapshots, restorejobs.SnapshotOptions{Topology: restorejobs.SnapshotOfReplicaSet})
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = allSnapshots(t, client.AtlasV2.Cluster("", "c/d").Snapshots, restorejobs.SnapshotOptions{})
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	withoutURL := clienttest.New(t, clienttest.Bearer("t"))
	_, err = allSnapshots(t, withoutURL.OpsManager.Cluster("p", "c").Snapshots, restorejobs.SnapshotOptions{})
	require.ErrorIs(t, err, restorejobs.ErrBaseURLRequired)
	assert.Empty(t, service.requests())
}
