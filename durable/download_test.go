package durable_test

import (
	"context"
	"errors"
	"io"
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

func TestRestore_expiredLinkNeedsAnotherAttempt(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toDirectory()
		expired := false
		plan.OnEvent = func(event durable.Event) error {
			if event.Step == durable.StepWait && event.Next != "" && !expired {
				expired = true
				time.Sleep(2 * time.Hour) // the link lives for one
			}
			return nil
		}
		journal := &durable.MemoryJournal{}
		_, err := durable.Restore(t.Context(), plan, journal)
		var failed *durable.FailedError
		require.ErrorAs(t, err, &failed)
		plan.MaxAttempts = 2
		result := f.restore(plan, journal)
		assert.Equal(t, 2, result.Attempts)
		assert.Equal(t, 2, f.server.CreateCount())
	})
}

func TestRestore_existingFilesAreKept(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toDirectory()
		plan.Download.Name = func(restorejobs.DownloadLink) string { return "orders.tar.gz" }
		state := durable.State{}
		var before durable.State
		for state.Step != durable.StepDone {
			before = state
			var err error
			state, err = durable.Advance(t.Context(), plan, state)
			require.NoError(t, err)
		}
		require.Len(t, state.Result.Files, 1)
		assert.Contains(t, state.Result.Files[0].Path, "orders.tar.gz")
		requests := len(f.server.Requests())
		again, err := durable.Advance(t.Context(), plan, before)
		require.NoError(t, err)
		assert.Equal(t, state.Result.Files, again.Result.Files)
		for _, request := range f.server.Requests()[requests:] {
			assert.False(t, request.Download, "the file is in place")
		}
		_, err = os.Stat(state.Result.Files[0].Path)
		require.NoError(t, err)
	})
}

func TestRestore_changedFileIsNoReasonForAnotherRestore(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, content := range []string{"foreign", ""} {
			f := newFixture(t, restorejobstest.OpsManagerCluster)
			plan := f.toDirectory()
			plan.MaxAttempts = 3
			plan.Download.Name = func(restorejobs.DownloadLink) string { return "orders.tar.gz" }
			state := f.stateAt(plan, durable.StepDownload)
			journal := f.journalOf(state)
			path := filepath.Join(plan.Directory, "orders.tar.gz")
			if content == "" {
				_, err := durable.Advance(t.Context(), plan, state)
				require.NoError(t, err)
				content = "changed"
			}
			require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
			_, err := durable.Restore(t.Context(), plan, journal)
			require.ErrorIs(t, err, os.ErrExist)
			var failed *durable.FailedError
			require.NotErrorAs(t, err, &failed)
			assert.Equal(t, 1, f.server.CreateCount())
			kept, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, content, string(kept))
		}
	})
}

func TestRestore_attemptAfterAnInterruptedDownload(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, scope := range []restorejobstest.Scope{restorejobstest.AtlasV2Cluster, restorejobstest.OpsManagerCluster} {
			f := newFixture(t, scope, restorejobstest.WithArchiveSize(1_000_000))
			plan := f.toDirectory()
			plan.MaxAttempts = 2
			plan.Download.Name = func(restorejobs.DownloadLink) string { return "orders.tar.gz" }
			journal := &durable.MemoryJournal{}
			plan.OnEvent = func(event durable.Event) error {
				if event.Download != nil {
					return errStop
				}
				return nil
			}
			_, err := durable.Restore(t.Context(), plan, journal)
			require.ErrorIs(t, err, errStop)
			time.Sleep(48 * time.Hour)
			plan.OnEvent = nil
			plan.Once = true
			result := f.restore(plan, journal)
			assert.Equal(t, 2, result.Attempts)
			assert.Equal(t, int64(1_000_000), result.Files[0].Size)
		}
	})
}

func TestRestore_nameOfTheLastRun(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toDirectory()
		journal := &durable.MemoryJournal{}
		f.restore(plan, journal)
		time.Sleep(24 * time.Hour)
		f.addSnapshot()
		second := f.restore(plan, journal)
		assert.Equal(t, 2, second.Run)
		assert.FileExists(t, second.Files[0].Path)
	})
}

// A service that names whole seconds does not make a restore longer than its run.
func TestRestore_durationsFitIntoTheRun(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		time.Sleep(900 * time.Millisecond)
		f := newFixture(t, restorejobstest.OpsManagerCluster)
		result := f.restore(f.toDirectory(), &durable.MemoryJournal{})
		assert.LessOrEqual(t, result.RestoreSeconds+result.DownloadSeconds, result.TotalSeconds)
	})
}

// The next attempt replaces the files of the last one, of which some are complete.
func TestRestore_attemptReplacesCompleteFiles(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster, restorejobstest.WithShards(2))
		plan := f.toDirectory()
		plan.MaxAttempts = 2
		plan.Download.Concurrency = 1
		plan.Download.Name = func(link restorejobs.DownloadLink) string { return link.ReplicaSet + ".tar.gz" }
		interrupted := errors.New("interrupted")
		plan.OnEvent = func(event durable.Event) error {
			if event.Download != nil && event.Download.Done {
				return interrupted
			}
			return nil
		}
		journal := &durable.MemoryJournal{}
		first, err := durable.Restore(t.Context(), plan, journal)
		require.ErrorIs(t, err, interrupted)
		f.server.ExpireLinks(first.Jobs[0].ID)
		plan.OnEvent = nil
		result := f.restore(plan, journal)
		assert.Equal(t, 2, result.Attempts)
		assert.Len(t, result.Files, 3)
		for _, file := range result.Files {
			assert.Equal(t, result.Jobs[0].ID, file.JobID)
		}
	})
}

// A delivery is called until it ends well, and its error of a used link starts another restore.
func TestRestore_deliver(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toDirectory()
		plan.Directory = ""
		plan.MaxAttempts = 2
		broken := errors.New("the bucket does not respond")
		errs := []error{broken, restorejobs.ErrDownloadsExhausted, nil}
		plan.Deliver = func(ctx context.Context, state durable.State) ([]restorejobs.DownloadedFile, error) {
			err := errs[0]
			errs = errs[1:]
			reader, openErr := f.source.Jobs.Open(ctx, state.JobIDs[0], restorejobs.DownloadOptions{})
			require.NoError(t, openErr)
			defer func() { _ = reader.Close() }()
			_, readErr := io.Copy(io.Discard, reader)
			require.NoError(t, readErr)
			return []restorejobs.DownloadedFile{reader.File()}, err
		}
		journal := &durable.MemoryJournal{}
		_, err := durable.Restore(t.Context(), plan, journal)
		require.ErrorIs(t, err, broken)
		assert.Equal(t, 1, f.server.CreateCount())
		result := f.restore(plan, journal)
		assert.Equal(t, 2, f.server.CreateCount())
		require.Len(t, result.Files, 1)
		assert.Equal(t, result.Jobs[0].ID, result.Files[0].JobID)
	})
}
