package durable_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// bubble runs a test on a fake clock.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		skipToSeeds()
		test(t)
	})
}

func TestRestore_intoCluster(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		newest, err := f.source.Snapshots.Newest(t.Context(), restorejobs.SnapshotOptions{})
		require.NoError(t, err)
		result := f.restore(f.toCluster(), &durable.MemoryJournal{})
		assert.Equal(t, f.source.Ref(), result.Source)
		assert.Equal(t, newest.ID, result.Choice.SnapshotID)
		assert.True(t, newest.Time().Equal(result.Choice.Time))
		assert.Equal(t, 1, result.Run)
		assert.Equal(t, 1, result.Attempts)
		require.Len(t, result.Jobs, 1)
		assert.Equal(t, restorejobs.StateFinished, result.Jobs[0].State)
		assert.False(t, result.InPlace.IsZero())
		assert.Positive(t, result.RestoreSeconds)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_provesThatServersHaveTheData(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.OpsManagerCluster)
		result := f.restore(f.toCluster(), &durable.MemoryJournal{})
		status, err := f.source.GoalVersion(t.Context(), f.toCluster().To)
		require.NoError(t, err)
		assert.Positive(t, status)
		assert.GreaterOrEqual(t, result.InPlace.Sub(result.Created), time.Minute, "the goal rises 40 s after the create")
	})
}

func TestRestore_againDoesNothing(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		journal := &durable.MemoryJournal{}
		first := f.restore(f.toCluster(), journal)
		assert.Equal(t, first, f.restore(f.toCluster(), journal))
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_newerSnapshotIsTheNextRun(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		journal := &durable.MemoryJournal{}
		f.restore(f.toCluster(), journal)
		time.Sleep(time.Hour)
		newer := f.addSnapshot()
		once := f.toCluster()
		once.Once = true
		assert.Equal(t, 1, f.restore(once, journal).Run)
		second := f.restore(f.toCluster(), journal)
		assert.Equal(t, 2, second.Run)
		assert.Equal(t, newer, second.Choice.SnapshotID)
		assert.Equal(t, 2, f.server.CreateCount())
	})
}

func TestRestore_fixedPointIsRestoredOnce(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		journal := &durable.MemoryJournal{}
		plan := f.toCluster()
		plan.Point = durable.FixedPoint(restorejobs.FromSnapshot(f.scope.Snapshots()[1]))
		first := f.restore(plan, journal)
		assert.Equal(t, f.scope.Snapshots()[1], first.Choice.SnapshotID)
		assert.False(t, first.Choice.Time.IsZero())
		assert.Equal(t, first, f.restore(plan, journal))
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_download(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster, restorejobstest.WithShards(2))
		plan := f.toDirectory()
		plan.Subdirectory = func(choice durable.Choice) string { return choice.Time.Format(time.DateOnly) }
		journal := &durable.MemoryJournal{}
		result := f.restore(plan, journal)
		require.Len(t, result.Files, 3)
		for _, file := range result.Files {
			assert.Contains(t, file.Path, result.Choice.Time.Format(time.DateOnly))
			assert.FileExists(t, file.Path)
		}
		assert.Equal(t, result, f.restore(plan, journal))
	})
}

func TestRestore_resultIsJSON(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		result := f.restore(f.toDirectory(), &durable.MemoryJournal{})
		encoded, err := json.Marshal(result)
		require.NoError(t, err)
		var decoded durable.Result
		require.NoError(t, json.Unmarshal(encoded, &decoded))
		assert.Equal(t, result.Files, decoded.Files)
		assert.NotContains(t, string(encoded), "https://", "a link is a secret")
	})
}

func TestRestore_contextEndsItResumably(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		journal := &durable.MemoryJournal{}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		partial, err := durable.Restore(ctx, f.toCluster(), journal)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var stepErr *durable.StepError
		require.ErrorAs(t, err, &stepErr)
		assert.Equal(t, durable.StepWait, stepErr.Step)
		assert.Len(t, partial.Jobs, 1)
		f.restore(f.toCluster(), journal)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_eventErrorEndsItResumably(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		for _, step := range []durable.Step{durable.StepChoose, durable.StepCreate, durable.StepWait, durable.StepDownload} {
			journal := &durable.MemoryJournal{}
			plan := f.toDirectory()
			creates := f.server.CreateCount()
			stop := errors.New("stop")
			plan.OnEvent = func(event durable.Event) error {
				if event.Step == step {
					return stop
				}
				return nil
			}
			_, err := durable.Restore(t.Context(), plan, journal)
			require.ErrorIs(t, err, stop, step)
			plan.OnEvent = nil
			plan.Download.ReuseSingleUseLinks = true
			f.restore(plan, journal)
			assert.Equal(t, creates+1, f.server.CreateCount(), step)
		}
	})
}

func TestRestore_eventsNameEveryStep(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toDirectory()
		var steps []durable.Step
		heartbeats := 0
		progress := 0
		plan.OnEvent = func(event durable.Event) error {
			if event.Next != "" {
				steps = append(steps, event.Step)
			}
			if event.Wait != nil {
				heartbeats++
			}
			if event.Download != nil {
				progress++
			}
			return nil
		}
		f.restore(plan, &durable.MemoryJournal{})
		assert.Equal(t, []durable.Step{
			durable.StepChoose,
			durable.StepCheck,
			durable.StepPrepare,
			durable.StepCreate,
			durable.StepWait,
			durable.StepDownload,
		}, steps)
		assert.GreaterOrEqual(t, heartbeats, 4, "a restore of four minutes")
		assert.Positive(t, progress)
	})
}

func TestRestore_lockedJournal(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		journal := durable.FileJournal(t.TempDir() + "/journal.json")
		done := make(chan error, 1)
		go func() {
			_, err := durable.Restore(t.Context(), f.toCluster(), journal)
			done <- err
		}()
		time.Sleep(time.Minute)
		_, err := durable.Restore(t.Context(), f.toCluster(), journal)
		require.ErrorIs(t, err, durable.ErrLocked)
		require.NoError(t, <-done)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_journalOfAnotherPlan(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		journal := &durable.MemoryJournal{}
		f.restore(f.toCluster(), journal)
		other := f.toCluster()
		other.To = restorejobs.ToCluster(f.scope.Project(), f.scope.Sharded())
		_, err := durable.Restore(t.Context(), other, journal)
		var stateErr *durable.StateError
		require.ErrorAs(t, err, &stateErr)
		assert.Contains(t, stateErr.Problem, "another plan")
		assert.Equal(t, 1, f.server.CreateCount())
	})
}
