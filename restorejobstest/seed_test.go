package restorejobstest_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

// The jobs of a new server equal the printed or recorded bodies in testdata, except for
// placeholders and the fields listed here.
func TestSeedJobs_matchDocuments(t *testing.T) {
	t.Parallel()
	const mmsSelf = "https://mms.mongodb.com/api/public/v1.0/groups/525ec8394f5e625c80c7404a/clusters/53bc556ce4b049c88baec825/restoreJobs/"
	self := func(id string) []any { return []any{map[string]any{"rel": "self", "href": mmsSelf + id}} }
	v2 := rjt.AtlasV2Flex.Project()
	for _, printed := range []struct {
		file  string
		scope rjt.Scope
		jobs  []string
		fill  []string       // placeholders and their values
		set   map[string]any // fields that differ, and why
	}{
		{
			"classic/cloudmanager_job.json", rjt.CloudManagerCluster,
			[]string{"5c0ffee000000000000000f0"},
			[]string{"{BATCH-ID}", "5c0ffee000000000000000e0", "{SNAPSHOT-ID}", "5c0ffee000000000000000a1"},
			nil,
		},
		{
			"classic/opsmanager_host_job.json", rjt.OpsManagerHost,
			[]string{"5ba5e00000000000000001f0"},
			[]string{
				"{BATCH-ID}", "5ba5e00000000000000001e0", "{SNAPSHOT-ID}", "5ba5e00000000000000001a1",
				`"url" : "`, `"url" : "https://opsmanager.example.net:8080/backup/restore/v2/pull/`, // printed without its host
			},
			nil,
		},
		{"mms/list.json", rjt.MMSCluster, []string{"53bd7f38e4b0a7304e226b3f", "53bd7f13e4b0a7304e226998"}, nil, map[string]any{"links": self}}, // printed as [ ... ]
		{
			"cloud/atlasv1_serverless_list.json", rjt.AtlasV1Serverless,
			[]string{"5fdfe8800000000000000001"},
			[]string{
				"{snapshotId}", "5fdfe8800000000000000001", "{clusterName}", "Cluster0", "{deploymentName}", "atlas-72ck1q",
				"{targetGroupId}", rjt.AtlasV1Serverless.Project(),
			},
			nil,
		},
		{"cloud/atlasv2_job.json", rjt.AtlasV2Cluster, []string{"32b6e34b3d91647abb20e7b8"}, nil, nil},
		{"cloud/atlasv2_download_ready.json", rjt.AtlasV2Cluster, []string{"6a7948342c88faeba59eb866"}, nil, nil},
		{
			"flex/completed.json", rjt.AtlasV2Flex,
			[]string{"6a793f812c88faeba59bc399"},
			nil,
			map[string]any{
				"instanceName":    "Flex0",
				"projectId":       v2,
				"targetProjectId": v2,
			}, // the project and cluster of this server
		},
	} {
		t.Run(printed.file, func(t *testing.T) {
			t.Parallel()
			c := newInProcessCaller(t)
			text, err := os.ReadFile(filepath.Join("..", "testdata", filepath.FromSlash(printed.file)))
			require.NoError(t, err)
			filled := strings.NewReplacer(append(printed.fill, "{PROJECT-ID}", printed.scope.Project(), "{CLUSTER-ID}", printed.scope.Cluster(),
				"{HOST-ID}", printed.scope.Cluster(), "{JOB-ID}", printed.jobs[0])...).Replace(string(text))
			var document map[string]any
			require.NoError(t, json.Unmarshal([]byte(filled), &document))
			documents := []map[string]any{document}
			if results, ok := document["results"]; ok {
				documents = objects(results)
			}
			require.Len(t, documents, len(printed.jobs))
			for i, id := range printed.jobs {
				want := documents[i]
				maps.Copy(want, printed.set)
				if links, ok := printed.set["links"].(func(string) []any); ok {
					want["links"] = links(id)
				}
				assert.Equal(t, want, c.get(jobs(printed.scope)+"/"+id).doc)
			}
		})
	}
}
