package contract

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

// aroundTolerated has every allowed difference by place and rule, and the number of the fact that
// justifies it. Each must occur.
var aroundTolerated = map[string]string{
	"Accept later":                                 "§1.4: a later date gets the newest version that is not later",
	"Content-Type later":                           "§1.4: a body is accepted under the requested date",
	"/frequencyType enum":                          "A-1: the service sends ondemand, which no document lists",
	"/parameters/* type":                           "A-14: strings on the wire, objects in the document",
	"/created/increment minimum":                   "D-5: a minimum meant for seconds",
	"/copyRegions properties":                      "§1.3: the response to taking a snapshot has the fields of either topology",
	"/replicaSetName properties":                   "§1.3: the same",
	"/configServerType properties":                 "§1.3: the same",
	"/lastOplogAppliedTimestamp/increment minimum": "D-5: a minimum meant for seconds",
}

// An aroundRun sends requests to the test server and compares both sides with the document.
type aroundRun struct {
	t      *testing.T
	d      *document
	server *rjt.Server
	send   func(method, path string, body, result any)
	record *recorder
	called map[string]bool // by operation id
	found  map[string]bool // tolerated differences
}

// The test server responds as the document describes, to every operation on snapshots and on
// restores of collections, in every state.
func TestServer_snapshotsMatchTheDocument(t *testing.T) {
	t.Parallel()
	d := openAroundDocument(t)
	server := newServer(t)
	client, record := newClient(t, server)
	r := &aroundRun{
		t:      t,
		d:      d,
		server: server,
		record: record,
		called: map[string]bool{},
		found:  map[string]bool{},
	}
	r.send = func(method, path string, body, result any) { _ = client.Do(t.Context(), method, path, body, result) }
	restore := r.create()
	for range 12 {
		r.readSnapshots()
		r.readCollections(restore)
		server.Advance(20 * time.Second)
	}
	r.delete()
	for _, id := range r.operations() {
		assert.True(t, r.called[id], "%s was not called", id)
	}
	for place, fact := range aroundTolerated {
		assert.True(t, r.found[place], "%s did not occur: %s", place, fact)
	}
}

// operations returns the ids of the operations that the test server has of snapshots and collections.
func (r *aroundRun) operations() []string {
	absent := []string{"updateBackupSnapshot", "updateClusterSnapshot", "deleteClusterSnapshot"}
	var ids []string
	for path, item := range r.d.Paths.Map() {
		isOurs := strings.Contains(path, "/snapshots") || strings.Contains(path, "/collectionRestoreJobs")
		for _, op := range item.Operations() {
			if isOurs && !slices.Contains(absent, op.OperationID) {
				ids = append(ids, op.OperationID)
			}
		}
	}
	return ids
}

// call sends a request and compares it and its response with the document.
func (r *aroundRun) call(method, path string, body, result any) {
	r.t.Helper()
	r.send(method, path, body, result)
	for _, x := range r.record.drain() {
		op, found, err := r.d.check(x)
		require.NoError(r.t, err)
		r.called[op.OperationID] = true
		for _, f := range found {
			place := f.at + " " + f.rule
			r.found[place] = true
			_, isTolerated := aroundTolerated[place]
			assert.True(r.t, isTolerated, "%s %s, status %d: %+v", method, path, x.status, f)
		}
	}
}

var (
	aroundGroup      = "/api/atlas/v2/groups/" + rjt.AtlasV2Cluster.Project()
	aroundCluster    = aroundGroup + "/clusters/" + rjt.AtlasV2Cluster.Cluster()
	aroundSharded    = aroundGroup + "/clusters/" + rjt.AtlasV2Cluster.Sharded()
	aroundLegacy     = aroundGroup + "/clusters/" + rjt.AtlasV2LegacyCluster.Cluster()
	aroundFlex       = aroundGroup + "/flexClusters/" + rjt.AtlasV2Flex.Cluster()
	aroundServerless = aroundGroup + "/serverless/" + rjt.AtlasV2Serverless.Cluster()
)

// create starts snapshots, and two restores of collections of which the second is refused.
func (r *aroundRun) create() (restore string) {
	request := map[string]any{"description": "before the upgrade", "retentionInDays": 1}
	r.call(http.MethodPost, aroundCluster+"/backup/snapshots", request, nil)
	r.call(http.MethodPost, aroundSharded+"/backup/snapshots", request, nil)
	r.call(http.MethodPost, aroundSharded+"/backup/snapshots", request, nil)
	for _, scope := range []rjt.Scope{rjt.AtlasV2Flex, rjt.AtlasV2Serverless, rjt.AtlasV2LegacyCluster} {
		r.server.TakeSnapshot(scope, scope.Cluster())
	}
	var job struct {
		ID string `json:"id"`
	}
	r.call(http.MethodPost, aroundCluster+"/collectionRestoreJobs", map[string]any{
		"targetGroupId":     rjt.AtlasV2Cluster.Project(),
		"targetClusterName": rjt.AtlasV2Cluster.Target(),
		"writeStrategy":     "CREATE_NEW",
		"indexStrategy":     "ALL",
		"snapshotId":        rjt.AtlasV2Cluster.Snapshots()[0],
		"databases":         []any{map[string]any{"sourceNamespace": "stock"}},
		"collections": []any{
			map[string]any{"sourceNamespace": "sales.orders", "targetNamespace": "copy.orders"},
			map[string]any{"sourceNamespace": "sales.lost"},
		},
	}, &job)
	r.call(http.MethodPost, aroundCluster+"/collectionRestoreJobs", map[string]any{
		"targetGroupId":         rjt.AtlasV2Cluster.Project(),
		"targetClusterName":     rjt.AtlasV2Cluster.Target(),
		"writeStrategy":         "OVERWRITE_EXISTING",
		"indexStrategy":         "NONE",
		"pointInTimeUtcSeconds": time.Now().Add(-time.Hour).Unix(),
		"databaseSuffix":        "_old",
		"databases":             []any{map[string]any{"sourceNamespace": "sales"}},
	}, nil)
	r.server.SetCollectionOutcome(job.ID, "sales.orders", "INDEX_BUILD_FAILED")
	return aroundCluster + "/collectionRestoreJobs/" + job.ID
}

// readSnapshots reads every list of snapshots, and each snapshot of it.
func (r *aroundRun) readSnapshots() {
	for list, one := range map[string]string{
		aroundCluster + "/backup/snapshots":                 aroundCluster + "/backup/snapshots/",
		aroundSharded + "/backup/snapshots/shardedClusters": aroundSharded + "/backup/snapshots/shardedCluster/",
		aroundLegacy + "/snapshots?completed=all":           aroundLegacy + "/snapshots/",
		aroundFlex + "/backup/snapshots":                    aroundFlex + "/backup/snapshots/",
		aroundServerless + "/backup/snapshots":              aroundServerless + "/backup/snapshots/",
	} {
		var page struct {
			Results []struct {
				ID string `json:"id"`
			} `json:"results"`
		}
		r.call(http.MethodGet, list, nil, &page)
		require.NotEmpty(r.t, page.Results, list)
		for _, snapshot := range page.Results {
			r.call(http.MethodGet, one+snapshot.ID, nil, nil)
		}
	}
	for _, query := range []string{"pointInTimeUtcSeconds=1786332905", "oplogTs=1786332905&oplogInc=1", "itemsPerPage=1&pageNum=2&includeCount=false"} {
		r.call(http.MethodGet, aroundCluster+"/backup/snapshots?"+query, nil, nil)
	}
}

func (r *aroundRun) readCollections(restore string) {
	databases := aroundCluster + "/backup/snapshots/" + rjt.AtlasV2Cluster.Snapshots()[0] + "/databases"
	for _, path := range []string{
		databases, databases + "/sales", databases + "/sales/collections", databases + "/sales/collections/orders",
		aroundCluster + "/collectionRestoreJobs?itemsPerPage=1", restore, restore + "/collections",
		restore + "/collections?state=NOT_FOUND", restore + "/collections/sales.orders",
	} {
		r.call(http.MethodGet, path, nil, nil)
	}
}

func (r *aroundRun) delete() {
	id := rjt.AtlasV2Cluster.Snapshots()[0]
	r.call(http.MethodDelete, aroundCluster+"/backup/snapshots/"+id, nil, nil)
	r.call(http.MethodGet, aroundCluster+"/backup/snapshots/"+id, nil, nil)
	r.call(http.MethodDelete, aroundSharded+"/backup/snapshots/shardedCluster/"+id, nil, nil)
}
