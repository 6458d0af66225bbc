package restorejobs

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/testutil"
)

// hostLists are the responses about the hosts of a project.
type hostLists struct {
	hosts    map[string]string // by cluster ID
	clusters string
	requests []string // paths with their queries
}

func (h *hostLists) respond(req *http.Request) (*http.Response, error) {
	path := strings.TrimPrefix(req.URL.Path, "/api/public/v1.0/groups/g")
	h.requests = append(h.requests, path+"?"+req.URL.RawQuery)
	body := h.clusters
	if path == "/hosts" {
		body = h.hosts[req.URL.Query().Get("clusterId")]
	}
	if body == "" {
		return testutil.APIError(http.StatusForbidden, "USER_UNAUTHORIZED"), nil
	}
	return testutil.JSON(http.StatusOK, body), nil
}

func (h *hostLists) api(t *testing.T) *automationAPI {
	t.Helper()
	client := clientWithoutRetries(t, h.respond)
	return &automationAPI{
		client:    client,
		endpoint:  client.OpsManager.cluster,
		projectID: "g",
		retryMode: api.RetryNever,
	}
}

// hostNames are the names of hosts, with their ports.
func hostNames(hosts []*host) []string {
	var names []string
	for _, h := range hosts {
		names = append(names, fmt.Sprintf("%s:%d", h.Hostname, h.Port))
	}
	return names
}

// results is a list with entries.
func results(entries ...string) string { return `{"results":[` + strings.Join(entries, ",") + `]}` }

// hostEntry is a host of a replica set.
func hostEntry(name, replicaSet string) string {
	return fmt.Sprintf(`{"id":%q,"hostname":%q,"port":27017,"replicaSetName":%q,"typeName":"REPLICA_PRIMARY"}`, name, name, replicaSet)
}

func TestListHosts_documentedMembers(t *testing.T) {
	t.Parallel()
	lists := &hostLists{hosts: map[string]string{"c d": results(`{"id":"680ab316473d6b28f966364b947134fc","groupId":"g","clusterId":"c",
		"hostname":"db1.example.net","port":27018,"replicaSetName":"rs0","shardName":"s0","typeName":"SHARD_SECONDARY","deactivated":false,
		"version":"8.0.12","replicaStateName":"SECONDARY","hidden":true,"ipAddress":"192.0.2.1","links":[]}`)}}
	hosts, err := lists.api(t).listHosts(t.Context(), "c d")
	require.NoError(t, err)
	assert.Equal(t, []*host{{
		ID:             "680ab316473d6b28f966364b947134fc",
		Hostname:       "db1.example.net",
		Port:           27018,
		ReplicaSetName: "rs0",
		ShardName:      "s0",
		TypeName:       "SHARD_SECONDARY",
	}}, hosts)
	assert.Equal(t, []string{"/hosts?clusterId=c+d&itemsPerPage=500&pageNum=1"}, lists.requests)
	assert.True(t, hosts[0].isOfShardedCluster())
}

func TestListHosts_pages(t *testing.T) {
	t.Parallel()
	var numbers []string
	client := clientWithoutRetries(t, func(req *http.Request) (*http.Response, error) {
		query := req.URL.Query()
		if query.Get("itemsPerPage") == "500" {
			return testutil.APIError(http.StatusBadRequest, "INVALID_QUERY_PARAMETER"), nil
		}
		number := query.Get("pageNum")
		numbers = append(numbers, number)
		if number == "1" {
			var entries []string
			for i := range 100 {
				entries = append(entries, hostEntry(fmt.Sprintf("db%d", i), "rs0"))
			}
			return testutil.JSON(http.StatusOK, `{"links":[{"rel":"next","href":"x"}],"totalCount":101,`+results(entries...)[1:]), nil
		}
		return testutil.JSON(http.StatusOK, `{"links":[],"totalCount":101,`+results(hostEntry("last", "rs0"))[1:]), nil
	})
	hosts, err := (&automationAPI{client: client, endpoint: client.OpsManager.cluster, projectID: "g"}).listHosts(t.Context(), "c")
	require.NoError(t, err)
	assert.Len(t, hosts, 101)
	assert.Subset(t, []string{"1", "2", "3", "4", "5"}, numbers, "pages of the size that old servers accept")
}

func TestListHosts_unusualBodies(t *testing.T) {
	t.Parallel()
	first := hostEntry("db1", "rs0")
	for name, test := range map[string]struct {
		body string
		want []string
	}{
		"none":                        {results(), nil},
		"an envelope":                 {`{"status":200,` + results(first)[1:], []string{"db1:27017"}},
		"a content":                   {`{"status":200,"content":` + results(first) + `}`, []string{"db1:27017"}},
		"a deactivated host":          {results(first, `{"id":"2","hostname":"db2","deactivated":true}`), []string{"db1:27017"}},
		"a deactivated one, nameless": {results(first, `{"id":"2","deactivated":true}`), []string{"db1:27017"}},
		"no ID":                       {results(first, `{"hostname":"db2"}`, `{"hostname":"db3"}`), []string{"db1:27017", "db2:0", "db3:0"}},
		"a port of another type":      {results(`{"id":"1","hostname":"db1","port":"27017","replicaSetName":7}`), []string{"db1:0"}},
		"a host twice":                {results(first, first), []string{"db1:27017"}},
		"a host without name":         {results(first, `{"id":"2"}`), nil},
		"a name of another type":      {results(first, `{"id":"2","hostname":["db2"]}`), nil},
		"an entry that is a number":   {results(first, `7`), nil},
	} {
		lists := &hostLists{hosts: map[string]string{"c": test.body}}
		hosts, err := lists.api(t).listHosts(t.Context(), "c")
		require.NoError(t, err, name)
		assert.Equal(t, test.want, hostNames(hosts), name)
	}
}

func TestListHosts_errors(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                           "403 USER_UNAUTHORIZED",
		`{}`:                         "results",
		`[]`:                         "not a list",
		`{"results":[{"hostname":"d`: "unexpected end",
		`{"error":404,"errorCode":"INVALID_CLUSTER_ID"}`: "404 INVALID_CLUSTER_ID",
		`<html>`: "list hosts",
	} {
		lists := &hostLists{hosts: map[string]string{"c": body}}
		hosts, err := lists.api(t).listHosts(t.Context(), "c")
		require.ErrorContains(t, err, want, body)
		require.ErrorContains(t, err, "restorejobs: list hosts: ", body)
		assert.Empty(t, hosts)
		assert.Len(t, lists.requests, 1, "a wait has its own retries")
	}
}

func TestListHosts_invalidProject(t *testing.T) {
	t.Parallel()
	lists := &hostLists{}
	automation := lists.api(t)
	automation.projectID = "g/h"
	_, err := automation.listHosts(t.Context(), "c")
	require.ErrorIs(t, err, ErrInvalidArgument)
	require.ErrorContains(t, err, "projectID")
	assert.Empty(t, lists.requests)
}

func TestListTargetHosts_parts(t *testing.T) {
	t.Parallel()
	const (
		whole  = `{"id":"t","typeName":"SHARDED_REPLICA_SET","clusterName":"catalog"}`
		shard0 = `{"id":"s0","typeName":"REPLICA_SET","clusterName":"catalog","shardName":"s0","replicaSetName":"shard0"}`
		config = `{"id":"cfg","typeName":"CONFIG_SERVER_REPLICA_SET","clusterName":"catalog","replicaSetName":"config"}`
		orders = `{"id":"x","typeName":"REPLICA_SET","clusterName":"orders","replicaSetName":"orders"}`
	)
	of := map[string]string{"s0": results(hostEntry("db0", "shard0")), "cfg": results(hostEntry("db1", "config"))}
	router := `{"id":"r","hostname":"router","typeName":"SHARD_MONGOS"}`
	for name, test := range map[string]struct {
		own       string
		isSharded bool
		clusters  string
		parts     map[string]string
		want      []string
		requests  int
	}{
		"a replica set":               {own: results(hostEntry("db0", "rs0")), want: []string{"db0:27017"}, requests: 1},
		"no hosts":                    {own: results(), requests: 1},
		"by the job":                  {own: results(), isSharded: true, clusters: results(shard0, whole, config, orders), parts: of, want: []string{"db0:27017", "db1:27017"}, requests: 4},
		"by a router":                 {own: results(router), clusters: results(shard0, whole, config), parts: of, want: []string{"router:0", "db0:27017", "db1:27017"}, requests: 4},
		"by a shard name":             {own: results(`{"id":"db0","hostname":"db0","shardName":"s0","replicaSetName":"shard0"}`), clusters: results(shard0, whole, config), parts: of, want: []string{"db0:0", "db1:27017"}, requests: 3},
		"the ID in other letters":     {own: results(), isSharded: true, clusters: results(shard0, strings.Replace(whole, `"t"`, `"T"`, 1)), parts: of, want: []string{"db0:27017"}, requests: 3},
		"a part without hosts":        {own: results(), isSharded: true, clusters: results(whole, shard0, config), parts: map[string]string{"s0": of["s0"], "cfg": results()}, requests: 4},
		"a part with a nameless host": {own: results(), isSharded: true, clusters: results(whole, shard0, config), parts: map[string]string{"s0": of["s0"], "cfg": results(hostEntry("db1", "config"), `7`)}, requests: 4},
		"an entry that is a number":   {own: results(), isSharded: true, clusters: results(whole, shard0, `7`), parts: of, requests: 2},
		"a part without ID":           {own: results(), isSharded: true, clusters: results(whole, shard0, `{"clusterName":"catalog"}`), parts: of, requests: 2},
		"a cluster without name":      {own: results(), isSharded: true, clusters: results(`{"id":"t"}`, `{"id":"u"}`), requests: 2},
		"a cluster of no list":        {own: results(), isSharded: true, clusters: results(shard0), requests: 2},
		"a cluster alone":             {own: results(router), clusters: results(whole, orders), requests: 2},
	} {
		lists := &hostLists{hosts: map[string]string{"t": test.own}, clusters: test.clusters}
		maps.Copy(lists.hosts, test.parts)
		hosts, err := lists.api(t).listTargetHosts(t.Context(), "t", test.isSharded)
		require.NoError(t, err, name)
		assert.Equal(t, test.want, hostNames(hosts), name)
		assert.Len(t, lists.requests, test.requests, name)
	}
}

func TestListTargetHosts_errors(t *testing.T) {
	t.Parallel()
	clusters := results(`{"id":"t","clusterName":"catalog"}`, `{"id":"s0","clusterName":"catalog","replicaSetName":"shard0"}`)
	for want, lists := range map[string]*hostLists{
		"list hosts: 403":    {hosts: map[string]string{"t": ""}},
		"list clusters: 403": {hosts: map[string]string{"t": results()}},
		"list hosts: 200":    {hosts: map[string]string{"t": results(), "s0": `{`}, clusters: clusters},
	} {
		hosts, err := lists.api(t).listTargetHosts(t.Context(), "t", true)
		require.ErrorContains(t, err, want)
		assert.Nil(t, hosts)
	}
}

func TestHostRuns_names(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		host    host
		process AutomationProcess
		want    bool
	}{
		"equal":                    {host{Hostname: "db1", Port: 27017}, AutomationProcess{Hostname: "db1", Port: 27017}, true},
		"other letters":            {host{Hostname: "DB1.example.net", Port: 1}, AutomationProcess{Hostname: "db1.Example.net", Port: 1}, true},
		"a status without ports":   {host{Hostname: "db1", Port: 27017}, AutomationProcess{Hostname: "db1"}, true},
		"a host without port":      {host{Hostname: "db1"}, AutomationProcess{Hostname: "db1", Port: 27018}, true},
		"another port":             {host{Hostname: "db1", Port: 27017}, AutomationProcess{Hostname: "db1", Port: 27018}, false},
		"another name":             {host{Hostname: "db1", Port: 27017}, AutomationProcess{Hostname: "db2", Port: 27017}, false},
		"a name with its domain":   {host{Hostname: "db1"}, AutomationProcess{Hostname: "db1.example.net"}, false},
		"a process without a host": {host{Hostname: "db1"}, AutomationProcess{Name: "db1"}, false},
	} {
		assert.Equal(t, test.want, test.host.runs(&test.process), name)
	}
}

func TestDistinctHosts_ports(t *testing.T) {
	t.Parallel()
	assert.Empty(t, distinctHosts(nil))
	hosts := []*host{{Hostname: "db1", Port: 1}, {Hostname: "db1", Port: 2}, {Hostname: "DB1", Port: 1}, {Hostname: "db11"}, {Hostname: "db1"}}
	assert.Equal(t, []string{"db1:1", "db1:2", "db11:0", "db1:0"}, hostNames(distinctHosts(hosts)))
}
