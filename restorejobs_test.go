package restorejobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// row is what a scope of the table sends and answers.
type row struct {
	scope   restorejobstest.Scope
	name    string // as errors name it
	path    string // of the list, with P and C for the ids
	accept  string
	batch   bool
	cancel  bool
	ranges  bool
	creates []create
}

type create struct {
	name  string
	point restorejobs.RestorePoint
	to    restorejobs.Destination
	body  string // S, P and C stand for snapshot, project and cluster
}

const (
	plainJSON = "application/json"
	v2Dated   = "application/vnd.atlas.2023-01-01+json"
	flexDated = "application/vnd.atlas.2024-11-13+json"
	public    = "/api/public/v1.0/groups/P/"
	atlasV1   = "/api/atlas/v1.0/groups/P/"
	atlasV2   = "/api/atlas/v2/groups/P/"
)

var (
	pointInTime = time.Date(2018, 9, 10, 20, 4, 48, 0, time.UTC)
	oplogEntry  = restorejobs.Timestamp{Date: pointInTime, Increment: 1}
	oneDownload = restorejobs.ToDownload(restorejobs.DownloadLink{})
	target      = restorejobs.ToCluster("TP", "TC")
	snapshot    = restorejobs.FromSnapshot("S")
)

func managerCreates() []create {
	const automated = `"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterId":"C"}`
	return []create{
		{"download", snapshot, oneDownload, `{"delivery":{"methodName":"HTTP","expirationHours":1,"maxDownloads":1},"snapshotId":"S"}`},
		{
			"download twice", snapshot, restorejobs.ToDownload(restorejobs.DownloadLink{ExpirationHours: 48, MaxDownloads: 2}),
			`{"delivery":{"methodName":"HTTP","expirationHours":48,"maxDownloads":2},"snapshotId":"S"}`,
		},
		{
			"download until", snapshot, restorejobs.ToDownload(restorejobs.DownloadLink{Expires: time.Date(2099, 4, 21, 4, 49, 57, 0, time.UTC)}),
			`{"delivery":{"methodName":"HTTP","expires":"2099-04-21T04:49:57Z","maxDownloads":1},"snapshotId":"S"}`,
		},
		{"snapshot", snapshot, target, `{` + automated + `,"snapshotId":"S"}`},
		{"time", restorejobs.FromTime(pointInTime), target, `{` + automated + `,"pointInTimeUTCMillis":1536609888000}`},
		{"oplog", restorejobs.FromOplog(oplogEntry), target, `{` + automated + `,"oplogTs":"1536609888","oplogInc":"1"}`},
		{"checkpoint", restorejobs.FromCheckpoint("5c0ffee0000000000000cccc"), target, `{` + automated + `,"checkpointId":"5c0ffee0000000000000cccc"}`},
	}
}

func legacyCreates() []create {
	const automated = `"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterName":"C"}`
	return []create{
		{"download", snapshot, oneDownload, `{"delivery":{"methodName":"HTTP","expirationHours":1,"maxDownloads":1},"snapshotId":"S"}`},
		{"snapshot", snapshot, target, `{` + automated + `,"snapshotId":"S"}`},
		{"time", restorejobs.FromTime(pointInTime), target, `{` + automated + `,"pointInTimeUTCMillis":1536609888000}`},
		{"oplog", restorejobs.FromOplog(oplogEntry), target, `{` + automated + `,"oplogTs":"2018-09-10T20:04:48Z","oplogInc":1}`},
	}
}

func cloudCreates() []create {
	return []create{
		{"download", snapshot, oneDownload, `{"deliveryType":"download","snapshotId":"S"}`},
		{"snapshot", snapshot, target, `{"deliveryType":"automated","snapshotId":"S","targetClusterName":"C","targetGroupId":"P"}`},
		{"time", restorejobs.FromTime(pointInTime), target, `{"deliveryType":"pointInTime","pointInTimeUTCSeconds":1536609888,"targetClusterName":"C","targetGroupId":"P"}`},
		{"oplog", restorejobs.FromOplog(oplogEntry), target, `{"deliveryType":"pointInTime","oplogTs":1536609888,"oplogInc":1,"targetClusterName":"C","targetGroupId":"P"}`},
	}
}

func serverlessCreates() []create {
	creates := cloudCreates()
	creates[0].body = `{"deliveryType":"download","snapshotId":"S","targetClusterName":"C","targetGroupId":"P"}`
	return creates
}

func rows() []row {
	return []row{
		{restorejobstest.CloudManagerCluster, "CloudManager.Cluster", public + "clusters/C/restoreJobs", plainJSON, true, false, true, managerCreates()},
		{restorejobstest.CloudManagerHost, "CloudManager.Host", public + "hosts/C/restoreJobs", plainJSON, false, false, false, managerCreates()[:2]},
		{restorejobstest.OpsManagerCluster, "OpsManager.Cluster", public + "clusters/C/restoreJobs", plainJSON, true, false, true, managerCreates()},
		{restorejobstest.OpsManagerHost, "OpsManager.Host", public + "hosts/C/restoreJobs", plainJSON, false, false, false, managerCreates()[:2]},
		{restorejobstest.MMSCluster, "MMS.Cluster", public + "clusters/C/restoreJobs", plainJSON, true, false, false, []create{
			{"snapshot", snapshot, oneDownload, `{"snapshotId":"S"}`},
			{"time", restorejobs.FromTime(pointInTime), oneDownload, `{"timestamp":{"date":"2018-09-10T20:04:48Z","increment":0}}`},
			{"oplog", restorejobs.FromOplog(oplogEntry), oneDownload, `{"timestamp":{"date":"2018-09-10T20:04:48Z","increment":1}}`},
		}},
		{restorejobstest.AtlasV1Cluster, "AtlasV1.Cluster", atlasV1 + "clusters/C/backup/restoreJobs", plainJSON, false, true, false, cloudCreates()},
		{restorejobstest.AtlasV1Serverless, "AtlasV1.Serverless", atlasV1 + "serverless/C/backup/restoreJobs", plainJSON, false, false, false, serverlessCreates()},
		{restorejobstest.AtlasV1LegacyCluster, "AtlasV1.LegacyCluster", atlasV1 + "clusters/C/restoreJobs", plainJSON, true, false, false, legacyCreates()},
		{restorejobstest.AtlasV2Cluster, "AtlasV2.Cluster", atlasV2 + "clusters/C/backup/restoreJobs", v2Dated, false, true, false, cloudCreates()},
		{restorejobstest.AtlasV2Serverless, "AtlasV2.Serverless", atlasV2 + "serverless/C/backup/restoreJobs", v2Dated, false, false, false, serverlessCreates()},
		{restorejobstest.AtlasV2LegacyCluster, "AtlasV2.LegacyCluster", atlasV2 + "clusters/C/restoreJobs", v2Dated, true, false, false, legacyCreates()},
		{restorejobstest.AtlasV2Flex, "AtlasV2.Flex", atlasV2 + "flexClusters/C/backup/restoreJobs", flexDated, false, false, false, []create{
			{"snapshot", snapshot, target, `{"snapshotId":"S","targetDeploymentItemName":"C","targetProjectId":"P"}`},
			{"own project", snapshot, restorejobs.ToCluster("", "TC"), `{"snapshotId":"S","targetDeploymentItemName":"C"}`},
		}},
	}
}

// forEachRow runs a test on a server of its own for every row of the table.
func forEachRow(t *testing.T, test func(*testing.T, row, *restorejobstest.Server, *restorejobs.Jobs)) {
	t.Helper()
	for _, r := range rows() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			server := restorejobstest.NewServer()
			t.Cleanup(server.Close)
			test(t, r, server, jobsOf(t, server, r.scope))
		})
	}
}

// jobsOf hands out a scope through the method that users call.
func jobsOf(t *testing.T, server *restorejobstest.Server, scope restorejobstest.Scope, opts ...restorejobs.Option) *restorejobs.Jobs {
	t.Helper()
	c, err := server.Client(opts...)
	require.NoError(t, err)
	methods := map[restorejobstest.Scope]func(project, cluster string) *restorejobs.Jobs{
		restorejobstest.CloudManagerCluster:  c.CloudManager.Cluster,
		restorejobstest.CloudManagerHost:     c.CloudManager.Host,
		restorejobstest.OpsManagerCluster:    c.OpsManager.Cluster,
		restorejobstest.OpsManagerHost:       c.OpsManager.Host,
		restorejobstest.MMSCluster:           c.MMS.Cluster,
		restorejobstest.AtlasV1Cluster:       c.AtlasV1.Cluster,
		restorejobstest.AtlasV1Serverless:    c.AtlasV1.Serverless,
		restorejobstest.AtlasV1LegacyCluster: c.AtlasV1.LegacyCluster,
		restorejobstest.AtlasV2Cluster:       c.AtlasV2.Cluster,
		restorejobstest.AtlasV2Serverless:    c.AtlasV2.Serverless,
		restorejobstest.AtlasV2LegacyCluster: c.AtlasV2.LegacyCluster,
		restorejobstest.AtlasV2Flex:          c.AtlasV2.Flex,
	}
	require.Contains(t, methods, scope, "a method hands out every scope")
	return methods[scope](scope.Project(), scope.Cluster())
}

// sent returns the one request that got past the credentials.
func sent(t *testing.T, server *restorejobstest.Server) restorejobstest.Request {
	t.Helper()
	var passed []restorejobstest.Request
	for _, request := range server.Requests() {
		if request.Status != http.StatusUnauthorized {
			passed = append(passed, request)
		}
	}
	require.Len(t, passed, 1)
	return passed[0]
}

// fill puts a scope's ids for the letters of a pattern.
func fill(pattern string, scope restorejobstest.Scope) string {
	path := strings.Split(pattern, "/")
	for i := range path {
		switch path[i] {
		case "P":
			path[i] = scope.Project()
		case "C":
			path[i] = scope.Cluster()
		}
	}
	return strings.Join(path, "/")
}

func assertRequest(t *testing.T, r row, got restorejobstest.Request, method, path, query string) {
	t.Helper()
	assert.Equal(t, method, got.Method)
	assert.Equal(t, fill(path, r.scope), got.Path)
	assert.Equal(t, query, got.Query)
	assert.Equal(t, r.accept, got.Header.Get("Accept"))
	assert.Equal(t, "digest", got.Scheme)
	assert.Regexp(t, `^restorejobs-go/`, got.Header.Get("User-Agent"))
}

func TestGet(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, jobs *restorejobs.Jobs) {
		id := r.scope.Jobs()[0]
		job, err := jobs.Get(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, id, job.ID)
		assertRequest(t, r, sent(t, server), http.MethodGet, r.path+"/"+id, "")
		assert.Empty(t, sent(t, server).Body)

		_, err = jobs.Get(t.Context(), "5ba5e0000000000000009999")
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
		var api *restorejobs.Error
		require.ErrorAs(t, err, &api)
		assert.Equal(t, http.StatusNotFound, api.StatusCode)
		assert.NotEmpty(t, api.Code)
		assert.Equal(t, "get restore job", api.Operation)
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, jobs *restorejobs.Jobs) {
		page, err := jobs.List(t.Context(), restorejobs.ListOptions{})
		require.NoError(t, err)
		assert.Equal(t, r.scope.Jobs(), restorejobs.IDs(page.Jobs))
		assert.Equal(t, 1, page.PageNum)
		assert.Equal(t, len(r.scope.Jobs()), page.TotalCount)
		assert.False(t, page.HasNext)
		assertRequest(t, r, sent(t, server), http.MethodGet, r.path, "")
	})
}

func TestListParameters(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, _ *restorejobs.Jobs) {
		jobs := jobsOf(t, server, r.scope, restorejobs.WithEnvelope(), restorejobs.WithPretty())
		no := false
		opts := restorejobs.ListOptions{PageNum: 1, ItemsPerPage: 7}
		query := "itemsPerPage=7&pageNum=1&envelope=true&pretty=true"
		if strings.HasPrefix(r.name, "Atlas") {
			opts.IncludeCount = &no
			query = "includeCount=false&" + query
		}
		page, err := jobs.List(t.Context(), opts)
		require.NoError(t, err)
		assert.Equal(t, r.scope.Jobs(), restorejobs.IDs(page.Jobs))
		assertRequest(t, r, sent(t, server), http.MethodGet, r.path, query)
		if opts.IncludeCount != nil {
			assert.Equal(t, -1, page.TotalCount)
		}
	})
}

func TestListBatch(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, jobs *restorejobs.Jobs) {
		const batch = "5c0ffee000000000000000e0"
		_, err := jobs.List(t.Context(), restorejobs.ListOptions{BatchID: batch})
		if !r.batch {
			assertUnsupported(t, server, r, err)
			for _, err := range jobs.All(t.Context(), restorejobs.ListOptions{BatchID: batch}) {
				assertUnsupported(t, server, r, err)
			}
			return
		}
		require.NoError(t, err)
		assertRequest(t, r, sent(t, server), http.MethodGet, r.path, "batchId="+batch)
	})
}

func assertUnsupported(t *testing.T, server *restorejobstest.Server, r row, err error) {
	t.Helper()
	require.ErrorIs(t, err, errors.ErrUnsupported)
	assert.ErrorContains(t, err, r.name)
	assert.Empty(t, server.Requests(), "nothing is sent")
}

func TestCreate(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, _ *restorejobstest.Server, _ *restorejobs.Jobs) {
		for _, c := range r.creates {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				var opts []restorejobstest.Option
				if c.name == "checkpoint" { // replica sets have none
					opts = append(opts, restorejobstest.WithShards(1))
				}
				server := restorejobstest.NewServer(opts...)
				t.Cleanup(server.Close)
				point, to := c.point, c.to
				if point == snapshot {
					point = restorejobs.FromSnapshot(r.scope.Snapshots()[0])
				}
				if to == target {
					to = restorejobs.ToCluster(r.scope.Project(), r.scope.Cluster())
				} else if to == restorejobs.ToCluster("", "TC") {
					to = restorejobs.ToCluster("", r.scope.Cluster())
				}
				created, err := jobsOf(t, server, r.scope).Create(t.Context(), point, to)
				require.NoError(t, err)
				require.NotEmpty(t, created)
				assert.NotEmpty(t, created[0].ID)
				assert.Equal(t, 1, server.Created())

				got := sent(t, server)
				assertRequest(t, r, got, http.MethodPost, r.path, "")
				assert.Equal(t, r.accept, got.Header.Get("Content-Type"))
				body := strings.NewReplacer(`"S"`, `"`+r.scope.Snapshots()[0]+`"`, `"P"`, `"`+r.scope.Project()+`"`,
					`"C"`, `"`+r.scope.Cluster()+`"`).Replace(c.body)
				assert.Equal(t, body, string(got.Body))
			})
		}
	})
}

func TestCreateSharded(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		if scope.Sharded() == "" {
			continue
		}
		t.Run(scope.String(), func(t *testing.T) {
			t.Parallel()
			server := restorejobstest.NewServer(restorejobstest.WithShards(2))
			t.Cleanup(server.Close)
			created, err := jobsOf(t, server, scope).Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), oneDownload)
			require.NoError(t, err)
			if created[0].StatusName == "" { // an Atlas cluster has components instead
				assert.Len(t, created, 1)
				return
			}
			require.Len(t, created, 3, "two shards and a config server")
			for _, job := range created {
				assert.Equal(t, created[0].BatchID, job.BatchID)
			}
			page, err := jobsOf(t, server, scope).List(t.Context(), restorejobs.ListOptions{BatchID: created[0].BatchID})
			require.NoError(t, err)
			assert.ElementsMatch(t, restorejobs.IDs(created), restorejobs.IDs(page.Jobs))
		})
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, jobs *restorejobs.Jobs) {
		if !r.cancel {
			assertUnsupported(t, server, r, jobs.Cancel(t.Context(), r.scope.Jobs()[0]))
			return
		}
		created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(r.scope.Snapshots()[0]), oneDownload)
		require.NoError(t, err)
		require.NoError(t, jobs.Cancel(t.Context(), created[0].ID))
		requests := server.Requests()
		assertRequest(t, r, requests[len(requests)-1], http.MethodDelete, r.path+"/"+created[0].ID, "")
		job, err := jobs.Get(t.Context(), created[0].ID)
		require.NoError(t, err)
		assert.Equal(t, restorejobs.StateCancelled, job.State())

		automated, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(r.scope.Snapshots()[0]),
			restorejobs.ToCluster(r.scope.Project(), r.scope.Cluster()))
		require.NoError(t, err)
		err = jobs.Cancel(t.Context(), automated[0].ID)
		require.ErrorIs(t, err, restorejobs.Code("CANNOT_CANCEL_AUTOMATED_RESTORE"))
	})
}

func TestRestorableTimeRanges(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, jobs *restorejobs.Jobs) {
		ranges, err := jobs.RestorableTimeRanges(t.Context())
		if !r.ranges {
			assertUnsupported(t, server, r, err)
			return
		}
		require.NoError(t, err)
		require.NotEmpty(t, ranges)
		assert.False(t, ranges[0].Start.IsZero())
		assert.False(t, ranges[0].End.Date.Before(ranges[0].Start.Date))
		assertRequest(t, r, sent(t, server), http.MethodPost, r.path+"/restorableTimeRanges", "")
	})
}

func TestRef(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	forEach := rows()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	for _, r := range forEach {
		ref := jobsOf(t, server, r.scope).Ref()
		assert.Equal(t, r.scope.Ref(), ref)
		assert.False(t, seen[ref], "every scope has a reference of its own: %s", ref)
		seen[ref] = true
		again, err := client.Jobs(ref)
		require.NoError(t, err)
		assert.Equal(t, ref, again.Ref())
		_, err = again.Get(t.Context(), r.scope.Jobs()[0])
		require.NoError(t, err, "%s leads to the same jobs", ref)
	}
	_, err = client.Jobs("") // whose error lists every scope there is
	assert.Equal(t, len(seen), strings.Count(err.Error(), "/…/"), "every row of variants.go has a row in rows()")
	assert.Len(t, restorejobstest.Scopes(), len(seen), "and a scope in the test server")

	odd := client.AtlasV2.Flex("p", "ü b:c")
	again, err := client.Jobs(odd.Ref())
	require.NoError(t, err)
	assert.Equal(t, odd.Ref(), again.Ref())

	for _, nonsense := range []string{
		"", "/", "opsmanager", "opsmanager/groups/a", "opsmanager/groups/a/clusters/", "opsmanager/groups//clusters/b",
		"opsmanager/groups/a/clusters/b/c", "opsmanager/groups/a/shards/b", "atlas/groups/a/clusters/b", "OPSMANAGER/groups/a/clusters/b",
		"opsmanager/groups/../clusters/b", "opsmanager/groups/a/clusters/%2e%2e", "opsmanager/groups/a/clusters/%zz", "opsmanager/groups/a%2fb/clusters/c",
		"https://cloud.mongodb.com/api/public/v1.0/groups/a/clusters/b",
	} {
		_, err := client.Jobs(nonsense)
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument, "%q", nonsense)
	}
}

// TestIDs tables what ids may do to a path: nothing.
func TestIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", ".", "..", "/", "a/b", "../../../users", "%2e%2e", "%2E.", "a?b", "a#b", `a\b`, "a\x00b", "a\nb", "a%2fb"} {
		for _, at := range []string{"project", "cluster", "job"} {
			t.Run(at+" "+id, func(t *testing.T) {
				t.Parallel()
				server := restorejobstest.NewServer()
				t.Cleanup(server.Close)
				c, err := server.Client(restorejobs.WithBaseURL(server.URL() + "/prefix"))
				require.NoError(t, err)
				ids := map[string]string{"project": "p", "cluster": "c", "job": "j"}
				ids[at] = id
				_, err = c.OpsManager.Host(ids["project"], ids["cluster"]).Get(t.Context(), ids["job"])
				require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
				assert.Empty(t, server.Requests())
			})
		}
	}
	for _, id := range []string{"a b", "ünïcode", "a+b", "a&b=c", "a;b", "a:b@c", "...", "a..b", "~", "日本"} {
		t.Run("escaped "+id, func(t *testing.T) {
			t.Parallel()
			server := restorejobstest.NewServer()
			t.Cleanup(server.Close)
			c, err := server.Client(restorejobs.WithBaseURL(server.URL() + "/prefix"))
			require.NoError(t, err)
			_, err = c.OpsManager.Host(id, id).Get(t.Context(), id)
			require.Error(t, err)
			path := sent(t, server).Path
			assert.Equal(t, 10, strings.Count(path, "/"), path)
			assert.Regexp(t, `^/prefix/api/public/v1\.0/groups/[^/?#]+/hosts/[^/?#]+/restoreJobs/[^/?#]+$`, path)
		})
	}
}

func TestCreateRefusesWhatTheVariantLacks(t *testing.T) {
	t.Parallel()
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	future := time.Now().Add(time.Hour).Truncate(time.Second)
	type refusal struct {
		name  string
		point restorejobs.RestorePoint
		to    restorejobs.Destination
		says  []string
	}
	everywhere := []refusal{
		{"nothing at all", restorejobs.RestorePoint{}, restorejobs.Destination{}, []string{"point:", "destination:"}},
		{"empty snapshot", restorejobs.FromSnapshot(""), target, []string{"snapshotID"}},
		{"zero time", restorejobs.FromTime(time.Time{}), target, []string{"time must be set"}},
		{"future time", restorejobs.FromTime(future), target, []string{"time must not be in the future"}},
		{"below a millisecond", restorejobs.FromTime(past.Add(time.Microsecond)), target, nil},
		{"zero oplog", restorejobs.FromOplog(restorejobs.Timestamp{}), target, []string{"oplog date must be set"}},
		{"oplog fraction", restorejobs.FromOplog(restorejobs.Timestamp{Date: past.Add(time.Millisecond), Increment: 1}), target, []string{"oplog date must be whole seconds"}},
		{"oplog below 0", restorejobs.FromOplog(restorejobs.Timestamp{Date: past, Increment: -1}), target, []string{"oplog increment"}},
		{"no target", snapshot, restorejobs.ToCluster("", ""), []string{"destination cluster"}},
		{"no downloads", snapshot, restorejobs.ToDownload(restorejobs.DownloadLink{MaxDownloads: -1, ExpirationHours: -1}), []string{"MaxDownloads", "ExpirationHours"}},
	}
	perRow := map[string][]refusal{
		"Cluster.manager": {
			{"time to a download", restorejobs.FromTime(past), oneDownload, []string{"download of a point in time"}},
			{"oplog to a download", restorejobs.FromOplog(restorejobs.Timestamp{Date: past, Increment: 1}), oneDownload, []string{"download of an oplog entry"}},
			{"both ends", snapshot, restorejobs.ToDownload(restorejobs.DownloadLink{ExpirationHours: 1, Expires: future}), []string{"exclude each other"}},
			{"ended", snapshot, restorejobs.ToDownload(restorejobs.DownloadLink{Expires: past}), []string{"Expires must be in the future"}},
		},
		"MMS.Cluster": {
			{"into a cluster", snapshot, target, []string{"restores into a cluster"}},
			{"wishes", snapshot, restorejobs.ToDownload(restorejobs.DownloadLink{MaxDownloads: 2}), []string{"MaxDownloads"}},
			{"checkpoint", restorejobs.FromCheckpoint("c"), oneDownload, []string{"checkpoints"}},
			{"milliseconds", restorejobs.FromTime(past.Add(time.Millisecond)), oneDownload, []string{"whole seconds"}},
		},
		"cloud": {
			{"time to a download", restorejobs.FromTime(past), oneDownload, []string{"download of a point in time"}},
			{"wishes", snapshot, restorejobs.ToDownload(restorejobs.DownloadLink{ExpirationHours: 2}), []string{"ExpirationHours"}},
			{"checkpoint", restorejobs.FromCheckpoint("c"), target, []string{"checkpoints"}},
			{"milliseconds", restorejobs.FromTime(past.Add(time.Millisecond)), target, []string{"whole seconds"}},
			{"before 2008", restorejobs.FromTime(time.Unix(1199145599, 0)), target, []string{"2008"}},
			{"increment 0", restorejobs.FromOplog(restorejobs.Timestamp{Date: past}), target, []string{"between 1"}},
		},
		"legacy": {
			{"expires", snapshot, restorejobs.ToDownload(restorejobs.DownloadLink{Expires: future}), []string{"use ExpirationHours"}},
			{"increment 0", restorejobs.FromOplog(restorejobs.Timestamp{Date: past}), target, []string{"between 1"}},
			{"all at once", restorejobs.FromOplog(restorejobs.Timestamp{Date: future.Add(time.Millisecond), Increment: -1}), oneDownload, []string{"future", "whole seconds", "increment", "download of an oplog entry"}},
		},
		"AtlasV2.Flex": {
			{"download", snapshot, oneDownload, []string{"downloads"}},
			{"time", restorejobs.FromTime(past), target, []string{"point in time"}},
			{"checkpoint", restorejobs.FromCheckpoint("c"), target, []string{"checkpoint"}},
		},
	}
	kinds := map[string]string{
		"CloudManager.Cluster": "Cluster.manager", "CloudManager.Host": "Cluster.manager",
		"OpsManager.Cluster": "Cluster.manager", "OpsManager.Host": "Cluster.manager",
		"AtlasV1.Cluster": "cloud", "AtlasV2.Cluster": "cloud", "AtlasV1.Serverless": "cloud", "AtlasV2.Serverless": "cloud",
		"AtlasV1.LegacyCluster": "legacy", "AtlasV2.LegacyCluster": "legacy",
		"MMS.Cluster": "MMS.Cluster", "AtlasV2.Flex": "AtlasV2.Flex",
	}
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, jobs *restorejobs.Jobs) {
		require.Contains(t, kinds, r.name, "its refusals are tested too")
		for _, refused := range append(everywhere, perRow[kinds[r.name]]...) {
			_, err := jobs.Create(t.Context(), refused.point, refused.to)
			require.ErrorIs(t, err, restorejobs.ErrInvalidArgument, refused.name)
			for _, part := range refused.says {
				assert.ErrorContains(t, err, part, refused.name)
			}
		}
		assert.Empty(t, server.Requests())
	})
}

func TestDo(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	scope := restorejobstest.AtlasV2Cluster
	path := "/api/atlas/v2/groups/" + scope.Project() + "/clusters/" + scope.Cluster() + "/backup/snapshots"
	var list struct {
		Results []struct {
			ID string `json:"id"`
		} `json:"results"`
	}
	require.NoError(t, client.Do(t.Context(), http.MethodGet, path+"?itemsPerPage=5", nil, &list))
	require.Len(t, list.Results, len(scope.Snapshots()))
	assert.Equal(t, scope.Snapshots()[0], list.Results[0].ID)
	got := sent(t, server)
	assert.Equal(t, "itemsPerPage=5", got.Query)
	assert.Equal(t, "application/vnd.atlas.2025-03-12+json", got.Header.Get("Accept"))

	var raw json.RawMessage
	require.NoError(t, client.Do(t.Context(), http.MethodGet, path, nil, &raw))
	assert.True(t, json.Valid(raw))
	require.NoError(t, client.Do(t.Context(), http.MethodGet, path, nil, nil))

	before := len(server.Requests())
	for _, bad := range []string{"", "api", "//evil.example/x", "https://evil.example/", "/a/../b", "/a/%2e%2e/b", "/a//b", "/a b?x y", "/a#b", "/a%zz"} {
		require.ErrorIs(t, client.Do(t.Context(), http.MethodGet, bad, nil, nil), restorejobs.ErrInvalidArgument, bad)
	}
	require.ErrorIs(t, client.Do(t.Context(), "TRACE", "/api", nil, nil), restorejobs.ErrInvalidArgument)
	require.ErrorIs(t, client.Do(t.Context(), http.MethodPost, "/api", func() {}, nil), restorejobs.ErrInvalidArgument)
	assert.Len(t, server.Requests(), before)

	err = client.Do(t.Context(), http.MethodGet, strings.Replace(path, scope.Cluster(), "Other", 1), nil, nil)
	require.ErrorIs(t, err, restorejobs.ErrNotFound)
}

// TestCreateNamesBadIDsToo: the scope's ids and the arguments are refused together.
func TestCreateNamesBadIDsToo(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	_, err = client.OpsManager.Cluster("", "..").Create(t.Context(), restorejobs.FromSnapshot(""),
		restorejobs.ToDownload(restorejobs.DownloadLink{MaxDownloads: -1}))
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	for _, part := range []string{"projectID", "cluster id", "snapshotID", "MaxDownloads"} {
		require.ErrorContains(t, err, part)
	}
}

// TestEndedContext: a call that begins after its context has ended sends nothing, and does
// not say that a restore may have been started.
func TestEndedContext(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	jobs := jobsOf(t, server, restorejobstest.OpsManagerCluster)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := jobs.Create(ctx, restorejobs.FromSnapshot(restorejobstest.OpsManagerCluster.Snapshots()[0]), oneDownload)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
	assert.Empty(t, server.Requests())
}
