package restorejobs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
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
func TestWaitForHours(t *testing.T) {
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
func TestWaitReportsABadEnd(t *testing.T) {
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
				require.Len(t, e.Jobs, 1)
				assert.Equal(t, "a", e.Jobs[0].ID)
				assert.Same(t, jobs[0], e.Jobs[0], "the last job comes back with the error")
				assert.Equal(t, 1, e.Polls)
				assert.Empty(t, e.Pending)
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
func TestWaitFinishedJobWithAnOldLinkIsFinished(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(bodies(`{"id":"a","deliveryType":"automated","expired":true,"finishedAt":"2026-08-10T03:44:52Z"}`))
		_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
		require.NoError(t, err)
	})
}

// A watcher dereferenced the absent flag of an old job.
func TestWaitAbsentFlags(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(bodies(`{"id":"a","deliveryType":"automated"}`, `{"id":"a","deliveryType":"automated","finishedAt":"2026-08-10T03:44:52Z"}`))
		_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
		require.NoError(t, err)
	})
}

// A download has no finishedAt when it is ready; loops that wait for one never end.
func TestWaitDownloadIsDoneWithoutFinishedAt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(bodies(
			`{"id":"a","deliveryType":"download","deliveryUrl":[]}`,
			`{"id":"a","deliveryType":"download","deliveryUrl":["https://d.example.net/k/a.tar.gz"]}`,
		))
		jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
		require.NoError(t, err)
		assert.Len(t, jobs[0].Downloads(), 1)
		assert.Len(t, s.asked(), 2)
	})
}

// A sharded download is done when every shard has its link.
func TestWaitDownloadIsDoneWithEveryComponent(t *testing.T) {
	t.Parallel()
	for _, goal := range []restorejobs.Goal{restorejobs.UntilFinished, restorejobs.UntilDownloadable} {
		t.Run(fmt.Sprint(goal), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const job = `{"id":"a","deliveryType":"download","components":[{"replicaSetName":"s0","downloadUrl":"https://d.example.net/s0"},{"replicaSetName":"s1","downloadUrl":%s}]}`
				s := newService(bodies(fmt.Sprintf(job, "null"), fmt.Sprintf(job, `"https://d.example.net/s1"`)))
				jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{Until: goal})
				require.NoError(t, err)
				assert.Len(t, jobs[0].Downloads(), 2)
			})
		})
	}
}

// A restore script counted BROKEN and KILLED shards as finished and began to download.
func TestWaitShardedRestoreNamesItsBrokenParts(t *testing.T) {
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
		assert.Equal(t, l.ids, restorejobs.IDs(jobs))
		assert.Equal(t, []string{"b", "c"}, restorejobs.IDs(waitError(t, err).Jobs))
		assert.Contains(t, err.Error(), "2 jobs ended badly: b failed, c cancelled (")
	})
}

func TestWaitStopAtFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &listing{ids: []string{"a", "b", "c"}, body: func(id string) string {
			return managerJob(id, "", map[string]string{"a": "IN_PROGRESS", "b": "BROKEN", "c": "FINISHED"}[id])
		}}
		s := newService(l.handle)
		jobs, err := s.manager(t).Wait(t.Context(), l.ids, restorejobs.WaitOptions{StopAtFirst: true})
		require.ErrorIs(t, err, restorejobs.ErrJobFailed)
		e := waitError(t, err)
		assert.Equal(t, []string{"b"}, restorejobs.IDs(e.Jobs))
		assert.Equal(t, []string{"a"}, e.Pending)
		assert.Equal(t, restorejobs.StateRunning, jobs[0].State())
		assert.Equal(t, "restorejobs: wait: 1 job ended badly: b failed; 1 job not at an end: a (1 poll in 0s)", err.Error())
	})
}

// An unknown status is neither success nor failure.
func TestWaitUnknownStatusKeepsWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(bodies(`{"id":"a","status":"CLOSED"}`, `{"id":"a","status":"RUNNING"}`, `{"id":"a","status":"completed"}`))
		var states []restorejobs.State
		_, err := s.client(t).AtlasV2.Flex("p", "c").Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
			OnUpdate: func(u restorejobs.Update) error { states = append(states, u.State); return nil },
		})
		require.NoError(t, err)
		assert.Equal(t, []restorejobs.State{restorejobs.StateUnknown, restorejobs.StateRunning, restorejobs.StateFinished}, states)
	})
}

// A read after the create said 404, and the provider took the job for deleted.
func TestWaitFreshJobThatCannotBeSeenYet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		visible := time.Now().Add(25 * time.Second)
		s := newService(func(int, *http.Request) (*http.Response, error) {
			if time.Now().Before(visible) {
				return refuse(http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
			}
			return respond(http.StatusOK, cloudFinished)
		})
		var failures int
		_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
			MaxFailures: -1, // the grace has nothing to do with it
			OnUpdate: func(u restorejobs.Update) error {
				if u.Err != nil {
					failures++
					assert.ErrorIs(t, u.Err, restorejobs.ErrNotFound)
					assert.Equal(t, "a", u.ID)
					assert.Nil(t, u.Job)
				}
				return nil
			},
		})
		require.NoError(t, err)
		assert.GreaterOrEqual(t, failures, 2)
	})
}

func TestWaitUnknownJobEndsAfterTheGrace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		grace  time.Duration
		least  time.Duration
		latest time.Duration
	}{
		"default": {0, 30 * time.Second, time.Minute},
		"longer":  {2 * time.Minute, 2 * time.Minute, 3 * time.Minute},
		"none":    {-1, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(func(int, *http.Request) (*http.Response, error) {
					return refuse(http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
				})
				jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{NotFoundGrace: test.grace})
				require.ErrorIs(t, err, restorejobs.ErrNotFound)
				e := waitError(t, err)
				assert.GreaterOrEqual(t, e.Elapsed, test.least)
				assert.LessOrEqual(t, e.Elapsed, test.latest)
				assert.Equal(t, []*restorejobs.Job{nil}, jobs, "never seen")
				assert.Equal(t, []string{"a"}, e.Pending)
				assert.Empty(t, restorejobs.IDs(jobs))
			})
		})
	}
}

// reset is what a client sees whose connection was broken.
func reset() error { return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET} }

type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

// cutBody breaks off before the length that was announced.
func cutBody() (*http.Response, error) {
	response, err := respond(http.StatusOK, cloudRunning)
	response.Body = io.NopCloser(io.MultiReader(strings.NewReader(cloudRunning[:20]), broken{io.ErrUnexpectedEOF}))
	return response, err
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

const staleNonce = `Digest realm="MMS Public API", domain="", nonce="SlgYP7Tv3FS/BuCj/x4WQRIV1bNKdpJg", algorithm=MD5, qop="auth", stale=true`

// passing are the ways in which a look can fail and be asked again.
func passing() map[string]func() (*http.Response, error) {
	status := func(code int) func() (*http.Response, error) {
		return func() (*http.Response, error) { return refuse(code, "UNEXPECTED_ERROR") }
	}
	html := func(code int) func() (*http.Response, error) {
		return func() (*http.Response, error) {
			return respond(code, "<html><h1>MongoDB Cloud Manager Unavailable</h1></html>", "Content-Type", "text/html")
		}
	}
	return map[string]func() (*http.Response, error){
		"unexpected EOF": func() (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
		"EOF":            func() (*http.Response, error) { return nil, io.EOF },
		"reset":          func() (*http.Response, error) { return nil, reset() },
		"timeout":        func() (*http.Response, error) { return nil, timeout{} },
		"refused": func() (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		},
		"408": status(408), "429": status(429), "500": status(500), "502": status(502), "503": status(503), "504": status(504),
		"520, from a proxy": status(520),
		"503 in HTML":       html(503), "200 in HTML": html(200), "404 in HTML": html(404),
		"empty":      func() (*http.Response, error) { return respond(200, "") },
		"cut":        cutBody,
		"short JSON": func() (*http.Response, error) { return respond(200, cloudRunning[:20]) },
		"stale nonce": func() (*http.Response, error) {
			return respond(http.StatusUnauthorized, `{"error":401,"reason":"Unauthorized"}`, "Www-Authenticate", staleNonce)
		},
	}
}

// Tools lost restores that went on because one status request failed after minutes.
func TestWaitSurvivesAFailedLook(t *testing.T) {
	t.Parallel()
	for name, failure := range passing() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				over := time.Now().Add(2 * time.Minute)
				s := newService(func(n int, _ *http.Request) (*http.Response, error) {
					switch {
					case n == 1:
						return respond(http.StatusOK, cloudRunning)
					case time.Now().Before(over):
						return failure()
					default:
						return respond(http.StatusOK, cloudFinished)
					}
				})
				failures := 0
				jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
					NotFoundGrace: -1,
					OnUpdate: func(u restorejobs.Update) error {
						if u.Err != nil {
							failures++
							assert.Equal(t, restorejobs.StateRunning, u.State)
						}
						return nil
					},
				})
				require.NoError(t, err)
				assert.Equal(t, restorejobs.StateFinished, jobs[0].State())
				assert.GreaterOrEqual(t, failures, 3)
			})
		})
	}
}

func TestWaitGivesUpAfterTooManyFailures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ allowed, polls int }{
		"default": {0, 11}, "two": {2, 3}, "none": {-1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(func(int, *http.Request) (*http.Response, error) { return refuse(503, "SERVICE_UNAVAILABLE") })
				told := 0
				_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
					MaxFailures: test.allowed, OnUpdate: func(restorejobs.Update) error { told++; return nil },
				})
				require.ErrorIs(t, err, restorejobs.ErrUnavailable)
				var api *restorejobs.Error
				require.ErrorAs(t, err, &api)
				assert.Equal(t, 503, api.StatusCode)
				assert.Equal(t, test.polls, waitError(t, err).Polls)
				assert.Len(t, s.asked(), test.polls, "a wait's looks are not retried below it")
				assert.Equal(t, test.polls-1, told, "the last one is the error")
			})
		})
	}
}

// One bad look in two is no reason to give up.
func TestWaitFailuresCountInARow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(func(n int, _ *http.Request) (*http.Response, error) {
			switch {
			case n%2 == 1:
				return nil, reset()
			case n < 60:
				return respond(http.StatusOK, cloudRunning)
			default:
				return respond(http.StatusOK, cloudFinished)
			}
		})
		_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{MaxFailures: 1})
		require.NoError(t, err)
	})
}

func TestWaitEndsAtOnceWhereAskingAgainIsInVain(t *testing.T) {
	t.Parallel()
	const freshNonce = `Digest realm="MMS Public API", nonce="SlgYP7Tv3FS/BuCj/x4WQRIV1bNKdpJg", algorithm=MD5, qop="auth", stale=false`
	for name, test := range map[string]struct {
		answer func() (*http.Response, error)
		want   error
		once   bool
	}{
		"400":       {func() (*http.Response, error) { return refuse(400, "VALIDATION_ERROR") }, restorejobs.Code("VALIDATION_ERROR"), true},
		"401":       {func() (*http.Response, error) { return refuse(401, "") }, restorejobs.ErrUnauthorized, true},
		"wrong key": {func() (*http.Response, error) { return respond(401, "", "Www-Authenticate", freshNonce) }, restorejobs.ErrUnauthorized, false},
		"403":       {func() (*http.Response, error) { return refuse(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST") }, restorejobs.ErrIPNotAllowed, true},
		"406":       {func() (*http.Response, error) { return refuse(406, "INVALID_VERSION_DATE") }, restorejobs.Code("INVALID_VERSION_DATE"), true},
		"410":       {func() (*http.Response, error) { return refuse(410, "VERSION_GONE") }, restorejobs.ErrGone, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(func(int, *http.Request) (*http.Response, error) { return test.answer() })
				_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
					OnUpdate: func(restorejobs.Update) error { assert.Fail(t, "nothing was tolerated"); return nil },
				})
				require.ErrorIs(t, err, test.want)
				e := waitError(t, err)
				assert.Equal(t, 1, e.Polls)
				assert.Zero(t, e.Elapsed)
				if test.once {
					assert.Len(t, s.asked(), 1)
				}
			})
		})
	}
}

// Retry-After goes before the interval, however long it is.
func TestWaitObeysRetryAfter(t *testing.T) {
	t.Parallel()
	for after, want := range map[string]time.Duration{"120": 2 * time.Minute, "17": 17 * time.Second, "1": 10 * time.Second} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(func(n int, _ *http.Request) (*http.Response, error) {
					if n == 1 {
						return respond(429, `{"error":429,"errorCode":"RATE_LIMITED"}`, "Retry-After", after)
					}
					return respond(http.StatusOK, cloudFinished)
				})
				_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
				require.NoError(t, err)
				assert.Equal(t, []time.Duration{0, want}, s.times())
			})
		})
	}
}

func TestWaitIntervals(t *testing.T) {
	t.Parallel()
	const second, minute = time.Second, time.Minute
	for name, test := range map[string]struct {
		opts           restorejobs.WaitOptions
		shortest, last time.Duration
	}{
		"default":           {restorejobs.WaitOptions{}, 10 * second, minute},
		"min above the max": {restorejobs.WaitOptions{MinInterval: 5 * minute}, 5 * minute, 5 * minute},
		"max below the min": {restorejobs.WaitOptions{MaxInterval: 4 * second}, 4 * second, 4 * second},
		"both":              {restorejobs.WaitOptions{MinInterval: 2 * second, MaxInterval: 20 * second}, 2 * second, 20 * second},
		"no growth":         {restorejobs.WaitOptions{MinInterval: 3 * second, MaxInterval: -1}, 3 * second, 3 * second},
		"no pause":          {restorejobs.WaitOptions{MinInterval: -1}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(func(n int, _ *http.Request) (*http.Response, error) {
					if n < 40 {
						return respond(http.StatusOK, cloudRunning)
					}
					return respond(http.StatusOK, cloudFinished)
				})
				_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, test.opts)
				require.NoError(t, err)
				times := s.times()
				assert.Zero(t, times[0], "the first look is at once")
				for i := 1; i < len(times); i++ {
					gap := times[i] - times[i-1]
					assert.GreaterOrEqual(t, gap, test.shortest)
					assert.LessOrEqual(t, gap, test.last)
				}
				assert.LessOrEqual(t, times[1]-times[0], test.shortest+test.shortest/5, "the first is the shortest, give or take")
				assert.GreaterOrEqual(t, times[39]-times[38], test.last*4/5, "the last is the longest, give or take")
			})
		})
	}
}

// Two waits that begin together do not stay in step.
func TestWaitIntervalsHaveJitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		distinct := map[time.Duration]bool{}
		for range 20 {
			s := newService(bodies(cloudRunning, cloudRunning, cloudRunning, cloudFinished))
			_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
			require.NoError(t, err)
			times := s.times()
			distinct[times[3]-times[2]] = true
		}
		assert.Greater(t, len(distinct), 10)
	})
}

// The context is the only deadline, and its end is told apart from a job's.
func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	errShutdown := errors.New("shutting down")
	running := bodies(cloudRunning)
	hanging := func(_ int, r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	for name, handle := range map[string]func(int, *http.Request) (*http.Response, error){"between looks": running, "during a look": hanging} {
		t.Run("deadline "+name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 47*time.Second)
				defer cancel()
				_, err := newService(handle).cluster(t).Wait(ctx, []string{"a"}, restorejobs.WaitOptions{})
				require.ErrorIs(t, err, context.DeadlineExceeded)
				e := waitError(t, err)
				assert.Equal(t, 47*time.Second, e.Elapsed, "promptly")
				assert.Equal(t, []string{"a"}, e.Pending)
				assert.NotErrorIs(t, err, restorejobs.ErrJobFailed)
				assert.Contains(t, err.Error(), "restorejobs: wait: context deadline exceeded; 1 job not at an end: a (")
			})
		})
		t.Run("cancelled "+name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(31*time.Second, func() { cancel(errShutdown) })
				_, err := newService(handle).cluster(t).Wait(ctx, []string{"a"}, restorejobs.WaitOptions{})
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, errShutdown)
				assert.Equal(t, 31*time.Second, waitError(t, err).Elapsed, "promptly")
				assert.Contains(t, err.Error(), "context canceled: shutting down")
			})
		})
	}
	t.Run("before the start", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s := newService(running)
		_, err := s.cluster(t).Wait(ctx, []string{"a"}, restorejobs.WaitOptions{})
		require.ErrorIs(t, err, context.Canceled)
		assert.Zero(t, waitError(t, err).Polls)
		assert.Empty(t, s.asked())
	})
	t.Run("after failures", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
			defer cancel()
			s := newService(func(int, *http.Request) (*http.Response, error) { return refuse(503, "SERVICE_UNAVAILABLE") })
			_, err := s.cluster(t).Wait(ctx, []string{"a"}, restorejobs.WaitOptions{})
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.NotErrorIs(t, err, restorejobs.ErrUnavailable, "that was tolerated")
			assert.Contains(t, err.Error(), "the last look failed: get restore job: 503 SERVICE_UNAVAILABLE")
		})
	})
}

// Bad ends and the end of the context are told together.
func TestWaitTellsBadEndsAndItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &listing{ids: []string{"a", "b"}, body: func(id string) string {
			return managerJob(id, "", map[string]string{"a": "IN_PROGRESS", "b": "BROKEN"}[id])
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := newService(l.handle).manager(t).Wait(ctx, l.ids, restorejobs.WaitOptions{})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, restorejobs.ErrJobFailed)
		e := waitError(t, err)
		assert.Equal(t, time.Hour, e.Elapsed)
		assert.Contains(t, err.Error(), "1 job ended badly: b failed; context deadline exceeded; 1 job not at an end: a (")
		assert.Equal(t, fmt.Sprintf("%q", err.Error()), fmt.Sprintf("%q", err))
		assert.Equal(t, err.Error(), fmt.Sprintf("%+v", err))
	})
}

// A connection that has gone silent holds a look for two minutes, not for ever.
func TestWaitSurvivesASilentConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(func(n int, r *http.Request) (*http.Response, error) {
			if n == 1 {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return respond(http.StatusOK, cloudFinished)
		})
		var failure error
		_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{OnUpdate: func(u restorejobs.Update) error {
			if u.Err != nil {
				failure = u.Err
			}
			return nil
		}})
		require.NoError(t, err)
		require.EqualError(t, failure, "get restore job: no answer within 2m0s")
		assert.NotErrorIs(t, failure, context.DeadlineExceeded, "the caller's goes on")
		assert.GreaterOrEqual(t, s.times()[1], 2*time.Minute)
	})
}

func TestWaitOnUpdate(t *testing.T) {
	t.Parallel()
	t.Run("tells changes and failures", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := newService(func(n int, _ *http.Request) (*http.Response, error) {
				switch n {
				case 1, 2, 4:
					return respond(http.StatusOK, cloudRunning)
				case 3:
					return nil, reset()
				default:
					return respond(http.StatusOK, cloudFinished)
				}
			})
			var told []string
			_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
				MinInterval: 10 * time.Second, MaxInterval: -1,
				OnUpdate: func(u restorejobs.Update) error {
					assert.Equal(t, u.Err == nil, u.Job != nil)
					told = append(told, fmt.Sprintf("%s %s>%s %v %d %s", u.ID, u.Previous, u.State, u.Err != nil, u.Polls, u.Elapsed))
					return nil
				},
			})
			require.NoError(t, err)
			assert.Equal(t, []string{"a >running false 1 0s", "a running>running true 3 20s", "a running>finished false 5 40s"}, told)
		})
	})
	t.Run("ends the wait with an error", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			errEnough := errors.New("enough")
			s := newService(bodies(cloudRunning))
			jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
				OnUpdate: func(restorejobs.Update) error { return errEnough },
			})
			require.ErrorIs(t, err, errEnough)
			e := waitError(t, err)
			assert.Equal(t, errEnough, e.Err)
			assert.Equal(t, []string{"a"}, e.Pending)
			assert.NotNil(t, jobs[0])
			assert.Len(t, s.asked(), 1)
		})
	})
}

// The error of OnUpdate counts for a tolerated failure too.
func TestWaitOnUpdateEndsAfterAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(func(int, *http.Request) (*http.Response, error) { return nil, reset() })
		jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
			OnUpdate: func(u restorejobs.Update) error { return fmt.Errorf("no more: %w", u.Err) },
		})
		require.ErrorIs(t, err, syscall.ECONNRESET)
		require.ErrorContains(t, err, "restorejobs: wait: no more: ")
		assert.Equal(t, 1, waitError(t, err).Polls)
		assert.Nil(t, jobs[0])
	})
}

func TestWaitUntilDownloadable(t *testing.T) {
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
		"flex, link past":               {[]string{`{"id":"a","status":"COMPLETED","deliveryType":"DOWNLOAD","expirationDate":"1999-08-10T04:44:52Z"}`}, restorejobs.ErrLinkExpired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(bodies(test.bodies...))
				jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{Until: restorejobs.UntilDownloadable})
				assert.Len(t, s.asked(), len(test.bodies))
				if test.want == nil {
					require.NoError(t, err)
					assert.NotEmpty(t, jobs[0].Downloads())
					return
				}
				require.ErrorIs(t, err, test.want)
				assert.Equal(t, []string{"a"}, restorejobs.IDs(waitError(t, err).Jobs))
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
			_, err := newService(l.handle).cluster(t).Wait(t.Context(), l.ids, restorejobs.WaitOptions{Until: restorejobs.UntilDownloadable})
			require.ErrorIs(t, err, errors.ErrUnsupported, "a mistake of the caller's does not wait")
			assert.EqualError(t, err, "restorejobs: wait: 1 job ended badly: b running, will never have a file: "+
				"it is no download, wait UntilFinished; 1 job not at an end: a (1 poll in 0s)")
		})
	})
}

func TestWaitRefusesWhatNoWaitCouldMean(t *testing.T) {
	t.Parallel()
	s := newService(bodies(cloudRunning))
	for name, test := range map[string]struct {
		jobs *restorejobs.Jobs
		ids  []string
		opts restorejobs.WaitOptions
		says string
	}{
		"no ids":      {s.cluster(t), nil, restorejobs.WaitOptions{}, "ids must not be empty"},
		"an empty id": {s.cluster(t), []string{"a", ""}, restorejobs.WaitOptions{}, "ids[1] must not be empty"},
		"a path":      {s.cluster(t), []string{"a/b"}, restorejobs.WaitOptions{}, "ids[0] must not contain"},
		"a goal":      {s.cluster(t), []string{"a"}, restorejobs.WaitOptions{Until: 7}, "Until must be"},
		"intervals":   {s.cluster(t), []string{"a"}, restorejobs.WaitOptions{MinInterval: 2, MaxInterval: 1}, "MinInterval must not be more"},
		"the scope":   {s.client(t).AtlasV2.Cluster("p", ""), []string{"a"}, restorejobs.WaitOptions{}, "cluster name must not be empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			jobs, err := test.jobs.Wait(t.Context(), test.ids, test.opts)
			require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
			require.ErrorContains(t, err, "restorejobs: wait for restore jobs: ")
			require.ErrorContains(t, err, test.says)
			assert.Nil(t, jobs)
			assert.Empty(t, s.asked())
		})
	}
}

// An error of a wait may be logged: it has no link and no key.
func TestWaitErrorHasNoSecret(t *testing.T) {
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
