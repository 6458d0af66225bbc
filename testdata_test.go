package restorejobs

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

// bodyFile reads one file of testdata.
func bodyFile(tb testing.TB, name string) []byte {
	tb.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	require.NoError(tb, err)
	return body
}

// bodyFiles lists the JSON files of testdata.
func bodyFiles(tb testing.TB) []string {
	tb.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS("testdata"), ".", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".json") {
			names = append(names, name)
		}
		return err
	})
	require.NoError(tb, err)
	require.NotEmpty(tb, names)
	return names
}

// jsonValue reads a document with its numbers as they are written.
func jsonValue(tb testing.TB, document []byte) any {
	tb.Helper()
	var value any
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	require.NoError(tb, decoder.Decode(&value), "%s", document)
	return value
}

// oddValues are values of every kind, of which a field expects at most one.
var oddValues = []string{
	`true`, `0`, `-1.5e300`, `"x"`, `""`, `[]`, `[[]]`, `[null]`, `[{}]`, `[1,"x",{"id":"no"}]`, `{}`, `{"id":"no"}`,
	`{"a":{"b":[{"c":null}]}}`, `{"date":[],"increment":{}}`, `"\u0000\ud800"`, strings.Repeat("[", 500) + strings.Repeat("]", 500),
}

func TestTestdata_everyBodyNamesItsSource(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join("testdata", "README.md"))
	require.NoError(t, err)
	var named []string
	for _, line := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (.*) \\| (.*) \\|$").FindAllStringSubmatch(string(readme), -1) {
		named = append(named, line[1])
		assert.Regexp(t, `seed [0-4],|facts (D-)?[0-9]|https?://\S+.*20[0-9]{2}`, line[2], "%s: no source", line[1])
		assert.NotEmpty(t, line[3], "%s: not said what was changed", line[1])
	}
	slices.Sort(named)
	files := bodyFiles(t)
	slices.Sort(files)
	assert.Equal(t, files, named, "files of testdata, and lines of its README")
}

func TestTestdata_everyBodyIsUsed(t *testing.T) {
	t.Parallel()
	used := slices.Concat(slices.Collect(maps.Keys(jobFiles)), slices.Collect(maps.Keys(pageFiles)),
		slices.Collect(maps.Keys(requestFiles)), slices.Collect(maps.Keys(rangeFiles)), slices.Collect(maps.Keys(errorFiles)),
		slices.Collect(maps.Keys(snapshotFiles)))
	slices.Sort(used)
	files := slices.DeleteFunc(bodyFiles(t), func(name string) bool { return path.Dir(name) == "envelopes" })
	slices.Sort(files)
	assert.Equal(t, files, used, "a body that no table names is not compared with its source")
}

// jobFiles are the bodies that are one job, and how each job is.
var jobFiles = map[string]struct {
	generation jobFormat
	state      State
	downloads  int
}{
	"classic/cloudmanager_job.json":         {classic, StateExpired, 0},
	"classic/opsmanager_host_job.json":      {classic, StateFinished, 1},
	"classic/created_host_job.json":         {classic, StateRunning, 0},
	"classic/opsmanager_downloaded.json":    {classic, StateExpired, 0},
	"classic/cloudmanager_automated.json":   {classic, StateFinished, 0},
	"classic/atlas_legacy_job.json":         {classic, StateFinished, 0},
	"mms/job_entity.json":                   {classic, StateFinished, 1},
	"mms/job.json":                          {classic, StateFinished, 1},
	"cloud/atlasv1_job.json":                {cloud, StateRunning, 0},
	"cloud/atlasv2_job.json":                {cloud, StateFailed, 0},
	"cloud/atlasv2_download_ready.json":     {cloud, StateFinished, 1},
	"cloud/atlasv2_automated_finished.json": {cloud, StateFinished, 0},
	"cloud/atlasv2_sharded_download.json":   {cloud, StateRunning, 0},
	"flex/created.json":                     {flex, StateRunning, 0},
	"flex/completed.json":                   {flex, StateFinished, 0},
	"flex/download.json":                    {flex, StateFinished, 1},
}

// unknownFields are the members of bodies that the model deliberately does not have.
var unknownFields = map[string][]string{
	"cloud/atlasv2_download_ready.json":     {"desiredTimestamp.time"},
	"cloud/atlasv2_automated_finished.json": {"desiredTimestamp.time"},
}

func TestTestdata_jobsLoseNothing(t *testing.T) {
	t.Parallel()
	for name, want := range jobFiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := bodyFile(t, name)
			job, err := decodeJob(body)
			require.NoError(t, err)
			assertKeepsAll(t, body, job, unknownFields[name])
			assert.Equal(t, want.generation, job.format())
			assert.Equal(t, want.state, job.State())
			assert.Len(t, job.DownloadLinks(), want.downloads)
		})
	}
}

// assertKeepsAll compares a job with its source, key by key: in the typed fields, and as
// it marshals.
func assertKeepsAll(t *testing.T, body []byte, job *Job, unknown []string) {
	t.Helper()
	stored, err := json.Marshal(job)
	require.NoError(t, err)
	assert.Equal(t, jsonValue(t, body), jsonValue(t, stored), "what is stored is what came")
	assert.Equal(t, string(bytes.TrimSpace(body)), string(job.RawJSON()), "the server's own bytes")

	byHand := *job
	byHand.raw = "" // nothing but the typed fields
	typed, err := json.Marshal(byHand)
	require.NoError(t, err)
	c := comparison{t: t, unknown: unknown, met: map[string]bool{}}
	c.object("", jsonValue(t, body), jsonValue(t, typed), reflect.TypeFor[Job]())
	for _, field := range unknown {
		assert.True(t, c.met[field], "%s is not in the body, or is known by now", field)
	}
}

// comparison walks a source and what the typed fields give back, side by side.
type comparison struct {
	t       *testing.T
	unknown []string
	met     map[string]bool
}

func (c *comparison) object(at string, source, typed any, model reflect.Type) {
	c.t.Helper()
	fields := taggedFields(model)
	from, ok := source.(map[string]any)
	require.True(c.t, ok, "%s: %v", at, source)
	to, ok := typed.(map[string]any)
	require.True(c.t, ok, "%s: %v", at, typed)
	for key, value := range from {
		here := strings.TrimPrefix(at+"."+key, ".")
		field, known := fields[key]
		if !known {
			assert.Contains(c.t, c.unknown, here, "a member that is neither in the model nor listed as unknown")
			c.met[here] = true
			continue
		}
		c.value(here, value, to[key], field.Type)
	}
	for key := range to {
		assert.Contains(c.t, from, key, "%s: %s was made up", at, key)
	}
}

func (c *comparison) value(at string, source, typed any, model reflect.Type) {
	c.t.Helper()
	switch value := source.(type) {
	case map[string]any:
		if typed == nil { // nothing but nulls is nothing
			for key, member := range value {
				assert.Nil(c.t, member, "%s.%s is lost", at, key)
				c.met[at+"."+key] = true
			}
			return
		}
		c.object(at, source, typed, model)
	case []any:
		list, ok := typed.([]any)
		require.True(c.t, ok, "%s is lost: %v", at, typed)
		require.Len(c.t, list, len(value), at)
		for i := range value {
			c.value(at, value[i], list[i], model.Elem())
		}
	case nil:
		assert.Empty(c.t, typed, at)
	default:
		if source == false || source == json.Number("0") || source == "" {
			assert.Nil(c.t, typed, "%s: a zero is not written", at)
			return
		}
		assert.Equal(c.t, source, typed, at)
	}
}

// taggedFields are the fields of a part of the model by their names in JSON.
func taggedFields(model reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for _, field := range reflect.VisibleFields(model) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
			fields[name] = field
		}
	}
	return fields
}

// pageFiles are the bodies that are a list, and what the wrapper says.
var pageFiles = map[string]struct {
	jobs, total int
	next        bool
	states      []State
}{
	"classic/created_sharded.json":       {3, 3, false, []State{StateRunning, StateRunning, StateRunning}},
	"classic/host_list.json":             {1, 1, false, []State{StateFailed}},
	"mms/list.json":                      {2, 2, false, []State{StateFinished, StateFinished}},
	"mms/created_snapshot.json":          {1, 1, false, []State{StateRunning}},
	"mms/created_timestamp.json":         {1, 1, false, []State{StateRunning}},
	"cloud/atlasv1_serverless_list.json": {1, 1, false, []State{StateRunning}},
	"flex/list.json":                     {2, 2160, true, []State{StateRunning, StateFailed}},
}

func TestTestdata_pagesLoseNothing(t *testing.T) {
	t.Parallel()
	for name, want := range pageFiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := bodyFile(t, name)
			var source struct{ Results []json.RawMessage }
			require.NoError(t, json.Unmarshal(body, &source))

			page, err := decodePage(body, defaultMaxBody, new(jobReader).read)
			require.NoError(t, err)
			assert.Equal(t, want.total, page.total)
			assert.Equal(t, want.next, page.hasNext)
			require.Len(t, page.items, want.jobs)
			require.Len(t, source.Results, want.jobs)
			for i, job := range page.items {
				assertKeepsAll(t, source.Results[i], job, nil)
				assert.Equal(t, want.states[i], job.State())
			}

			created, err := decodeCreateResponse(body, defaultMaxBody)
			require.NoError(t, err)
			assert.Equal(t, page.items, created, "the same as the answer to a create")
		})
	}
}

// rangeFiles are the bodies that are restorable time ranges.
var rangeFiles = map[string]TimeRange{
	"classic/time_ranges.json": {SnapshotID: "53bd439ae4b0774946a16490"},
	"classic/time_ranges_sharded.json": {
		SnapshotID: "53bd439ae4b0774946a16490", ShardCount: 2, ConfigServerType: "REPLICA_SET",
	},
}

func TestTestdata_timeRangesLoseNothing(t *testing.T) {
	t.Parallel()
	for name, want := range rangeFiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want.Start = Timestamp{Date: time.Date(2018, 9, 9, 20, 11, 28, 0, time.UTC), Increment: 1}
			want.End = Timestamp{Date: time.Date(2018, 9, 10, 20, 11, 28, 0, time.UTC), Increment: 4}
			client := clientWithoutRetries(t, testutil.Always(200, string(bodyFile(t, name))))
			ranges, err := client.CloudManager.Cluster("p", "c").Jobs.RestorableTimeRanges(t.Context())
			require.NoError(t, err)
			assert.Equal(t, []TimeRange{want}, ranges)
		})
	}
}

// requestFiles are the request bodies of every generation and what makes them.
var requestFiles = map[string]struct {
	scope *endpoint
	point RestorePoint
	to    Destination
}{
	"requests/mms_snapshot.json":  {mmsCluster, FromSnapshot("53bd439ae4b0774946a16490"), ToDownload()},
	"requests/mms_timestamp.json": {mmsCluster, FromPointInTime(time.Date(2014, 7, 9, 9, 20, 0, 0, time.UTC)), ToDownload()},
	"requests/classic_download_hours.json": {
		cloudManagerCluster, FromSnapshot("SNAPSHOT_ID"), ToDownloadWith(DownloadLinkOptions{ExpirationHours: 1, MaxDownloads: 1}),
	},
	"requests/classic_download_expires.json": {
		cloudManagerCluster, FromSnapshot("SNAPSHOT_ID"),
		ToDownloadWith(DownloadLinkOptions{Expires: time.Date(2017, 4, 21, 4, 49, 57, 0, time.UTC)}),
	},
	"requests/classic_automated_snapshot.json": {
		opsManagerCluster, FromSnapshot("SNAPSHOT_ID"), ToCluster("GROUP_ID", "CLUSTER_ID"),
	},
	"requests/classic_automated_time.json": {
		opsManagerCluster, FromPointInTime(time.UnixMilli(1536610288000)), ToCluster("GROUP_ID", "CLUSTER_ID"),
	},
	"requests/classic_automated_oplog.json": {
		cloudManagerCluster, FromOplog(Timestamp{time.Unix(1536610288, 0), 1}), ToCluster("GROUP_ID", "CLUSTER_ID"),
	},
	"requests/classic_automated_checkpoint.json": {
		cloudManagerCluster, FromCheckpoint("CHECKPOINT_ID"), ToCluster("GROUP_ID", "CLUSTER_ID"),
	},
	"requests/classic_host_download.json": {opsManagerHost, FromSnapshot("SNAPSHOT_ID"), ToDownload()},
	"requests/legacy_download.json": {
		atlasV2LegacyCluster, FromSnapshot("32b6e34b3d91647abb20e7b8"), ToDownload(),
	},
	"requests/legacy_automated_time.json": {
		atlasV1LegacyCluster, FromPointInTime(time.UnixMilli(1536610288000)), ToCluster("32b6e34b3d91647abb20e7b8", "Cluster0"),
	},
	"requests/legacy_automated_oplog.json": {
		atlasV2LegacyCluster, FromOplog(Timestamp{time.Unix(1536610288, 0), 1}), ToCluster("32b6e34b3d91647abb20e7b8", "Cluster0"),
	},
	"requests/cloud_automated.json": {atlasV2Cluster, FromSnapshot("SNAPSHOT_ID"), ToCluster("GROUP_ID", "myDemo2")},
	"requests/cloud_download.json":  {atlasV1Cluster, FromSnapshot("SNAPSHOT_ID"), ToDownload()},
	"requests/cloud_time.json": {
		atlasV2Cluster, FromPointInTime(time.Unix(1588523147, 0)), ToCluster("GROUP_ID", "myDemo2"),
	},
	"requests/cloud_oplog.json": {
		atlasV1Cluster, FromOplog(Timestamp{time.Unix(1583753751, 0), 1}), ToCluster("GROUP_ID", "myDemo2"),
	},
	"requests/serverless_automated.json": {
		atlasV2Serverless, FromSnapshot("SNAPSHOT_ID"), ToCluster("GROUP_ID", "MyOtherCluster"),
	},
	"requests/flex.json":       {atlasV2Flex, FromSnapshot("SNAPSHOT_ID"), ToCluster("GROUP_ID", "cluster-833")},
	"requests/collection.json": {}, // of an API that has no scope: see TestDo_bodyIsUnchanged
}

func TestTestdata_requestsAsDocumented(t *testing.T) {
	t.Parallel()
	for name, c := range requestFiles {
		if c.scope == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Now()
			if !c.to.link.Expires.IsZero() { // the document's end of a link has long passed
				now = c.to.link.Expires.Add(-time.Hour)
			}
			req := c.scope.newCreateRequest("PROJECT", "CLUSTER", c.point, c.to)
			req.now = now
			body, err := req.encode()
			require.NoError(t, err)
			assert.JSONEq(t, string(bodyFile(t, name)), string(body))
		})
	}
}

func TestDo_bodyIsUnchanged(t *testing.T) {
	t.Parallel()
	want := bodyFile(t, "requests/collection.json")
	var got []byte
	client := clientWithoutRetries(t, func(r *http.Request) (*http.Response, error) {
		got, _ = io.ReadAll(r.Body)
		return testutil.Always(201, `{"id":"1","state":"INITIALIZING"}`)(r)
	})
	var job struct{ ID, State string }
	err := client.Do(t.Context(), "POST", "/api/atlas/v2/groups/g/clusters/c/collectionRestoreJobs", json.RawMessage(want), &job)
	require.NoError(t, err)
	assert.JSONEq(t, string(want), string(got))
	assert.Equal(t, "INITIALIZING", job.State)
}
