package restorejobstest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/icholy/digest"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

// A caller speaks to a server as a client that knows nothing of our own would.
type caller struct {
	t      *testing.T
	server *rjt.Server
	plain  *http.Client // signs nothing
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

// newInProcessCaller needs no network.
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

// both runs a test over the network and in process.
func both(t *testing.T, test func(t *testing.T, c *caller), opts ...rjt.Option) {
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

// An answer is a response that was read.
type answer struct {
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

func (c *caller) do(method, target, body string, header ...string) answer {
	c.t.Helper()
	return c.via(c.signed, c.request(method, target, body, header...))
}

// via sends a request and reads the answer.
func (c *caller) via(client *http.Client, req *http.Request) answer {
	c.t.Helper()
	res, err := client.Do(req)
	require.NoError(c.t, err)
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	a := answer{
		status: res.StatusCode,
		header: res.Header,
		body:   string(data),
	}
	_ = json.Unmarshal(data, &a.doc)
	return a
}

func (c *caller) get(target string) answer {
	c.t.Helper()
	return c.do(http.MethodGet, target, "")
}

// fetch asks for a download link, unsigned.
func (c *caller) fetch(link string, header ...string) answer {
	c.t.Helper()
	return c.via(c.plain, c.request(http.MethodGet, link, "", header...))
}

// create starts a restore and gives the documents of its jobs.
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

// path spells the path of the jobs of a cluster, apart from what the server
// knows.
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

// goodBody is a body that the create of a scope takes.
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
