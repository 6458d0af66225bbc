package contract

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	rjt "example.com/restorejobs/restorejobstest"
)

// The test server responds as the document describes to the operations on projects, clusters and
// schedules, in every version of Atlas v2.
func TestServer_clustersMatchTheDocument(t *testing.T) {
	t.Parallel()
	d := openDocumentOf(t, aroundVariable)
	called := map[string]bool{}
	tolerated := map[string]bool{}
	for _, version := range []string{"2023-01-01", "2023-02-01", "2024-08-05", "2025-03-12"} {
		server := newServer(t)
		client, record := newClient(t, server, restorejobs.WithAtlasAPIVersion(version))
		server.AddProject(rjt.AtlasV2Cluster, "Twice")
		server.AddProject(rjt.AtlasV2Cluster, "Twice")
		server.EditCluster(rjt.AtlasV2Cluster, rjt.AtlasV2Cluster.Target(), rjt.SetFields(map[string]any{"backupEnabled": false}))
		for _, path := range clusterPaths() {
			_ = client.Do(t.Context(), http.MethodGet, path, nil, nil)
			for _, x := range record.drain() {
				if x.status == http.StatusNotAcceptable {
					continue // the operation is younger than the version
				}
				op, found, err := d.check(x)
				require.NoError(t, err)
				called[op.OperationID] = true
				for _, f := range found {
					place := f.at + " " + f.rule
					tolerated[place] = true
					_, isTolerated := clustersTolerated[place]
					assert.True(t, isTolerated, "%s, version %s, status %d: %+v", path, version, x.status, f)
				}
			}
		}
	}
	for place, fact := range clustersTolerated {
		assert.True(t, tolerated[place], "%s did not occur: %s", place, fact)
	}
	for _, id := range []string{
		"getGroupByName", "getGroup", "listClusters", "getCluster", "getBackupSchedule",
		"listFlexClusters", "getFlexCluster", "listServerlessInstances", "getServerlessInstance",
	} {
		assert.True(t, called[id], "%s was not called", id)
	}
}

// clustersTolerated has every allowed difference, as aroundTolerated. Each must occur.
var clustersTolerated = map[string]string{
	"Accept later":       "§1.4: a later date gets the newest version that is not later",
	"/parameters/* type": "A-14: strings on the wire, objects in the document",
	"GET 400 status":     "§2.3: a cluster of another kind is 400, which the operations do not declare",

	"/replicationSpecs/*/regionConfigs/*/regionName type":                         "the document has no names of regions",
	"/replicationSpecs/*/regionConfigs/*/electableSpecs/nodeCount properties":     providerFields,
	"/replicationSpecs/*/regionConfigs/*/electableSpecs/instanceSize properties":  providerFields,
	"/replicationSpecs/*/regionConfigs/*/electableSpecs/ebsVolumeType properties": providerFields,
	"/replicationSpecs/*/regionConfigs/*/electableSpecs/diskIOPS properties":      providerFields,
	"/providerSettings/regionName properties":                                     providerFields,
	"/providerSettings/instanceSizeName properties":                               providerFields,
}

// providerFields is why fields of a cloud provider are allowed.
const providerFields = "fields of one provider are in a schema of its own, which the general schema only refers to"

// clusterPaths returns paths of each operation, with results and with errors.
func clusterPaths() []string {
	return []string{
		"/api/atlas/v2/groups/byName/" + rjt.AtlasV2Cluster.ProjectName(),
		"/api/atlas/v2/groups/byName/Twice",
		"/api/atlas/v2/groups/byName/Nobody",
		aroundGroup,
		"/api/atlas/v2/groups/6a22a5000000000000000bad",
		aroundGroup + "/clusters?itemsPerPage=2&pageNum=2&includeDeletedWithRetainedBackups=false",
		aroundGroup + "/flexClusters",
		aroundGroup + "/serverless",
		aroundCluster,
		aroundSharded,
		aroundLegacy,
		aroundFlex,
		aroundServerless,
		aroundGroup + "/clusters/" + rjt.AtlasV2Flex.Cluster(),
		aroundGroup + "/clusters/Nowhere",
		aroundGroup + "/flexClusters/" + rjt.AtlasV2Cluster.Cluster(),
		aroundCluster + "/backup/schedule",
		aroundGroup + "/clusters/" + rjt.AtlasV2Cluster.Target() + "/backup/schedule",
		aroundLegacy + "/backup/schedule",
	}
}
