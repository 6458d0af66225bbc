package restorejobs_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/restorejobstest"
)

// TestDownload_invalidArguments: every invalid argument is named before anything is sent.
func TestDownload_invalidArguments(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ids  []string
		opts restorejobs.DownloadOptions
		want []string
	}{
		"no ids":               {nil, restorejobs.DownloadOptions{}, []string{"jobIDs must not be empty"}},
		"an empty id":          {[]string{"J", ""}, restorejobs.DownloadOptions{}, []string{"jobIDs[1] must not be empty"}},
		"a path":               {[]string{"a/b", "J"}, restorejobs.DownloadOptions{}, []string{`jobIDs[0] must not contain / \ % ? or #`}},
		"a repeated id":        {[]string{"J", "K", "J"}, restorejobs.DownloadOptions{}, []string{"jobIDs[2] must not repeat jobIDs[0]"}},
		"negative concurrency": {[]string{"J"}, restorejobs.DownloadOptions{Concurrency: -1}, []string{"Concurrency must not be negative"}},
		"all of them": {[]string{"J", "J", ".."}, restorejobs.DownloadOptions{Concurrency: -1}, []string{
			"Concurrency must not be negative", "jobIDs[1] must not repeat jobIDs[0]", `jobIDs[2] must not be "." or ".."`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, dir := newArchive(t, 1000), t.TempDir()
			files, err := d.jobs(t).Download(t.Context(), c.ids, dir, c.opts)
			require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
			assert.Empty(t, files)
			assert.Zero(t, d.jobReads())
			assert.Empty(t, entries(t, dir))
		})
	}
}

func TestDownloadTo_invalidArguments(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1000)
	var w strings.Builder
	_, err := d.jobs(t).DownloadTo(t.Context(), "a/b", &w, restorejobs.DownloadOptions{Concurrency: -1})
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	require.ErrorContains(t, err, "jobID must not contain")
	require.ErrorContains(t, err, "Concurrency must not be negative")
	assert.Zero(t, d.jobReads())
}

// TestDownload_allShards downloads all jobs of one create, as Cloud Manager and Ops Manager make
// them for a sharded cluster.
func TestDownload_allShards(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer(restorejobstest.WithRestoreDuration(0), restorejobstest.WithShards(3),
		restorejobstest.WithArchiveSize(100_000), restorejobstest.WithDownloadOrigin())
	t.Cleanup(server.Close)
	scope := restorejobstest.OpsManagerCluster
	jobs := jobsOf(t, server, scope)
	created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), oneDownload)
	require.NoError(t, err)
	ids := restorejobs.JobIDs(created)
	require.Len(t, ids, 4)
	ids[0], ids[3] = ids[3], ids[0]
	dir := t.TempDir()
	done := map[string]bool{}
	files, err := jobs.Download(t.Context(), ids, dir, restorejobs.DownloadOptions{Progress: func(p restorejobs.DownloadProgress) {
		if p.Done {
			done[p.JobID] = true
		}
	}})
	require.NoError(t, err)
	require.Len(t, files, 4)
	names := map[string]bool{}
	for i, file := range files {
		assert.Equal(t, ids[i], file.JobID, "in the order of the ids")
		assert.True(t, file.Verified)
		assert.FileExists(t, file.Path)
		assert.True(t, done[file.JobID])
		names[file.Path] = true
	}
	assert.Len(t, names, 4)
	assert.Len(t, entries(t, dir), 4, "no sidecar is left")
}

// manyJobs is a handle of Atlas jobs, each with the shards s0 and s1 whose files have the same
// names in every job. Its transport works in a bubble of testing/synctest.
type manyJobs struct {
	*restorejobs.Jobs

	mu       sync.Mutex
	jobs     map[string]string                         // JSON by ID, instead of a finished job
	fetch    func(link string) (*http.Response, error) // of the file /{job}/{shard}
	requests []string                                  // for links
	gets     []string                                  // job IDs
}

func newManyJobs(t *testing.T, fetch func(link string) (*http.Response, error)) *manyJobs {
	t.Helper()
	m := &manyJobs{fetch: fetch, jobs: map[string]string{}}
	client, err := restorejobs.NewClient(restorejobs.APIKey("a", "b"), withoutRetry(), restorejobs.WithTransport(testutil.RoundTripFunc(m.roundTrip)))
	require.NoError(t, err)
	m.Jobs = client.AtlasV2.Cluster("P", "C").Jobs
	return m
}

func (m *manyJobs) roundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == "files.test" {
		link := path.Dir(r.URL.Path)
		m.mu.Lock()
		m.requests = append(m.requests, link)
		m.mu.Unlock()
		return m.fetch(link)
	}
	id := path.Base(r.URL.Path)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gets = append(m.gets, id)
	body := m.jobs[id]
	if body == "" {
		component := `{"replicaSetName":"%[2]s","downloadUrl":"https://files.test/%[1]s/%[2]s/a.tar.gz"}`
		body = fmt.Sprintf(`{"id":%q,"deliveryType":"download","components":[%s,%s]}`, id,
			fmt.Sprintf(component, id, "s0"), fmt.Sprintf(component, id, "s1"))
	}
	return newResponse(int64(len(body)), strings.NewReader(body)), nil
}

func fetchABC(string) (*http.Response, error) { return newResponse(3, strings.NewReader("abc")), nil }

// TestDownload_notReadyJob: all jobs are read, and nothing is fetched unless all are ready.
func TestDownload_notReadyJob(t *testing.T) {
	t.Parallel()
	m, dir := newManyJobs(t, fetchABC), t.TempDir()
	m.jobs["K"] = `{"id":"K","deliveryType":"download","deliveryUrl":[]}`
	m.jobs["L"] = `{"id":"L","deliveryType":"download","failed":true}`
	files, err := m.Download(t.Context(), []string{"J", "K", "L"}, dir, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, restorejobs.ErrDownloadNotReady)
	require.NotErrorIs(t, err, restorejobs.ErrJobFailed, "K is first")
	require.ErrorContains(t, err, "restorejobs: download restore job K: not ready")
	assert.Empty(t, files)
	assert.ElementsMatch(t, []string{"J", "K", "L"}, m.gets)
	assert.Empty(t, m.requests)
	assert.Empty(t, entries(t, dir))
}

// TestDownload_existingFileOfLaterJob: nothing is fetched if the file of any job exists.
func TestDownload_existingFileOfLaterJob(t *testing.T) {
	t.Parallel()
	m, dir := newManyJobs(t, fetchABC), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "3-a.tar.gz"), []byte("mine"), 0o600))
	_, err := m.Download(t.Context(), []string{"J", "K"}, dir, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, fs.ErrExist)
	require.ErrorContains(t, err, "3-a.tar.gz")
	assert.Empty(t, m.requests)
	assertOnly(t, dir, "3-a.tar.gz", []byte("mine"))
}

// TestDownload_concurrencyOverAllJobs: the limit counts the files of all jobs, and calls of
// Progress never overlap.
func TestDownload_concurrencyOverAllJobs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		concurrency int
		want        int
		rounds      int
	}{{0, 2, 4}, {1, 1, 8}, {4, 4, 2}, {100, 8, 1}} {
		t.Run(strconv.Itoa(c.concurrency), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				running, most, reporting := 0, 0, 0
				m := newManyJobs(t, func(string) (*http.Response, error) {
					mu.Lock()
					running++
					most = max(most, running)
					mu.Unlock()
					time.Sleep(time.Second)
					mu.Lock()
					running--
					mu.Unlock()
					return fetchABC("")
				})
				dir := t.TempDir()
				start := time.Now()
				files, err := m.Download(t.Context(), []string{"J", "K", "L", "M"}, dir, restorejobs.DownloadOptions{
					Concurrency: c.concurrency,
					Progress: func(restorejobs.DownloadProgress) {
						reporting++
						assert.Equal(t, 1, reporting)
						time.Sleep(time.Millisecond)
						reporting--
					},
				})
				require.NoError(t, err)
				assert.Equal(t, c.want, most)
				assert.Equal(t, time.Duration(c.rounds), time.Since(start)/time.Second)
				var order, names []string
				for _, file := range files {
					order = append(order, file.JobID+" "+file.ReplicaSet)
					names = append(names, filepath.Base(file.Path))
				}
				assert.Equal(t, []string{"J s0", "J s1", "K s0", "K s1", "L s0", "L s1", "M s0", "M s1"}, order)
				assert.Equal(t, []string{
					"s0-a.tar.gz", "s1-a.tar.gz", "2-a.tar.gz", "3-a.tar.gz", "4-a.tar.gz", "5-a.tar.gz", "6-a.tar.gz", "7-a.tar.gz",
				}, names)
				assert.Len(t, entries(t, dir), 8)
			})
		})
	}
}

// TestDownload_errorOfOneJob: the first error ends the others. A second call fetches only the
// missing files: the sidecars stay until the files of all jobs are in place.
func TestDownload_errorOfOneJob(t *testing.T) {
	t.Parallel()
	m, dir := newManyJobs(t, nil), t.TempDir()
	broken := errors.New("broken")
	m.fetch = func(link string) (*http.Response, error) {
		if link == "/K/s1" {
			return nil, broken
		}
		return fetchABC(link)
	}
	ids := []string{"J", "K", "L"}
	files, err := m.Download(t.Context(), ids, dir, restorejobs.DownloadOptions{Concurrency: 1})
	require.ErrorIs(t, err, broken)
	assert.Len(t, files, 3)
	assert.Equal(t, []string{"/J/s0", "/J/s1", "/K/s0", "/K/s1"}, m.requests)

	m.fetch, m.requests = fetchABC, nil
	files, err = m.Download(t.Context(), ids, dir, restorejobs.DownloadOptions{Concurrency: 1})
	require.NoError(t, err)
	assert.Equal(t, []string{"/K/s1", "/L/s0", "/L/s1"}, m.requests)
	require.Len(t, files, 6)
	for i, file := range files {
		assert.Equal(t, ids[i/2], file.JobID)
	}
	assert.Len(t, entries(t, dir), 6, "no sidecar is left")
}

// TestDownload_unreadableJob: an error of reading any job is returned, and nothing is fetched.
func TestDownload_unreadableJob(t *testing.T) {
	t.Parallel()
	m, dir := newManyJobs(t, fetchABC), t.TempDir()
	m.jobs["K"] = `{"id":"other","deliveryType":"download"}`
	_, err := m.Download(t.Context(), []string{"J", "K"}, dir, restorejobs.DownloadOptions{})
	require.Error(t, err)
	assert.Empty(t, m.requests)
	assert.Empty(t, entries(t, dir))
}
