package contract

import (
	"iter"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	rjt "example.com/restorejobs/restorejobstest"
)

// notCalled has the operations of the document that neither the library nor the test server makes, and why.
var notCalled = map[string]string{
	"listClusterDetails":           "lists the clusters of all projects; a program names its project",
	"deleteClusterBackupSnapshot":  "see TestServer_snapshotsMatchTheDocument",
	"deleteBackupShardedCluster":   "see TestServer_snapshotsMatchTheDocument",
	"getClusterStatus":             "reports whether changes were applied, which no restore needs",
	"updateBackupSnapshot":         "changes how long a snapshot is kept",
	"updateClusterSnapshot":        "changes how long a snapshot is kept",
	"deleteClusterSnapshot":        "deletes a snapshot of legacy backup",
	"listClusterBackupCheckpoints": "legacy backup up to version 4.0",
	"getClusterBackupCheckpoint":   "legacy backup up to version 4.0",
}

// callsTolerated has every allowed difference, as tolerated has for restore jobs.
var callsTolerated = []difference{
	{"A-14", []clusterKind{
		"getGroup", "getGroupByName", "getCluster", "getFlexCluster", "getClusterBackupSnapshot", "getBackupShardedCluster",
		"getClusterSnapshot", "getServerlessBackupSnapshot", "getFlexBackupSnapshot", "downloadFlexBackup", "takeSnapshots",
	}, response, "/parameters/*", "type", "strings on the wire, objects in the schema"},
	{"A-1", []clusterKind{
		"takeSnapshots", "getClusterBackupSnapshot", "listBackupSnapshots", "getBackupShardedCluster", "listBackupShardedClusters",
	}, response, "/frequencyType", "enum", "ondemand on the wire, in no document"},
	{"A§1.3", []clusterKind{"takeSnapshots"}, response, "/cloudProvider", "properties", "the response has the fields of either topology"},
	{"A§1.3", []clusterKind{"takeSnapshots"}, response, "/copyRegions", "properties", "the response has the fields of either topology"},
	{"A§1.3", []clusterKind{"takeSnapshots"}, response, "/replicaSetName", "properties", "the response has the fields of either topology"},
	{"A§1.3", []clusterKind{"takeSnapshots"}, response, "/configServerType", "properties", "the response has the fields of either topology"},
	{"A§1.3", []clusterKind{"takeSnapshots"}, response, "/members", "properties", "the response has the fields of either topology"},
	{"A§1.3", []clusterKind{"takeSnapshots"}, response, "/snapshotIds", "properties", "the response has the fields of either topology"},
	{"A§2.3", []clusterKind{"getCluster"}, response, "GET 400", "status", "the recorded response to the name of a flex cluster"},
	{"D-5", []clusterKind{"listClusterSnapshots", "getClusterSnapshot"}, response, "/created/increment", "minimum", "a minimum meant for seconds"},
	{"D-5", []clusterKind{"listClusterSnapshots", "getClusterSnapshot"}, response, "/lastOplogAppliedTimestamp/increment", "minimum", "a minimum meant for seconds"},
}

// callSteps are calls of one kind each.
func callSteps() []func(*aroundCalls) {
	return []func(*aroundCalls){
		(*aroundCalls).projects,
		(*aroundCalls).clusters,
		(*aroundCalls).seededSnapshots,
		(*aroundCalls).takenSnapshots,
		(*aroundCalls).awaitsSnapshots,
		(*aroundCalls).contents,
		(*aroundCalls).flexDownload,
		(*aroundCalls).timeRanges,
		(*aroundCalls).collectionJobs,
	}
}

const groupsPath = "/api/atlas/v2/groups/"

// around are the sources with snapshots.
func (r *aroundCalls) sources() []*restorejobs.Source {
	a := r.client.AtlasV2
	return []*restorejobs.Source{
		a.Cluster(rjt.AtlasV2Cluster.Project(), rjt.AtlasV2Cluster.Cluster()),
		a.Cluster(rjt.AtlasV2Cluster.Project(), rjt.AtlasV2Cluster.Sharded()),
		a.LegacyCluster(rjt.AtlasV2LegacyCluster.Project(), rjt.AtlasV2LegacyCluster.Cluster()),
		a.Serverless(rjt.AtlasV2Serverless.Project(), rjt.AtlasV2Serverless.Cluster()),
		a.Flex(rjt.AtlasV2Flex.Project(), rjt.AtlasV2Flex.Cluster()),
	}
}

// collect returns the values of an iterator, which must not fail.
func collect[T any](r *aroundCalls, values iter.Seq2[T, error]) []T {
	r.t.Helper()
	var all []T
	for value, err := range values {
		require.NoError(r.t, err)
		all = append(all, value)
	}
	return all
}

// The newest version dates of operations that are requested with Client.Do.
const (
	v20230101 = "2023-01-01"
	v20240805 = "2024-08-05"
	v20241113 = "2024-11-13"
	v20250312 = "2025-03-12"
)

func (r *aroundCalls) projects() {
	ctx := r.t.Context()
	scope := rjt.AtlasV2Cluster
	for _, nameOrID := range []string{scope.Project(), scope.ProjectName()} {
		project, err := r.client.AtlasV2.FindProject(ctx, nameOrID)
		require.NoError(r.t, err)
		assert.Equal(r.t, scope.Project(), project.ID)
	}
	for _, nameOrID := range []string{"Nowhere", "5c0ffee0000000000000eeee"} {
		_, err := r.client.AtlasV2.FindProject(ctx, nameOrID)
		require.ErrorIs(r.t, err, restorejobs.ErrNotFound)
	}
}

func (r *aroundCalls) clusters() {
	ctx := r.t.Context()
	for _, source := range r.sources() {
		_, err := source.Cluster(ctx)
		require.NoError(r.t, err, source)
	}
	project := rjt.AtlasV2Cluster.ProjectName()
	for _, name := range []string{rjt.AtlasV2Cluster.Cluster(), rjt.AtlasV2Cluster.Sharded(), rjt.AtlasV2Flex.Cluster()} {
		source, err := r.client.AtlasV2.FindCluster(ctx, project, name)
		require.NoError(r.t, err, name)
		assert.Equal(r.t, name, source.ClusterID())
	}
	_, err := r.client.AtlasV2.FindCluster(ctx, project, "nowhere")
	require.ErrorIs(r.t, err, restorejobs.ErrNotFound)
	_, err = r.client.AtlasV2.Flex(rjt.AtlasV2Flex.Project(), rjt.AtlasV2Cluster.Cluster()).Cluster(ctx)
	require.ErrorIs(r.t, err, restorejobs.ErrorCodeCannotUseNonFlexClusterInFlexAPI)
	_, err = r.client.AtlasV2.Flex(rjt.AtlasV2Flex.Project(), "nowhere").Cluster(ctx)
	require.ErrorIs(r.t, err, restorejobs.ErrNotFound)
	_ = r.sources()[0].CheckTarget(ctx, restorejobs.ToCluster(rjt.AtlasV2Cluster.Project(), rjt.AtlasV2Cluster.Target()))

	group := groupsPath + rjt.AtlasV2Cluster.Project()
	r.get(v20240805, group+"/clusters")
	r.get(v20241113, group+"/flexClusters")
	r.get(v20230101, group+"/serverless")
}

// seededSnapshots reads the snapshots of every source.
func (r *aroundCalls) seededSnapshots() {
	for _, source := range r.sources() {
		all := collect(r, source.Snapshots.All(r.t.Context(), restorejobs.SnapshotOptions{}))
		require.NotEmpty(r.t, all, source)
		for _, snapshot := range all {
			_, err := source.Snapshots.Get(r.t.Context(), snapshot.ID)
			require.NoError(r.t, err, source)
		}
		_, err := source.Snapshots.Get(r.t.Context(), "5c0ffee0000000000000eeee")
		require.ErrorIs(r.t, err, restorejobs.ErrNotFound, source)
	}
}

// takenSnapshots reads snapshots in every state.
func (r *aroundCalls) takenSnapshots() {
	for _, taken := range []struct {
		source *restorejobs.Source
		scope  rjt.Scope
	}{
		{r.sources()[0], rjt.AtlasV2Cluster},
		{r.sources()[1], rjt.AtlasV2Cluster},
		{r.sources()[2], rjt.AtlasV2LegacyCluster},
		{r.sources()[3], rjt.AtlasV2Serverless},
		{r.sources()[4], rjt.AtlasV2Flex},
	} {
		for _, end := range []func(string){r.server.CompleteSnapshot, r.server.FailSnapshot} {
			id := r.server.TakeSnapshot(taken.scope, taken.source.ClusterID())
			for range 8 {
				_, err := taken.source.Snapshots.Get(r.t.Context(), id)
				require.NoError(r.t, err, taken.source)
				collect(r, taken.source.Snapshots.All(r.t.Context(), restorejobs.SnapshotOptions{}))
				r.server.Advance(20 * time.Second)
			}
			end(id)
			_, err := taken.source.Snapshots.Get(r.t.Context(), id)
			require.NoError(r.t, err, taken.source)
		}
		if taken.source.Supports(restorejobs.CapabilityOnDemandSnapshots) {
			r.onDemandSnapshots(taken.source)
		}
	}
}

// onDemandSnapshots takes snapshots, and one that is refused.
func (r *aroundCalls) onDemandSnapshots(source *restorejobs.Source) {
	for _, request := range []restorejobs.SnapshotRequest{{}, {Description: "before the migration", RetentionDays: 2}} {
		created, err := source.Snapshots.Create(r.t.Context(), request)
		require.NoError(r.t, err, source)
		_, err = source.Snapshots.Create(r.t.Context(), request)
		require.ErrorIs(r.t, err, restorejobs.ErrBusy, source)
		r.server.CompleteSnapshot(created.ID)
	}
}

// awaitsSnapshots takes snapshots that complete immediately, waits for them and chooses one by time.
func (r *aroundCalls) awaitsSnapshots() {
	ctx := r.t.Context()
	server := newServer(r.t, rjt.WithSnapshotDuration(0))
	client, record := newClient(r.t, server)
	for _, name := range []string{rjt.AtlasV2Cluster.Cluster(), rjt.AtlasV2Cluster.Sharded()} {
		source := client.AtlasV2.Cluster(rjt.AtlasV2Cluster.Project(), name)
		for _, request := range []restorejobs.SnapshotRequest{{}, {
			Description:   "before the upgrade",
			RetentionDays: 3,
		}} {
			taken, err := source.Snapshots.Create(ctx, request)
			require.NoError(r.t, err, name)
			taken, err = source.Snapshots.Wait(ctx, taken.ID, restorejobs.WaitOptions{})
			require.NoError(r.t, err, name)
			assert.True(r.t, taken.IsRestorable(), name)
		}
		_, err := source.Snapshots.Newest(ctx, restorejobs.SnapshotOptions{Before: time.Now().Add(-time.Hour)})
		require.NoError(r.t, err, name)
	}
	r.record.add(record.drain())
}

// contents lists what a snapshot has.
func (r *aroundCalls) contents() {
	source := r.sources()[0]
	id := rjt.AtlasV2Cluster.Snapshots()[0]
	databases := collect(r, source.Snapshots.Databases(r.t.Context(), id))
	require.NotEmpty(r.t, databases)
	collections := collect(r, source.Snapshots.Collections(r.t.Context(), id, databases[0]))
	require.NotEmpty(r.t, collections)
	path := groupsPath + source.ProjectID() + "/clusters/" + source.ClusterID() + "/backup/snapshots/" + id + "/databases/" + databases[0]
	r.get(v20250312, path)
	r.get(v20250312, path+"/collections/"+collections[0])
}

func (r *aroundCalls) flexDownload() {
	flex := r.sources()[4]
	_, err := flex.Jobs.Create(r.t.Context(), restorejobs.FromSnapshot(rjt.AtlasV2Flex.Snapshots()[0]), restorejobs.ToDownload())
	require.NoError(r.t, err)
	_, err = flex.Jobs.Create(r.t.Context(), restorejobs.FromSnapshot("5c0ffee0000000000000eeee"), restorejobs.ToDownload())
	require.ErrorIs(r.t, err, restorejobs.ErrNotFound)
}

func (r *aroundCalls) timeRanges() {
	_, err := r.sources()[0].Jobs.RestorableTimeRanges(r.t.Context())
	require.NoError(r.t, err)
}

// collectionJobs reads a job and its collections in every state.
func (r *aroundCalls) collectionJobs() {
	source := r.sources()[0]
	target := restorejobs.ToCluster(source.ProjectID(), rjt.AtlasV2Cluster.Target())
	for _, end := range []func(string){r.server.FinishCollectionJob, r.server.CancelCollectionJob, func(id string) { r.server.FailCollectionJob(id, "sales.orders") }} {
		job, err := source.CollectionJobs.Create(r.t.Context(), restorejobs.CollectionRestore{
			Point:            restorejobs.FromSnapshot(rjt.AtlasV2Cluster.Snapshots()[0]),
			Target:           target,
			Databases:        []restorejobs.RestoreNamespace{{Source: "stock", Target: "stock_old"}},
			Collections:      []restorejobs.RestoreNamespace{{Source: "sales.orders"}},
			DatabaseSuffix:   "_a",
			CollectionSuffix: "_b",
			WriteStrategy:    restorejobs.WriteStrategyOverwriteExisting,
			IndexStrategy:    restorejobs.IndexStrategyAllExceptTTL,
		})
		require.NoError(r.t, err)
		r.readCollectionJob(source, job.ID)
		r.server.Advance(time.Minute)
		r.readCollectionJob(source, job.ID)
		end(job.ID)
		r.readCollectionJob(source, job.ID)
	}
}

func (r *aroundCalls) readCollectionJob(source *restorejobs.Source, id string) {
	r.t.Helper()
	ctx := r.t.Context()
	_, err := source.CollectionJobs.Get(ctx, id)
	require.NoError(r.t, err)
	collect(r, source.CollectionJobs.All(ctx, restorejobs.ListOptions{}))
	collections := collect(r, source.CollectionJobs.Collections(ctx, id))
	if len(collections) == 0 { // before the job runs
		return
	}
	r.get(v20250312, groupsPath+source.ProjectID()+"/clusters/"+source.ClusterID()+"/collectionRestoreJobs/"+id+"/collections/sales.orders")
}
