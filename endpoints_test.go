package restorejobs_test

import (
	"math"
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
	speaks  string // how create is spoken
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
	body  string // S, K, P and C stand for snapshot, checkpoint, project and cluster
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
	firstEntry  = restorejobs.Timestamp{Date: pointInTime}
	lastEntry   = restorejobs.Timestamp{Date: pointInTime, Increment: math.MaxUint32}
	oneDownload = restorejobs.ToDownload()
	target      = restorejobs.ToCluster("TP", "TC")
	snapshot    = restorejobs.FromSnapshot("S")
	checkpoint  = restorejobs.FromCheckpoint("K")
)

func managerCreates() []create {
	const automated = `"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterId":"C"}`
	return []create{
		{"download", snapshot, oneDownload, `{"delivery":{"methodName":"HTTP","expirationHours":1,"maxDownloads":1},"snapshotId":"S"}`},
		{
			"download twice", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{ExpirationHours: 48, MaxDownloads: 2}),
			`{"delivery":{"methodName":"HTTP","expirationHours":48,"maxDownloads":2},"snapshotId":"S"}`,
		},
		{
			"download until", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{Expires: time.Date(2099, 4, 21, 4, 49, 57, 0, time.UTC)}),
			`{"delivery":{"methodName":"HTTP","expires":"2099-04-21T04:49:57Z","maxDownloads":1},"snapshotId":"S"}`,
		},
		{"snapshot", snapshot, target, `{` + automated + `,"snapshotId":"S"}`},
		{"time", restorejobs.FromPointInTime(pointInTime), target, `{` + automated + `,"pointInTimeUTCMillis":1536609888000}`},
		{"oplog", restorejobs.FromOplog(oplogEntry), target, `{` + automated + `,"oplogTs":"1536609888","oplogInc":"1"}`},
		{"first oplog entry", restorejobs.FromOplog(firstEntry), target, `{` + automated + `,"oplogTs":"1536609888","oplogInc":"0"}`},
		{"last oplog entry", restorejobs.FromOplog(lastEntry), target, `{` + automated + `,"oplogTs":"1536609888","oplogInc":"4294967295"}`},
		{"checkpoint", checkpoint, target, `{` + automated + `,"checkpointId":"K"}`},
	}
}

func legacyCreates() []create {
	const automated = `"delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"P","targetClusterName":"C"}`
	return []create{
		{"download", snapshot, oneDownload, `{"delivery":{"methodName":"HTTP","expirationHours":1,"maxDownloads":1},"snapshotId":"S"}`},
		{"snapshot", snapshot, target, `{` + automated + `,"snapshotId":"S"}`},
		{"time", restorejobs.FromPointInTime(pointInTime), target, `{` + automated + `,"pointInTimeUTCMillis":1536609888000}`},
		{"oplog", restorejobs.FromOplog(oplogEntry), target, `{` + automated + `,"oplogTs":"2018-09-10T20:04:48Z","oplogInc":1}`},
		{
			"download twice", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{ExpirationHours: 48, MaxDownloads: 2}),
			`{"delivery":{"methodName":"HTTP","expirationHours":48,"maxDownloads":2},"snapshotId":"S"}`,
		},
		{"checkpoint", checkpoint, target, `{` + automated + `,"checkpointId":"K"}`},
	}
}

func cloudCreates() []create {
	return []create{
		{"download", snapshot, oneDownload, `{"deliveryType":"download","snapshotId":"S"}`},
		{"snapshot", snapshot, target, `{"deliveryType":"automated","snapshotId":"S","targetClusterName":"C","targetGroupId":"P"}`},
		{"time", restorejobs.FromPointInTime(pointInTime), target, `{"deliveryType":"pointInTime","pointInTimeUTCSeconds":1536609888,"targetClusterName":"C","targetGroupId":"P"}`},
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
		{restorejobstest.CloudManagerCluster, "CloudManager.Cluster", "manager", public + "clusters/C/restoreJobs", plainJSON, true, false, true, managerCreates()},
		{restorejobstest.CloudManagerHost, "CloudManager.Host", "manager", public + "hosts/C/restoreJobs", plainJSON, false, false, false, managerCreates()[:2]},
		{restorejobstest.OpsManagerCluster, "OpsManager.Cluster", "manager", public + "clusters/C/restoreJobs", plainJSON, true, false, true, managerCreates()},
		{restorejobstest.OpsManagerHost, "OpsManager.Host", "manager", public + "hosts/C/restoreJobs", plainJSON, false, false, false, managerCreates()[:2]},
		{restorejobstest.MMSCluster, "MMS.Cluster", "mms", public + "clusters/C/restoreJobs", plainJSON, true, false, false, []create{
			{"snapshot", snapshot, oneDownload, `{"snapshotId":"S"}`},
			{"time", restorejobs.FromPointInTime(pointInTime), oneDownload, `{"timestamp":{"date":"2018-09-10T20:04:48Z","increment":0}}`},
			{"oplog", restorejobs.FromOplog(oplogEntry), oneDownload, `{"timestamp":{"date":"2018-09-10T20:04:48Z","increment":1}}`},
			{"last oplog entry", restorejobs.FromOplog(lastEntry), oneDownload, `{"timestamp":{"date":"2018-09-10T20:04:48Z","increment":4294967295}}`},
		}},
		{restorejobstest.AtlasV1Cluster, "AtlasV1.Cluster", "cloud", atlasV1 + "clusters/C/backup/restoreJobs", plainJSON, false, true, false, cloudCreates()},
		{restorejobstest.AtlasV1Serverless, "AtlasV1.Serverless", "cloud", atlasV1 + "serverless/C/backup/restoreJobs", plainJSON, false, false, false, serverlessCreates()},
		{restorejobstest.AtlasV1LegacyCluster, "AtlasV1.LegacyCluster", "legacy", atlasV1 + "clusters/C/restoreJobs", plainJSON, true, false, false, legacyCreates()},
		{restorejobstest.AtlasV2Cluster, "AtlasV2.Cluster", "cloud", atlasV2 + "clusters/C/backup/restoreJobs", v2Dated, false, true, false, cloudCreates()},
		{restorejobstest.AtlasV2Serverless, "AtlasV2.Serverless", "cloud", atlasV2 + "serverless/C/backup/restoreJobs", v2Dated, false, false, false, serverlessCreates()},
		{restorejobstest.AtlasV2LegacyCluster, "AtlasV2.LegacyCluster", "legacy", atlasV2 + "clusters/C/restoreJobs", v2Dated, true, false, false, legacyCreates()},
		{restorejobstest.AtlasV2Flex, "AtlasV2.Flex", "flex", atlasV2 + "flexClusters/C/backup/restoreJobs", flexDated, false, false, false, []create{
			{"snapshot", snapshot, target, `{"snapshotId":"S","targetDeploymentItemName":"C","targetProjectId":"P"}`},
			{"own project", snapshot, restorejobs.ToCluster("", "TC"), `{"snapshotId":"S","targetDeploymentItemName":"C"}`},
			{"download", snapshot, oneDownload, `{"snapshotId":"S"}`},
		}},
	}
}

// createPath is where a create goes: flex downloads have an operation of their own.
func (r row) createPath(to restorejobs.Destination) string {
	if r.scope == restorejobstest.AtlasV2Flex && to == oneDownload {
		return atlasV2 + "flexClusters/C/backup/download"
	}
	return r.path
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

// jobsOf returns the jobs of the source of a scope.
func jobsOf(t *testing.T, server *restorejobstest.Server, scope restorejobstest.Scope, opts ...restorejobs.Option) *restorejobs.Jobs {
	t.Helper()
	return sourceOf(t, server, scope, opts...).Jobs
}

// sourceOf returns the source of a scope through the method that users call.
func sourceOf(t *testing.T, server *restorejobstest.Server, scope restorejobstest.Scope, opts ...restorejobs.Option) *restorejobs.Source {
	t.Helper()
	c, err := server.Client(opts...)
	require.NoError(t, err)
	methods := map[restorejobstest.Scope]func(projectID, clusterID string) *restorejobs.Source{
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
