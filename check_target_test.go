package restorejobs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

const (
	targetProject = "5ba5e0000000000000000051"
	targetCluster = "5ba5e0000000000000000052"
)

// atlasDocument returns the document of a cluster with some members.
func atlasDocument(name string, members map[string]any) string {
	document := map[string]any{
		"id":        "id of " + name,
		"name":      name,
		"stateName": "IDLE",
		"paused":    false,
	}
	maps.Copy(document, members)
	text, err := json.Marshal(document)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// shardedMembers returns the members of a sharded cluster.
func shardedMembers(count int, configServers string) map[string]any {
	return map[string]any{
		"clusterType":      "SHARDED",
		"replicationSpecs": make([]struct{}, count),
		"configServerType": configServers,
	}
}

func replicaSetMembers() map[string]any { return map[string]any{"clusterType": "REPLICASET"} }

// with returns members with another one.
func with(members map[string]any, name string, value any) map[string]any {
	members[name] = value
	return members
}

const noJobs = `{"totalCount":0,"results":[]}`

func TestCheckTarget_atlasReasons(t *testing.T) {
	t.Parallel()
	source := atlas + lookupProject + "/clusters/orders"
	target := atlas + targetProject + "/clusters/staging"
	runningJob := func(project, cluster string) string {
		return listOf(fmt.Sprintf(`{"id":"5ba5e0000000000000000061","deliveryType":"automated","targetGroupId":%q,"targetClusterName":%q}`, project, cluster))
	}
	for name, c := range map[string]struct {
		from, into map[string]any
		jobs       string
		want       []restorejobs.TargetReason
		says       string
	}{
		"replica sets":          {replicaSetMembers(), replicaSetMembers(), noJobs, nil, ""},
		"sharded clusters":      {shardedMembers(2, "EMBEDDED"), shardedMembers(2, "EMBEDDED"), noJobs, nil, ""},
		"unknown types":         {nil, nil, noJobs, nil, ""},
		"unknown source":        {nil, shardedMembers(2, "EMBEDDED"), noJobs, nil, ""},
		"unknown config server": {shardedMembers(2, ""), shardedMembers(2, "EMBEDDED"), noJobs, nil, ""},
		"unknown shard count":   {shardedMembers(0, ""), shardedMembers(2, ""), noJobs, nil, ""},
		"unknown state":         {replicaSetMembers(), with(replicaSetMembers(), "stateName", "MELTING"), noJobs, nil, ""},
		"jobs without role":     {replicaSetMembers(), replicaSetMembers(), "403 ACCESS_FORBIDDEN", nil, ""},
		"job into another":      {replicaSetMembers(), replicaSetMembers(), runningJob(targetProject, "other"), nil, ""},
		"job in another":        {replicaSetMembers(), replicaSetMembers(), runningJob(lookupProject, "staging"), nil, ""},
		"topology": {
			shardedMembers(2, "EMBEDDED"), replicaSetMembers(), noJobs,
			[]restorejobs.TargetReason{restorejobs.TargetTopologyDiffers},
			"it is a replica set, the source is a sharded cluster",
		},
		"topology, the other way": {
			replicaSetMembers(), shardedMembers(1, "EMBEDDED"), noJobs,
			[]restorejobs.TargetReason{restorejobs.TargetTopologyDiffers},
			"it is a sharded cluster, the source is a replica set",
		},
		"shards and config servers": {
			shardedMembers(2, "EMBEDDED"), shardedMembers(3, "DEDICATED"), noJobs,
			[]restorejobs.TargetReason{restorejobs.TargetShardCountDiffers, restorejobs.TargetConfigServerDiffers},
			"it has 3 shards, the source has 2; its config servers are DEDICATED, those of the source are EMBEDDED",
		},
		"paused":    {replicaSetMembers(), with(replicaSetMembers(), "paused", true), noJobs, []restorejobs.TargetReason{restorejobs.TargetPaused}, "it is paused"},
		"deleting":  {replicaSetMembers(), with(replicaSetMembers(), "stateName", "DELETING"), noJobs, []restorejobs.TargetReason{restorejobs.TargetDeleting}, "it is being deleted"},
		"creating":  {replicaSetMembers(), with(replicaSetMembers(), "stateName", "CREATING"), noJobs, []restorejobs.TargetReason{restorejobs.TargetBusy}, "its state is CREATING"},
		"updating":  {replicaSetMembers(), with(replicaSetMembers(), "stateName", "UPDATING"), noJobs, []restorejobs.TargetReason{restorejobs.TargetBusy}, "its state is UPDATING"},
		"repairing": {replicaSetMembers(), with(replicaSetMembers(), "stateName", "REPAIRING"), noJobs, []restorejobs.TargetReason{restorejobs.TargetBusy}, "its state is REPAIRING"},
		"restored": {
			replicaSetMembers(), replicaSetMembers(), runningJob(targetProject, "staging"),
			[]restorejobs.TargetReason{restorejobs.TargetBusy},
			"restore job 5ba5e0000000000000000061 into it runs",
		},
		"everything": {
			shardedMembers(2, "EMBEDDED"), with(with(replicaSetMembers(), "paused", true), "stateName", "UPDATING"), runningJob(targetProject, "staging"),
			[]restorejobs.TargetReason{restorejobs.TargetTopologyDiffers, restorejobs.TargetPaused, restorejobs.TargetBusy, restorejobs.TargetBusy},
			"it is a replica set, the source is a sharded cluster; it is paused; its state is UPDATING; restore job",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := documents{
				source:                         atlasDocument("orders", c.from),
				target:                         atlasDocument("staging", c.into),
				source + "/backup/restoreJobs": c.jobs,
			}.serve(t)
			orders := client.AtlasV2.Cluster(lookupProject, "orders")
			for _, to := range []restorejobs.Target{
				restorejobs.ToCluster(targetProject, "staging"),
				client.AtlasV2.Cluster(targetProject, "staging"),
			} {
				err := orders.CheckTarget(t.Context(), to)
				if c.want == nil {
					require.NoError(t, err)
					continue
				}
				var targetErr *restorejobs.TargetError
				require.ErrorAs(t, err, &targetErr)
				assert.Equal(t, orders.Ref(), targetErr.Source)
				assert.Equal(t, "atlasv2/groups/"+targetProject+"/clusters/staging", targetErr.Target)
				var reasons []restorejobs.TargetReason
				for _, problem := range targetErr.Problems {
					reasons = append(reasons, problem.Reason)
					assert.True(t, targetErr.Has(problem.Reason))
				}
				assert.Equal(t, c.want, reasons)
				assert.False(t, targetErr.Has(restorejobs.TargetIsSource))
				require.ErrorContains(t, err, "restorejobs: check target: "+targetErr.Target+" cannot be restored into: "+c.says)
			}
		})
	}
}

func TestCheckTarget_source(t *testing.T) {
	t.Parallel()
	client, _ := documents{
		atlas + lookupProject + "/clusters/orders":                              atlasDocument("orders", replicaSetMembers()),
		atlas + lookupProject + "/clusters/orders/backup/restoreJobs":           noJobs,
		atlasV1Groups + lookupProject + "/clusters/orders":                      atlasDocument("orders", replicaSetMembers()),
		manager + lookupProject + "/clusters/" + lookupCluster:                  managerEntry(lookupCluster, "REPLICA_SET", "orders", "rs0", ""),
		manager + lookupProject + "/clusters/" + lookupCluster + "/restoreJobs": noJobs,
		manager + lookupProject + "/clusters/" + strings.ToUpper(lookupCluster): managerEntry(lookupCluster, "REPLICA_SET", "orders", "rs0", ""),
	}.serve(t)
	orders := client.AtlasV2.Cluster(lookupProject, "orders")
	own := client.OpsManager.Cluster(lookupProject, lookupCluster)
	for _, c := range []struct {
		source *restorejobs.Source
		target restorejobs.Target
	}{
		{orders, orders},
		{orders, restorejobs.ToCluster(lookupProject, "orders")},
		{orders, client.AtlasV1.Cluster(lookupProject, "orders")},
		{own, own},
		{own, restorejobs.ToCluster(lookupProject, strings.ToUpper(lookupCluster))},
	} {
		err := c.source.CheckTarget(t.Context(), c.target)
		var targetErr *restorejobs.TargetError
		require.ErrorAs(t, err, &targetErr)
		assert.True(t, targetErr.Has(restorejobs.TargetIsSource))
		assert.Len(t, targetErr.Problems, 1)
	}
}

func TestCheckTarget_notFound(t *testing.T) {
	t.Parallel()
	source := atlas + lookupProject + "/clusters/orders"
	own := manager + lookupProject + "/clusters/" + lookupCluster
	client, _ := documents{
		source:                                           atlasDocument("orders", replicaSetMembers()),
		source + "/backup/restoreJobs":                   noJobs,
		atlas + targetProject + "/clusters/none":         "404 CLUSTER_NOT_FOUND",
		atlas + "5ba5e00000000000000000ee/clusters/none": "404 GROUP_NOT_FOUND",
		atlas + targetProject + "/clusters/locked":       "403 ACCESS_FORBIDDEN",
		atlas + targetProject + "/clusters/small":        "400 CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API",
		atlas + targetProject + "/flexClusters/small":    "404 CLUSTER_NOT_FOUND",
		own:                  managerEntry(lookupCluster, "REPLICA_SET", "orders", "rs0", ""),
		own + "/restoreJobs": noJobs,
		manager + targetProject + "/clusters/" + targetCluster:      "404 CLUSTER_NOT_FOUND",
		atlas + lookupProject + "/clusters/gone":                    "404 CLUSTER_NOT_FOUND",
		atlas + lookupProject + "/clusters/gone/backup/restoreJobs": "404 CLUSTER_NOT_FOUND",
	}.serve(t)
	orders := client.AtlasV2.Cluster(lookupProject, "orders")
	for _, c := range []struct {
		source *restorejobs.Source
		target restorejobs.Destination
	}{
		{orders, restorejobs.ToCluster(targetProject, "none")},
		{orders, restorejobs.ToCluster("5ba5e00000000000000000ee", "none")},
		{orders, restorejobs.ToCluster(targetProject, "small")},
		{client.OpsManager.Cluster(lookupProject, lookupCluster), restorejobs.ToCluster(targetProject, targetCluster)},
	} {
		err := c.source.CheckTarget(t.Context(), c.target)
		var targetErr *restorejobs.TargetError
		require.ErrorAs(t, err, &targetErr)
		assert.True(t, targetErr.Has(restorejobs.TargetNotFound))
		assert.Len(t, targetErr.Problems, 1)
	}
	var targetErr *restorejobs.TargetError
	err := orders.CheckTarget(t.Context(), restorejobs.ToCluster(targetProject, "locked"))
	require.ErrorIs(t, err, restorejobs.ErrForbidden)
	require.NotErrorAs(t, err, &targetErr)
	err = client.AtlasV2.Cluster(lookupProject, "gone").CheckTarget(t.Context(), restorejobs.ToCluster(targetProject, "none"))
	require.ErrorIs(t, err, restorejobs.ErrNotFound)
	require.NotErrorAs(t, err, &targetErr, "the source is unknown")
}

// One target is a flex cluster, found out by the code of the service.
func TestCheckTarget_flex(t *testing.T) {
	t.Parallel()
	client, _ := documents{
		atlas + lookupProject + "/flexClusters/small":                    atlasDocument("small", replicaSetMembers()),
		atlas + lookupProject + "/flexClusters/small/backup/restoreJobs": noJobs,
		atlas + lookupProject + "/clusters/sharded":                      atlasDocument("sharded", shardedMembers(2, "EMBEDDED")),
		atlas + lookupProject + "/clusters/sharded/backup/restoreJobs":   noJobs,
		atlas + lookupProject + "/clusters/other":                        "400 CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API",
		atlas + lookupProject + "/flexClusters/other":                    atlasDocument("other", replicaSetMembers()),
		atlas + lookupProject + "/clusters/dedicated":                    atlasDocument("dedicated", replicaSetMembers()),
	}.serve(t)
	small := client.AtlasV2.Flex(lookupProject, "small")
	require.NoError(t, small.CheckTarget(t.Context(), restorejobs.ToCluster(lookupProject, "other")))
	require.NoError(t, small.CheckTarget(t.Context(), restorejobs.ToCluster("", "other")), "the source's own project")
	require.NoError(t, small.CheckTarget(t.Context(), restorejobs.ToCluster("", "dedicated")), "the service decides")
	err := client.AtlasV2.Cluster(lookupProject, "sharded").CheckTarget(t.Context(), restorejobs.ToCluster(lookupProject, "other"))
	var targetErr *restorejobs.TargetError
	require.ErrorAs(t, err, &targetErr)
	assert.True(t, targetErr.Has(restorejobs.TargetTopologyDiffers))
	assert.Equal(t, "atlasv2/groups/"+lookupProject+"/flexClusters/other", targetErr.Target)
}

func TestCheckTarget_managers(t *testing.T) {
	t.Parallel()
	own := manager + lookupProject + "/clusters/"
	other := manager + targetProject + "/clusters"
	entry := func(id, typeName, name, shard string) string {
		return strings.ReplaceAll(managerEntry(id, typeName, name, "rs", shard), lookupProject, targetProject)
	}
	const sharded = "5ba5e0000000000000000053"
	const shard = "5ba5e0000000000000000054"
	const config = "5ba5e0000000000000000055"
	const single = "5ba5e0000000000000000056"
	all := opsManagerDocuments()
	maps.Copy(all, documents{
		own + lookupCluster + "/restoreJobs": listOf(
			`{"id":"5ba5e0000000000000000071","statusName":"IN_PROGRESS","delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"`+targetProject+`","targetClusterId":"`+sharded+`"}}`,
			`{"id":"5ba5e0000000000000000072","statusName":"FINISHED","delivery":{"methodName":"AUTOMATED_RESTORE","targetGroupId":"`+targetProject+`","targetClusterId":"`+targetCluster+`"}}`),
		other + "/" + targetCluster: entry(targetCluster, "SHARDED_REPLICA_SET", "twin", ""),
		other + "/" + sharded:       entry(sharded, "SHARDED_REPLICA_SET", "wide", ""),
		other + "/" + shard:         entry(shard, "REPLICA_SET", "wide", "wide_0"),
		other + "/" + config:        entry(config, "CONFIG_SERVER_REPLICA_SET", "wide", ""),
		other + "/" + single:        entry(single, "REPLICA_SET", "single", ""),
		other: listOf(
			entry("a", "REPLICA_SET", "twin", "twin_0"), entry("b", "REPLICA_SET", "twin", "twin_1"),
			entry("c", "REPLICA_SET", "wide", "wide_0"), entry("d", "REPLICA_SET", "wide", "wide_1"), entry("e", "REPLICA_SET", "wide", "wide_2")),
	})
	client, _ := all.serve(t)
	for _, source := range []*restorejobs.Source{
		client.OpsManager.Cluster(lookupProject, lookupCluster),
		client.CloudManager.Cluster(lookupProject, lookupCluster),
	} {
		for target, want := range map[string][]restorejobs.TargetReason{
			targetCluster: nil,
			sharded:       {restorejobs.TargetShardCountDiffers, restorejobs.TargetBusy},
			shard:         {restorejobs.TargetTopologyDiffers},
			config:        {restorejobs.TargetTopologyDiffers},
			single:        {restorejobs.TargetTopologyDiffers},
		} {
			err := source.CheckTarget(t.Context(), restorejobs.ToCluster(targetProject, target))
			if want == nil {
				require.NoError(t, err)
				continue
			}
			var targetErr *restorejobs.TargetError
			require.ErrorAs(t, err, &targetErr)
			assert.Len(t, targetErr.Problems, len(want), target)
			for _, reason := range want {
				assert.True(t, targetErr.Has(reason), "%s: %v", target, err)
			}
		}
	}
}

func TestCheckTarget_invalidArguments(t *testing.T) {
	t.Parallel()
	client, log := documents{}.serve(t)
	elsewhere := clienttest.New(t, clienttest.Bearer("x"), restorejobs.WithBaseURL("https://other.example.com"),
		restorejobs.WithTransport(testutil.Always(http.StatusOK, "{}")))
	orders := client.AtlasV2.Cluster(lookupProject, "orders")
	own := client.OpsManager.Cluster(lookupProject, lookupCluster)
	var none *restorejobs.Source
	for says, check := range map[string]func() error{
		"target must not be nil":                                      func() error { return orders.CheckTarget(t.Context(), nil) },
		"target must not be nil ":                                     func() error { return orders.CheckTarget(t.Context(), none) },
		"target must be a cluster, not a download":                    func() error { return orders.CheckTarget(t.Context(), restorejobs.ToDownload()) },
		"target must be a cluster, not no destination":                func() error { return orders.CheckTarget(t.Context(), restorejobs.Destination{}) },
		"target must be a cluster of AtlasV2, not of OpsManager":      func() error { return orders.CheckTarget(t.Context(), own) },
		"target must be a cluster of OpsManager, not of CloudManager": func() error { return own.CheckTarget(t.Context(), client.CloudManager.Cluster("p", "c")) },
		"target must be a cluster, not the host h":                    func() error { return own.CheckTarget(t.Context(), client.OpsManager.Host("p", "h")) },
		"target project must not be empty":                            func() error { return orders.CheckTarget(t.Context(), restorejobs.ToCluster("", "c")) },
		"target cluster name must not contain":                        func() error { return orders.CheckTarget(t.Context(), restorejobs.ToCluster("p", "a/b")) },
		"target must be of a client with the base URL of the source":  func() error { return own.CheckTarget(t.Context(), elsewhere.OpsManager.Cluster("p", "c")) },
		"projectID must not be empty; target cluster name must not be ": func() error {
			return client.AtlasV2.Cluster("", "c").CheckTarget(t.Context(), restorejobs.ToCluster("p", ""))
		},
	} {
		err := check()
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
		require.ErrorContains(t, err, strings.TrimSpace(says))
	}
	for _, source := range []*restorejobs.Source{
		client.MMS.Cluster("p", "c"),
		client.OpsManager.Host("p", "h"),
	} {
		require.ErrorIs(t, source.CheckTarget(t.Context(), restorejobs.ToCluster("p", "c")), errors.ErrUnsupported)
	}
	assert.Empty(t, log.paths())
}

// checkScopes are the scopes that restore into a cluster.
var checkScopes = []restorejobstest.Scope{
	restorejobstest.CloudManagerCluster,
	restorejobstest.OpsManagerCluster,
	restorejobstest.AtlasV1Cluster,
	restorejobstest.AtlasV2Cluster,
	restorejobstest.AtlasV2Flex,
}

func TestCheckTarget_everyScope(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		for _, scope := range checkScopes {
			source := sourceOf(t, server, scope)
			target := restorejobs.ToCluster(scope.Project(), scope.Target())
			require.NoError(t, source.CheckTarget(t.Context(), target), scope)
			created, err := source.Jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), target)
			require.NoError(t, err, scope)
			err = source.CheckTarget(t.Context(), target)
			var targetErr *restorejobs.TargetError
			require.ErrorAs(t, err, &targetErr, scope)
			assert.True(t, targetErr.Has(restorejobs.TargetBusy), scope)
			assert.ErrorContains(t, err, created[0].ID)
			if scope.Sharded() != "" {
				err = source.CheckTarget(t.Context(), restorejobs.ToCluster(scope.Project(), scope.Sharded()))
				require.ErrorAs(t, err, &targetErr, scope)
				assert.True(t, targetErr.Has(restorejobs.TargetTopologyDiffers), scope)
			}
			err = source.CheckTarget(t.Context(), source)
			require.ErrorAs(t, err, &targetErr, scope)
			assert.True(t, targetErr.Has(restorejobs.TargetIsSource), scope)
			err = source.CheckTarget(t.Context(), restorejobs.ToCluster(scope.Project(), "5ba5e00000000000000000ff"))
			require.ErrorAs(t, err, &targetErr, scope)
			assert.True(t, targetErr.Has(restorejobs.TargetNotFound), scope)
		}
	})
}

func TestCheckTarget_stateOfTheServer(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	defer server.Close()
	scope := restorejobstest.AtlasV2Cluster
	project := server.AddProject(scope, "Staging")
	server.AddCluster(restorejobstest.ClusterSpec{Scope: scope, Project: project, Name: "copy", Shards: 3, ConfigServerType: "EMBEDDED"})
	server.EditCluster(scope, project+"/copy", func(doc map[string]any) { doc["paused"] = true })
	source := sourceOf(t, server, scope)
	client, err := server.Client()
	require.NoError(t, err)
	sharded := client.AtlasV2.Cluster(scope.Project(), scope.Sharded())
	err = sharded.CheckTarget(t.Context(), restorejobs.ToCluster(project, "copy"))
	var targetErr *restorejobs.TargetError
	require.ErrorAs(t, err, &targetErr)
	for _, reason := range []restorejobs.TargetReason{
		restorejobs.TargetShardCountDiffers,
		restorejobs.TargetConfigServerDiffers,
		restorejobs.TargetPaused,
	} {
		assert.True(t, targetErr.Has(reason), "%s: %v", reason, err)
	}
	require.ErrorContains(t, source.CheckTarget(t.Context(), restorejobs.ToCluster(project, "copy")), "it is a sharded cluster")
}

// jobsPages is a list of jobs of several pages, whose last page has the job that runs.
func jobsPages(t *testing.T, running string, more documents) *restorejobs.Client {
	t.Helper()
	transport := testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
		if !strings.HasSuffix(req.URL.Path, "/restoreJobs") {
			return more.RoundTrip(req)
		}
		size, err := strconv.Atoi(req.URL.Query().Get("itemsPerPage"))
		require.NoError(t, err)
		number, err := strconv.Atoi(req.URL.Query().Get("pageNum"))
		require.NoError(t, err)
		const total = 1203
		entries := []string{}
		for i := (number - 1) * size; i < min(number*size, total); i++ {
			entry := fmt.Sprintf(`{"id":"5ba5e00000000000000a%04d","deliveryType":"automated","finishedAt":"2026-08-10T00:00:00Z"}`, i)
			if i == total-1 {
				entry = running
			}
			entries = append(entries, entry)
		}
		return testutil.JSON(http.StatusOK, fmt.Sprintf(`{"totalCount":%d,"results":[%s]}`, total, strings.Join(entries, ","))), nil
	})
	return clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithTransport(transport), restorejobs.WithBaseURL("https://api.example.com"))
}

// No list of jobs has a promised order, so the job that runs can be the last of many.
func TestCheckTarget_runningJobOnTheLastPage(t *testing.T) {
	t.Parallel()
	client := jobsPages(t,
		`{"id":"5ba5e0000000000000000061","deliveryType":"automated","targetGroupId":"`+targetProject+`","targetClusterName":"staging"}`,
		documents{
			atlas + lookupProject + "/clusters/orders":  atlasDocument("orders", replicaSetMembers()),
			atlas + targetProject + "/clusters/staging": atlasDocument("staging", replicaSetMembers()),
		})
	err := client.AtlasV2.Cluster(lookupProject, "orders").CheckTarget(t.Context(), restorejobs.ToCluster(targetProject, "staging"))
	var targetErr *restorejobs.TargetError
	require.ErrorAs(t, err, &targetErr)
	assert.True(t, targetErr.Has(restorejobs.TargetBusy))
}

// The service may not distinguish the case of a name, and a job has the name of the service.
func TestCheckTarget_nameInAnotherCase(t *testing.T) {
	t.Parallel()
	source := atlas + lookupProject + "/clusters/orders"
	client, _ := documents{
		source: atlasDocument("orders", replicaSetMembers()),
		source + "/backup/restoreJobs": listOf(
			`{"id":"5ba5e0000000000000000061","deliveryType":"automated","targetGroupId":"` + targetProject + `","targetClusterName":"staging"}`),
		atlas + targetProject + "/clusters/Staging": atlasDocument("staging", replicaSetMembers()),
	}.serve(t)
	err := client.AtlasV2.Cluster(lookupProject, "orders").CheckTarget(t.Context(), restorejobs.ToCluster(targetProject, "Staging"))
	var targetErr *restorejobs.TargetError
	require.ErrorAs(t, err, &targetErr)
	assert.True(t, targetErr.Has(restorejobs.TargetBusy))
}

// Two references of different APIs are one cluster, even if the service does not return its ID.
func TestCheckTarget_sourceWithoutID(t *testing.T) {
	t.Parallel()
	withoutID := with(replicaSetMembers(), "id", nil)
	document := atlasDocument("orders", withoutID)
	client, _ := documents{
		atlas + lookupProject + "/clusters/orders":                     document,
		atlas + lookupProject + "/clusters/ORDERS":                     document,
		atlas + lookupProject + "/clusters/orders/restoreJobs":         noJobs,
		atlas + lookupProject + "/clusters/orders/backup/restoreJobs":  noJobs,
		atlasV1Groups + lookupProject + "/clusters/orders":             document,
		atlasV1Groups + lookupProject + "/clusters/orders/restoreJobs": noJobs,
	}.serve(t)
	for _, c := range []struct {
		source *restorejobs.Source
		target restorejobs.Target
	}{
		{client.AtlasV2.LegacyCluster(lookupProject, "orders"), restorejobs.ToCluster(lookupProject, "orders")},
		{client.AtlasV2.Cluster(lookupProject, "orders"), client.AtlasV1.Cluster(lookupProject, "orders")},
		{client.AtlasV2.Cluster(lookupProject, "orders"), restorejobs.ToCluster(lookupProject, "ORDERS")},
	} {
		err := c.source.CheckTarget(t.Context(), c.target)
		var targetErr *restorejobs.TargetError
		require.ErrorAs(t, err, &targetErr)
		assert.True(t, targetErr.Has(restorejobs.TargetIsSource))
	}
}

// Whether backups are made matters to no reason, so a refusal of it does not either.
func TestCheckTarget_readsNoBackupConfiguration(t *testing.T) {
	t.Parallel()
	own := manager + lookupProject + "/clusters/" + lookupCluster
	client, log := documents{
		own:                  managerEntry(lookupCluster, "REPLICA_SET", "orders", "rs0", ""),
		own + "/restoreJobs": noJobs,
		manager + lookupProject + "/clusters/" + targetCluster:      managerEntry(targetCluster, "REPLICA_SET", "copy", "rs1", ""),
		manager + lookupProject + "/backupConfigs/" + lookupCluster: "400 X",
		manager + lookupProject + "/backupConfigs/" + targetCluster: "400 X",
	}.serve(t)
	err := client.OpsManager.Cluster(lookupProject, lookupCluster).CheckTarget(t.Context(), restorejobs.ToCluster(lookupProject, targetCluster))
	require.NoError(t, err)
	assert.Len(t, log.paths(), 3)
}

// A name instead of an ID is a target that does not exist, and the error has the rule.
func TestCheckTarget_nameInsteadOfID(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer(restorejobstest.InProcess())
	defer server.Close()
	client, err := server.Client()
	require.NoError(t, err)
	scope := restorejobstest.OpsManagerCluster
	source := client.OpsManager.Cluster(scope.Project(), scope.Cluster())
	for _, c := range []struct {
		target restorejobs.Destination
		says   string
	}{
		{restorejobs.ToCluster(scope.Project(), scope.TargetName()), "it does not exist (Cloud Manager, Ops Manager and MMS take a cluster's id, not its name)"},
		{restorejobs.ToCluster(scope.ProjectName(), scope.Target()), "it does not exist (the API takes a project's id, not its name)"},
	} {
		err := source.CheckTarget(t.Context(), c.target)
		var targetErr *restorejobs.TargetError
		require.ErrorAs(t, err, &targetErr)
		assert.True(t, targetErr.Has(restorejobs.TargetNotFound))
		assert.ErrorContains(t, err, c.says)
	}
}
