package durable_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

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
