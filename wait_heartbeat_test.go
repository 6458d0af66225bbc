package restorejobs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/restorejobstest"
)

// beats waits with a heartbeat, and returns the time of every call of OnUpdate since the start.
func beats(t *testing.T, s *scriptedAPI, opts restorejobs.WaitOptions) (updates []restorejobs.WaitUpdate, err error) {
	t.Helper()
	opts.OnUpdate = func(u restorejobs.WaitUpdate) error {
		updates = append(updates, u)
		return nil
	}
	_, err = s.cluster(t).Wait(t.Context(), []string{"a"}, opts)
	return updates, err
}

// OnUpdate is called during a pause that is much longer than the heartbeat.
func TestWait_heartbeatDuringPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(bodies(cloudRunning, cloudRunning, cloudFinished))
		updates, err := beats(t, s, restorejobs.WaitOptions{
			MinInterval: 5 * time.Minute, MaxInterval: -1, Heartbeat: 130 * time.Second,
		})
		require.NoError(t, err)
		var seen []string
		for _, u := range updates {
			seen = append(seen, fmt.Sprintf("%s %s>%s %t %s %s", u.ID, u.Previous, u.State, u.Heartbeat, u.Elapsed, u.NextPoll))
			assert.NotNil(t, u.Job)
		}
		assert.Equal(t, []string{
			"a >running false 0s 5m0s",
			"a running>running true 2m10s 2m50s",
			"a running>running true 4m20s 40s",
			"a running>running true 6m30s 3m30s",
			"a running>running true 8m40s 1m20s",
			"a running>finished false 10m0s 0s",
		}, seen)
		assert.Len(t, s.requests(), 3)
	})
}

// A heartbeat is not silenced by a request without a response, nor by Retry-After.
func TestWait_heartbeatDuringPoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(func(n int, r *http.Request) (*http.Response, error) {
			switch n {
			case 1:
				<-r.Context().Done()
				return nil, r.Context().Err()
			case 2:
				return testutil.JSON(503, `{"error":503}`, "Retry-After", "3600"), nil
			default:
				return testutil.JSON(http.StatusOK, cloudFinished), nil
			}
		})
		updates, err := beats(t, s, restorejobs.WaitOptions{Heartbeat: 30 * time.Second})
		require.NoError(t, err)
		last := time.Duration(0)
		duringPoll := 0
		for _, u := range updates {
			assert.LessOrEqual(t, u.Elapsed-last, 30*time.Second)
			last = u.Elapsed
			if u.Heartbeat && u.Polls == 1 && u.NextPoll == 0 {
				duringPoll++
			}
		}
		assert.GreaterOrEqual(t, duringPoll, 3)
		assert.Greater(t, len(updates), 120)
	})
}

// Without a heartbeat, or without OnUpdate, nothing changes.
func TestWait_heartbeatOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, off := range []time.Duration{0, -1} {
			updates, err := beats(t, newScriptedAPI(bodies(cloudRunning, cloudRunning, cloudFinished)), restorejobs.WaitOptions{Heartbeat: off})
			require.NoError(t, err)
			assert.Len(t, updates, 2)
		}
		_, err := newScriptedAPI(bodies(cloudRunning, cloudFinished)).cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{Heartbeat: 1})
		require.NoError(t, err)
	})
}

// An error of OnUpdate ends the wait during a pause, and during a poll without a response.
func TestWait_heartbeatError(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]func(int, *http.Request) (*http.Response, error){
		"pause": bodies(cloudRunning),
		"poll": func(_ int, r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				errEnough := errors.New("enough")
				start := time.Now()
				_, err := newScriptedAPI(handle).cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
					Heartbeat: 3 * time.Second,
					OnUpdate: func(u restorejobs.WaitUpdate) error {
						if u.Heartbeat {
							return errEnough
						}
						return nil
					},
				})
				require.ErrorIs(t, err, errEnough)
				assert.Equal(t, 3*time.Second, time.Since(start))
				assert.Equal(t, []string{"a"}, waitError(t, err).PendingIDs)
			})
		})
	}
}

// The end of the context ends the wait between two heartbeats.
func TestWait_heartbeatContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 47*time.Second)
		defer cancel()
		_, err := newScriptedAPI(bodies(cloudRunning)).cluster(t).Wait(ctx, []string{"a"}, restorejobs.WaitOptions{
			MinInterval: time.Hour, MaxInterval: -1, Heartbeat: 10 * time.Second,
			OnUpdate: func(restorejobs.WaitUpdate) error { return nil },
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 47*time.Second, waitError(t, err).Elapsed)
	})
}

// OnUpdate runs on the goroutine of Wait, and a panic of the transport reaches it.
func TestWait_heartbeatGoroutine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(func(n int, _ *http.Request) (*http.Response, error) {
			time.Sleep(time.Minute)
			if n == 2 {
				panic("mine")
			}
			return testutil.JSON(http.StatusOK, cloudRunning), nil
		})
		calls := 0 // without a lock, for the race detector
		assert.PanicsWithValue(t, "mine", func() {
			_, _ = s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
				Heartbeat: time.Second,
				OnUpdate:  func(restorejobs.WaitUpdate) error { calls++; return nil },
			})
		})
		assert.Greater(t, calls, 100)
	})
}

// A transport that ends its goroutine does not end the program's.
func TestWait_heartbeatGoexit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) {
			runtime.Goexit()
			return nil, nil
		})
		_, err := beats(t, s, restorejobs.WaitOptions{Heartbeat: time.Second})
		require.ErrorContains(t, err, "a callback has ended its goroutine")
	})
}

// A heartbeat of several jobs describes the first that has not ended.
func TestWait_heartbeatOfSeveralJobs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		l := &jobList{ids: []string{"a", "b", "c"}, body: func(id string) string {
			if id == "a" || time.Since(begin) > time.Hour {
				return delivered("READY")[:6] + `"` + id + delivered("READY")[8:]
			}
			return `{"id":"` + id + `","statusName":"IN_PROGRESS","delivery":{"methodName":"HTTP"}}`
		}}
		counts := map[string]int{}
		_, err := newScriptedAPI(l.handle).manager(t).Wait(t.Context(), l.ids, restorejobs.WaitOptions{
			MinInterval: 10 * time.Minute, MaxInterval: -1, Heartbeat: time.Minute,
			OnUpdate: func(u restorejobs.WaitUpdate) error {
				if u.Heartbeat {
					counts[u.ID]++
					assert.Equal(t, restorejobs.StateRunning, u.State)
				}
				return nil
			},
		})
		require.NoError(t, err)
		assert.Len(t, counts, 1)
		assert.Greater(t, counts["b"], 50)
	})
}

// An update names the shard of its file.
func TestWaitUpdate_replicaSet(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"id":"a","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":"https://d.example.net/KEY/rs7-1536602400-a.tar.gz"}}`:                               "rs7",
		`{"id":"a","deliveryType":"download","finishedAt":"2026-08-10T03:44:52Z","components":[{"replicaSetName":"s0","downloadUrl":"https://d.example.net/s0"}]}`:                         "s0",
		`{"id":"a","deliveryType":"download","finishedAt":"2026-08-10T03:44:52Z","components":[{"replicaSetName":"s0","downloadUrl":"https://d.example.net/s0"},{"replicaSetName":"s1"}]}`: "",
		`{"id":"a","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":"https://d.example.net/KEY/file"}}`:                                                  "",
		`{"id":"a","deliveryType":"download","failed":true,"components":[{"replicaSetName":"s1","downloadUrl":null}]}`:                                                                     "s1",
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			var update restorejobs.WaitUpdate
			_, _ = newScriptedAPI(bodies(body)).manager(t).Wait(ctx, []string{"a"}, restorejobs.WaitOptions{
				OnUpdate: func(u restorejobs.WaitUpdate) error { update = u; return nil },
			})
			assert.Equal(t, want, update.ReplicaSet, body)
			assert.Equal(t, want != "", strings.Contains(update.LogValue().String(), "replicaSet="+want))
		})
	}
}

// A heartbeat during a slow read of the target's status does not read what that poll changes.
func TestWait_heartbeatDuringTargetRead(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		ids := d.restore()
		d.server.InjectFault(restorejobstest.DelayResponse(20*time.Second).On("GET /api/public/v1.0/groups/{project}/automationStatus"), 1000)
		_, updates, err := d.wait(ids, restorejobs.WaitOptions{Heartbeat: time.Second})
		require.NoError(d, err)
		duringPoll := 0
		for _, u := range updates {
			if u.Heartbeat && u.NextPoll == 0 && u.Target != nil {
				duringPoll++
				assert.Equal(d, restorejobs.StateFinished, u.State)
				assert.NotNil(d, u.Job)
			}
		}
		assert.Greater(d, duringPoll, 20)
	})
}

// An OnUpdate that ends its goroutine, as FailNow does, waits for the poll that it interrupts.
func TestWait_heartbeatOnUpdateExits(t *testing.T) {
	t.Parallel()
	for name, exit := range map[string]func(){"Goexit": runtime.Goexit, "panic": func() { panic("mine") }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				polling := false // without a lock, for the race detector
				s := newScriptedAPI(func(_ int, r *http.Request) (*http.Response, error) {
					polling = true
					<-r.Context().Done()
					time.Sleep(time.Second)
					polling = false
					return nil, r.Context().Err()
				})
				jobs := s.cluster(t)
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					defer func() { _ = recover() }()
					defer func() { assert.False(t, polling) }()
					_, _ = jobs.Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
						Heartbeat: 3 * time.Second,
						OnUpdate: func(restorejobs.WaitUpdate) error {
							exit()
							return nil
						},
					})
				}()
				<-ended
			})
		})
	}
}

// The next poll is when an update says, although OnUpdate takes time.
func TestWait_nextPollAfterSlowUpdate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(bodies(cloudRunning, cloudFinished))
		start := time.Now()
		var next time.Duration
		_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
			MinInterval: time.Minute,
			OnUpdate: func(u restorejobs.WaitUpdate) error {
				if u.NextPoll > 0 {
					next = time.Since(start) + u.NextPoll
				}
				time.Sleep(40 * time.Second)
				return nil
			},
		})
		require.NoError(t, err)
		assert.Equal(t, next, s.times()[1])
	})
}
