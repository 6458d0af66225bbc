package restorejobs_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// collectionIDs are the IDs of jobs.
func collectionIDs(jobs []*restorejobs.CollectionJob) []string {
	var ids []string
	for _, job := range jobs {
		ids = append(ids, job.ID)
	}
	return ids
}

// A create whose response was lost is found again, and others are not.
func TestCollectionJobsFindCreated_matches(t *testing.T) {
	t.Parallel()
	since := time.Now().Add(-time.Hour).UTC()
	at := func(after time.Duration) string { return since.Add(after).Format(time.RFC3339) }
	job := func(id, created, more string) string {
		return `{"id":"` + id + `","createdAt":"` + created + `","snapshotId":"` + collectionSnapshotID + `",` +
			`"targetGroupId":"h","targetClusterName":"staging","writeStrategy":"CREATE_NEW","indexStrategy":"ALL","state":"FAILED"` + more + `}`
	}
	items := []string{
		job("older match", at(time.Minute), ""),
		job("match", at(2*time.Minute), ""),
		job("before", at(-time.Minute), ""),
		job("other target", at(time.Minute), `,"targetClusterName":"prod"`),
		job("other project", at(time.Minute), `,"targetGroupId":"p"`),
		job("other snapshot", at(time.Minute), `,"snapshotId":"6a79468a2c88faeba59de488"`),
		job("other point", at(time.Minute), `,"pointInTimeUtcSeconds":1702220445`),
		job("other oplog", at(time.Minute), `,"oplogTs":1702220445,"oplogInc":1`),
		job("other strategy", at(time.Minute), `,"writeStrategy":"OVERWRITE_EXISTING"`),
		`{"id":"bare match","createdAt":"` + at(3*time.Minute) + `"}`,
	}
	_, jobs := newCollectionAPI(t, pages(items))
	found, err := jobs.FindCreated(t.Context(), since, orders())
	require.NoError(t, err)
	var ids []string
	for _, job := range found {
		ids = append(ids, job.ID)
	}
	assert.Equal(t, []string{"bare match", "match", "older match"}, ids, "newest first")

	atTime := orders()
	atTime.Point = restorejobs.FromPointInTime(time.Unix(1702220445, 0))
	found, err = jobs.FindCreated(t.Context(), since, atTime)
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(found, func(job *restorejobs.CollectionJob) bool { return job.ID == "other point" }))
	_, err = jobs.FindCreated(t.Context(), time.Time{}, orders())
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	require.ErrorContains(t, err, "since must be set")

	_, jobs = newCollectionAPI(t, pages(nil))
	found, err = jobs.FindCreated(t.Context(), since, orders())
	require.NoError(t, err)
	assert.Empty(t, found)
}

// A create that was executed without a response is found on the server. One that was not executed is
// not, and neither is a create before since.
func TestCollectionJobsFindCreated_lostResponse(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		scope := restorejobstest.AtlasV2Cluster
		client, err := server.Client()
		require.NoError(t, err)
		jobs := client.AtlasV2.Cluster(scope.Project(), scope.Cluster()).CollectionJobs
		restore := restorejobs.CollectionRestore{
			Point:       restorejobs.FromSnapshot(scope.Snapshots()[0]),
			Target:      restorejobs.ToCluster(scope.Project(), scope.Target()),
			Collections: []restorejobs.RestoreNamespace{{Source: "sales.orders"}},
		}
		earlier, err := jobs.Create(t.Context(), restore)
		require.NoError(t, err)
		server.FinishCollectionJob(earlier.ID)
		time.Sleep(time.Hour)

		since := time.Now()
		found, err := jobs.FindCreated(t.Context(), since, restore)
		require.NoError(t, err)
		assert.Empty(t, found)

		server.InjectFault(restorejobstest.DropResponse().On("POST /api/atlas/v2/groups/{project}/clusters/{cluster}/collectionRestoreJobs"), 1)
		_, err = jobs.Create(t.Context(), restore)
		require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
		found, err = jobs.FindCreated(t.Context(), since, restore)
		require.NoError(t, err)
		require.Len(t, found, 1)
		assert.NotEqual(t, earlier.ID, found[0].ID)
		assert.Equal(t, restorejobs.StateRunning, found[0].State())

		restore.Collections = []restorejobs.RestoreNamespace{{Source: "sales.customers"}}
		other, err := jobs.FindCreated(t.Context(), since, restore)
		require.NoError(t, err)
		assert.Equal(t, collectionIDs(found), collectionIDs(other), "collections are not compared")
		restore.Target = restorejobs.ToCluster(scope.Project(), "another")
		other, err = jobs.FindCreated(t.Context(), since, restore)
		require.NoError(t, err)
		assert.Empty(t, other)
	})
}

// A restore point matches the members of a job that name it. The snapshot of a point in time is its
// base, and not compared.
func TestCollectionJobsFindCreated_restorePoints(t *testing.T) {
	t.Parallel()
	at := time.Unix(1702220445, 0)
	points := map[string]restorejobs.RestorePoint{
		"snapshot": restorejobs.FromSnapshot(collectionSnapshotID),
		"time":     restorejobs.FromPointInTime(at),
		"oplog":    restorejobs.FromOplog(restorejobs.Timestamp{Date: at, Increment: 3}),
	}
	for members, want := range map[string][]string{
		`"snapshotId":"` + collectionSnapshotID + `"`:                                          {"snapshot"},
		`"snapshotId":"6a79468a2c88faeba59de488"`:                                              nil,
		`"pointInTimeUtcSeconds":1702220445`:                                                   {"time"},
		`"pointInTimeUtcSeconds":1702220446`:                                                   nil,
		`"pointInTimeUtcSeconds":1702220445,"snapshotId":"` + collectionSnapshotID + `"`:       {"time"},
		`"pointInTimeUtcSeconds":0,"oplogTs":null,"snapshotId":"` + collectionSnapshotID + `"`: {"snapshot"},
		`"oplogTs":1702220445,"oplogInc":3`:                                                    {"oplog"},
		`"oplogTs":1702220445`:                                                                 {"oplog"},
		`"oplogTs":"1702220445","oplogInc":"3"`:                                                {"oplog"},
		`"oplogTs":1702220445,"oplogInc":4`:                                                    nil,
		`"oplogTs":1702220444,"oplogInc":3`:                                                    nil,
		`"errorMessage":"no restore point"`:                                                    {"oplog", "snapshot", "time"},
	} {
		_, jobs := newCollectionAPI(t, pages([]string{fmt.Sprintf(`{"id":"a","createdAt":%q,%s}`, at.Format(time.RFC3339), members)}))
		var got []string
		for name, point := range points {
			restore := orders()
			restore.Point = point
			found, err := jobs.FindCreated(t.Context(), at, restore)
			require.NoError(t, err)
			if len(found) > 0 {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		assert.Equal(t, want, got, members)
	}
}

// A job without a creation time may be the newest, as in Jobs.FindCreated. The time of an ObjectID
// counts without createdAt.
func TestCollectionJobsFindCreated_withoutTime(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 8, 11, 0, 0, 0, 0, time.UTC)
	_, jobs := newCollectionAPI(t, pages([]string{
		`{"id":"dated","createdAt":"2026-08-13T00:00:00Z"}`,
		`{"id":"undated"}`,
		`{"id":"unreadable","createdAt":"yesterday"}`,
		`{"id":"` + collectionJobID + `"}`,  // 2026-08-10
		`{"id":"6a7bffff2c88faeba59eb866"}`, // 2026-08-12
		`7`,
	}))
	found, err := jobs.FindCreated(t.Context(), since, orders())
	require.NoError(t, err)
	assert.Equal(t, []string{"undated", "unreadable", "", "dated", "6a7bffff2c88faeba59eb866"}, collectionIDs(found))
}

// Since counts by the server's clock, with a tolerance of 5 s.
func TestCollectionJobsFindCreated_serverClock(t *testing.T) {
	t.Parallel()
	since := time.Now().Truncate(time.Second)
	serverTime := func(local time.Time) time.Time { return local.Add(-3 * time.Hour) }
	var items []string
	for _, after := range []time.Duration{-10 * time.Second, -3 * time.Second, time.Second} {
		items = append(items, fmt.Sprintf(`{"id":"%s","createdAt":%q}`, after, serverTime(since.Add(after)).UTC().Format(time.RFC3339)))
	}
	list := pages(items)
	_, jobs := newCollectionAPI(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", serverTime(time.Now()).UTC().Format(http.TimeFormat))
		list(w, r)
	})
	found, err := jobs.FindCreated(t.Context(), since, orders())
	require.NoError(t, err)
	assert.Equal(t, []string{"1s", "-3s"}, collectionIDs(found))
}

// The search of a list that is newest first ends after 100 older jobs. Other lists are read whole.
func TestCollectionJobsFindCreated_longLists(t *testing.T) {
	t.Parallel()
	since := time.Now().Truncate(time.Second)
	var items []string
	for i := range 1000 {
		items = append(items, fmt.Sprintf(`{"id":"%d","createdAt":%q}`, i, since.Add(time.Duration(2-i)*time.Minute).UTC().Format(time.RFC3339)))
	}
	api, jobs := newCollectionAPI(t, pages(items))
	found, err := jobs.FindCreated(t.Context(), since, orders())
	require.NoError(t, err)
	assert.Equal(t, []string{"0", "1", "2"}, collectionIDs(found))
	assert.Len(t, api.requests(), 2)

	slices.Reverse(items)
	api, jobs = newCollectionAPI(t, pages(items))
	found, err = jobs.FindCreated(t.Context(), since, orders())
	require.NoError(t, err)
	assert.Equal(t, []string{"0", "1", "2"}, collectionIDs(found))
	assert.Len(t, api.requests(), 11)
}

// All problems are in one error, and nothing is sent.
func TestCollectionJobsFindCreated_invalidArguments(t *testing.T) {
	t.Parallel()
	api := &collectionAPI{handler: pages(nil)}
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), restorejobs.WithTransport(api))
	require.NoError(t, err)
	_, err = client.AtlasV2.Cluster("p/q", "").CollectionJobs.FindCreated(t.Context(), time.Time{}, restorejobs.CollectionRestore{})
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	for _, problem := range []string{
		"find created collection restore jobs",
		"projectID",
		"cluster",
		"since must be set: the time before the create",
		"Target: make one with ToCluster",
		"Databases and Collections must not both be empty",
	} {
		require.ErrorContains(t, err, problem)
	}
	assert.Empty(t, api.requests())
}

// An incomplete list is an error: a job of the create could be missing.
func TestCollectionJobsFindCreated_errors(t *testing.T) {
	t.Parallel()
	since := time.Now()
	full := pages(slices.Repeat([]string{`{"id":"a"}`}, 100))
	var items []string
	for i := range 150 {
		items = append(items, fmt.Sprintf(`{"id":"%d"}`, i))
	}
	long := pages(items)
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"no permission":      {respondJSON(http.StatusForbidden, `{"error":403,"errorCode":"USER_UNAUTHORIZED"}`), "403 USER_UNAUTHORIZED"},
		"an error in a body": {respondJSON(http.StatusOK, `{"error":404,"errorCode":"CLUSTER_NOT_FOUND"}`), "404 CLUSTER_NOT_FOUND"},
		"a job":              {respondJSON(http.StatusOK, collectionJob("FAILED")), "results"},
		"a list without end": {respondJSON(http.StatusOK, `{"results":[`), "200"},
		"a page that repeats": {func(w http.ResponseWriter, r *http.Request) {
			r.URL.RawQuery = "itemsPerPage=100&pageNum=1"
			long(w, r)
		}, "page 2 repeats an earlier page"},
		"repeated jobs": {full, ""},
		"a second page broken": {func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.RawQuery, "pageNum=2") {
				respondJSON(http.StatusInternalServerError, ``)(w, r)
				return
			}
			long(w, r)
		}, "500"},
	} {
		_, jobs := newCollectionAPI(t, test.handler)
		found, err := jobs.FindCreated(t.Context(), since, orders())
		if test.want == "" {
			require.NoError(t, err, name)
			assert.Len(t, found, 1, name)
			continue
		}
		require.ErrorContains(t, err, test.want, name)
		require.ErrorContains(t, err, "find created collection restore jobs", name)
		assert.Nil(t, found, name)
	}
}
