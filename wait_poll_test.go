package restorejobs_test

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

// rounds waits for jobs that all end after some polls, and returns the requests of each poll.
func rounds(t *testing.T, s *scriptedAPI, jobs *restorejobs.Jobs, l *jobList, ids []string, polls int, opts restorejobs.WaitOptions) [][]string {
	t.Helper()
	var each [][]string
	var over atomic.Bool
	body := l.body
	l.body = func(id string) string {
		if over.Load() && slices.Contains(ids, id) {
			return strings.Replace(body(id), "IN_PROGRESS", "FINISHED", 1)
		}
		return body(id)
	}
	s.handle = l.handle
	begin := time.Now()
	counted := 0
	done := make(chan struct{})
	go func() { // between the polls: half a second before each
		defer close(done)
		for number := range polls {
			time.Sleep(time.Until(begin.Add(time.Duration(number)*time.Minute + time.Minute/2)))
			paths := s.paths()
			each = append(each, paths[counted:])
			counted = len(paths)
			over.Store(number == polls-2)
		}
	}()
	opts.MinInterval = time.Minute
	opts.MaxInterval = time.Minute
	seen, err := jobs.Wait(t.Context(), ids, opts)
	require.NoError(t, err)
	assert.Equal(t, ids, restorejobs.JobIDs(seen), "in the order of the ids")
	<-done
	return each
}

func running(id string) string { return managerJob(id, "", "IN_PROGRESS") }

func inBatch(id string) string { return managerJob(id, "B", "IN_PROGRESS") }

const (
	page      = "?itemsPerPage=500&pageNum=%d"
	smallPage = "?itemsPerPage=%d&pageNum=1" // as many jobs as a wait for a few has
)

func TestWait_oneJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: numberedIDs("a", 3), body: running}
		s := newScriptedAPI(nil)
		each := rounds(t, s, s.manager(t), l, l.ids[1:2], 3, restorejobs.WaitOptions{})
		get := "/" + l.ids[1]
		assert.Equal(t, [][]string{{get}, {get}, {get}}, each)
	})
}

// Ten jobs are one page, filtered by batch once it is known.
func TestWait_listsByBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: numberedIDs("a", 10), body: inBatch}
		s := newScriptedAPI(nil)
		each := rounds(t, s, s.manager(t), l, l.ids, 3, restorejobs.WaitOptions{})
		batch := "?batchId=B&itemsPerPage=10&pageNum=1"
		assert.Equal(t, [][]string{{fmt.Sprintf(smallPage, 10)}, {batch}, {batch}}, each)
	})
}

// Without a batch filter, and for jobs without a batch, the list of all jobs is read.
func TestWait_listsWithoutBatch(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		jobs func(*restorejobs.Client) *restorejobs.Jobs
		body func(string) string
		page string
	}{
		"a host":      {func(c *restorejobs.Client) *restorejobs.Jobs { return c.OpsManager.Host("p", "h").Jobs }, inBatch, fmt.Sprintf(smallPage, 10)},
		"no batch":    {func(c *restorejobs.Client) *restorejobs.Jobs { return c.MMS.Cluster("p", "c").Jobs }, running, fmt.Sprintf(smallPage, 10)},
		"two batches": {func(c *restorejobs.Client) *restorejobs.Jobs { return c.CloudManager.Cluster("p", "c").Jobs }, func(id string) string { return managerJob(id, "B"+id[23:], "IN_PROGRESS") }, fmt.Sprintf(smallPage, 10)},
		"Atlas":       {func(c *restorejobs.Client) *restorejobs.Jobs { return c.AtlasV2.Cluster("p", "c").Jobs }, running, "?includeCount=false&itemsPerPage=10&pageNum=1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &jobList{ids: numberedIDs("a", 10), body: test.body}
				s := newScriptedAPI(nil)
				each := rounds(t, s, test.jobs(s.client(t)), l, l.ids, 2, restorejobs.WaitOptions{})
				assert.Equal(t, [][]string{{test.page}, {test.page}}, each)
			})
		})
	}
}

// A thousand jobs that are not visible yet are not requested individually.
func TestWait_manyJobsNotVisibleYet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: numberedIDs("a", 1000), body: running}
		begin := time.Now()
		l.unseen = func() bool { return time.Since(begin) < 40*time.Second }
		s := newScriptedAPI(nil)
		each := rounds(t, s, s.manager(t), l, l.ids, 3, restorejobs.WaitOptions{NotFoundGrace: time.Minute})
		assert.LessOrEqual(t, len(each[0]), 1+2*4, "the page, and a few individually")
		assert.LessOrEqual(t, len(each[1]), 3)
	})
}

// An old Ops Manager refuses pages of 500.
func TestWait_smallPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: numberedIDs("a", 250), body: running, refuses: 100}
		s := newScriptedAPI(nil)
		each := rounds(t, s, s.manager(t), l, l.ids, 2, restorejobs.WaitOptions{})
		assert.Equal(t, append([]string{fmt.Sprintf(page, 1)}, each[1]...), each[0])
		assert.Equal(t, []string{"?itemsPerPage=100&pageNum=1", "?itemsPerPage=100&pageNum=2", "?itemsPerPage=100&pageNum=3"}, each[1])
	})
}

// If smaller pages are refused too, the wait ends.
func TestWait_listRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) {
			return testutil.APIError(400, "INVALID_CLUSTER_ID"), nil
		})
		_, err := s.manager(t).Wait(t.Context(), numberedIDs("a", 30), restorejobs.WaitOptions{})
		require.ErrorIs(t, err, restorejobs.ErrorCode("INVALID_CLUSTER_ID"))
		assert.Len(t, s.requests(), 2)
	})
}

// Jobs that have ended are not polled again.
func TestWait_finishedJobsAreNotPolled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		l := &jobList{ids: []string{"a", "b", "c"}}
		l.body = func(id string) string {
			ends := map[string]time.Duration{"a": 0, "b": 90 * time.Second, "c": 150 * time.Second}[id]
			if time.Since(begin) >= ends {
				return managerJob(id, "", "FINISHED")
			}
			return running(id)
		}
		s := newScriptedAPI(l.handle)
		opts := restorejobs.WaitOptions{MinInterval: time.Minute, MaxInterval: time.Minute}
		_, err := s.manager(t).Wait(t.Context(), []string{"b", "a", "c"}, opts)
		require.NoError(t, err)
		list := fmt.Sprintf(smallPage, 3)
		assert.Equal(t, []string{list, list, list, "/c"}, s.paths())
	})
}

func TestWait_sameIDTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(bodies(cloudFinished))
		jobs, err := s.cluster(t).Wait(t.Context(), []string{"a", "a"}, restorejobs.WaitOptions{})
		require.NoError(t, err)
		require.Len(t, jobs, 2)
		assert.Same(t, jobs[0], jobs[1])
		assert.Equal(t, []string{"/a"}, s.paths())
	})
}

// A list that fails is one failure for all of its jobs.
func TestWait_listFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: numberedIDs("a", 1000), body: func(id string) string { return managerJob(id, "", "FINISHED") }}
		s := newScriptedAPI(func(n int, r *http.Request) (*http.Response, error) {
			if n == 2 || n == 3 { // the second page, twice
				return testutil.APIError(500, "TIMEOUT_WHILE_PAGING"), nil
			}
			return l.handle(n, r)
		})
		var failures, states int
		jobs, err := s.manager(t).Wait(t.Context(), l.ids, restorejobs.WaitOptions{OnUpdate: func(u restorejobs.WaitUpdate) error {
			if u.Err != nil {
				failures++
				assert.Empty(t, u.ID)
			} else {
				states++
			}
			return nil
		}})
		require.NoError(t, err)
		assert.Equal(t, l.ids, restorejobs.JobIDs(jobs))
		assert.Equal(t, 2, failures)
		assert.Equal(t, 1000, states)
		assert.Len(t, s.requests(), 4)
	})
}

// An id that is wrong ends the wait after the grace, and the error names it.
func TestWait_namesMissingJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: []string{"a", "b"}, body: running}
		jobs, err := newScriptedAPI(l.handle).manager(t).Wait(t.Context(), []string{"a", "nope", "b"}, restorejobs.WaitOptions{})
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
		require.ErrorContains(t, err, "restorejobs: wait: job nope: get restore job: 404 RESTORE_JOB_NOT_FOUND")
		assert.Equal(t, []string{"a", "nope", "b"}, waitError(t, err).PendingIDs)
		assert.Equal(t, jobs, waitError(t, err).PendingJobs, "nil for the one that does not exist")
	})
}

// The failures of one job among several are counted separately.
func TestWait_failuresPerJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: []string{"a", "b", "c"}, body: running, hidden: map[string]bool{"c": true}}
		s := newScriptedAPI(func(n int, r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/c") {
				return nil, reset()
			}
			return l.handle(n, r)
		})
		_, err := s.manager(t).Wait(t.Context(), l.ids, restorejobs.WaitOptions{MaxConsecutiveErrors: 4})
		require.ErrorContains(t, err, "5 polls in a row failed, the last: job c: get restore job: ")
		assert.Equal(t, 5, waitError(t, err).Polls)
	})
}

// BenchmarkWaitRequests counts the requests of a poll.
func BenchmarkWaitRequests(b *testing.B) {
	const rounds = 10
	for _, n := range []int{1, 10, 1000} {
		b.Run(fmt.Sprintf("%djobs", n), func(b *testing.B) {
			requests := 0
			polls := 0
			for b.Loop() {
				ids := numberedIDs("a", n)
				poll := 0
				l := &jobList{ids: append(numberedIDs("f", 250), ids...), body: func(id string) string {
					switch {
					case poll == rounds-1:
						return managerJob(id, "", "FINISHED")
					case id == ids[0] && poll%2 == 1:
						return managerJob(id, "", "UNKNOWN") // another state in every poll, so that OnUpdate is called
					default:
						return running(id)
					}
				}}
				s := newScriptedAPI(l.handle)
				_, err := s.manager(b).Wait(b.Context(), ids, restorejobs.WaitOptions{
					MinInterval: -1, OnUpdate: func(u restorejobs.WaitUpdate) error { poll = u.Polls; return nil },
				})
				require.NoError(b, err)
				requests += len(s.requests())
				polls += rounds
			}
			b.ReportMetric(float64(requests)/float64(polls), "requests/round")
		})
	}
}

// A transport that panics does so on the goroutine of Wait, where the caller can recover.
func TestWait_transportPanics(t *testing.T) {
	t.Parallel()
	for name, ids := range map[string][]string{"one job": {"a"}, "several": {"a", "b", "c"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &jobList{ids: ids, body: running, hidden: map[string]bool{"a": true, "b": true, "c": true}}
				s := newScriptedAPI(func(n int, r *http.Request) (*http.Response, error) {
					if strings.Contains(r.URL.Path, "/restoreJobs/") {
						panic("mine")
					}
					return l.handle(n, r)
				})
				assert.PanicsWithValue(t, "mine", func() {
					_, _ = s.manager(t).Wait(t.Context(), ids, restorejobs.WaitOptions{})
				})
			})
		})
	}
}

// A callback that ends its goroutine, as t.FailNow does, ends the wait with an error.
func TestWait_transportCallsGoexit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: []string{"a", "b"}, body: running, hidden: map[string]bool{"a": true, "b": true}}
		s := newScriptedAPI(func(n int, r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/a") {
				runtime.Goexit()
			}
			return l.handle(n, r)
		})
		_, err := s.manager(t).Wait(t.Context(), l.ids, restorejobs.WaitOptions{})
		require.ErrorContains(t, err, "a callback has ended its goroutine")
		assert.Equal(t, l.ids, waitError(t, err).PendingIDs)
	})
}
