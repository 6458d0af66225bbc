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
)

// The tests run on a clock of their own, where hours take no time, and which fails a test
// that leaves a goroutine.

// waitError requires a *WaitError and returns it.
func waitError(t *testing.T, err error) *restorejobs.WaitError {
	t.Helper()
	var e *restorejobs.WaitError
	require.ErrorAs(t, err, &e)
	return e
}

// A restore takes hours, and nothing but the context ends the wait.
func TestWait_hours(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		done := time.Now().Add(5 * time.Hour)
		s := newService(func(int, *http.Request) (*http.Response, error) {
			if time.Now().Before(done) {
				return respond(http.StatusOK, cloudRunning)
			}
			return respond(http.StatusOK, cloudFinished)
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
		"downloads used up": {`{"id":"a","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"MAX_DOWNLOADS_EXCEEDED"}}`, restorejobs.ErrJobExpired},
		"flex failed":       {`{"id":"a","status":"FAILED","deliveryType":"RESTORE"}`, restorejobs.ErrJobFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(bodies(test.body))
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
				for _, other := range []error{restorejobs.ErrJobFailed, restorejobs.ErrJobCancelled, restorejobs.ErrJobExpired} {
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
		s := newService(bodies(`{"id":"a","deliveryType":"automated","expired":true,"finishedAt":"2026-08-10T03:44:52Z"}`))
		_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
		require.NoError(t, err)
	})
}

// A watcher dereferenced the absent flag of an old job.
func TestWait_absentFlags(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(bodies(`{"id":"a","deliveryType":"automated"}`, `{"id":"a","deliveryType":"automated","finishedAt":"2026-08-10T03:44:52Z"}`))
		_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
		require.NoError(t, err)
	})
}

// A download has no finishedAt when it is ready; loops that wait for one never end.
func TestWait_downloadWithoutFinishedAt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(bodies(
			`{"id":"a","deliveryType":"download","deliveryUrl":[]}`,
			`{"id":"a","deliveryType":"download","deliveryUrl":["https://d.example.net/k/a.tar.gz"]}`,
		))
		jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
		require.NoError(t, err)
		assert.Len(t, jobs[0].DownloadLinks(), 1)
		assert.Len(t, s.asked(), 2)
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
				s := newService(bodies(fmt.Sprintf(job, "null"), fmt.Sprintf(job, `"https://d.example.net/s1"`)))
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
		l := &listing{ids: []string{"a", "b", "c", "d"}}
		l.body = func(id string) string {
			if id == "d" && time.Now().After(end) {
				return managerJob(id, "batch", "FINISHED")
			}
			return managerJob(id, "batch", status[id])
		}
		s := newService(l.handle)
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
		l := &listing{ids: []string{"a", "b", "c"}, body: func(id string) string {
			return managerJob(id, "", map[string]string{"a": "IN_PROGRESS", "b": "BROKEN", "c": "FINISHED"}[id])
		}}
		s := newService(l.handle)
		jobs, err := s.manager(t).Wait(t.Context(), l.ids, restorejobs.WaitOptions{FailFast: true})
		require.ErrorIs(t, err, restorejobs.ErrJobFailed)
		e := waitError(t, err)
		assert.Equal(t, []string{"b"}, restorejobs.JobIDs(e.Failed))
		assert.Equal(t, []string{"a"}, e.PendingIDs)
		assert.Equal(t, jobs[:1], e.PendingJobs)
		assert.Equal(t, restorejobs.StateRunning, jobs[0].State())
		assert.Equal(t, "restorejobs: wait: 1 job ended badly: b failed; 1 job not at an end: a (1 poll in 0s)", err.Error())
	})
}

// An unknown status is neither success nor failure.
func TestWait_unknownStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(bodies(`{"id":"a","status":"CLOSED"}`, `{"id":"a","status":"RUNNING"}`, `{"id":"a","status":"completed"}`))
		var states []restorejobs.State
		_, err := s.client(t).AtlasV2.Flex("p", "c").Jobs.Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
			OnUpdate: func(u restorejobs.WaitUpdate) error { states = append(states, u.State); return nil },
		})
		require.NoError(t, err)
		assert.Equal(t, []restorejobs.State{restorejobs.StateUnknown, restorejobs.StateRunning, restorejobs.StateFinished}, states)
	})
}

// One unknown status may follow another: that is news, even if nobody knows what it means.
func TestWait_unknownStatusChanges(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string][3]string{
		"flex":             {`{"id":"a","status":"FOO"}`, `{"id":"a","status":"BAR"}`, `{"id":"a","status":"completed"}`},
		"classic":          {`{"id":"a","statusName":"FOO"}`, `{"id":"a","statusName":"BAR"}`, `{"id":"a","statusName":"FINISHED"}`},
		"classic delivery": {delivered("FOO"), delivered("BAR"), delivered("READY")},
		"cloud":            {`{"id":"a","deliveryType":"foo"}`, `{"id":"a","deliveryType":"bar"}`, cloudFinished},
		"out of nothing":   {`{"id":"a"}`, `{"id":"a","status":"FOO"}`, `{"id":"a","status":"completed"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(bodies(answers[0], answers[0], answers[1], answers[1], answers[2]))
				var told []string
				_, err := s.client(t).AtlasV2.Flex("p", "c").Jobs.Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
					OnUpdate: func(u restorejobs.WaitUpdate) error {
						told = append(told, fmt.Sprintf("%d %s>%s", u.Polls, u.Previous, u.State))
						return nil
					},
				})
				require.NoError(t, err)
				assert.Equal(t, []string{"1 >unknown", "3 unknown>unknown", "5 unknown>finished"}, told)
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
		"finished, links past":          {[]string{`{"id":"a","deliveryType":"download","finishedAt":"1999-08-10T03:44:52Z","expiresAt":"1999-08-10T04:44:52Z"}`}, restorejobs.ErrJobExpired},
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
				s := newService(bodies(test.bodies...))
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour) // of a wait that would never end
				defer cancel()
				jobs, err := s.cluster(t).Wait(ctx, []string{"a"}, restorejobs.WaitOptions{Goal: restorejobs.UntilDownloadable})
				assert.Len(t, s.asked(), len(test.bodies))
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
					assert.Equal(t, name == "classic, used up", errors.Is(err, restorejobs.ErrJobExpired), "its other links still work")
				}
				if errors.Is(err, restorejobs.ErrLinkExpired) {
					assert.EqualError(t, err, "restorejobs: wait: 1 job ended badly: a finished, its links have expired (1 poll in 0s)")
				}
			})
		})
	}
	t.Run("one job of several has no file", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := &listing{ids: []string{"a", "b"}, body: func(id string) string {
				if id == "a" {
					return `{"id":"a","deliveryType":"download","deliveryUrl":[]}`
				}
				return `{"id":"b","deliveryType":"automated"}`
			}}
			_, err := newService(l.handle).cluster(t).Wait(t.Context(), l.ids, restorejobs.WaitOptions{Goal: restorejobs.UntilDownloadable, FailFast: true})
			require.ErrorIs(t, err, errors.ErrUnsupported, "told not to wait for the others")
			assert.EqualError(t, err, "restorejobs: wait: 1 job ended badly: b running, will never have a file: "+
				"it is no download, wait UntilFinished; 1 job not at an end: a (1 poll in 0s)")
		})
	})
}

// An error of a wait may be logged: it has no link and no key.
func TestWaitError_redacted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(bodies(`{"id":"a","statusName":"BROKEN","delivery":{"methodName":"HTTP","url":"https://d.example.net/KEY/a.tar.gz","authValue":"KEY"}}`))
		_, err := s.manager(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
		require.Error(t, err)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			assert.NotContains(t, fmt.Sprintf(verb, err), "KEY", verb)
			assert.NotContains(t, fmt.Sprintf(verb, *waitError(t, err)), "KEY", verb)
		}
	})
}
