package restorejobs_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// batchAfterOthers is a list in which the jobs of batch "B" follow those of another batch.
func batchAfterOthers(id string) string {
	if strings.HasPrefix(id, "f") {
		return managerJob(id, "other", "FINISHED")
	}
	return inBatch(id)
}

// The requests of each of four polls are exact, so that a change is visible.
func TestWait_requestsPerPoll(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		newer    int // other jobs before them in the list
		jobs     int
		body     func(string) string
		requests []int
	}{
		"one job":                           {20000, 1, running, []int{1, 1, 1, 1}},
		"two jobs far down":                 {20000, 2, running, []int{3, 2, 2, 2}},
		"20 jobs without a batch, far down": {20000, 20, running, []int{21, 20, 20, 20}},
		"20 jobs of one batch, far down":    {20000, 20, batchAfterOthers, []int{21, 1, 1, 1}},
		"26 jobs without a batch, far down": {20000, 26, running, []int{31, 26, 26, 26}},
		"1,000 jobs of one list":            {0, 1000, running, []int{2, 2, 2, 2}},
		"1,000 jobs after 250 others":       {250, 1000, running, []int{3, 3, 3, 3}},
		"1,000 jobs of one batch, far down": {20000, 1000, batchAfterOthers, []int{42, 2, 2, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &jobList{ids: append(numberedIDs("f", test.newer), numberedIDs("a", test.jobs)...), body: test.body}
				s := newScriptedAPI(nil)
				var requests []int
				for _, poll := range rounds(t, s, s.manager(t), l, l.ids[test.newer:], len(test.requests), restorejobs.WaitOptions{}) {
					requests = append(requests, len(poll))
				}
				assert.Equal(t, test.requests, requests)
			})
		})
	}
}

// A poll of a few jobs fetches at most three times the bytes of the jobs, wherever they are listed.
func TestWait_bytesPerPoll(t *testing.T) {
	t.Parallel()
	const envelope = 100 // bytes around the jobs of a response
	for _, jobs := range []int{1, 2, 3, 10, 25} {
		for _, newer := range []int{0, 1, 250, 20000} {
			t.Run(fmt.Sprintf("%d after %d", jobs, newer), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					l := &jobList{ids: append(numberedIDs("f", newer), numberedIDs("a", jobs)...), body: running}
					ids := l.ids[newer:]
					var mu sync.Mutex
					var fetched int64
					s := newScriptedAPI(func(n int, r *http.Request) (*http.Response, error) {
						mu.Lock()
						defer mu.Unlock()
						resp, err := l.handle(n, r)
						fetched += resp.ContentLength - envelope
						return resp, err
					})
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					_, err := s.manager(t).Wait(ctx, ids, restorejobs.WaitOptions{})
					require.ErrorIs(t, err, context.DeadlineExceeded)
					assert.LessOrEqual(t, fetched, int64(3*jobs*len(running(ids[0]))))
					assert.LessOrEqual(t, len(s.requests()), 1+jobs)
				})
			})
		}
	}
}

func TestWait_thousandJobs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		newer int // other jobs before them in the list
		body  func(string) string
		first int // requests of the first poll, which reads every page before those of the jobs
	}{
		"newest":                           {0, running, 3},
		"after one":                        {1, running, 3},
		"after many":                       {250, running, 3},
		"on later pages":                   {2250, running, 7},
		"in a batch":                       {7, inBatch, 3},
		"in a batch, after many of others": {20000, batchAfterOthers, 42},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &jobList{ids: append(numberedIDs("f", test.newer), numberedIDs("a", 1000)...), body: test.body}
				s := newScriptedAPI(nil)
				each := rounds(t, s, s.manager(t), l, l.ids[test.newer:], 4, restorejobs.WaitOptions{})
				assert.LessOrEqual(t, len(each[0]), test.first)
				for _, requests := range each[1:] {
					assert.LessOrEqual(t, len(requests), 3)
				}
			})
		})
	}
}

// New jobs push ours down the list. A poll in which they reach another page reads a fourth one.
func TestWait_jobsMoveDownTheList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ours := numberedIDs("a", 1000)
		l := &jobList{ids: ours, body: running}
		begin := time.Now()
		others := numberedIDs("f", 3000)
		s := newScriptedAPI(func(n int, r *http.Request) (*http.Response, error) {
			made := int(time.Since(begin)/time.Minute) * 37
			l.ids = append(slices.Clone(others[:made]), ours...)
			return l.handle(n, r)
		})
		l.body = func(id string) string {
			if time.Since(begin) > 20*time.Minute {
				return managerJob(id, "", "FINISHED")
			}
			return running(id)
		}
		opts := restorejobs.WaitOptions{MinInterval: time.Minute, MaxInterval: time.Minute}
		seen, err := s.manager(t).Wait(t.Context(), ours, opts)
		require.NoError(t, err)
		assert.Equal(t, ours, restorejobs.JobIDs(seen))
		perPoll := map[time.Duration]int{}
		for _, at := range s.times() {
			perPoll[at]++
		}
		most := 0
		for at, n := range perPoll {
			assert.LessOrEqual(t, n, 4, at)
			most += max(n-3, 0)
		}
		assert.LessOrEqual(t, most, 1, "polls with more than three requests: the jobs reach another page once")
	})
}

// Two old jobs take fewer requests by Get than by List, which the first poll shows.
func TestWait_oldJobsByGet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: append(numberedIDs("f", 20000), numberedIDs("a", 2)...), body: running}
		ids := l.ids[20000:]
		s := newScriptedAPI(nil)
		each := rounds(t, s, s.manager(t), l, ids, 3, restorejobs.WaitOptions{})
		gets := []string{"/" + ids[0], "/" + ids[1]}
		assert.Len(t, each[0], 3, "one page, then the jobs")
		assert.ElementsMatch(t, gets, each[1])
		assert.ElementsMatch(t, gets, each[2])
	})
}

// The new jobs are on the first page; the old one is polled individually.
func TestWait_pagesAndGets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: numberedIDs("a", 2000), body: running}
		ids := []string{l.ids[1999], l.ids[0], l.ids[1], l.ids[2]}
		s := newScriptedAPI(nil)
		each := rounds(t, s, s.manager(t), l, ids, 3, restorejobs.WaitOptions{})
		want := []string{fmt.Sprintf(smallPage, 4), "/" + ids[0]}
		assert.Equal(t, [][]string{want, want, want}, each)
	})
}

// The pages between those of the jobs are skipped.
func TestWait_knownPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: numberedIDs("a", 2000), body: running}
		ids := slices.Concat(l.ids[1400:1420], l.ids[:20])
		s := newScriptedAPI(nil)
		each := rounds(t, s, s.manager(t), l, ids, 6, restorejobs.WaitOptions{})
		assert.Len(t, each[0], 3)
		for _, requests := range each[1:] {
			assert.Equal(t, []string{fmt.Sprintf(page, 1), fmt.Sprintf(page, 3)}, requests)
		}
	})
}

// A job that the list does not show may exist.
func TestWait_jobsMissingFromList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: numberedIDs("a", 10), body: running}
		l.hidden = map[string]bool{l.ids[3]: true, l.ids[7]: true}
		s := newScriptedAPI(nil)
		each := rounds(t, s, s.manager(t), l, l.ids, 3, restorejobs.WaitOptions{})
		for _, requests := range each {
			assert.ElementsMatch(t, []string{fmt.Sprintf(smallPage, 10), "/" + l.ids[3], "/" + l.ids[7]}, requests)
		}
	})
}

// A list that shifts between two of its pages hides no job: one that its pages do not show is
// polled individually.
func TestWait_listShiftsBetweenPages(t *testing.T) {
	t.Parallel()
	for name, shift := range map[string]func(ids []string) []string{
		"a job is created": func(ids []string) []string { return append([]string{"new"}, ids...) },
		"a job goes away":  func(ids []string) []string { return ids[1:] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ours := numberedIDs("a", 900)
				l := &jobList{
					ids:  append(numberedIDs("f", 20), ours...),
					body: func(id string) string { return managerJob(id, "", "FINISHED") },
				}
				s := newScriptedAPI(func(n int, r *http.Request) (*http.Response, error) {
					if r.URL.Query().Get("pageNum") == "2" {
						l.ids = shift(l.ids)
					}
					return l.handle(n, r)
				})
				began := time.Now()
				seen, err := s.manager(t).Wait(t.Context(), ours, restorejobs.WaitOptions{})
				require.NoError(t, err)
				assert.Equal(t, ours, restorejobs.JobIDs(seen))
				assert.Zero(t, time.Since(began), "in one poll")
				assert.LessOrEqual(t, len(s.requests()), 4)
			})
		})
	}
}

// farDown is a list of 20,000 newer jobs of another batch, followed by ids. Those with the same
// first letter share a batch.
func farDown(ids ...string) *jobList {
	return &jobList{ids: append(numberedIDs("f", 20000), ids...), body: func(id string) string {
		if strings.HasPrefix(id, "f") {
			return managerJob(id, "other", "FINISHED")
		}
		return managerJob(id, "B"+id[:1], "IN_PROGRESS")
	}}
}

// Once each of a few jobs was read, their batch is known.
func TestWait_fewJobsByBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ids := numberedIDs("a", 3)
		s := newScriptedAPI(nil)
		each := rounds(t, s, s.manager(t), farDown(ids...), ids, 3, restorejobs.WaitOptions{})
		batch := "?batchId=Ba&itemsPerPage=3&pageNum=1"
		assert.Len(t, each[0], 4, "one page, then the jobs")
		assert.Equal(t, [][]string{{batch}, {batch}}, each[1:])
	})
}

// Jobs of several batches are polled without a batch filter.
func TestWait_jobsOfAnotherBatch(t *testing.T) {
	t.Parallel()
	for name, ids := range map[string][]string{
		"few":  append(numberedIDs("a", 2), numberedIDs("b", 2)...),
		"many": append(numberedIDs("a", 500), numberedIDs("b", 500)...),
		"one":  append(numberedIDs("a", 1), numberedIDs("b", 700)...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScriptedAPI(nil)
				each := rounds(t, s, s.manager(t), farDown(ids...), ids, 4, restorejobs.WaitOptions{})
				most := min(2*len(ids), 20000/500+2+3)
				assert.LessOrEqual(t, len(each[0]), most)
				assert.LessOrEqual(t, len(each[1]), most)
				for _, requests := range each[2:] {
					assert.LessOrEqual(t, len(requests), min(len(ids), 4))
				}
			})
		})
	}
}

// A wrong ID does not hide the other jobs.
func TestWait_wrongIDBesideOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := farDown(numberedIDs("a", 1000)...)
		ids := append([]string{"nope"}, l.ids[20000:]...)
		updates := 0
		s := newScriptedAPI(l.handle)
		jobs, err := s.manager(t).Wait(t.Context(), ids, restorejobs.WaitOptions{OnUpdate: func(u restorejobs.WaitUpdate) error {
			if u.Err != nil && u.Polls == 1 {
				assert.Equal(t, "nope", u.ID)
				updates++
			}
			return nil
		}})
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
		require.ErrorContains(t, err, "job nope: ")
		assert.Equal(t, 1, updates)
		assert.Equal(t, ids[1:], restorejobs.JobIDs(jobs), "seen before the grace was over")
		first := slices.IndexFunc(s.times(), func(at time.Duration) bool { return at > 0 })
		requests := s.paths()[:first]
		assert.Len(t, requests, 43, "the pages down to the jobs, and the wrong ID")
		assert.Equal(t, fmt.Sprintf(page, 1), requests[0])
		assert.Equal(t, "/nope", requests[42])
	})
}

// While Get fails, every poll searches the list again. Once it succeeds, the batch is known.
func TestWait_getFailsFarDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		l := farDown(numberedIDs("a", 3)...)
		ids := l.ids[20000:]
		l.body = func(id string) string {
			if time.Since(begin) > 2*time.Minute {
				return managerJob(id, "B"+id[:1], "FINISHED")
			}
			return managerJob(id, "B"+id[:1], "IN_PROGRESS")
		}
		s := newScriptedAPI(func(n int, r *http.Request) (*http.Response, error) {
			if strings.Contains(r.URL.Path, "/restoreJobs/") && n <= 8 {
				return nil, reset()
			}
			return l.handle(n, r)
		})
		opts := restorejobs.WaitOptions{MinInterval: time.Minute, MaxInterval: time.Minute}
		jobs, err := s.manager(t).Wait(t.Context(), ids, opts)
		require.NoError(t, err)
		assert.Equal(t, ids, restorejobs.JobIDs(jobs))
		batch := "?batchId=Ba&itemsPerPage=3&pageNum=1"
		assert.Equal(t, batch, s.paths()[12], "after two polls that failed and one that did not, of four requests each")
		assert.Len(t, s.paths(), 13)
	})
}

// Jobs that the list shows take no Get, however far down they are.
func TestWait_listedJobsTakeNoGet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := farDown(numberedIDs("a", 1000)...)
		l.body = func(id string) string { return managerJob(id, "B"+id[:1], "FINISHED") }
		s := newScriptedAPI(func(n int, r *http.Request) (*http.Response, error) {
			if strings.Contains(r.URL.Path, "/restoreJobs/") {
				return nil, reset()
			}
			return l.handle(n, r)
		})
		jobs, err := s.manager(t).Wait(t.Context(), l.ids[20000:], restorejobs.WaitOptions{})
		require.NoError(t, err)
		assert.Equal(t, l.ids[20000:], restorejobs.JobIDs(jobs))
		assert.Len(t, s.paths(), 42, "the pages down to the jobs")
	})
}

// Jobs that are not on their page any more may be on an earlier one: the poll after that finds them there.
func TestWait_jobsMoveUpTheList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ours := numberedIDs("a", 1000)
		others := numberedIDs("f", 1000)
		begin := time.Now()
		l := &jobList{body: func(id string) string {
			if time.Since(begin) > 4*time.Minute {
				return managerJob(id, "", "FINISHED")
			}
			return running(id)
		}}
		var mu sync.Mutex // several jobs are read together
		s := newScriptedAPI(func(n int, r *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			l.ids = ours
			if time.Since(begin) < time.Minute {
				l.ids = append(slices.Clone(others), ours...)
			}
			return l.handle(n, r)
		})
		opts := restorejobs.WaitOptions{MinInterval: time.Minute, MaxInterval: -1}
		seen, err := s.manager(t).Wait(t.Context(), ours, opts)
		require.NoError(t, err)
		assert.Equal(t, ours, restorejobs.JobIDs(seen))
		late := s.times()
		late = late[slices.IndexFunc(late, func(at time.Duration) bool { return at >= 2*time.Minute }):]
		assert.LessOrEqual(t, len(late), 4*2, "the pages of the jobs, in every poll after the second")
	})
}
