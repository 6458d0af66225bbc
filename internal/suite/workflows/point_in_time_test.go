package workflows

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// pointInTime restores a cluster of Ops Manager to a time, until the servers of the target have the data.
type pointInTime struct {
	client *restorejobs.Client
	log    io.Writer
}

func (p *pointInTime) run(ctx context.Context, project, cluster, target string, at time.Time) error {
	source, err := p.client.OpsManager.FindCluster(ctx, project, cluster)
	if err != nil {
		return err
	}
	into, err := p.client.OpsManager.FindCluster(ctx, project, target)
	if err != nil {
		return err
	}
	if err := source.CheckTarget(ctx, into); err != nil {
		return err
	}
	ranges, err := source.Jobs.RestorableTimeRanges(ctx)
	if err != nil {
		return err
	}
	if len(ranges) == 0 || !ranges[len(ranges)-1].Contains(at) {
		return errOutsideWindow
	}
	before, err := p.client.OpsManager.AutomationStatus(ctx, into.ProjectID())
	if err != nil {
		return err
	}
	created, err := createWhenPossible(ctx, source.Jobs, at, restorejobs.ToCluster(into.ProjectID(), into.ClusterID()))
	if err != nil {
		return err
	}
	_, err = source.Jobs.Wait(ctx, restorejobs.JobIDs(created), restorejobs.WaitOptions{
		GoalVersion: before.GoalVersion,
		Heartbeat:   time.Minute,
		OnUpdate: func(u restorejobs.WaitUpdate) error {
			if u.Target != nil {
				fmt.Fprintf(p.log, "%s: %s\n", u.Elapsed.Round(time.Second), u.Target)
			}
			return nil
		},
	})
	return err
}

// createWhenPossible repeats a create that is refused for now, until the context ends.
func createWhenPossible(ctx context.Context, jobs *restorejobs.Jobs, at time.Time, to restorejobs.Destination) ([]*restorejobs.Job, error) {
	for {
		created, err := jobs.Create(ctx, restorejobs.FromPointInTime(at), to)
		if !errors.Is(err, restorejobs.ErrBusy) {
			return created, err
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		case <-time.After(10 * time.Second):
		}
	}
}

// inOpsManager runs a test with agents that reach the goal four minutes after it has risen.
func inOpsManager(t *testing.T, test func(t *testing.T, server *restorejobstest.Server, restore *pointInTime, log *strings.Builder)) {
	t.Helper()
	inProduction(t, func(t *testing.T, server *restorejobstest.Server, client *restorejobs.Client) {
		server.SetAgentDelay(4 * time.Minute)
		log := &strings.Builder{}
		test(t, server, &pointInTime{client: client, log: log}, log)
	})
}

func TestPointInTime_waitsForTheServers(t *testing.T) {
	t.Parallel()
	inOpsManager(t, func(t *testing.T, server *restorejobstest.Server, restore *pointInTime, log *strings.Builder) {
		scope := restorejobstest.OpsManagerCluster
		notYet := restorejobstest.RespondError(409, "RESTORE_INITIATION_FAILED").On("POST /api/public/v1.0/groups/{project}/clusters/{cluster}/restoreJobs")
		server.InjectFault(notYet, 3)
		start := time.Now()
		at := start.Add(-time.Hour).Truncate(time.Second)
		before, err := restore.client.OpsManager.AutomationStatus(t.Context(), scope.Project())
		require.NoError(t, err)
		require.NoError(t, restore.run(t.Context(), scope.ProjectName(), scope.ClusterName(), scope.TargetName(), at))
		assert.Equal(t, 1, server.CreateCount())
		assert.Greater(t, time.Since(start), 30*time.Second+4*time.Minute, "three refusals, then the agents")
		assert.Greater(t, strings.Count(log.String(), "\n"), 3, "a line a minute")

		status, err := restore.client.OpsManager.AutomationStatus(t.Context(), scope.Project())
		require.NoError(t, err)
		hosts := server.Hostnames(scope, scope.Target())
		reached := 0
		for _, process := range status.Processes {
			for _, host := range hosts {
				if process.Hostname == host && process.LastGoalVersionAchieved > before.GoalVersion { // the goal may have risen again
					reached++
				}
			}
		}
		assert.Equal(t, len(hosts), reached, "every server of the target has the data")
	})
}

func TestPointInTime_edges(t *testing.T) {
	t.Parallel()
	inOpsManager(t, func(t *testing.T, server *restorejobstest.Server, restore *pointInTime, _ *strings.Builder) {
		scope := restorejobstest.OpsManagerCluster
		source := restore.client.OpsManager.Cluster(scope.Project(), scope.Cluster())
		ranges, err := source.Jobs.RestorableTimeRanges(t.Context())
		require.NoError(t, err)
		for _, at := range []time.Time{ranges[0].Start.Date, ranges[0].End.Date.Add(time.Second)} {
			err := restore.run(t.Context(), scope.ProjectName(), scope.ClusterName(), scope.TargetName(), at)
			require.ErrorIs(t, err, errOutsideWindow)
		}
		assert.Zero(t, server.CreateCount())
		err = restore.run(t.Context(), scope.ProjectName(), scope.ClusterName(), scope.TargetName(), ranges[0].Start.Date.Add(time.Second))
		require.NoError(t, err)
	})
}

// A server that is stuck keeps the wait from ending well.
func TestPointInTime_stuckServer(t *testing.T) {
	t.Parallel()
	inOpsManager(t, func(t *testing.T, server *restorejobstest.Server, restore *pointInTime, log *strings.Builder) {
		scope := restorejobstest.OpsManagerCluster
		host := server.Hostnames(scope, scope.Target())[0]
		server.StickProcess(scope, host)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
		defer cancel()
		at := time.Now().Add(-time.Hour).Truncate(time.Second)
		err := restore.run(ctx, scope.ProjectName(), scope.ClusterName(), scope.TargetName(), at)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Contains(t, log.String(), host, "which server is stuck")
	})
}

// A restore is found by the names of clusters that share them with their shards.
func TestPointInTime_unknownCluster(t *testing.T) {
	t.Parallel()
	inOpsManager(t, func(t *testing.T, server *restorejobstest.Server, restore *pointInTime, _ *strings.Builder) {
		scope := restorejobstest.OpsManagerCluster
		err := restore.run(t.Context(), scope.ProjectName(), "invoices", scope.TargetName(), time.Now().Add(-time.Hour))
		var lookupErr *restorejobs.LookupError
		require.ErrorAs(t, err, &lookupErr)
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
		assert.Zero(t, server.CreateCount())
	})
}
