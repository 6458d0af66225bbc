package restorejobs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

// documents are the responses of a server, by path. One such as "404 CODE" is an error.
type documents map[string]string

// requestLog are the requests that a server received.
type requestLog struct {
	mu       sync.Mutex
	requests []*http.Request
}

// paths returns the paths in order of arrival.
func (l *requestLog) paths() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var paths []string
	for _, req := range l.requests {
		paths = append(paths, req.URL.EscapedPath())
	}
	return paths
}

// accept returns the media type of the only request to a path.
func (l *requestLog) accept(t *testing.T, path string) string {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var accepts []string
	for _, req := range l.requests {
		if req.URL.EscapedPath() == path {
			accepts = append(accepts, req.Header.Get("Accept"))
		}
	}
	require.Len(t, accepts, 1, path)
	return accepts[0]
}

func (d documents) RoundTrip(req *http.Request) (*http.Response, error) {
	body, ok := d[req.URL.EscapedPath()]
	if !ok {
		return testutil.APIError(http.StatusNotFound, "RESOURCE_NOT_FOUND"), nil
	}
	text, code, _ := strings.Cut(body, " ")
	if status, err := strconv.Atoi(text); err == nil {
		return testutil.APIError(status, code), nil
	}
	return testutil.JSON(http.StatusOK, body), nil
}

// serve returns a client of a server with the documents.
func (d documents) serve(t *testing.T, opts ...restorejobs.Option) (*restorejobs.Client, *requestLog) {
	t.Helper()
	log := &requestLog{}
	transport := testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
		log.mu.Lock()
		log.requests = append(log.requests, req)
		log.mu.Unlock()
		return d.RoundTrip(req)
	})
	opts = append([]restorejobs.Option{
		restorejobs.WithTransport(transport),
		restorejobs.WithBaseURL("https://api.example.com"),
	}, opts...)
	return clienttest.New(t, clienttest.Bearer("token"), opts...), log
}

const (
	lookupProject = "5ba5e0000000000000000001"
	lookupCluster = "5ba5e000000000000000000c"
	manager       = "/api/public/v1.0/groups/"
	atlas         = "/api/atlas/v2/groups/"
)

// production is the project of most tests, with the key that nothing may show.
const production = `{"id":"` + lookupProject + `","name":"Production","orgId":"5ba5e00000000000000000aa",` +
	`"agentApiKey":"` + agentKey + `","hostCounts":{"primary":1},"publicApiEnabled":true}`

const agentKey = "4a3f1c0de5b7a9928d6e0f1122334455"

// listOf returns a page with entries.
func listOf(entries ...string) string {
	return fmt.Sprintf(`{"totalCount":%d,"links":[],"results":[%s]}`, len(entries), strings.Join(entries, ","))
}

// managerEntry returns an entry of the list of clusters.
func managerEntry(id, typeName, clusterName, replicaSet, shard string) string {
	return fmt.Sprintf(`{"id":%q,"groupId":%q,"typeName":%q,"clusterName":%q,"replicaSetName":%q,"shardName":%q,`+
		`"lastHeartbeat":"2026-08-10T03:02:59Z","links":[]}`, id, lookupProject, typeName, clusterName, replicaSet, shard)
}

// shardedEntries are the entries of a cluster of two shards, with the whole cluster last.
func shardedEntries() []string {
	return []string{
		managerEntry("5ba5e0000000000000000011", "REPLICA_SET", "orders", "orders_0", "orders_0"),
		managerEntry("5ba5e0000000000000000012", "REPLICA_SET", "orders", "orders_1", "orders_1"),
		managerEntry("5ba5e0000000000000000013", "CONFIG_SERVER_REPLICA_SET", "orders", "csrs", ""),
		managerEntry(lookupCluster, "SHARDED_REPLICA_SET", "orders", "", ""),
	}
}

// managers returns the services that list clusters.
func managers(client *restorejobs.Client) map[string]restorejobs.ManagerService {
	return map[string]restorejobs.ManagerService{
		"cloudmanager": client.CloudManager,
		"opsmanager":   client.OpsManager,
	}
}

func TestFindCluster_managerChoosesTheWholeCluster(t *testing.T) {
	t.Parallel()
	const other = "5ba5e0000000000000000021"
	replicaSet := managerEntry(other, "REPLICA_SET", "users", "rs1", "")
	for name, c := range map[string]struct {
		entries []string
		cluster string
		want    string
	}{
		"sharded":                      {shardedEntries(), "orders", lookupCluster},
		"sharded with mirrored config": {append(shardedEntries()[:3:3], managerEntry(lookupCluster, "SHARDED", "orders", "", "")), "orders", lookupCluster},
		"sharded that names a shard":   {append(shardedEntries()[:3:3], managerEntry(lookupCluster, "SHARDED_REPLICA_SET", "orders", "", "orders_0")), "orders", lookupCluster},
		"replica set":                  {append(shardedEntries(), replicaSet), "users", other},
		"name of a replica set":        {append(shardedEntries(), replicaSet), "rs1", other},
		"cluster name first":           {[]string{replicaSet, managerEntry("5ba5e0000000000000000022", "REPLICA_SET", "x", "users", "")}, "users", other},
		"unknown type":                 {[]string{managerEntry(other, "MASTER_SLAVE", "users", "", "")}, "users", other},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, log := documents{
				manager + "byName/Production":         production,
				manager + lookupProject + "/clusters": listOf(c.entries...),
			}.serve(t)
			for product, service := range managers(client) {
				source, err := service.FindCluster(t.Context(), "Production", c.cluster)
				require.NoError(t, err)
				assert.Equal(t, product+"/groups/"+lookupProject+"/clusters/"+c.want, source.Ref())
			}
			assert.Len(t, log.paths(), 4)
		})
	}
}

func TestFindCluster_managerReadsEveryPage(t *testing.T) {
	t.Parallel()
	var entries []string
	for i := range 1201 {
		entries = append(entries, managerEntry(fmt.Sprintf("5ba5e00000000000%08d", i), "REPLICA_SET", fmt.Sprintf("c%d", i), "", ""))
	}
	transport := testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
		if !strings.HasSuffix(req.URL.Path, "/clusters") {
			return testutil.JSON(http.StatusOK, production), nil
		}
		number, err := strconv.Atoi(req.URL.Query().Get("pageNum"))
		require.NoError(t, err)
		size, err := strconv.Atoi(req.URL.Query().Get("itemsPerPage"))
		require.NoError(t, err)
		if size > 100 {
			return testutil.APIError(http.StatusBadRequest, "INVALID_QUERY_PARAMETER"), nil
		}
		page := entries[min((number-1)*size, len(entries)):min(number*size, len(entries))]
		return testutil.JSON(http.StatusOK, fmt.Sprintf(`{"totalCount":%d,"results":[%s]}`, len(entries), strings.Join(page, ","))), nil
	})
	client := clienttest.New(t, clienttest.Bearer("token"), restorejobs.WithTransport(transport), restorejobs.WithBaseURL("https://h"))
	source, err := client.OpsManager.FindCluster(t.Context(), "Production", "c1200")
	require.NoError(t, err)
	assert.Equal(t, "5ba5e0000000000000001200", source.ClusterID())
}

func TestFindCluster_managerByID(t *testing.T) {
	t.Parallel()
	project := manager + lookupProject
	const hexName = "aaaaaaaaaaaaaaaaaaaaaaaa"
	client, log := documents{
		project:                                     production,
		project + "/clusters/" + lookupCluster:      shardedEntries()[3],
		project + "/clusters/" + hexName:            "404 CLUSTER_NOT_FOUND",
		project + "/clusters":                       listOf(managerEntry(lookupCluster, "REPLICA_SET", hexName, "", "")),
		manager + hexName:                           "404 GROUP_NOT_FOUND",
		manager + "byName/" + hexName:               strings.Replace(production, "Production", hexName, 1),
		project + "/clusters/5ba5e0000000000000013": "404 CLUSTER_NOT_FOUND",
	}.serve(t)
	source, err := client.OpsManager.FindCluster(t.Context(), lookupProject, lookupCluster)
	require.NoError(t, err)
	assert.Equal(t, lookupCluster, source.ClusterID())
	assert.Equal(t, []string{project, project + "/clusters/" + lookupCluster}, log.paths(), "no list")
	source, err = client.OpsManager.FindCluster(t.Context(), hexName, hexName)
	require.NoError(t, err, "a name that could be an id")
	assert.Equal(t, lookupCluster, source.ClusterID())
	assert.Equal(t, lookupProject, source.ProjectID())
}

func TestFindCluster_managerRefusesParts(t *testing.T) {
	t.Parallel()
	entries := shardedEntries()
	project := manager + lookupProject
	client, _ := documents{
		manager + "byName/Production":                    production,
		project + "/clusters":                            listOf(entries...),
		project + "/clusters/5ba5e0000000000000000011":   entries[0],
		project + "/clusters/5ba5e0000000000000000013":   entries[2],
		project + "/clusters/5ba5e00000000000000000ff":   "404 CLUSTER_NOT_FOUND",
		manager + "byName/Nothing":                       "404 GROUP_NAME_NOT_FOUND",
		manager + "byName/Twice":                         "409 MULTIPLE_GROUPS",
		manager + "byName/Locked":                        "401 USER_UNAUTHORIZED",
		manager + "byName/Web":                           "503 SERVICE_UNAVAILABLE",
		manager + "5ba5e00000000000000000ee":             "404 GROUP_NOT_FOUND",
		manager + "byName/" + "5ba5e00000000000000000ee": "404 GROUP_NAME_NOT_FOUND",
	}.serve(t)
	for _, c := range []struct{ project, cluster, says string }{
		{"Production", "orders_0", `no cluster "orders_0" in project "Production" ("orders_0" is a shard of cluster "orders")`},
		{"Production", "csrs", `no cluster "csrs" in project "Production" ("csrs" are the config servers of cluster "orders")`},
		{"Production", "5ba5e0000000000000000011", `"5ba5e0000000000000000011" is a shard of cluster "orders"`},
		{"Production", "5ba5e0000000000000000013", `config servers of cluster "orders"`},
		{"Production", "5ba5e00000000000000000ff", `no cluster "5ba5e00000000000000000ff" in project "Production"`},
		{"Production", "ORDERS", `no cluster "ORDERS" in project "Production"`},
		{"Nothing", "orders", `find cluster: no project "Nothing"`},
		{"5ba5e00000000000000000ee", "orders", `no project "5ba5e00000000000000000ee"`},
	} {
		_, err := client.CloudManager.FindCluster(t.Context(), c.project, c.cluster)
		require.ErrorContains(t, err, c.says)
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
		require.NotErrorIs(t, err, restorejobs.ErrAmbiguous)
		var lookupErr *restorejobs.LookupError
		require.ErrorAs(t, err, &lookupErr)
		assert.Nil(t, lookupErr.Candidates)
	}
	_, err := client.CloudManager.FindCluster(t.Context(), "Twice", "orders")
	require.ErrorIs(t, err, restorejobs.ErrAmbiguous)
	require.NotErrorIs(t, err, restorejobs.ErrConflict)
	require.ErrorContains(t, err, `several projects have the name "Twice", use the id of one`)
	_, err = client.CloudManager.FindCluster(t.Context(), "Locked", "orders")
	require.ErrorIs(t, err, restorejobs.ErrUnauthorized)
	_, err = client.CloudManager.FindCluster(t.Context(), "Web", "orders")
	require.ErrorIs(t, err, restorejobs.ErrUnavailable)
}

func TestFindCluster_managerListsCandidates(t *testing.T) {
	t.Parallel()
	entries := append(shardedEntries(),
		managerEntry("5ba5e0000000000000000031", "REPLICA_SET", "users", "rs1", ""),
		managerEntry("5ba5e0000000000000000032", "REPLICA_SET", "users", "rs2", ""),
		managerEntry("5ba5e0000000000000000033", "REPLICA_SET", "", "rs9", ""),
		managerEntry("5ba5e0000000000000000034", "REPLICA_SET", "", "rs9", ""),
		managerEntry("5ba5e0000000000000000035", "SHARDED_REPLICA_SET", "orders", "", ""))
	client, _ := documents{
		manager + "byName/Production":         production,
		manager + lookupProject + "/clusters": listOf(entries...),
	}.serve(t)
	for name, ids := range map[string][]string{
		"users":  {"5ba5e0000000000000000031", "5ba5e0000000000000000032"},
		"rs9":    {"5ba5e0000000000000000033", "5ba5e0000000000000000034"},
		"orders": {lookupCluster, "5ba5e0000000000000000035"},
	} {
		_, err := client.OpsManager.FindCluster(t.Context(), "Production", name)
		require.ErrorIs(t, err, restorejobs.ErrAmbiguous)
		require.NotErrorIs(t, err, restorejobs.ErrNotFound)
		var lookupErr *restorejobs.LookupError
		require.ErrorAs(t, err, &lookupErr)
		assert.Equal(t, restorejobs.LookupCluster, lookupErr.Kind)
		assert.Equal(t, name, lookupErr.Name)
		assert.Equal(t, "Production", lookupErr.Project)
		require.Len(t, lookupErr.Candidates, len(ids))
		for i, id := range ids {
			assert.Equal(t, id, lookupErr.Candidates[i].ID)
			assert.ErrorContains(t, err, id)
		}
	}
	_, err := client.OpsManager.FindCluster(t.Context(), "Production", "users")
	require.EqualError(t, err, `restorejobs: find cluster: several clusters have the name "users" in project "Production", use the id of one: `+
		`5ba5e0000000000000000031 (REPLICA_SET, replica set rs1), 5ba5e0000000000000000032 (REPLICA_SET, replica set rs2)`)
}

func TestFindCluster_atlas(t *testing.T) {
	t.Parallel()
	project := atlas + lookupProject
	client, log := documents{
		atlas + "byName/My%20Project":                        strings.Replace(production, "Production", "My Project", 1),
		project + "/clusters/orders":                         `{"id":"6a793f5fc0eb9e7a17714c2a","name":"orders","groupId":"` + lookupProject + `"}`,
		project + "/clusters/small":                          "400 CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API",
		project + "/clusters/nothing":                        "404 CLUSTER_NOT_FOUND",
		project + "/clusters/locked":                         "403 ACCESS_FORBIDDEN",
		atlas + "5ba5e00000000000000000ee/clusters/orders":   "404 GROUP_NOT_FOUND",
		atlas + "byName/Nothing":                             "404 GROUP_NAME_NOT_FOUND",
		project + "/clusters/elsewhere":                      `{"name":"elsewhere","groupId":"5ba5e00000000000000000ee"}`,
		project + "/clusters/someoneelse":                    `{"name":"orders","groupId":"` + lookupProject + `"}`,
		project + "/clusters/empty":                          `{}`,
		project + "/clusters/6a793f5fc0eb9e7a17714c2a":       `{"name":"6a793f5fc0eb9e7a17714c2a"}`,
		atlas + "5ba5e00000000000000000dd/clusters/anything": "404 RESOURCE_NOT_FOUND",
	}.serve(t)
	for _, c := range []struct{ project, cluster, ref string }{
		{"My Project", "orders", "atlasv2/groups/" + lookupProject + "/clusters/orders"},
		{lookupProject, "orders", "atlasv2/groups/" + lookupProject + "/clusters/orders"},
		{lookupProject, "small", "atlasv2/groups/" + lookupProject + "/flexClusters/small"},
		{lookupProject, "6a793f5fc0eb9e7a17714c2a", "atlasv2/groups/" + lookupProject + "/clusters/6a793f5fc0eb9e7a17714c2a"},
	} {
		source, err := client.AtlasV2.FindCluster(t.Context(), c.project, c.cluster)
		require.NoError(t, err)
		assert.Equal(t, c.ref, source.Ref())
	}
	assert.Len(t, log.paths(), 5, "an id of a project needs no request")
	for _, c := range []struct {
		project, cluster, says string
		kind                   string
	}{
		{lookupProject, "nothing", `no cluster "nothing" in project "` + lookupProject + `"`, restorejobs.LookupCluster},
		{"5ba5e00000000000000000ee", "orders", `find cluster: no project "5ba5e00000000000000000ee"`, restorejobs.LookupProject},
		{"Nothing", "orders", `no project "Nothing"`, restorejobs.LookupProject},
	} {
		_, err := client.AtlasV2.FindCluster(t.Context(), c.project, c.cluster)
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
		require.ErrorContains(t, err, c.says)
		var lookupErr *restorejobs.LookupError
		require.ErrorAs(t, err, &lookupErr)
		assert.Equal(t, c.kind, lookupErr.Kind)
		var apiErr *restorejobs.Error
		require.ErrorAs(t, err, &apiErr)
	}
	for cluster, says := range map[string]string{
		"locked":      "403",
		"elsewhere":   "the response is about another cluster",
		"someoneelse": "the response is about another cluster",
		"empty":       "it has no name",
	} {
		_, err := client.AtlasV2.FindCluster(t.Context(), lookupProject, cluster)
		require.ErrorContains(t, err, says)
		var lookupErr *restorejobs.LookupError
		assert.NotErrorAs(t, err, &lookupErr)
	}
	_, err := client.AtlasV2.FindCluster(t.Context(), "5ba5e00000000000000000dd", "anything")
	var lookupErr *restorejobs.LookupError
	require.NotErrorAs(t, err, &lookupErr, "a wrong path proves nothing")
}

func TestFindCluster_atlasVersions(t *testing.T) {
	t.Parallel()
	documents := documents{
		atlas + "byName/Production":                production,
		atlas + lookupProject + "/clusters/orders": `{"name":"orders"}`,
	}
	client, log := documents.serve(t)
	_, err := client.AtlasV2.FindCluster(t.Context(), "Production", "orders")
	require.NoError(t, err)
	assert.Equal(t, "application/vnd.atlas.2023-01-01+json", log.accept(t, atlas+"byName/Production"))
	assert.Equal(t, "application/vnd.atlas.2024-08-05+json", log.accept(t, atlas+lookupProject+"/clusters/orders"))
}

func TestFindCluster_invalidArguments(t *testing.T) {
	t.Parallel()
	client, log := documents{}.serve(t)
	for _, find := range []func() (*restorejobs.Source, error){
		func() (*restorejobs.Source, error) { return client.AtlasV2.FindCluster(t.Context(), "a/b", "") },
		func() (*restorejobs.Source, error) { return client.OpsManager.FindCluster(t.Context(), "a/b", "") },
	} {
		_, err := find()
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
		require.ErrorContains(t, err, "find cluster: invalid argument: project must not contain")
		require.ErrorContains(t, err, "cluster must not be empty")
	}
	assert.Empty(t, log.paths())
}

// Credentials of Atlas must not reach the host of Atlas with the names of an Ops Manager.
//
//nolint:paralleltest // changes the environment
func TestFindCluster_opsManagerNeedsBaseURL(t *testing.T) {
	setEnv(t, map[string]string{
		"MONGODB_ATLAS_PUBLIC_API_KEY":  "public",
		"MONGODB_ATLAS_PRIVATE_API_KEY": "private",
	})
	sent := 0
	refuse := testutil.RoundTripFunc(func(*http.Request) (*http.Response, error) {
		sent++
		return testutil.APIError(http.StatusNotFound, "GROUP_NAME_NOT_FOUND"), nil
	})
	client, err := restorejobs.NewClientFromEnv(restorejobs.WithTransport(refuse))
	require.NoError(t, err)
	_, err = client.OpsManager.FindCluster(t.Context(), "Production", "orders")
	require.ErrorIs(t, err, restorejobs.ErrBaseURLRequired)
	_, err = client.OpsManager.FindProject(t.Context(), "Production")
	require.ErrorIs(t, err, restorejobs.ErrBaseURLRequired)
	_, err = client.OpsManager.FindProject(t.Context(), lookupProject)
	require.ErrorIs(t, err, restorejobs.ErrBaseURLRequired)
	source := client.OpsManager.Cluster(lookupProject, lookupCluster)
	_, err = source.Cluster(t.Context())
	require.ErrorIs(t, err, restorejobs.ErrBaseURLRequired)
	require.ErrorIs(t, source.CheckTarget(t.Context(), restorejobs.ToCluster("p", "c")), restorejobs.ErrBaseURLRequired)
	assert.Zero(t, sent)
	_, err = client.AtlasV2.FindProject(t.Context(), "Production")
	require.ErrorIs(t, err, restorejobs.ErrNotFound)
	assert.Positive(t, sent, "Atlas itself needs none")
}

// findScopes are the scopes that a lookup can return.
var findScopes = []restorejobstest.Scope{
	restorejobstest.CloudManagerCluster,
	restorejobstest.OpsManagerCluster,
	restorejobstest.AtlasV2Cluster,
	restorejobstest.AtlasV2Flex,
}

// find calls FindCluster of the product of a scope.
func find(t *testing.T, client *restorejobs.Client, scope restorejobstest.Scope, project, cluster string) (*restorejobs.Source, error) {
	t.Helper()
	switch scope {
	case restorejobstest.CloudManagerCluster:
		return client.CloudManager.FindCluster(t.Context(), project, cluster)
	case restorejobstest.OpsManagerCluster:
		return client.OpsManager.FindCluster(t.Context(), project, cluster)
	default:
		return client.AtlasV2.FindCluster(t.Context(), project, cluster)
	}
}

func TestFindCluster_everyProduct(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	defer server.Close()
	client, err := server.Client()
	require.NoError(t, err)
	for _, scope := range findScopes {
		for _, project := range []string{scope.ProjectName(), scope.Project()} {
			for _, cluster := range []string{scope.ClusterName(), scope.Cluster()} {
				source, err := find(t, client, scope, project, cluster)
				require.NoError(t, err, "%s: %s, %s", scope, project, cluster)
				assert.Equal(t, scope.Ref(), source.Ref())
			}
			if scope.ShardedName() == "" {
				continue
			}
			source, err := find(t, client, scope, project, scope.ShardedName())
			require.NoError(t, err, scope)
			assert.Equal(t, scope.Sharded(), source.ClusterID())
			c, err := source.Cluster(t.Context())
			require.NoError(t, err)
			assert.Equal(t, restorejobs.ClusterTypeSharded, c.Type)
			assert.Equal(t, 2, c.ShardCount)
			assert.Equal(t, "DEDICATED", c.ConfigServerType)
		}
		_, err := find(t, client, scope, scope.ProjectName(), "nothing")
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
		require.ErrorContains(t, err, `no cluster "nothing" in project "`+scope.ProjectName()+`"`)
		_, err = find(t, client, scope, "Nothing", scope.ClusterName())
		require.ErrorContains(t, err, `no project "Nothing"`)
	}
}

func TestFindCluster_furtherProjectsAndClusters(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	defer server.Close()
	client, err := server.Client()
	require.NoError(t, err)
	for _, scope := range findScopes {
		name := "Staging & Test, " + scope.String()
		project := server.AddProject(scope, name)
		cluster := server.AddCluster(restorejobstest.ClusterSpec{Scope: scope, Project: project, Name: "copy"})
		source, err := find(t, client, scope, name, "copy")
		require.NoError(t, err, scope)
		assert.Equal(t, project, source.ProjectID())
		assert.Equal(t, cluster, source.ClusterID())
	}
	scope := restorejobstest.OpsManagerCluster
	for range 2 {
		server.AddCluster(restorejobstest.ClusterSpec{Scope: scope, Name: "twice"})
	}
	_, err = find(t, client, scope, scope.ProjectName(), "twice")
	var lookupErr *restorejobs.LookupError
	require.ErrorAs(t, err, &lookupErr)
	assert.Len(t, lookupErr.Candidates, 2)
	server.AddProject(scope, scope.ProjectName())
	_, err = find(t, client, scope, scope.ProjectName(), "twice")
	require.ErrorIs(t, err, restorejobs.ErrAmbiguous)
	require.ErrorContains(t, err, "several projects have the name")
}

// A name that no path needs can have any characters.
func TestFindCluster_oddNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"eu/orders", "50%", "a?b#c", `back\slash`, " led by a space", "Straße 東京", "..", "e\u0301", "\u00e9"} {
		quoted, err := json.Marshal(name)
		require.NoError(t, err)
		client, _ := documents{
			manager + "byName/Production": production,
			manager + lookupProject + "/clusters": listOf(
				managerEntry("5ba5e0000000000000000021", "REPLICA_SET", "other", "rs", ""),
				`{"id":"`+lookupCluster+`","typeName":"SHARDED_REPLICA_SET","clusterName":`+string(quoted)+`}`),
		}.serve(t)
		for _, service := range managers(client) {
			source, err := service.FindCluster(t.Context(), "Production", name)
			require.NoError(t, err, name)
			assert.Equal(t, lookupCluster, source.ClusterID())
		}
	}
}

// A project can have a name of 24 hexadecimal digits.
func TestFindCluster_atlasProjectNamedAsAnID(t *testing.T) {
	t.Parallel()
	const hexName = "aaaaaaaaaaaaaaaaaaaaaaaa"
	client, log := documents{
		atlas + "byName/" + hexName:                 strings.Replace(production, "Production", hexName, 1),
		atlas + hexName + "/clusters/orders":        "404 GROUP_NOT_FOUND",
		atlas + lookupProject + "/clusters/orders":  atlasDocument("orders", nil),
		atlas + lookupProject + "/clusters/unknown": "404 CLUSTER_NOT_FOUND",
	}.serve(t)
	source, err := client.AtlasV2.FindCluster(t.Context(), hexName, "orders")
	require.NoError(t, err)
	assert.Equal(t, lookupProject, source.ProjectID())
	assert.Len(t, log.paths(), 3)
}

// With envelopes, a refusal has HTTP status 200.
func TestFindCluster_envelopes(t *testing.T) {
	t.Parallel()
	refusal := func(status int, code string) string {
		return fmt.Sprintf(`{"status":%d,"content":{"error":%d,"errorCode":%q,"detail":"no","reason":"no"}}`, status, status, code)
	}
	const hexName = "aaaaaaaaaaaaaaaaaaaaaaaa"
	own := manager + lookupProject + "/clusters"
	client, _ := documents{
		atlas + "byName/Production":                `{"status":200,"content":` + production + `}`,
		atlas + lookupProject + "/clusters/small":  refusal(400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"),
		atlas + lookupProject + "/clusters/orders": `{"status":200,"content":` + atlasDocument("orders", nil) + `}`,
		atlas + lookupProject + "/clusters/none":   refusal(404, "CLUSTER_NOT_FOUND"),
		manager + hexName:                          refusal(404, "GROUP_NOT_FOUND"),
		manager + "byName/" + hexName:              `{"status":200,"content":` + strings.Replace(production, "Production", hexName, 1) + `}`,
		own + "/" + hexName:                        refusal(404, "CLUSTER_NOT_FOUND"),
		own:                                        `{"status":200,"totalCount":1,"results":[` + managerEntry(lookupCluster, "SHARDED_REPLICA_SET", hexName, "", "") + `]}`,
		own + "/" + lookupCluster:                  `{"status":200,"content":` + managerEntry(lookupCluster, "SHARDED_REPLICA_SET", hexName, "", "") + `}`,
		manager + lookupProject + "/backupConfigs/" + lookupCluster: refusal(404, "X"),
	}.serve(t, restorejobs.WithEnvelope())
	source, err := client.AtlasV2.FindCluster(t.Context(), "Production", "small")
	require.NoError(t, err)
	assert.Equal(t, restorejobs.VariantAtlasV2, source.Variant())
	assert.Contains(t, source.Ref(), "/flexClusters/small")
	source, err = client.AtlasV2.FindCluster(t.Context(), "Production", "orders")
	require.NoError(t, err)
	assert.Contains(t, source.Ref(), "/clusters/orders")
	_, err = client.AtlasV2.FindCluster(t.Context(), "Production", "none")
	var lookupErr *restorejobs.LookupError
	require.ErrorAs(t, err, &lookupErr)
	source, err = client.OpsManager.FindCluster(t.Context(), hexName, hexName)
	require.NoError(t, err)
	assert.Equal(t, lookupCluster, source.ClusterID())
	cluster, err := source.Cluster(t.Context())
	require.NoError(t, err)
	assert.Equal(t, restorejobs.TernaryUnknown, cluster.BackupEnabled)
}
