package restorejobs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

// The tests run on a virtual clock, which fails a test that does not end its goroutines.

// A restore takes hours, and nothing but the context ends the wait.
func TestWait_hours(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		done := time.Now().Add(5 * time.Hour)
		s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) {
			if time.Now().Before(done) {
				return testutil.JSON(http.StatusOK, cloudRunning), nil
			}
			return testutil.JSON(http.StatusOK, cloudFinished), nil
		})
		start := time.Now()
		jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
		require.NoError(t, err)
		require.Len(t, jobs, 1)
		assert.Equal(t, restorejobs.StateFinished, jobs[0].State())
		assert.GreaterOrEqual(t, time.Since(start), 5*time.Hour)
		assert.LessOrEqual(t, time.Since(start), 5*time.Hour+time.Minute, "noticed within one interval")
	})
}

// The command line of 2022 printed "Restore completed." for all of these and exited with 0.
func TestWait_failedJob(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want error
	}{
		"cloud failed":      {`{"id":"a","deliveryType":"automated","failed":true,"finishedAt":"2026-08-10T03:44:52Z"}`, restorejobs.ErrJobFailed},
		"cloud cancelled":   {`{"id":"a","deliveryType":"download","cancelled":true}`, restorejobs.ErrJobCancelled},
		"cloud expired":     {`{"id":"a","deliveryType":"download","expired":true}`, restorejobs.ErrJobExpired},
		"classic broken":    {`{"id":"a","statusName":"BROKEN"}`, restorejobs.ErrJobFailed},
		"classic killed":    {`{"id":"a","statusName":"KILLED"}`, restorejobs.ErrJobCancelled},
		"delivery failed":   {`{"id":"a","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"FAILED"}}`, restorejobs.ErrJobFailed},
		"delivery expired":  {`{"id":"a","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"EXPIRED"}}`, restorejobs.ErrJobExpired},
		"downloads used up": {`{"id":"a","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"MAX_DOWNLOADS_EXCEEDED"}}`, restorejobs.ErrDownloadsExhausted},
		"flex failed":       {`{"id":"a","status":"FAILED","deliveryType":"RESTORE"}`, restorejobs.ErrJobFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScriptedAPI(bodies(test.body))
				jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
				require.ErrorIs(t, err, test.want)
				e := waitError(t, err)
				require.Len(t, e.Failed, 1)
				assert.Equal(t, "a", e.Failed[0].ID)
				assert.Same(t, jobs[0], e.Failed[0], "the last job comes back with the error")
				assert.Equal(t, 1, e.Polls)
				assert.Empty(t, e.PendingIDs)
				require.NoError(t, e.Err)
				assert.Equal(t, "restorejobs: wait: 1 job ended badly: a "+string(jobs[0].State())+" (1 poll in 0s)", err.Error())
				for _, other := range []error{
					restorejobs.ErrJobFailed, restorejobs.ErrJobCancelled, restorejobs.ErrJobExpired,
					restorejobs.ErrLinkExpired, restorejobs.ErrDownloadsExhausted, restorejobs.ErrDownloadNotReady,
				} {
					assert.Equal(t, errors.Is(test.want, other), errors.Is(err, other), other)
				}
			})
		})
	}
}

// A watcher reported "restore expired" for a job that had finished and whose link was old.
func TestWait_finishedWithExpiredLink(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(bodies(`{"id":"a","deliveryType":"automated","expired":true,"finishedAt":"2026-08-10T03:44:52Z"}`))
		_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
		require.NoError(t, err)
	})
}

// A watcher dereferenced the absent flag of an old job.
func TestWait_absentFlags(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(bodies(`{"id":"a","deliveryType":"automated"}`, `{"id":"a","deliveryType":"automated","finishedAt":"2026-08-10T03:44:52Z"}`))
		_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
		require.NoError(t, err)
	})
}

// A download has no finishedAt when it is ready; loops that wait for one never end.
func TestWait_downloadWithoutFinishedAt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(bodies(
			`{"id":"a","deliveryType":"download","deliveryUrl":[]}`,
			`{"id":"a","deliveryType":"download","deliveryUrl":["https://d.example.net/k/a.tar.gz"]}`,
		))
		jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
		require.NoError(t, err)
		assert.Len(t, jobs[0].DownloadLinks(), 1)
		assert.Len(t, s.requests(), 2)
	})
}

// A sharded download is done when every shard has its link.
func TestWait_everyComponentHasALink(t *testing.T) {
	t.Parallel()
	for _, goal := range []restorejobs.WaitGoal{restorejobs.UntilFinished, restorejobs.UntilDownloadable} {
		t.Run(fmt.Sprint(goal), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const job = `{"id":"a","deliveryType":"download","components":[{"replicaSetName":"s0","downloadUrl":"https://d.example.net/s0"},{"replicaSetName":"s1","downloadUrl":%s}]}`
				s := newScriptedAPI(bodies(fmt.Sprintf(job, "null"), fmt.Sprintf(job, `"https://d.example.net/s1"`)))
				jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{Goal: goal})
				require.NoError(t, err)
				assert.Len(t, jobs[0].DownloadLinks(), 2)
			})
		})
	}
}

// A restore script counted BROKEN and KILLED shards as finished and began to download.
func TestWait_failedShards(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		status := map[string]string{"a": "FINISHED", "b": "BROKEN", "c": "KILLED", "d": "IN_PROGRESS"}
		end := time.Now().Add(20 * time.Minute)
		l := &jobList{ids: []string{"a", "b", "c", "d"}}
		l.body = func(id string) string {
			if id == "d" && time.Now().After(end) {
				return managerJob(id, "batch", "FINISHED")
			}
			return managerJob(id, "batch", status[id])
		}
		s := newScriptedAPI(l.handle)
		start := time.Now()
		jobs, err := s.manager(t).Wait(t.Context(), l.ids, restorejobs.WaitOptions{})
		require.ErrorIs(t, err, restorejobs.ErrJobFailed)
		require.ErrorIs(t, err, restorejobs.ErrJobCancelled)
		assert.Greater(t, time.Since(start), 20*time.Minute, "the good ones are waited for")
		assert.Equal(t, l.ids, restorejobs.JobIDs(jobs))
		assert.Equal(t, []string{"b", "c"}, restorejobs.JobIDs(waitError(t, err).Failed))
		assert.Contains(t, err.Error(), "2 jobs ended badly: b failed, c cancelled (")
	})
}

func TestWait_failFast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: []string{"a", "b", "c"}, body: func(id string) string {
			return managerJob(id, "", map[string]string{"a": "IN_PROGRESS", "b": "BROKEN", "c": "FINISHED"}[id])
		}}
		s := newScriptedAPI(l.handle)
		jobs, err := s.manager(t).Wait(t.Context(), l.ids, restorejobs.WaitOptions{FailFast: true})
		require.ErrorIs(t, err, restorejobs.ErrJobFailed)
		e := waitError(t, err)
		assert.Equal(t, []string{"b"}, restorejobs.JobIDs(e.Failed))
		assert.Equal(t, []string{"a"}, e.PendingIDs)
		assert.Equal(t, jobs[:1], e.PendingJobs)
		assert.Equal(t, restorejobs.StateRunning, jobs[0].State())
		assert.Equal(t, "restorejobs: wait: 1 job ended badly: b failed; 1 job pending: a (1 poll in 0s)", err.Error())
	})
}

// An unknown status is neither success nor failure.
func TestWait_unknownStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(bodies(`{"id":"a","status":"CLOSED"}`, `{"id":"a","status":"RUNNING"}`, `{"id":"a","status":"completed"}`))
		var states []restorejobs.State
		_, err := s.client(t).AtlasV2.Flex("p", "c").Jobs.Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
			OnUpdate: func(u restorejobs.WaitUpdate) error { states = append(states, u.State); return nil },
		})
		require.NoError(t, err)
		assert.Equal(t, []restorejobs.State{restorejobs.StateUnknown, restorejobs.StateRunning, restorejobs.StateFinished}, states)
	})
}

// A change from one unknown status to another is reported.
func TestWait_unknownStatusChanges(t *testing.T) {
	t.Parallel()
	for name, responses := range map[string][3]string{
		"flex":             {`{"id":"a","status":"FOO"}`, `{"id":"a","status":"BAR"}`, `{"id":"a","status":"completed"}`},
		"classic":          {`{"id":"a","statusName":"FOO"}`, `{"id":"a","statusName":"BAR"}`, `{"id":"a","statusName":"FINISHED"}`},
		"classic delivery": {delivered("FOO"), delivered("BAR"), delivered("READY")},
		"cloud":            {`{"id":"a","deliveryType":"foo"}`, `{"id":"a","deliveryType":"bar"}`, cloudFinished},
		"out of nothing":   {`{"id":"a"}`, `{"id":"a","status":"FOO"}`, `{"id":"a","status":"completed"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScriptedAPI(bodies(responses[0], responses[0], responses[1], responses[1], responses[2]))
				var updates []string
				_, err := s.client(t).AtlasV2.Flex("p", "c").Jobs.Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
					OnUpdate: func(u restorejobs.WaitUpdate) error {
						updates = append(updates, fmt.Sprintf("%d %s>%s", u.Polls, u.Previous, u.State))
						return nil
					},
				})
				require.NoError(t, err)
				assert.Equal(t, []string{"1 >unknown", "3 unknown>unknown", "5 unknown>finished"}, updates)
			})
		})
	}
}

// delivered is a classic download with a link and this delivery.statusName.
func delivered(status string) string {
	return fmt.Sprintf(`{"id":"a","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":%q,"url":"https://d.example.net/a"}}`, status)
}

func TestWait_untilDownloadable(t *testing.T) {
	t.Parallel()
	const ready = `{"id":"a","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY"%s}}`
	for name, test := range map[string]struct {
		bodies []string
		want   error
	}{
		"classic, the link comes later": {[]string{fmt.Sprintf(ready, ""), fmt.Sprintf(ready, `,"url":"https://d.example.net/a.tar.gz"`)}, nil},
		"flex":                          {[]string{`{"id":"a","status":"COMPLETED","deliveryType":"DOWNLOAD"}`, `{"id":"a","status":"COMPLETED","deliveryType":"DOWNLOAD","snapshotUrl":"https://d.example.net/a"}`}, nil},
		"automated":                     {[]string{cloudRunning}, errors.ErrUnsupported},
		"point in time":                 {[]string{`{"id":"a","deliveryType":"pointInTime"}`}, errors.ErrUnsupported},
		"classic automated":             {[]string{managerJob("a", "", "IN_PROGRESS")}, errors.ErrUnsupported},
		"queryable":                     {[]string{`{"id":"a","statusName":"IN_PROGRESS","delivery":{"methodName":"QUERY"}}`}, errors.ErrUnsupported},
		"flex restore":                  {[]string{`{"id":"a","status":"PENDING","deliveryType":"RESTORE"}`}, errors.ErrUnsupported},
		"failed before":                 {[]string{`{"id":"a","deliveryType":"download","failed":true}`}, restorejobs.ErrJobFailed},
		"finished, links gone":          {[]string{`{"id":"a","deliveryType":"download","expired":true,"finishedAt":"1999-08-10T03:44:52Z"}`}, restorejobs.ErrLinkExpired},
		"finished, links past":          {[]string{`{"id":"a","deliveryType":"download","finishedAt":"1999-08-10T03:44:52Z","expiresAt":"1999-08-10T04:44:52Z"}`}, restorejobs.ErrLinkExpired},
		"sharded, a link used":          {[]string{`{"id":"a","deliveryType":"download","deliveryUrl":[],"expiresAt":"2000-01-01T01:00:00Z","components":[{"replicaSetName":"s0","downloadUrl":null},{"replicaSetName":"s1","downloadUrl":"https://d.example.net/s1"}]}`}, restorejobs.ErrDownloadsExhausted},
		"sharded, all links used":       {[]string{`{"id":"a","deliveryType":"download","deliveryUrl":[],"expiresAt":"2000-01-01T01:00:00Z","components":[{"replicaSetName":"s0","downloadUrl":null}]}`}, restorejobs.ErrDownloadsExhausted},
		"sharded, finished, link used":  {[]string{`{"id":"a","deliveryType":"download","finishedAt":"1999-08-10T03:44:52Z","components":[{"replicaSetName":"s0","downloadUrl":null}]}`}, restorejobs.ErrDownloadsExhausted},
		"cloud, link used":              {[]string{`{"id":"a","deliveryType":"download","deliveryUrl":[],"expiresAt":"2000-01-01T01:00:00Z"}`}, restorejobs.ErrDownloadsExhausted},
		"cloud, one link of two used":   {[]string{`{"id":"a","deliveryType":"download","deliveryUrl":["https://d.example.net/a",null],"expiresAt":"2000-01-01T01:00:00Z"}`}, restorejobs.ErrDownloadsExhausted},
		"cloud, finished without link":  {[]string{`{"id":"a","deliveryType":"download","deliveryUrl":[],"finishedAt":"1999-08-10T03:44:52Z"}`}, restorejobs.ErrDownloadsExhausted},
		"cloud, unknown kind":           {[]string{`{"id":"a","deliveryType":"pigeon","deliveryUrl":["https://d.example.net/a"],"finishedAt":"1999-08-10T03:44:52Z"}`}, errors.ErrUnsupported},
		"classic, used up":              {[]string{delivered("MAX_DOWNLOADS_EXCEEDED")}, restorejobs.ErrDownloadsExhausted},
		"flex, link past":               {[]string{`{"id":"a","status":"COMPLETED","deliveryType":"DOWNLOAD","expirationDate":"1999-08-10T04:44:52Z"}`}, restorejobs.ErrLinkExpired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScriptedAPI(bodies(test.bodies...))
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour) // of a wait that would never end
				defer cancel()
				jobs, err := s.cluster(t).Wait(ctx, []string{"a"}, restorejobs.WaitOptions{Goal: restorejobs.UntilDownloadable})
				assert.Len(t, s.requests(), len(test.bodies))
				if test.want == nil {
					require.NoError(t, err)
					assert.NotEmpty(t, jobs[0].DownloadLinks())
					return
				}
				require.ErrorIs(t, err, test.want)
				assert.Equal(t, []string{"a"}, restorejobs.JobIDs(waitError(t, err).Failed))
				isUsedUp := errors.Is(err, restorejobs.ErrDownloadsExhausted)
				assert.Equal(t, test.want == restorejobs.ErrDownloadsExhausted, isUsedUp) //nolint:errorlint // the sentinel of the case
				if isUsedUp {
					assert.NotErrorIs(t, err, restorejobs.ErrLinkExpired)
					assert.NotErrorIs(t, err, restorejobs.ErrJobExpired, "its other links still work")
				}
				if errors.Is(err, restorejobs.ErrLinkExpired) {
					assert.NotErrorIs(t, err, restorejobs.ErrJobExpired)
					assert.EqualError(t, err, "restorejobs: wait: 1 job ended badly: a finished, its links have expired (1 poll in 0s)")
				}
			})
		})
	}
	t.Run("one job of several has no file", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := &jobList{ids: []string{"a", "b"}, body: func(id string) string {
				if id == "a" {
					return `{"id":"a","deliveryType":"download","deliveryUrl":[]}`
				}
				return `{"id":"b","deliveryType":"automated"}`
			}}
			_, err := newScriptedAPI(l.handle).cluster(t).Wait(t.Context(), l.ids, restorejobs.WaitOptions{Goal: restorejobs.UntilDownloadable, FailFast: true})
			require.ErrorIs(t, err, errors.ErrUnsupported, "FailFast does not wait for the others")
			assert.EqualError(t, err, "restorejobs: wait: 1 job ended badly: b running, will never have a file: "+
				"it is not a download, wait UntilFinished; 1 job pending: a (1 poll in 0s)")
		})
	})
}

// waitInProcess waits up to an hour, on a clock that stands still, for jobs with these
// documents.
func waitInProcess(t *testing.T, scope restorejobstest.Scope, opts restorejobs.WaitOptions, after func(*restorejobstest.Server, []string), documents ...string) ([]*restorejobs.Job, error) {
	t.Helper()
	server := restorejobstest.NewServer(restorejobstest.InProcess())
	defer server.Close()
	var ids []string
	for _, document := range documents {
		ids = append(ids, server.AddJob(scope, document))
	}
	if after != nil {
		after(server, ids)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	return jobsOf(t, server, scope).Wait(ctx, ids, opts)
}

// A download is not done while its link is missing, whatever its status.
func TestWait_downloadWithoutLink(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		scope restorejobstest.Scope
		job   string
		done  bool
	}{
		"flex without":                     {restorejobstest.AtlasV2Flex, `{"id":"6a793f812c88faeba59bcaaa","status":"COMPLETED","deliveryType":"DOWNLOAD"}`, false},
		"flex with":                        {restorejobstest.AtlasV2Flex, `{"id":"6a793f812c88faeba59bcaaa","status":"COMPLETED","deliveryType":"DOWNLOAD","snapshotUrl":"https://h/a.tgz"}`, true},
		"flex restore":                     {restorejobstest.AtlasV2Flex, `{"id":"6a793f812c88faeba59bcaaa","status":"COMPLETED","deliveryType":"RESTORE"}`, true},
		"flex without, in small letters":   {restorejobstest.AtlasV2Flex, `{"id":"6a793f812c88faeba59bcaaa","status":"completed","deliveryType":"download","snapshotUrl":null}`, false},
		"classic without":                  {restorejobstest.OpsManagerCluster, `{"id":"5ba5e000000000000000aaaa","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY"}}`, false},
		"classic with":                     {restorejobstest.OpsManagerCluster, `{"id":"5ba5e000000000000000aaaa","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":"https://h/a.tgz"}}`, true},
		"classic, a null":                  {restorejobstest.OpsManagerCluster, `{"id":"5ba5e000000000000000aaaa","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":null,"urlV2":null}}`, false},
		"classic, without a status":        {restorejobstest.OpsManagerCluster, `{"id":"5ba5e000000000000000aaaa","statusName":"FINISHED","delivery":{"methodName":"HTTP"}}`, false},
		"classic, by a client":             {restorejobstest.OpsManagerCluster, `{"id":"5ba5e000000000000000aaaa","statusName":"FINISHED","delivery":{"methodName":"CLIENT_PIT_HTTP","url":""}}`, false},
		"classic, with, without a status":  {restorejobstest.OpsManagerCluster, `{"id":"5ba5e000000000000000aaaa","statusName":"FINISHED","delivery":{"methodName":"HTTP","urlV2":"https://h/a.tgz"}}`, true},
		"cloud, private":                   {restorejobstest.AtlasV2Cluster, cloudDownload(`"privateDownloadDeliveryUrls":[null,{"endpointId":"vpce-1","deliveryUrl":"https://p/a.tgz"}]`), true},
		"cloud, private, a null":           {restorejobstest.AtlasV2Cluster, cloudDownload(`"privateDownloadDeliveryUrls":[null]`), false},
		"cloud, private without link":      {restorejobstest.AtlasV2Cluster, cloudDownload(`"privateDownloadDeliveryUrls":[{"endpointId":"vpce-1","deliveryUrl":null}]`), false},
		"components, private":              {restorejobstest.AtlasV2Cluster, cloudDownload(`"components":[{"privateDownloadDeliveryUrls":[null,{"deliveryUrl":"https://p/a.tgz"}]}]`), true},
		"components, private, a null":      {restorejobstest.AtlasV2Cluster, cloudDownload(`"components":[{"downloadUrl":null,"privateDownloadDeliveryUrls":[null]}]`), false},
		"components, private without link": {restorejobstest.AtlasV2Cluster, cloudDownload(`"components":[{"privateDownloadDeliveryUrls":[{"endpointId":"vpce-1","deliveryUrl":null}]}]`), false},
	} {
		for goal, until := range map[string]restorejobs.WaitGoal{"finished": restorejobs.UntilFinished, "downloadable": restorejobs.UntilDownloadable} {
			t.Run(name+" until "+goal, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					_, err := waitInProcess(t, c.scope, restorejobs.WaitOptions{Goal: until}, nil, c.job)
					switch {
					case name == "flex restore" && goal == "downloadable":
						require.ErrorIs(t, err, errors.ErrUnsupported)
					case c.done:
						require.NoError(t, err)
					default:
						require.ErrorIs(t, err, context.DeadlineExceeded)
					}
				})
			})
		}
	}
}

// cloudDownload is a download of an Atlas cluster without a public link.
func cloudDownload(members string) string {
	return `{"id":"6a793f812c88faeba59bcaaa","deliveryType":"download","deliveryUrl":[],` + members + `}`
}

// A response about another job is an error.
func TestWait_responseOfAnotherJob(t *testing.T) {
	t.Parallel()
	f := testutil.NewServer(t, testutil.Respond(200, `{"id":"other","statusName":"FINISHED"}`, "Content-Type", "application/json"))
	_, err := clienttest.ForServer(t, f).OpsManager.Cluster("p", "c").Jobs.Wait(clienttest.ShortContext(t), []string{"mine"}, restorejobs.WaitOptions{})
	require.ErrorContains(t, err, "another job")
}

// The wait continues for the other jobs, and its error names the one without a file.
func TestWait_jobWithoutFile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ready := restorejobstest.SetFields(map[string]any{"statusName": "FINISHED", "delivery": map[string]any{"methodName": "HTTP", "statusName": "READY", "url": "https://h/a.tgz"}})
		jobs, err := waitInProcess(t, restorejobstest.OpsManagerCluster, restorejobs.WaitOptions{Goal: restorejobs.UntilDownloadable},
			func(server *restorejobstest.Server, ids []string) {
				server.SetJob(ids[1], func(map[string]any) {}, func(map[string]any) {}, ready)
			},
			`{"id":"5ba5e000000000000000aaaa","statusName":"IN_PROGRESS","delivery":{"methodName":"HTTP","targetClusterId":"5ba5e0000000000000000002"}}`,
			`{"id":"5ba5e000000000000000aaab","statusName":"IN_PROGRESS","delivery":{"methodName":"HTTP"}}`)
		require.ErrorContains(t, err, "5ba5e000000000000000aaaa")
		require.Len(t, jobs, 2)
		assert.Equal(t, restorejobs.StateFinished, jobs[1].State(), "the other was waited for")
	})
}
