package workflows

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// copyReport is what a pipeline keeps about one restore.
type copyReport struct {
	Snapshot string        `json:"snapshot"`
	Job      string        `json:"job,omitempty"` // empty if the target had the snapshot
	Start    time.Time     `json:"start,omitzero"`
	End      time.Time     `json:"end,omitzero"`
	Duration time.Duration `json:"duration,omitzero"`
}

// stagingRefresh restores the newest snapshots of the clusters of a project into those of another.
type stagingRefresh struct {
	client *restorejobs.Client
	from   string // names of projects
	to     string

	mu  sync.Mutex
	log io.Writer
}

// run restores clusters concurrently: each name is that of a source and of its target.
func (s *stagingRefresh) run(ctx context.Context, clusters []string) ([]copyReport, error) {
	reports := make([]copyReport, len(clusters))
	failures := make([]error, len(clusters))
	var copies sync.WaitGroup
	for i, name := range clusters {
		copies.Go(func() { reports[i], failures[i] = s.copy(ctx, name) })
	}
	copies.Wait()
	for _, err := range failures {
		if err != nil {
			return reports, err
		}
	}
	return reports, nil
}

// copy restores one cluster, unless the target has the newest snapshot already.
func (s *stagingRefresh) copy(ctx context.Context, name string) (copyReport, error) {
	source, err := s.client.AtlasV2.FindCluster(ctx, s.from, name)
	if err != nil {
		return copyReport{}, err
	}
	target, err := s.client.AtlasV2.FindCluster(ctx, s.to, name)
	if err != nil {
		return copyReport{}, err
	}
	snapshot, err := source.Snapshots.Newest(ctx, restorejobs.SnapshotOptions{})
	if err != nil {
		return copyReport{}, err
	}
	report := copyReport{Snapshot: snapshot.ID}
	if err := source.CheckTarget(ctx, target); err != nil {
		return report, err
	}
	point := restorejobs.FromSnapshot(snapshot.ID)
	to := restorejobs.ToCluster(target.ProjectID(), target.ClusterID())
	earlier, err := source.Jobs.FindCreated(ctx, snapshot.Time(), point, to)
	if err != nil {
		return report, err
	}
	if len(earlier) > 0 && earlier[0][0].State() == restorejobs.StateFinished {
		return report, nil
	}
	created, err := source.Jobs.Create(ctx, point, to)
	if err != nil {
		return report, err
	}
	jobs, err := source.Jobs.Wait(ctx, restorejobs.JobIDs(created), restorejobs.WaitOptions{
		Heartbeat: time.Minute,
		OnUpdate: func(u restorejobs.WaitUpdate) error {
			s.printf("%s: %s after %s\n", name, u.State, u.Elapsed.Round(time.Second))
			return nil
		},
	})
	if err != nil {
		return report, err
	}
	report.Job = jobs[0].ID
	report.Start = jobs[0].CreationTime()
	report.End = jobs[0].FinishTime()
	report.Duration = report.End.Sub(report.Start)
	return report, nil
}

func (s *stagingRefresh) printf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.log, format, args...)
}

// addStaging adds a project with a target for each cluster of a scope.
func addStaging(t *testing.T, server *restorejobstest.Server, client *restorejobs.Client, scope restorejobstest.Scope, clusters []string) string {
	t.Helper()
	project := server.AddProject(scope, "Staging")
	for _, name := range clusters {
		cluster, err := client.AtlasV2.Cluster(scope.Project(), name).Cluster(t.Context())
		require.NoError(t, err)
		server.AddCluster(restorejobstest.ClusterSpec{
			Scope:            scope,
			Project:          project,
			Name:             name,
			Shards:           cluster.ShardCount,
			ConfigServerType: cluster.ConfigServerType,
			NoSnapshots:      true,
		})
	}
	return project
}

func TestStagingRefresh_restoresOnce(t *testing.T) {
	t.Parallel()
	inProduction(t, func(t *testing.T, server *restorejobstest.Server, client *restorejobs.Client) {
		scope := restorejobstest.AtlasV2Cluster
		clusters := []string{scope.Cluster(), scope.Sharded()}
		addStaging(t, server, client, scope, clusters)
		var log strings.Builder
		refresh := &stagingRefresh{client: client, from: scope.ProjectName(), to: "Staging", log: &log}

		reports, err := refresh.run(t.Context(), clusters)
		require.NoError(t, err)
		for i, name := range clusters {
			report := reports[i]
			newest, err := client.AtlasV2.Cluster(scope.Project(), name).Snapshots.Newest(t.Context(), restorejobs.SnapshotOptions{})
			require.NoError(t, err)
			assert.Equal(t, newest.ID, report.Snapshot)
			assert.NotEmpty(t, report.Job)
			assert.Positive(t, report.Duration)
			assert.Contains(t, log.String(), name+": running after 1m0s\n", "a line a minute")
			text, err := json.Marshal(report)
			require.NoError(t, err)
			assert.Contains(t, string(text), `"start":"2026-08-11T`)
		}
		assert.Equal(t, 2, server.CreateCount())

		reports, err = refresh.run(t.Context(), clusters)
		require.NoError(t, err)
		assert.Equal(t, 2, server.CreateCount(), "both targets have the newest snapshot")
		assert.Empty(t, reports[0].Job+reports[1].Job)

		taken := server.TakeSnapshot(scope, scope.Cluster())
		server.CompleteSnapshot(taken)
		reports, err = refresh.run(t.Context(), clusters)
		require.NoError(t, err)
		assert.Equal(t, 3, server.CreateCount())
		assert.Equal(t, taken, reports[0].Snapshot)
	})
}

func TestStagingRefresh_targetIsPaused(t *testing.T) {
	t.Parallel()
	inProduction(t, func(t *testing.T, server *restorejobstest.Server, client *restorejobs.Client) {
		scope := restorejobstest.AtlasV2Cluster
		clusters := []string{scope.Cluster()}
		project := addStaging(t, server, client, scope, clusters)
		server.EditCluster(scope, project+"/"+scope.Cluster(), func(doc map[string]any) { doc["paused"] = true })
		refresh := &stagingRefresh{client: client, from: scope.ProjectName(), to: "Staging", log: io.Discard}
		_, err := refresh.run(t.Context(), clusters)
		var targetErr *restorejobs.TargetError
		require.ErrorAs(t, err, &targetErr)
		assert.True(t, targetErr.Has(restorejobs.TargetPaused))
		assert.Zero(t, server.CreateCount())
	})
}

// A restore of another program into the target is a refusal that passes.
func TestStagingRefresh_targetIsBusy(t *testing.T) {
	t.Parallel()
	inProduction(t, func(t *testing.T, server *restorejobstest.Server, client *restorejobs.Client) {
		scope := restorejobstest.AtlasV2Cluster
		clusters := []string{scope.Cluster()}
		addStaging(t, server, client, scope, clusters)
		refresh := &stagingRefresh{client: client, from: scope.ProjectName(), to: "Staging", log: io.Discard}
		server.InjectFault(restorejobstest.RespondError(409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS").On("POST /"), 1)
		_, err := refresh.run(t.Context(), clusters)
		require.ErrorIs(t, err, restorejobs.ErrBusy)
		_, err = refresh.run(t.Context(), clusters)
		require.NoError(t, err)
	})
}
