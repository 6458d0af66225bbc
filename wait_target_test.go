package restorejobs_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// deploymentTest is a restore into a cluster of Ops Manager, in the test server.
type deploymentTest struct {
	*testing.T
	server *restorejobstest.Server
	client *restorejobs.Client
	jobs   *restorejobs.Jobs
	scope  restorejobstest.Scope
}

// inDeployment runs a test on a virtual clock.
func inDeployment(t *testing.T, test func(d *deploymentTest)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 8, 11, 0, 0, 0, 0, time.UTC)))
		server := restorejobstest.NewServer(restorejobstest.InProcess())
		defer server.Close()
		client, err := server.Client()
		require.NoError(t, err)
		scope := restorejobstest.OpsManagerCluster
		test(&deploymentTest{T: t, server: server, client: client, scope: scope, jobs: client.OpsManager.Cluster(scope.Project(), scope.Cluster()).Jobs})
	})
}

// restore starts a restore to a point in time, whose job is finished as soon as it is made.
func (d *deploymentTest) restore() []string {
	d.Helper()
	return d.restoreInto(d.scope.Project(), d.scope.Target())
}

func (d *deploymentTest) restoreInto(project, cluster string) []string {
	d.Helper()
	point := restorejobs.FromPointInTime(time.Now().Add(-time.Minute).Truncate(time.Second))
	created, err := d.jobs.Create(d.Context(), point, restorejobs.ToCluster(project, cluster))
	require.NoError(d, err)
	return restorejobs.JobIDs(created)
}

// targetHosts are the hosts of the cluster that restore restores into.
func (d *deploymentTest) targetHosts() []string { return d.server.Hostnames(d.scope, d.scope.Target()) }

// requests counts the requests whose path ends so.
func (d *deploymentTest) requests(suffix string) int {
	n := 0
	for _, request := range d.server.Requests() {
		path, _, _ := strings.Cut(request.Path, "?")
		if strings.HasSuffix(path, suffix) {
			n++
		}
	}
	return n
}

// longestWait is far above every limit of a wait, and above each delay that a test expects a wait to outlast.
const longestWait = 6 * time.Hour

// wait returns how long it took and the updates.
func (d *deploymentTest) wait(ids []string, opts restorejobs.WaitOptions) (elapsed time.Duration, updates []restorejobs.WaitUpdate, err error) {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), longestWait)
	defer cancel()
	start := time.Now()
	opts.OnUpdate = func(u restorejobs.WaitUpdate) error { updates = append(updates, u); return nil }
	jobs, err := d.jobs.Wait(ctx, ids, opts)
	assert.Equal(d, ids, restorejobs.JobIDs(jobs))
	for _, job := range jobs {
		if err == nil {
			assert.Equal(d, restorejobs.StateFinished, job.State())
		}
	}
	return time.Since(start), updates, err
}

// A restore to a point in time is FINISHED when it is made. The agents need ten minutes.
func TestWait_targetAgentsNeedTenMinutes(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		d.server.SetAgentDelay(10 * time.Minute)
		elapsed, updates, err := d.wait(d.restore(), restorejobs.WaitOptions{})
		require.NoError(d, err)
		assert.GreaterOrEqual(d, elapsed, 10*time.Minute+40*time.Second)
		assert.LessOrEqual(d, elapsed, 12*time.Minute)
		first := updates[0]
		assert.Equal(d, restorejobs.StateFinished, first.State, "by the service's report")
		require.NotNil(d, first.Target)
		assert.False(d, first.Target.Reached)
		assert.Zero(d, first.Target.Remaining, "the goal has not risen yet")
		last := updates[len(updates)-1]
		assert.True(d, last.Target.Reached)
		assert.Zero(d, last.Target.Remaining)
		assert.Len(d, last.Target.Processes, 3, "of the target only")
		assert.Equal(d, d.scope.Project(), last.Target.ProjectID)
		assert.Equal(d, d.scope.Target(), last.Target.ClusterID)
		assert.Equal(d, last.State, last.Previous)
		assert.NotEmpty(d, last.ReplicaSet)
		assert.True(d, slices.ContainsFunc(updates, func(u restorejobs.WaitUpdate) bool { return u.Target.Remaining == 3 }))
		assert.Equal(d, 1, d.requests("/hosts"), "read once")
	})
}

// The goal rises so late that the job is older than the 90 seconds.
func TestWait_targetGoalNotRisenYet(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		d.server.SetAutomationGoalDelay(5 * time.Minute)
		elapsed, _, err := d.wait(d.restore(), restorejobs.WaitOptions{})
		require.NoError(d, err)
		assert.GreaterOrEqual(d, elapsed, 6*time.Minute)
		assert.LessOrEqual(d, elapsed, 8*time.Minute)
	})
}

// Changes of other deployments raise the goal before ours and after it.
func TestWait_targetGoalRaisedByOthers(t *testing.T) {
	t.Parallel()
	for _, raises := range [][]time.Duration{{5 * time.Second}, {35 * time.Second}, {2 * time.Minute}, {time.Second, 20 * time.Second, time.Minute, 3 * time.Minute, 9 * time.Minute}} {
		t.Run(fmt.Sprint(raises), func(t *testing.T) {
			t.Parallel()
			inDeployment(t, func(d *deploymentTest) {
				d.server.SetAgentDelay(10 * time.Minute)
				ids := d.restore()
				for _, after := range raises {
					time.AfterFunc(after, func() { d.server.RaiseGoal(d.scope) })
				}
				elapsed, _, err := d.wait(ids, restorejobs.WaitOptions{})
				require.NoError(d, err)
				assert.GreaterOrEqual(d, elapsed, 10*time.Minute+40*time.Second)
				assert.LessOrEqual(d, elapsed, 12*time.Minute, "a goal of others is not waited for")
			})
		})
	}
}

// A process of another cluster that is stuck does not delay the wait.
func TestWait_targetIgnoresOtherClusters(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		d.server.StickProcess(d.scope, d.server.Hostnames(d.scope, d.scope.Sharded())[0])
		elapsed, updates, err := d.wait(d.restore(), restorejobs.WaitOptions{})
		require.NoError(d, err)
		assert.LessOrEqual(d, elapsed, 4*time.Minute)
		assert.Len(d, updates[len(updates)-1].Target.Processes, 3)
	})
}

// Agents that never get there do not end in success. The error and the updates say where they are.
func TestWait_targetStuck(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		stuck := d.targetHosts()[1]
		ids := d.restore()
		d.server.StickProcess(d.scope, stuck)
		elapsed, updates, err := d.wait(ids, restorejobs.WaitOptions{})
		require.ErrorIs(d, err, context.DeadlineExceeded)
		require.NotErrorIs(d, err, restorejobs.ErrTargetUnknown)
		assert.Equal(d, longestWait, elapsed)
		e := waitError(d.T, err)
		assert.Empty(d, e.Failed)
		assert.Equal(d, ids, e.PendingIDs)
		assert.Equal(d, restorejobs.StateFinished, e.PendingJobs[0].State())
		require.Len(d, e.PendingTargets, 1)
		for _, target := range []*restorejobs.TargetStatus{e.PendingTargets[0], updates[len(updates)-1].Target} {
			assert.Equal(d, 1, target.Remaining)
			assert.False(d, target.Reached)
		}
		for _, text := range []string{stuck, "1 of 3 processes below goal 8", "step Download", "error 100 AutomationError"} {
			assert.ErrorContains(d, err, text)
			assert.Contains(d, updates[len(updates)-1].LogValue().String(), strings.TrimPrefix(text, "1 of 3 processes below goal 8"))
		}
		d.server.ReleaseProcess(d.scope, stuck)
		_, _, err = d.wait(ids, restorejobs.WaitOptions{})
		require.NoError(d, err)
	})
}

// A role that may not read the status is an error, and the job is finished.
func TestWait_targetUnreadable(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 404} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			inDeployment(t, func(d *deploymentTest) {
				d.server.InjectFault(restorejobstest.RespondStatus(status).On("GET /api/public/v1.0/groups/{project}/automationStatus"), 1000)
				elapsed, updates, err := d.wait(d.restore(), restorejobs.WaitOptions{})
				require.ErrorIs(d, err, restorejobs.ErrTargetUnknown)
				require.NotErrorIs(d, err, restorejobs.ErrJobFailed)
				assert.Zero(d, elapsed)
				e := waitError(d.T, err)
				assert.Equal(d, restorejobs.StateFinished, e.Failed[0].State())
				assert.Empty(d, e.PendingIDs)
				assert.Len(d, updates, 1)
				assert.ErrorContains(d, err, "finished, whether its target is restored is unknown: get automation status: "+strconv.Itoa(status))
			})
		})
	}
}

// While the job runs, a refused status is reported once, and the job is waited for.
func TestWait_targetUnreadableWhileRunning(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		d.server.InjectFault(restorejobstest.RespondStatus(403).On("GET /api/public/v1.0/groups/{project}/automationStatus"), 1000)
		created, err := d.jobs.Create(d.Context(), restorejobs.FromSnapshot(d.scope.Snapshots()[0]), restorejobs.ToCluster(d.scope.Project(), d.scope.Target()))
		require.NoError(d, err)
		_, updates, err := d.wait(restorejobs.JobIDs(created), restorejobs.WaitOptions{MaxConsecutiveErrors: -1})
		require.ErrorIs(d, err, restorejobs.ErrTargetUnknown)
		var notices []error
		for _, u := range updates {
			if u.Err != nil {
				notices = append(notices, u.Err)
			}
		}
		require.Len(d, notices, 1)
		require.ErrorIs(d, notices[0], restorejobs.ErrTargetUnknown)
		assert.Equal(d, 2, d.requests("/automationStatus"), "at the start, and at the end")
	})
}

// Temporary failures of the status are tolerated as those of a poll.
func TestWait_targetTransientFailure(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"automationStatus", "hosts"} {
		for _, fault := range []restorejobstest.Fault{restorejobstest.RespondStatus(503), restorejobstest.ResetConnection(), restorejobstest.RespondHTML(404), restorejobstest.RespondHTML(200), restorejobstest.RespondBody(200, "application/json", "{}")} {
			inDeployment(t, func(d *deploymentTest) {
				ids := d.restore()
				d.server.InjectFault(fault.On("GET /api/public/v1.0/groups/{project}/"+path), 5)
				_, updates, err := d.wait(ids, restorejobs.WaitOptions{MaxConsecutiveErrors: 5})
				require.NoError(d, err)
				failures := 0
				for _, u := range updates {
					if u.Err != nil {
						failures++
						assert.Equal(d, ids[0], u.ID)
						assert.Equal(d, restorejobs.StateFinished, u.State)
					}
				}
				assert.Equal(d, 5, failures)
				d.server.InjectFault(fault.On("GET /api/public/v1.0/groups/{project}/"+path), 1000)
				_, _, err = d.wait(d.restore(), restorejobs.WaitOptions{MaxConsecutiveErrors: 5})
				require.ErrorContains(d, err, "6 polls in a row failed")
				require.NotErrorIs(d, err, restorejobs.ErrTargetUnknown, "a later wait may succeed")
			})
		}
	}
}

// A Retry-After of the status is respected.
func TestWait_targetRetryAfter(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		ids := d.restore()
		d.server.InjectFault(restorejobstest.TooManyRequests(30*time.Minute).On("GET /api/public/v1.0/groups/{project}/automationStatus"), 1)
		elapsed, updates, err := d.wait(ids, restorejobs.WaitOptions{})
		require.NoError(d, err)
		assert.GreaterOrEqual(d, elapsed, 30*time.Minute)
		assert.Equal(d, 30*time.Minute, updates[1].NextPoll)
	})
}

// A wait that resumes hours later ends after a few polls.
func TestWait_targetResumedHoursLater(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		ids := d.restore()
		time.Sleep(5 * time.Hour)
		elapsed, updates, err := d.wait(ids, restorejobs.WaitOptions{})
		require.NoError(d, err)
		assert.LessOrEqual(d, elapsed, 30*time.Second)
		assert.Equal(d, 2, updates[len(updates)-1].Polls)
		d.server.StickProcess(d.scope, d.targetHosts()[0])
		ids = d.restore()
		time.Sleep(5 * time.Hour)
		_, _, err = d.wait(ids, restorejobs.WaitOptions{})
		require.ErrorIs(d, err, context.DeadlineExceeded, "it is stuck")
	})
}

// A wait that resumes after some minutes knows by the goal before the create that it has risen.
func TestWait_targetKnownGoal(t *testing.T) {
	t.Parallel()
	for name, isKnown := range map[string]bool{"known": true, "unknown": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDeployment(t, func(d *deploymentTest) {
				before, err := d.client.OpsManager.AutomationStatus(d.Context(), d.scope.Project())
				require.NoError(d, err)
				ids := d.restore()
				time.Sleep(5 * time.Minute)
				opts := restorejobs.WaitOptions{}
				if isKnown {
					opts.GoalVersion = before.GoalVersion
				}
				elapsed, _, err := d.wait(ids, opts)
				require.NoError(d, err)
				if isKnown {
					assert.Zero(d, elapsed, "all processes have reached a goal that has risen")
				} else {
					assert.GreaterOrEqual(d, elapsed, 10*time.Minute)
					assert.LessOrEqual(d, elapsed, 12*time.Minute)
				}
			})
		})
	}
}

// A goal that has not risen since the create is not believed.
func TestWait_targetKnownGoalNotRisen(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		before, err := d.client.OpsManager.AutomationStatus(d.Context(), d.scope.Project())
		require.NoError(d, err)
		d.server.SetAutomationGoalDelay(11 * time.Minute)
		ids := d.restore()
		time.Sleep(5 * time.Minute)
		elapsed, _, err := d.wait(ids, restorejobs.WaitOptions{GoalVersion: before.GoalVersion})
		require.NoError(d, err)
		assert.GreaterOrEqual(d, elapsed, 7*time.Minute)
		assert.LessOrEqual(d, elapsed, 9*time.Minute)
	})
}

// A job that ran for long can add its directives after its end.
func TestWait_targetGoalRisesAfterTheJob(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		d.server.SetAutomationGoalDelay(25*time.Minute + 50*time.Second)
		d.server.SetAgentDelay(10 * time.Minute)
		created, err := d.jobs.Create(d.Context(), restorejobs.FromSnapshot(d.scope.Snapshots()[0]), restorejobs.ToCluster(d.scope.Project(), d.scope.Target()))
		require.NoError(d, err)
		ids := restorejobs.JobIDs(created)
		d.server.SetJob(ids[0], restorejobstest.SetFields(map[string]any{"statusName": "IN_PROGRESS"}))
		time.AfterFunc(25*time.Minute, func() {
			d.server.SetJob(ids[0], restorejobstest.SetFields(map[string]any{"statusName": "FINISHED"}))
		})
		time.AfterFunc(10*time.Minute, func() { d.server.RaiseGoal(d.scope) })
		elapsed, _, err := d.wait(ids, restorejobs.WaitOptions{})
		require.NoError(d, err)
		assert.GreaterOrEqual(d, elapsed, 35*time.Minute+50*time.Second)
	})
}

// A restore that is cancelled after it was FINISHED has failed.
func TestWait_targetJobCancelledMeanwhile(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		ids := d.restore()
		time.AfterFunc(time.Minute, func() { d.server.CancelJob(ids[0]) })
		_, _, err := d.wait(ids, restorejobs.WaitOptions{})
		require.ErrorIs(d, err, restorejobs.ErrJobCancelled)
	})
}

// The state of the job ends a wait until it is finished by the service's report.
func TestWait_untilJobFinished(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		elapsed, updates, err := d.wait(d.restore(), restorejobs.WaitOptions{Goal: restorejobs.UntilJobFinished})
		require.NoError(d, err)
		assert.Zero(d, elapsed)
		assert.Nil(d, updates[0].Target)
		assert.Zero(d, d.requests("/automationStatus"))
		created, err := d.jobs.Create(d.Context(), restorejobs.FromSnapshot(d.scope.Snapshots()[0]), restorejobs.ToDownload())
		require.NoError(d, err)
		_, _, err = d.wait(restorejobs.JobIDs(created), restorejobs.WaitOptions{})
		require.NoError(d, err)
		assert.Zero(d, d.requests("/automationStatus"), "of a download")
	})
}

// The jobs of a batch have one target, which needs one status in each poll. All shards count.
func TestWait_targetOfBatch(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		d.server.SetAgentDelay(5 * time.Minute)
		target := d.server.AddCluster(restorejobstest.ClusterSpec{Scope: d.scope, Name: "catalog-staging", Shards: 2})
		d.jobs = d.client.OpsManager.Cluster(d.scope.Project(), d.scope.Sharded()).Jobs
		ids := d.restoreInto(d.scope.Project(), target)
		require.Len(d, ids, 3)
		elapsed, updates, err := d.wait(ids, restorejobs.WaitOptions{})
		require.NoError(d, err)
		assert.GreaterOrEqual(d, elapsed, 5*time.Minute+40*time.Second)
		last := updates[len(updates)-1]
		assert.Len(d, last.Target.Processes, 9, "two shards and the config server")
		assert.Empty(d, last.ReplicaSet)
		assert.Equal(d, last.Polls, d.requests("/automationStatus"))
		assert.Equal(d, 1, d.requests("/hosts"))
		hosts := d.server.Hostnames(d.scope, target)
		for _, process := range last.Target.Processes {
			assert.Contains(d, hosts, process.Hostname)
		}
	})
}

// One wait can have several targets, and targets in several projects.
func TestWait_severalTargets(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		other := d.server.AddProject(d.scope, "Staging")
		second := d.server.AddCluster(restorejobstest.ClusterSpec{Scope: d.scope, Project: other, Name: "orders-copy"})
		third := d.server.AddCluster(restorejobstest.ClusterSpec{Scope: d.scope, Name: "orders-3"})
		ids := slices.Concat(d.restore(), d.restoreInto(other, second), d.restoreInto(d.scope.Project(), third))
		d.server.StickProcess(d.scope, d.server.Hostnames(d.scope, third)[2])
		time.AfterFunc(time.Hour, func() { d.server.ReleaseProcess(d.scope, d.server.Hostnames(d.scope, third)[2]) })
		elapsed, updates, err := d.wait(ids, restorejobs.WaitOptions{GoalVersion: 1})
		require.NoError(d, err)
		assert.GreaterOrEqual(d, elapsed, time.Hour)
		reached := map[string]time.Duration{}
		for _, u := range updates {
			if u.Target != nil && u.Target.Reached {
				reached[u.ID] = u.Elapsed
				assert.Len(d, u.Target.Processes, 3)
			}
		}
		assert.Less(d, reached[ids[0]], 4*time.Minute)
		assert.Less(d, reached[ids[1]], 4*time.Minute)
		assert.GreaterOrEqual(d, reached[ids[1]], 100*time.Second)
		assert.Greater(d, reached[ids[2]], time.Hour)
	})
}

// A heartbeat has the target, also while no agent makes progress.
func TestWait_targetHeartbeat(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		d.server.SetAgentDelay(30 * time.Minute)
		ids := d.restore()
		_, updates, err := d.wait(ids, restorejobs.WaitOptions{Heartbeat: 7 * time.Second})
		require.NoError(d, err)
		withTarget := 0
		for _, u := range updates {
			if u.Heartbeat && u.Target != nil && u.Target.Remaining == 3 {
				withTarget++
			}
		}
		assert.Greater(d, withTarget, 100)
	})
}

// FailFast does not wait for the other targets.
func TestWait_targetFailFast(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		other := d.server.AddProject(d.scope, "Staging")
		second := d.server.AddCluster(restorejobstest.ClusterSpec{Scope: d.scope, Project: other, Name: "orders-copy"})
		ids := append(d.restore(), d.restoreInto(other, second)...)
		d.server.InjectFault(restorejobstest.RespondStatus(http.StatusForbidden).On("GET /api/public/v1.0/groups/"+other+"/automationStatus"), 1000)
		elapsed, _, err := d.wait(ids, restorejobs.WaitOptions{FailFast: true})
		require.ErrorIs(d, err, restorejobs.ErrTargetUnknown)
		assert.Zero(d, elapsed)
		assert.Equal(d, ids[:1], waitError(d.T, err).PendingIDs)
		_, _, err = d.wait(ids, restorejobs.WaitOptions{})
		require.ErrorIs(d, err, restorejobs.ErrTargetUnknown)
		assert.Empty(d, waitError(d.T, err).PendingIDs, "the other was waited for")
	})
}

// A goal that is known not to have risen is that from before the restore, however old the job is.
func TestWait_targetGoalNeverRises(t *testing.T) {
	t.Parallel()
	for name, isKnown := range map[string]bool{"by the options": true, "by the first poll": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDeployment(t, func(d *deploymentTest) {
				before, err := d.client.OpsManager.AutomationStatus(d.Context(), d.scope.Project())
				require.NoError(d, err)
				d.server.SetAutomationGoalDelay(3 * time.Hour)
				ids := d.restore()
				opts := restorejobs.WaitOptions{}
				if isKnown {
					opts.GoalVersion = before.GoalVersion
				}
				elapsed, _, err := d.wait(ids, opts)
				require.NoError(d, err)
				assert.GreaterOrEqual(d, elapsed, 3*time.Hour)
				d.server.SetAutomationGoalDelay(longestWait + time.Hour)
				_, _, err = d.wait(d.restore(), restorejobs.WaitOptions{})
				require.ErrorIs(d, err, context.DeadlineExceeded)
				assert.ErrorContains(d, err, "goal 9, which can precede the restore")
			})
		})
	}
}

// A GoalVersion of another project, or from before a change back, is a goal that has not risen.
func TestWait_targetGoalVersionTooHigh(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		_, _, err := d.wait(d.restore(), restorejobs.WaitOptions{GoalVersion: 1000})
		require.ErrorIs(d, err, context.DeadlineExceeded)
		assert.ErrorContains(d, err, "can precede the restore")
	})
}

// dateTransport changes the Date of every response.
type dateTransport struct {
	http.RoundTripper
	skew   time.Duration
	remove bool
}

func (s dateTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Header = resp.Header.Clone()
	resp.Header.Set("Date", time.Now().Add(s.skew).UTC().Format(http.TimeFormat))
	if s.remove {
		resp.Header.Del("Date")
	}
	return resp, nil
}

// A Date that is hours off does not make a young job old, nor does a missing one.
func TestWait_targetClockSkew(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]dateTransport{
		"10 minutes ahead":  {skew: 10 * time.Minute},
		"10 minutes behind": {skew: -10 * time.Minute},
		"hours ahead":       {skew: 5 * time.Hour},
		"hours behind":      {skew: -5 * time.Hour},
		"no Date":           {remove: true},
	} {
		for _, pause := range []time.Duration{0, time.Minute} {
			t.Run(fmt.Sprint(name, " ", pause), func(t *testing.T) {
				t.Parallel()
				inDeployment(t, func(d *deploymentTest) {
					skewed := transport // the test with the other pause has the same
					skewed.RoundTripper = d.server.Transport()
					client, err := d.server.Client(restorejobs.WithTransport(skewed))
					require.NoError(d, err)
					d.server.SetAgentDelay(20 * time.Minute)
					d.server.SetAutomationGoalDelay(5 * time.Minute)
					ids := d.restore()
					time.Sleep(pause)
					d.jobs = client.OpsManager.Cluster(d.scope.Project(), d.scope.Cluster()).Jobs
					elapsed, _, err := d.wait(ids, restorejobs.WaitOptions{})
					require.NoError(d, err)
					assert.GreaterOrEqual(d, pause+elapsed, 25*time.Minute)
					assert.LessOrEqual(d, elapsed, 28*time.Minute)
				})
			})
		}
	}
}

// A local clock that is wrong does not make a young job old if the server sends no Date.
func TestWait_targetLocalClockAhead(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		transport := dateTransport{RoundTripper: d.server.Transport(), remove: true}
		client, err := d.server.Client(restorejobs.WithTransport(transport))
		require.NoError(d, err)
		d.server.SetAutomationGoalDelay(5 * time.Minute)
		ids := d.restore()
		created := time.Now().Add(-3 * time.Hour).UTC().Format(time.RFC3339)
		d.server.SetJob(ids[0], restorejobstest.SetFields(map[string]any{"created": created}))
		d.jobs = client.OpsManager.Cluster(d.scope.Project(), d.scope.Cluster()).Jobs
		elapsed, _, err := d.wait(ids, restorejobs.WaitOptions{})
		require.NoError(d, err)
		assert.GreaterOrEqual(d, elapsed, 6*time.Minute)
	})
}

// A job that runs again after it was FINISHED has a goal of its own again.
func TestWait_targetJobRunsAgain(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		ids := d.restore()
		d.server.StickProcess(d.scope, d.targetHosts()[0])
		setStatus := func(status string) func() {
			return func() { d.server.SetJob(ids[0], restorejobstest.SetFields(map[string]any{"statusName": status})) }
		}
		time.AfterFunc(5*time.Minute, setStatus("IN_PROGRESS"))
		time.AfterFunc(10*time.Minute, func() { d.server.ReleaseProcess(d.scope, d.targetHosts()[0]) })
		time.AfterFunc(20*time.Minute, setStatus("FINISHED"))
		elapsed, updates, err := d.wait(ids, restorejobs.WaitOptions{MaxInterval: 10 * time.Second})
		require.NoError(d, err)
		assert.GreaterOrEqual(d, elapsed, 21*time.Minute)
		for _, u := range updates {
			if u.State == restorejobs.StateRunning {
				assert.Nil(d, u.Target, "the status is from before")
			}
		}
	})
}

// A host with two processes of the target and one status has a process that is not watched.
func TestWait_targetProcessMissingOnSharedHost(t *testing.T) {
	t.Parallel()
	inDeployment(t, func(d *deploymentTest) {
		hosts := d.targetHosts()
		d.server.Handle("GET /api/public/v1.0/groups/{project}/hosts", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"results":[{"id":"1","hostname":%[1]q,"port":27017},{"id":"2","hostname":%[1]q,"port":27018}],"totalCount":2}`, hosts[0])
		}))
		d.server.StickProcess(d.scope, hosts[1])
		time.AfterFunc(time.Hour, func() { d.server.ReleaseProcess(d.scope, hosts[1]) })
		elapsed, updates, err := d.wait(d.restore(), restorejobs.WaitOptions{})
		require.NoError(d, err)
		assert.GreaterOrEqual(d, elapsed, time.Hour)
		assert.Greater(d, len(updates[len(updates)-1].Target.Processes), 3, "all of the project")
	})
}
