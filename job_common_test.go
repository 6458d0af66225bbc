package restorejobs

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// commonFacts are what the methods of all variants return for a job.
type commonFacts struct {
	created       string
	finished      string
	project       string
	targetProject string
	targetCluster string
}

func factsOf(job *Job) commonFacts {
	facts := commonFacts{
		created:  timeText(job.CreationTime()),
		finished: timeText(job.FinishTime()),
		project:  job.ProjectID(),
	}
	facts.targetProject, facts.targetCluster = job.Target()
	return facts
}

// timeText is empty for the zero time.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// factsOfFiles has a row for each body in jobFiles.
var factsOfFiles = map[string]commonFacts{
	"classic/cloudmanager_job.json":      {created: "2016-03-04T22:07:27Z", project: "{PROJECT-ID}"},
	"classic/opsmanager_host_job.json":   {created: "2016-03-04T22:07:27Z", project: "{PROJECT-ID}"},
	"classic/created_host_job.json":      {created: "2018-09-10T20:11:28Z", project: "5196d3628d022db4cbc26d9e"},
	"classic/opsmanager_downloaded.json": {created: "2018-09-10T20:11:28Z", project: "5196d3628d022db4cbc26d9e"},
	"classic/cloudmanager_automated.json": {
		created:       "2018-09-10T20:11:28Z",
		project:       "5196d3628d022db4cbc26d9e",
		targetProject: "5196d3628d022db4cbc26d9e",
		targetCluster: "5196e5b0e4b0fca9cc88334a",
	},
	"classic/atlas_legacy_job.json": {
		created:       "2018-09-10T20:11:28Z",
		project:       "5196d3628d022db4cbc26d9e",
		targetProject: "5196d3628d022db4cbc26d9e",
		targetCluster: "Cluster1",
	},
	"mms/job_entity.json": {created: "2014-07-09T17:42:43Z", project: "525ec8394f5e625c80c7404a"},
	"mms/job.json":        {created: "2014-07-09T17:42:43Z", project: "525ec8394f5e625c80c7404a"},
	"cloud/atlasv1_job.json": {
		created:       "2020-05-03T16:25:47Z",
		project:       "5196d3628d022db4cbc26d9e",
		targetProject: "5196d3628d022db4cbc26d9e",
		targetCluster: "myDemo2",
	},
	"cloud/atlasv2_job.json": {
		created:       "1996-12-17T18:15:39Z", // of the id, which is an example
		finished:      "2025-05-04T09:42:00Z",
		targetProject: "32b6e34b3d91647abb20e7b8",
		targetCluster: "string",
	},
	"cloud/atlasv2_download_ready.json": {created: "2026-08-10T03:40:36Z"},
	"cloud/atlasv2_automated_finished.json": {
		created:       "2014-07-09T17:42:43Z",
		finished:      "2026-08-10T03:48:20Z",
		project:       "5196d3628d022db4cbc26d9e",
		targetProject: "5196d3628d022db4cbc26d9e",
		targetCluster: "Cluster0",
	},
	"cloud/atlasv2_sharded_download.json": {created: "2014-07-09T17:42:43Z"},
	"flex/created.json": {
		created:       "2026-08-10T03:03:29Z",
		project:       "b0123456789abcdef012345b",
		targetProject: "b0123456789abcdef012345b",
		targetCluster: "cluster-833",
	},
	"flex/completed.json": {
		created:       "2026-08-10T03:03:29Z",
		finished:      "2026-08-10T03:04:32Z",
		project:       "b0123456789abcdef012345b",
		targetProject: "b0123456789abcdef012345b",
		targetCluster: "cluster-833",
	},
	"flex/download.json": {
		created:  "2026-08-10T03:03:29Z",
		finished: "2026-08-10T03:04:32Z",
		project:  "b0123456789abcdef012345b",
	},
}

func TestJob_commonFactsOfEveryBody(t *testing.T) {
	t.Parallel()
	require.Len(t, factsOfFiles, len(jobFiles))
	for name := range jobFiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, isListed := factsOfFiles[name]
			require.True(t, isListed, "a row in factsOfFiles")
			job, err := decodeJob(bodyFile(t, name))
			require.NoError(t, err)
			assert.Equal(t, want, factsOf(job))
			assert.Equal(t, want, factsOf(marshaledAndRead(t, *job)), "stored and read")

			byHand := *job
			byHand.raw = ""
			assert.Equal(t, want, factsOf(marshaledAndRead(t, byHand)), "built by hand, stored and read")
		})
	}
}

func marshaledAndRead(t *testing.T, job Job) *Job {
	t.Helper()
	stored, err := json.Marshal(job)
	require.NoError(t, err)
	var read Job
	require.NoError(t, json.Unmarshal(stored, &read))
	return &read
}

func TestJob_commonFactsOfPartialJobs(t *testing.T) {
	t.Parallel()
	const (
		project  = "5196d3628d022db4cbc26d9e"
		finished = `"finishedAt":"2026-08-10T03:48:20Z"`
	)
	for name, row := range map[string]struct {
		body string
		want commonFacts
	}{
		"nothing":                 {`{}`, commonFacts{}},
		"a number":                {`42`, commonFacts{}},
		"classic, fresh MMS job":  {`{"id":"J","statusName":"IN_PROGRESS"}`, commonFacts{}},
		"classic, id and created": {`{"id":"53bd7f13e4b0a7304e226998","created":"2018-09-10T20:11:28Z"}`, commonFacts{created: "2018-09-10T20:11:28Z"}},
		"classic, id only":        {`{"id":"53BD7F13e4b0a7304e226998","statusName":"BROKEN"}`, commonFacts{created: "2014-07-09T17:42:43Z"}},
		"classic, name before id": {
			`{"statusName":"FINISHED","delivery":{"targetGroupId":"g","targetClusterId":"c","targetClusterName":"n"}}`,
			commonFacts{targetProject: "g", targetCluster: "n"},
		},
		"an id that is not an ObjectID": {`{"id":"53bd7f13e4b0a7304e22699z","failed":true}`, commonFacts{}},
		"a short id":                    {`{"id":"53bd7f13","failed":true}`, commonFacts{}},
		"a creation time of no form":    {`{"created":"yesterday","createdAt":{},"restoreScheduledDate":true}`, commonFacts{}},
		"cloud, failed":                 {`{"failed":true,` + finished + `}`, commonFacts{finished: "2026-08-10T03:48:20Z"}},
		"cloud, unreadable state":       {`{"failed":"?",` + finished + `}`, commonFacts{finished: "2026-08-10T03:48:20Z"}},
		"cloud, unreadable time":        {`{"deliveryType":"automated","finishedAt":{}}`, commonFacts{}},
		"cloud, running": {
			`{"deliveryType":"automated","targetGroupId":"g","targetClusterName":"n","targetDeploymentItemName":"atlas-72ck1q"}`,
			commonFacts{targetProject: "g", targetCluster: "n"},
		},
		"cloud, internal name only":     {`{"deliveryType":"automated","targetDeploymentItemName":"atlas-72ck1q"}`, commonFacts{}},
		"cloud, download with target":   {`{"deliveryType":"download","targetGroupId":"g","targetClusterName":"n"}`, commonFacts{}},
		"cloud, self link":              {`{"failed":true,"links":[{},{"rel":"self","href":"https://h/api/groups/` + project + `/clusters/c"}]}`, commonFacts{project: project}},
		"cloud, group link":             {`{"failed":true,"links":[{"rel":"https://h/group","href":"https://h/api/groups/` + project + `"}]}`, commonFacts{project: project}},
		"cloud, link of another kind":   {`{"failed":true,"links":[{"rel":"https://h/snapshot","href":"https://h/api/groups/` + project + `"}]}`, commonFacts{}},
		"cloud, link to something":      {`{"failed":true,"links":[{"rel":"self","href":"https://h/api/groups/secret"}]}`, commonFacts{}},
		"flex, running with an end":     {`{"status":"RUNNING","restoreFinishedDate":"2026-08-10T03:48:20Z"}`, commonFacts{}},
		"flex, failed":                  {`{"status":"FAILED","restoreFinishedDate":"2026-08-10T03:48:20Z"}`, commonFacts{finished: "2026-08-10T03:48:20Z"}},
		"flex, download, small letters": {`{"status":"COMPLETED","deliveryType":"download","targetProjectId":"g","targetDeploymentItemName":"n"}`, commonFacts{}},
	} {
		job, err := parseJob([]byte(row.body))
		require.NoError(t, err, name)
		assert.Equal(t, row.want, factsOf(job), name)
	}
}

func TestJob_configHostID(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "h", (&Job{HostID: "h", ClusterID: "c"}).ConfigHostID())
	assert.Equal(t, "c", (&Job{ClusterID: "c"}).ConfigHostID())
	assert.Empty(t, (&Job{}).ConfigHostID())
}

func TestJobIDs(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"b", "a"}, JobIDs([]*Job{{ID: "b"}, nil, {ID: "a"}}))
	assert.NotNil(t, JobIDs(nil))
	assert.Empty(t, JobIDs(nil))
}
