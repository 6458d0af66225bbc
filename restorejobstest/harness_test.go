package restorejobstest_test

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

// A caller sends requests without any code of the library.
type caller struct {
	t      *testing.T
	server *rjt.Server
	plain  *http.Client // sends no credentials
	signed *http.Client
}

func newCaller(t *testing.T, opts ...rjt.Option) *caller {
	t.Helper()
	server := rjt.NewServer(opts...)
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &caller{
		t:      t,
		server: server,
		plain:  &http.Client{Transport: transport},
		signed: digestClient(transport),
	}
}

func newInProcessCaller(t *testing.T, opts ...rjt.Option) *caller {
	t.Helper()
	server := rjt.NewServer(append([]rjt.Option{rjt.InProcess()}, opts...)...)
	t.Cleanup(server.Close)
	return &caller{
		t:      t,
		server: server,
		plain:  &http.Client{Transport: server.Transport()},
		signed: digestClient(server.Transport()),
	}
}

func digestClient(transport http.RoundTripper) *http.Client {
	return &http.Client{Transport: &digest.Transport{
		Username:  rjt.PublicKey,
		Password:  rjt.PrivateKey,
		Transport: transport,
	}}
}

// runBoth runs a test over the network and in process.
func runBoth(t *testing.T, test func(t *testing.T, c *caller), opts ...rjt.Option) {
	t.Helper()
	t.Run("network", func(t *testing.T) {
		t.Parallel()
		test(t, newCaller(t, opts...))
	})
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		test(t, newInProcessCaller(t, opts...))
	})
}

// A response has been read.
type response struct {
	status int
	header http.Header
	body   string
	doc    map[string]any
}

func (c *caller) request(method, target, body string, header ...string) *http.Request {
	c.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = c.server.URL() + target
	}
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, target, reader)
	require.NoError(c.t, err)
	req.Header.Set("Accept", "application/vnd.atlas.2025-03-12+json")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for pair := range slices.Chunk(header, 2) {
		req.Header.Set(pair[0], pair[1])
	}
	return req
}

func (c *caller) do(method, target, body string, header ...string) response {
	c.t.Helper()
	return c.send(c.signed, c.request(method, target, body, header...))
}

// send sends a request and reads the response.
func (c *caller) send(client *http.Client, req *http.Request) response {
	c.t.Helper()
	res, err := client.Do(req)
	require.NoError(c.t, err)
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	a := response{
		status: res.StatusCode,
		header: res.Header,
		body:   string(data),
	}
	_ = json.Unmarshal(data, &a.doc)
	return a
}

func (c *caller) get(target string) response {
	c.t.Helper()
	return c.do(http.MethodGet, target, "")
}

// fetch requests a download link, without credentials.
func (c *caller) fetch(link string, header ...string) response {
	c.t.Helper()
	return c.send(c.plain, c.request(http.MethodGet, link, "", header...))
}

// create starts a restore and returns the documents of its jobs.
func (c *caller) create(scope rjt.Scope, target, body string) []map[string]any {
	c.t.Helper()
	a := c.do(http.MethodPost, path(scope, target), body)
	require.Equal(c.t, http.StatusOK, a.status, a.body)
	if results, ok := a.doc["results"]; ok {
		return objects(results)
	}
	return []map[string]any{a.doc}
}

func objects(value any) []map[string]any {
	var out []map[string]any
	list, _ := value.([]any)
	for _, item := range list {
		out = append(out, item.(map[string]any))
	}
	return out
}

// path returns the path of the jobs of a cluster. It does not use the server's own table.
func path(scope rjt.Scope, cluster string) string {
	form := map[rjt.Scope]string{
		rjt.CloudManagerCluster:  "/api/public/v1.0/groups/P/clusters/C/restoreJobs",
		rjt.CloudManagerHost:     "/api/public/v1.0/groups/P/hosts/C/restoreJobs",
		rjt.OpsManagerCluster:    "/api/public/v1.0/groups/P/clusters/C/restoreJobs",
		rjt.OpsManagerHost:       "/api/public/v1.0/groups/P/hosts/C/restoreJobs",
		rjt.MMSCluster:           "/api/public/v1.0/groups/P/clusters/C/restoreJobs",
		rjt.AtlasV1Cluster:       "/api/atlas/v1.0/groups/P/clusters/C/backup/restoreJobs",
		rjt.AtlasV1Serverless:    "/api/atlas/v1.0/groups/P/serverless/C/backup/restoreJobs",
		rjt.AtlasV1LegacyCluster: "/api/atlas/v1.0/groups/P/clusters/C/restoreJobs",
		rjt.AtlasV2Cluster:       "/api/atlas/v2/groups/P/clusters/C/backup/restoreJobs",
		rjt.AtlasV2Serverless:    "/api/atlas/v2/groups/P/serverless/C/backup/restoreJobs",
		rjt.AtlasV2LegacyCluster: "/api/atlas/v2/groups/P/clusters/C/restoreJobs",
		rjt.AtlasV2Flex:          "/api/atlas/v2/groups/P/flexClusters/C/backup/restoreJobs",
	}[scope]
	return strings.NewReplacer("/P/", "/"+scope.Project()+"/", "/C/", "/"+cluster+"/").Replace(form)
}

func jobs(scope rjt.Scope) string { return path(scope, scope.Cluster()) }

// goodBody is a valid body for a create.
func goodBody(scope rjt.Scope) string {
	snapshot := scope.Snapshots()[0]
	switch scope {
	case rjt.MMSCluster:
		return `{"snapshotId":"` + snapshot + `"}`
	case rjt.AtlasV1Cluster, rjt.AtlasV2Cluster:
		return `{"deliveryType":"download","snapshotId":"` + snapshot + `"}`
	case rjt.AtlasV1Serverless, rjt.AtlasV2Serverless:
		return `{"deliveryType":"automated","snapshotId":"` + snapshot + `","targetClusterName":"` + scope.Target() + `","targetGroupId":"` + scope.Project() + `"}`
	case rjt.AtlasV2Flex:
		return `{"snapshotId":"` + snapshot + `","targetDeploymentItemName":"` + scope.Target() + `"}`
	default:
		return `{"delivery":{"methodName":"HTTP","expirationHours":2,"maxDownloads":1},"snapshotId":"` + snapshot + `"}`
	}
}

// fill replaces S by a snapshot of the scope, K by a checkpoint, P by the project, and T by a
// target cluster.
func fill(scope rjt.Scope, body string) string {
	return strings.NewReplacer(`"S"`, quote(scope.Snapshots()), `"K"`, quote(scope.Checkpoints()), `"P"`, `"`+scope.Project()+`"`,
		`"T"`, `"`+scope.Target()+`"`).Replace(body)
}

// quote returns the first id in quotes, or null.
func quote(ids []string) string {
	if len(ids) == 0 {
		return "null"
	}
	return `"` + ids[0] + `"`
}

// unknownID is not the id of anything.
const unknownID = "ffffffffffffffffffffffff"

// job gets the document of a job.
func (c *caller) job(scope rjt.Scope, id any) map[string]any {
	c.t.Helper()
	a := c.get(jobs(scope) + "/" + id.(string))
	require.Equal(c.t, 200, a.status, a.body)
	return a.doc
}

func delivery(doc map[string]any) map[string]any {
	d, _ := doc["delivery"].(map[string]any)
	return d
}

// createReady creates a download on a server where jobs finish immediately, and returns its job.
func (c *caller) createReady(scope rjt.Scope, limit int) map[string]any {
	c.t.Helper()
	body := goodBody(scope)
	if scope == rjt.AtlasV1Serverless || scope == rjt.AtlasV2Serverless {
		body = strings.Replace(body, "automated", "download", 1)
	}
	body = strings.Replace(body, `"maxDownloads":1`, `"maxDownloads":`+strconv.Itoa(limit), 1)
	id := c.create(scope, scope.Cluster(), body)[0]["id"]
	return c.job(scope, id)
}

func links(doc map[string]any) []string {
	var out []string
	if d := delivery(doc); d != nil {
		out = append(out, d["url"].(string))
	}
	urls, _ := doc["deliveryUrl"].([]any)
	for _, u := range urls {
		out = append(out, u.(string))
	}
	return out
}

func sha1Hex(data string) string {
	sum := sha1.Sum([]byte(data))
	return hex.EncodeToString(sum[:])
}

// snapshots is the path of the snapshots of a cluster.
func snapshots(scope rjt.Scope, cluster string) string {
	return strings.Replace(path(scope, cluster), "restoreJobs", "snapshots", 1)
}

// listIDs reads a list and returns its ids in order.
func (c *caller) listIDs(target string) []string {
	c.t.Helper()
	list := c.get(target)
	require.Equal(c.t, http.StatusOK, list.status, "%s: %s", target, list.body)
	ids := []string{}
	for _, item := range objects(list.doc["results"]) {
		ids = append(ids, item["id"].(string))
	}
	assert.InDelta(c.t, len(ids), list.doc["totalCount"], 0, target)
	return ids
}

func escape(segment string) string { return url.PathEscape(segment) }

// pointInTimeMillis is a time that can be restored, in milliseconds.
func pointInTimeMillis() string { return strconv.FormatInt(time.Now().Add(-time.Hour).UnixMilli(), 10) }

// reachBack lets the backup of an Atlas cluster reach back to the points in time of the documents.
func (c *caller) reachBack() {
	scope := rjt.AtlasV2Cluster
	c.server.AddSnapshot(scope, `{"createdAt":"2018-01-01T00:00:00Z","status":"completed"}`)
	c.server.EditSchedule(scope, scope.Cluster(), rjt.SetFields(map[string]any{"restoreWindowDays": 36500}))
}

// timeRanges requests the restorable time ranges of a cluster with this path of its jobs.
func (c *caller) timeRanges(jobs string) []map[string]any {
	c.t.Helper()
	got := c.do(http.MethodPost, jobs+"/restorableTimeRanges", "")
	require.Equal(c.t, http.StatusOK, got.status, got.body)
	var list []map[string]any
	require.NoError(c.t, json.Unmarshal([]byte(got.body), &list))
	return list
}
