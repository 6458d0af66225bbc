package durable_test

import (
	"context"
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

// brokenJournal fails to save states of a step, before or after it was stored.
type brokenJournal struct {
	durable.MemoryJournal

	step   durable.Step
	stores bool
	blocks bool
}

func (b *brokenJournal) Save(ctx context.Context, state durable.State) error {
	if state.Step != b.step {
		return b.MemoryJournal.Save(ctx, state)
	}
	if b.blocks {
		<-ctx.Done()
		return ctx.Err()
	}
	if b.stores {
		_ = b.MemoryJournal.Save(ctx, state)
	}
	return errStop
}

func TestRestore_journalThatCannotSave(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		steps := []durable.Step{durable.StepCheck, durable.StepPrepare, durable.StepCreate, durable.StepWait, durable.StepDownload, durable.StepDone}
		for _, step := range steps {
			for _, stores := range []bool{false, true} {
				f := newFixture(t, restorejobstest.AtlasV2Cluster)
				plan := f.toDirectory()
				journal := &brokenJournal{step: step, stores: stores}
				result, err := durable.Restore(t.Context(), plan, journal)
				require.ErrorIs(t, err, errStop, step)
				if f.server.CreateCount() > 0 {
					assert.Len(t, result.Jobs, 1, "the result names the jobs: %s", step)
				}
				journal.step = ""
				f.restore(plan, journal)
				assert.Equal(t, 1, f.server.CreateCount(), step)
			}
		}
	})
}

func TestRestore_journalThatBlocks(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		journal := &brokenJournal{step: durable.StepWait, blocks: true}
		start := time.Now()
		_, err := durable.Restore(t.Context(), f.toCluster(), journal)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Less(t, time.Since(start), 5*time.Minute)
	})
}

func TestRestore_failureThatCannotBeSaved(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toCluster()
		plan.OnEvent = f.failJobs(1)
		_, err := durable.Restore(t.Context(), plan, &brokenJournal{step: durable.StepFailed})
		require.ErrorIs(t, err, errStop)
		require.ErrorIs(t, err, restorejobs.ErrJobFailed)
	})
}

func TestRestore_withoutJournal(t *testing.T) {
	t.Parallel()
	f := newFixture(t, restorejobstest.AtlasV2Cluster)
	for _, journal := range []durable.Journal{nil, durable.FileJournal("")} {
		_, err := durable.Restore(t.Context(), f.toCluster(), journal)
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
		require.ErrorContains(t, err, "journal")
	}
	assert.Empty(t, f.server.Requests())
	assert.NoFileExists(t, ".lock")
}
