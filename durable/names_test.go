package durable_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// A file of an earlier run is in the way of one with the same name. The next run is refused before its create.
func TestRestore_sameNameOfAnotherSnapshot(t *testing.T) {
	t.Parallel()
	for _, shards := range []int{0, 2} {
		bubble(t, func(t *testing.T) {
			f := newFixture(t, restorejobstest.AtlasV2Cluster, restorejobstest.WithShards(shards))
			plan := f.toDirectory()
			plan.Download.Name = func(link restorejobs.DownloadLink) string { return "orders" + link.ReplicaSet + ".tar.gz" }
			journal := &durable.MemoryJournal{}
			first := f.restore(plan, journal)
			name := filepath.Base(first.Files[0].Path)
			time.Sleep(time.Hour)
			f.addSnapshot()
			for range 2 {
				_, err := durable.Restore(t.Context(), plan, journal)
				require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
				require.ErrorIs(t, err, os.ErrExist)
				require.ErrorContains(t, err, "Download.Name must return another name for each run, or Subdirectory another folder")
				require.ErrorContains(t, err, name)
				assert.Equal(t, 1, f.server.CreateCount())
				assert.FileExists(t, first.Files[0].Path)
			}

			dated := plan
			dated.Subdirectory = func(choice durable.Choice) string { return choice.SnapshotID }
			result := f.restore(dated, journal)
			assert.Equal(t, 2, result.Run)
			for _, file := range first.Files {
				assert.FileExists(t, file.Path)
			}

			time.Sleep(time.Hour)
			f.addSnapshot()
			for _, file := range first.Files {
				require.NoError(t, os.Remove(file.Path))
			}
			assert.Equal(t, 3, f.restore(plan, journal).Run, "the files were moved")
		})
	}
}

// Names that differ by the link do not refuse a run.
func TestRestore_nameOfTheLink(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toDirectory()
		plan.Download.Name = func(link restorejobs.DownloadLink) string { return "orders-" + link.FileName }
		journal := &durable.MemoryJournal{}
		first := f.restore(plan, journal)
		time.Sleep(time.Hour)
		f.addSnapshot()
		second := f.restore(plan, journal)
		assert.Equal(t, 2, second.Run)
		assert.NotEqual(t, first.Files[0].Path, second.Files[0].Path)
	})
}

// A file that is in the way of the first run of a journal refuses it before its create too.
func TestRestore_firstRunWithAnExistingFile(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toDirectory()
		plan.Download.Name = func(restorejobs.DownloadLink) string { return "orders.tar.gz" }
		path := filepath.Join(plan.Directory, "orders.tar.gz")
		require.NoError(t, os.WriteFile(path, []byte("of another program"), 0o600))
		journal := &durable.MemoryJournal{}
		for range 2 {
			_, err := durable.Restore(t.Context(), plan, journal)
			require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
			require.ErrorIs(t, err, os.ErrExist)
			require.ErrorContains(t, err, `"orders.tar.gz" exists`)
			assert.Zero(t, f.server.CreateCount())
		}
		require.NoError(t, os.Remove(path))
		assert.Equal(t, 1, f.restore(plan, journal).Run)
	})
}

// The folder of a later run is created before its create, as that of the first.
func TestRestore_nextRunWithoutAFolder(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toDirectory()
		journal := &durable.MemoryJournal{}
		f.restore(plan, journal)
		time.Sleep(time.Hour)
		f.addSnapshot()
		invalid := plan
		invalid.Subdirectory = func(durable.Choice) string { return "../elsewhere" }
		_, err := durable.Restore(t.Context(), invalid, journal)
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
		require.ErrorContains(t, err, "Subdirectory must return a path below Directory")
		assert.Equal(t, 1, f.server.CreateCount())
		assert.Equal(t, 2, f.restore(plan, journal).Run)
	})
}

// The next attempt replaces the files of the last one, also if its data is chosen again.
func TestRestore_choiceOfAnotherAttempt(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toDirectory()
		plan.MaxAttempts = 2
		plan.Download.Name = func(restorejobs.DownloadLink) string { return "orders.tar.gz" }
		state := f.stateAt(plan, durable.StepDownload)
		_, err := durable.Advance(t.Context(), plan, state)
		require.NoError(t, err)
		state.FailedJobIDs = state.JobIDs
		state.EarlierJobIDs = state.JobIDs
		state.JobIDs = nil
		state.Step = durable.StepChoose
		result := f.restore(plan, f.journalOf(state))
		assert.Equal(t, 2, result.Attempts)
		for _, file := range result.Files {
			assert.Equal(t, result.Jobs[0].ID, file.JobID)
		}
	})
}
