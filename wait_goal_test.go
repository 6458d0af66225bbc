package restorejobs_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

// scriptedTarget is an Ops Manager in process with one restore into a cluster.
type scriptedTarget struct {
	job      string             // the job, which is finished
	status   func(n int) string // the automation status; n counts from 1
	hosts    map[string]string  // by cluster ID
	clusters string             // the list of clusters
	clock    func() time.Time   // of the server; nil: the local one
	statuses int
}

const (
	jobWithoutTime = `{"id":"a","statusName":"FINISHED","delivery":{"methodName":"HTTP","targetGroupId":"g","targetClusterId":"t"}}`
	hostOfTarget   = `{"results":[{"id":"1","hostname":"db1.example.net","port":27017,"replicaSetName":"rs7"}]}`
)

// jobCreatedAt is a finished restore with a creation time.
func jobCreatedAt(created time.Time) string {
	return strings.Replace(jobWithoutTime, `{"id"`, `{"created":"`+created.UTC().Format(time.RFC3339)+`","id"`, 1)
}

// goalReached is a status whose process on db1 has achieved a version.
func goalReached(goal, achieved int) string {
	return fmt.Sprintf(`{"goalVersion":%d,"processes":[{"hostname":"db1.example.net","name":"p1","lastGoalVersionAchieved":%d}]}`, goal, achieved)
}

func (s *scriptedTarget) handle(_ int, r *http.Request) (*http.Response, error) {
	clock := s.clock
	if clock == nil {
		clock = time.Now
	}
	headers := []string{"Date", clock().UTC().Format(http.TimeFormat)}
	switch {
	case strings.HasSuffix(r.URL.Path, "/groups/g/automationStatus"):
		s.statuses++
		return testutil.JSON(http.StatusOK, s.status(s.statuses), headers...), nil
	case strings.HasSuffix(r.URL.Path, "/groups/g/hosts"):
		if body := s.hosts[r.URL.Query().Get("clusterId")]; body != "" {
			return testutil.JSON(http.StatusOK, body, headers...), nil
		}
		return testutil.JSON(http.StatusOK, `{"results":[]}`, headers...), nil
	case strings.HasSuffix(r.URL.Path, "/groups/g/clusters") && s.clusters != "":
		return testutil.JSON(http.StatusOK, s.clusters, headers...), nil
	case strings.HasSuffix(r.URL.Path, "/restoreJobs/a"):
		return testutil.JSON(http.StatusOK, s.job, headers...), nil
	default:
		return testutil.APIError(http.StatusForbidden, "USER_UNAUTHORIZED"), nil
	}
}

// wait waits for at most two hours, and returns the last status of the target.
func (s *scriptedTarget) wait(t *testing.T, opts restorejobs.WaitOptions) (elapsed time.Duration, last *restorejobs.TargetStatus, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
	defer cancel()
	start := time.Now()
	opts.OnUpdate = func(u restorejobs.WaitUpdate) error {
		if u.Target != nil {
			last = u.Target
		}
		return nil
	}
	_, err = newScriptedAPI(s.handle).manager(t).Wait(ctx, []string{"a"}, opts)
	return time.Since(start), last, err
}

// since returns a status that depends on the time since now.
func since(status func(time.Duration) string) func(int) string {
	start := time.Now()
	return func(int) string { return status(time.Since(start)) }
}

// The rules for the goal of a restore, with the agents always at the goal of the moment: a wait that
// believes a goal too early ends too early.
func TestWait_goalIsBelieved(t *testing.T) {
	t.Parallel()
	const forever = 2 * time.Hour
	type script struct {
		created time.Duration         // of the job, before the wait; negative: unknown
		rises   map[time.Duration]int // changes of the goal, which begins at 7
		known   int64
		from    time.Duration // the end of the wait
		until   time.Duration
	}
	for name, test := range map[string]script{
		"rises after 40s":                 {0, map[time.Duration]int{40 * time.Second: 1}, 0, 90 * time.Second, 3 * time.Minute},
		"rises after 2s":                  {0, map[time.Duration]int{2 * time.Second: 1}, 0, 90 * time.Second, 3 * time.Minute},
		"rises after 10m":                 {0, map[time.Duration]int{10 * time.Minute: 1}, 0, 10 * time.Minute, 12 * time.Minute},
		"never rises":                     {0, nil, 0, forever, forever},
		"first look after 25s":            {25 * time.Second, map[time.Duration]int{15 * time.Second: 1}, 0, 65 * time.Second, 3 * time.Minute},
		"first look too late":             {35 * time.Second, map[time.Duration]int{5 * time.Second: 1}, 0, 14 * time.Minute, 16 * time.Minute},
		"first look too late, known":      {35 * time.Second, map[time.Duration]int{5 * time.Second: 1}, 7, 55 * time.Second, 2 * time.Minute},
		"known, had risen":                {5 * time.Minute, nil, 6, 0, 0},
		"known, had risen just now":       {50 * time.Second, nil, 6, 40 * time.Second, 2 * time.Minute},
		"known, not risen":                {5 * time.Minute, map[time.Duration]int{7 * time.Minute: 1}, 7, 7 * time.Minute, 9 * time.Minute},
		"known, never rises":              {5 * time.Minute, nil, 7, forever, forever},
		"hours later":                     {5 * time.Hour, nil, 0, 10 * time.Second, 30 * time.Second},
		"without a created time":          {-1, map[time.Duration]int{40 * time.Second: 1}, 0, 15 * time.Minute, 17 * time.Minute},
		"without a created time, known":   {-1, map[time.Duration]int{40 * time.Second: 1}, 7, 90 * time.Second, 3 * time.Minute},
		"goes back before it is believed": {0, map[time.Duration]int{40 * time.Second: 1, time.Minute: -3}, 0, forever, forever},
		"goes back and rises again":       {0, map[time.Duration]int{40 * time.Second: 1, time.Minute: -3, 30 * time.Minute: 3}, 0, 30 * time.Minute, 32 * time.Minute},
		"below the known goal":            {5 * time.Hour, nil, 9, forever, forever},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &scriptedTarget{job: jobWithoutTime, hosts: map[string]string{"t": hostOfTarget}}
				if test.created >= 0 {
					s.job = jobCreatedAt(time.Now().Add(-test.created))
				}
				s.status = since(func(elapsed time.Duration) string {
					goal := 7
					for at, change := range test.rises {
						if elapsed >= at {
							goal += change
						}
					}
					return goalReached(goal, goal)
				})
				opts := restorejobs.WaitOptions{GoalVersion: test.known, MaxInterval: 40 * time.Second}
				elapsed, _, err := s.wait(t, opts)
				assert.GreaterOrEqual(t, elapsed, test.from)
				assert.LessOrEqual(t, elapsed, test.until)
				if test.from == forever {
					require.ErrorIs(t, err, context.DeadlineExceeded)
				} else {
					require.NoError(t, err)
				}
			})
		})
	}
}

// A goal that goes back after it was believed is still needed.
func TestWait_goalGoesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scriptedTarget{job: jobCreatedAt(time.Now()), hosts: map[string]string{"t": hostOfTarget}}
		s.status = since(func(elapsed time.Duration) string {
			switch {
			case elapsed < 40*time.Second:
				return goalReached(7, 7)
			case elapsed < 5*time.Minute:
				return goalReached(8, 7)
			default:
				return goalReached(7, 7)
			}
		})
		_, last, err := s.wait(t, restorejobs.WaitOptions{})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.EqualValues(t, 8, last.GoalVersion)
		assert.Equal(t, 1, last.Remaining)
	})
}

// The age of a job is that of the server's clock. A local clock that is hours ahead proves nothing.
func TestWait_goalByTheServersClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{6 * time.Hour, time.Minute, -time.Minute, -6 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := func() time.Time { return time.Now().Add(-ahead) }
				s := &scriptedTarget{job: jobCreatedAt(server()), hosts: map[string]string{"t": hostOfTarget}, clock: server}
				s.status = since(func(elapsed time.Duration) string {
					if elapsed < 40*time.Second {
						return goalReached(7, 7)
					}
					return goalReached(8, min(8, 7+int(elapsed/(5*time.Minute))))
				})
				elapsed, _, err := s.wait(t, restorejobs.WaitOptions{})
				require.NoError(t, err)
				assert.GreaterOrEqual(t, elapsed, 5*time.Minute)
				assert.LessOrEqual(t, elapsed, 7*time.Minute)
			})
		})
	}
}

// Errors of agents are reported, and the plan of a process at the goal is not waited for.
func TestWait_goalReachedWithErrorAndPlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scriptedTarget{job: jobCreatedAt(time.Now().Add(-time.Hour)), hosts: map[string]string{"t": hostOfTarget}, status: func(int) string {
			return `{"goalVersion":8,"processes":[{"hostname":"DB1.example.net","lastGoalVersionAchieved":9,"plan":["Download"],"errorCode":100}]}`
		}}
		_, last, err := s.wait(t, restorejobs.WaitOptions{})
		require.NoError(t, err)
		assert.Equal(t, 100, last.Processes[0].ErrorCode)
		assert.Equal(t, []string{"Download"}, last.Processes[0].Plan)
	})
}

// A project whose automation manages nothing ends with an error, not with a success.
func TestWait_noProcesses(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"goalVersion":8,"processes":[]}`, `{"goalVersion":8}`, `{"goalVersion":0,"processes":[]}`} {
		for _, job := range []string{jobWithoutTime, jobCreatedAt(time.Now())} {
			synctest.Test(t, func(t *testing.T) {
				s := &scriptedTarget{job: job, status: func(int) string { return body }}
				_, last, err := s.wait(t, restorejobs.WaitOptions{})
				require.ErrorIs(t, err, restorejobs.ErrTargetUnknown)
				require.ErrorContains(t, err, "automation manages no process of the project (project g)")
				assert.False(t, last.Reached)
				assert.Equal(t, restorejobs.StateFinished, waitError(t, err).Failed[0].State())
			})
		}
	}
}

// A goal of 0 is reached by every process, and proves nothing.
func TestWait_goalZero(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scriptedTarget{job: jobCreatedAt(time.Now().Add(-time.Hour)), hosts: map[string]string{"t": hostOfTarget}, status: func(int) string { return goalReached(0, 0) }}
		_, _, err := s.wait(t, restorejobs.WaitOptions{})
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// A restore whose job names no target cannot be proven.
func TestWait_noTarget(t *testing.T) {
	t.Parallel()
	for _, delivery := range []string{`{"methodName":"AUTOMATED_RESTORE"}`, `{"methodName":"HTTP","targetClusterId":"t"}`, `{"methodName":"AUTOMATED_RESTORE","targetGroupId":"g"}`} {
		synctest.Test(t, func(t *testing.T) {
			s := &scriptedTarget{job: `{"id":"a","statusName":"FINISHED","delivery":` + delivery + `}`}
			_, _, err := s.wait(t, restorejobs.WaitOptions{})
			require.ErrorIs(t, err, restorejobs.ErrTargetUnknown, delivery)
			require.ErrorContains(t, err, "the job does not name its target")
			_, _, err = s.wait(t, restorejobs.WaitOptions{Goal: restorejobs.UntilJobFinished})
			require.NoError(t, err)
		})
	}
}

func TestWait_goalVersionIsValid(t *testing.T) {
	t.Parallel()
	_, err := newScriptedAPI(nil).manager(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{GoalVersion: -1})
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	require.ErrorContains(t, err, "GoalVersion must not be negative")
}
