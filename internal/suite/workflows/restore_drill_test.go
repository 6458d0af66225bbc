package workflows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// evidence is what an auditor keeps of a drill.
type evidence struct {
	Point    time.Time        `json:"point"`
	Base     string           `json:"baseSnapshot"`
	Target   string           `json:"target"`
	Start    time.Time        `json:"start"`
	End      time.Time        `json:"end"`
	Duration time.Duration    `json:"duration"`
	Job      *restorejobs.Job `json:"job"`
}

var errOutsideWindow = errors.New("the time cannot be restored")

// drill restores a point in time into a new cluster, within a time limit.
func drill(ctx context.Context, source, target *restorejobs.Source, at time.Time, limit time.Duration) (*evidence, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	at = at.Truncate(time.Second)
	ranges, err := source.Jobs.RestorableTimeRanges(ctx)
	if err != nil {
		return nil, err
	}
	isContained := false
	for _, span := range ranges {
		isContained = isContained || span.Contains(at)
	}
	if !isContained {
		return nil, fmt.Errorf("%w: %s", errOutsideWindow, at.Format(time.RFC3339))
	}
	base, err := source.Snapshots.Newest(ctx, restorejobs.SnapshotOptions{Before: at})
	if err != nil {
		return nil, err
	}
	if err := waitUntilIdle(ctx, target); err != nil {
		return nil, err
	}
	if err := source.CheckTarget(ctx, target); err != nil {
		return nil, err
	}
	created, err := source.Jobs.Create(ctx, restorejobs.FromPointInTime(at), restorejobs.ToCluster(target.ProjectID(), target.ClusterID()))
	if err != nil {
		return nil, err
	}
	jobs, err := source.Jobs.Wait(ctx, restorejobs.JobIDs(created), restorejobs.WaitOptions{})
	if err != nil {
		return nil, err
	}
	job := jobs[0]
	return &evidence{
		Point:    at,
		Base:     base.ID,
		Target:   target.Ref(),
		Start:    job.CreationTime(),
		End:      job.FinishTime(),
		Duration: job.FinishTime().Sub(job.CreationTime()),
		Job:      job,
	}, nil
}

// waitUntilIdle waits for a cluster that is being created.
func waitUntilIdle(ctx context.Context, target *restorejobs.Source) error {
	for {
		cluster, err := target.Cluster(ctx)
		if err != nil {
			return err
		}
		if cluster.StateName == "IDLE" {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Second):
		}
	}
}

// inDrill runs a test with a cluster and a new one that is created in eight minutes.
func inDrill(t *testing.T, test func(t *testing.T, server *restorejobstest.Server, source, target *restorejobs.Source)) {
	t.Helper()
	inProduction(t, func(t *testing.T, server *restorejobstest.Server, client *restorejobs.Client) {
		scope := restorejobstest.AtlasV2Cluster
		name := server.AddCluster(restorejobstest.ClusterSpec{
			Scope:       scope,
			Name:        "drill",
			NoSnapshots: true,
		})
		server.EditCluster(scope, name, func(doc map[string]any) { doc["stateName"] = "CREATING" })
		time.AfterFunc(8*time.Minute, func() { server.EditCluster(scope, name, nil) })
		source, err := client.AtlasV2.FindCluster(t.Context(), scope.ProjectName(), scope.Cluster())
		require.NoError(t, err)
		target, err := client.AtlasV2.FindCluster(t.Context(), scope.ProjectName(), name)
		require.NoError(t, err)
		test(t, server, source, target)
	})
}

func TestRestoreDrill_evidence(t *testing.T) {
	t.Parallel()
	inDrill(t, func(t *testing.T, server *restorejobstest.Server, source, target *restorejobs.Source) {
		at := time.Now().Add(-time.Hour + 123*time.Millisecond)
		start := time.Now()
		got, err := drill(t.Context(), source, target, at, time.Hour)
		require.NoError(t, err)
		assert.Equal(t, 1, server.CreateCount())
		assert.Greater(t, time.Since(start), 8*time.Minute, "the cluster had to be made first")
		assert.True(t, at.Truncate(time.Second).Equal(got.Point))
		assert.NotEmpty(t, got.Base)
		assert.Positive(t, got.Duration)
		project, cluster := got.Job.Target()
		assert.Equal(t, target.ProjectID(), project)
		assert.Equal(t, "drill", cluster)
		text, err := json.Marshal(got)
		require.NoError(t, err)
		assert.Contains(t, string(text), got.Job.ID)
	})
}

func TestRestoreDrill_outsideWindow(t *testing.T) {
	t.Parallel()
	inDrill(t, func(t *testing.T, server *restorejobstest.Server, source, target *restorejobs.Source) {
		for _, at := range []time.Time{time.Now().Add(time.Minute), time.Now().Add(-8 * 24 * time.Hour)} {
			_, err := drill(t.Context(), source, target, at, time.Hour)
			require.ErrorIs(t, err, errOutsideWindow)
		}
		assert.Zero(t, server.CreateCount())
	})
}

// The limit ends the drill, not the restore.
func TestRestoreDrill_limit(t *testing.T) {
	t.Parallel()
	inDrill(t, func(t *testing.T, _ *restorejobstest.Server, source, target *restorejobs.Source) {
		_, err := drill(t.Context(), source, target, time.Now().Add(-time.Hour), 8*time.Minute+30*time.Second)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var waitErr *restorejobs.WaitError
		require.ErrorAs(t, err, &waitErr)
		assert.Len(t, waitErr.PendingIDs, 1)
	})
}
