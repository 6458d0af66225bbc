package restorejobs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

func TestWait_intervals(t *testing.T) {
	t.Parallel()
	const (
		second = time.Second
		minute = time.Minute
	)
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
				s := newScriptedAPI(func(n int, _ *http.Request) (*http.Response, error) {
					if n < 40 {
						return testutil.JSON(http.StatusOK, cloudRunning), nil
					}
					return testutil.JSON(http.StatusOK, cloudFinished), nil
				})
				_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, test.opts)
				require.NoError(t, err)
				times := s.times()
				assert.Zero(t, times[0], "the first poll is immediate")
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
func TestWait_jitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		distinct := map[time.Duration]bool{}
		for range 20 {
			s := newScriptedAPI(bodies(cloudRunning, cloudRunning, cloudRunning, cloudFinished))
			_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
			require.NoError(t, err)
			times := s.times()
			distinct[times[3]-times[2]] = true
		}
		assert.Greater(t, len(distinct), 10)
	})
}

// The context is the only deadline, and its end is not that of a job.
func TestWait_contextEnds(t *testing.T) {
	t.Parallel()
	errShutdown := errors.New("shutting down")
	running := bodies(cloudRunning)
	hanging := func(_ int, r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	for name, handle := range map[string]func(int, *http.Request) (*http.Response, error){"between polls": running, "during a poll": hanging} {
		t.Run("deadline "+name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 47*time.Second)
				defer cancel()
				jobs, err := newScriptedAPI(handle).cluster(t).Wait(ctx, []string{"a"}, restorejobs.WaitOptions{})
				require.ErrorIs(t, err, context.DeadlineExceeded)
				e := waitError(t, err)
				assert.Equal(t, 47*time.Second, e.Elapsed, "promptly")
				assert.Equal(t, []string{"a"}, e.PendingIDs)
				assert.Equal(t, jobs, e.PendingJobs, "as last seen, if it was")
				assert.Equal(t, name == "between polls", jobs[0] != nil)
				assert.Empty(t, e.Failed, "it has not ended badly")
				assert.NotErrorIs(t, err, restorejobs.ErrJobFailed)
				assert.Contains(t, err.Error(), "restorejobs: wait: context deadline exceeded; 1 job pending: a (")
			})
		})
		t.Run("cancelled "+name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(31*time.Second, func() { cancel(errShutdown) })
				_, err := newScriptedAPI(handle).cluster(t).Wait(ctx, []string{"a"}, restorejobs.WaitOptions{})
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
		s := newScriptedAPI(running)
		_, err := s.cluster(t).Wait(ctx, []string{"a"}, restorejobs.WaitOptions{})
		require.ErrorIs(t, err, context.Canceled)
		assert.Zero(t, waitError(t, err).Polls)
		assert.Empty(t, s.requests())
	})
	t.Run("after failures", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
			defer cancel()
			s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) {
				return testutil.APIError(503, "SERVICE_UNAVAILABLE"), nil
			})
			_, err := s.cluster(t).Wait(ctx, []string{"a"}, restorejobs.WaitOptions{})
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.NotErrorIs(t, err, restorejobs.ErrUnavailable, "that was tolerated")
			assert.Contains(t, err.Error(), "the last poll failed: get restore job: 503 SERVICE_UNAVAILABLE")
		})
	})
}

// Failed jobs and the end of the context are reported together.
func TestWait_contextEndsAfterFailedJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &jobList{ids: []string{"a", "b"}, body: func(id string) string {
			return managerJob(id, "", map[string]string{"a": "IN_PROGRESS", "b": "BROKEN"}[id])
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := newScriptedAPI(l.handle).manager(t).Wait(ctx, l.ids, restorejobs.WaitOptions{})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, restorejobs.ErrJobFailed)
		e := waitError(t, err)
		assert.Equal(t, time.Hour, e.Elapsed)
		assert.Contains(t, err.Error(), "1 job ended badly: b failed; context deadline exceeded; 1 job pending: a (")
		assert.Equal(t, fmt.Sprintf("%q", err.Error()), fmt.Sprintf("%q", err))
		assert.Equal(t, err.Error(), fmt.Sprintf("%+v", err))
	})
}

func TestWait_onUpdate(t *testing.T) {
	t.Parallel()
	t.Run("reports changes and failures", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := newScriptedAPI(func(n int, _ *http.Request) (*http.Response, error) {
				switch n {
				case 1, 2, 4:
					return testutil.JSON(http.StatusOK, cloudRunning), nil
				case 3:
					return nil, reset()
				default:
					return testutil.JSON(http.StatusOK, cloudFinished), nil
				}
			})
			var updates []string
			_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
				MinInterval: 10 * time.Second, MaxInterval: -1,
				OnUpdate: func(u restorejobs.WaitUpdate) error {
					assert.Equal(t, u.Err == nil, u.Job != nil)
					updates = append(updates, fmt.Sprintf("%s %s>%s %v %d %s", u.ID, u.Previous, u.State, u.Err != nil, u.Polls, u.Elapsed))
					return nil
				},
			})
			require.NoError(t, err)
			assert.Equal(t, []string{"a >running false 1 0s", "a running>running true 3 20s", "a running>finished false 5 40s"}, updates)
		})
	})
	t.Run("ends the wait with an error", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			errEnough := errors.New("enough")
			s := newScriptedAPI(bodies(cloudRunning))
			jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
				OnUpdate: func(restorejobs.WaitUpdate) error { return errEnough },
			})
			require.ErrorIs(t, err, errEnough)
			e := waitError(t, err)
			assert.Equal(t, errEnough, e.Err)
			assert.Equal(t, []string{"a"}, e.PendingIDs)
			assert.NotNil(t, jobs[0])
			assert.Len(t, s.requests(), 1)
		})
	})
}

// The error of OnUpdate counts for a tolerated failure too.
func TestWait_onUpdateErrorAfterFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) { return nil, reset() })
		jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
			OnUpdate: func(u restorejobs.WaitUpdate) error { return fmt.Errorf("no more: %w", u.Err) },
		})
		require.ErrorIs(t, err, syscall.ECONNRESET)
		require.ErrorContains(t, err, "restorejobs: wait: no more: ")
		assert.Equal(t, 1, waitError(t, err).Polls)
		assert.Nil(t, jobs[0])
	})
}

func TestWait_invalidArguments(t *testing.T) {
	t.Parallel()
	s := newScriptedAPI(bodies(cloudRunning))
	for name, test := range map[string]struct {
		jobs *restorejobs.Jobs
		ids  []string
		opts restorejobs.WaitOptions
		text string
	}{
		"no ids":      {s.cluster(t), nil, restorejobs.WaitOptions{}, "ids must not be empty"},
		"an empty id": {s.cluster(t), []string{"a", ""}, restorejobs.WaitOptions{}, "ids[1] must not be empty"},
		"a path":      {s.cluster(t), []string{"a/b"}, restorejobs.WaitOptions{}, "ids[0] must not contain"},
		"a goal":      {s.cluster(t), []string{"a"}, restorejobs.WaitOptions{Goal: 7}, "Goal must be"},
		"intervals":   {s.cluster(t), []string{"a"}, restorejobs.WaitOptions{MinInterval: 2, MaxInterval: 1}, "MinInterval must not be more"},
		"the scope":   {s.client(t).AtlasV2.Cluster("p", "").Jobs, []string{"a"}, restorejobs.WaitOptions{}, "cluster name must not be empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			jobs, err := test.jobs.Wait(t.Context(), test.ids, test.opts)
			require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
			require.ErrorContains(t, err, "restorejobs: wait for restore jobs: ")
			require.ErrorContains(t, err, test.text)
			assert.Nil(t, jobs)
			assert.Empty(t, s.requests())
		})
	}
}
