package durable_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

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

func TestRestore_durationsAreNeverNegative(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toDirectory()
		state := f.stateAt(plan, durable.StepDownload)
		state.Begin = state.Begin.Add(time.Hour) // the clock of the earlier process was ahead
		state.Result.Begin = state.Begin
		state.Result.Ready = state.Result.Ready.Add(time.Hour)
		result := f.restore(plan, f.journalOf(state))
		assert.GreaterOrEqual(t, result.RestoreSeconds, 0.0)
		assert.Zero(t, result.DownloadSeconds)
		assert.Zero(t, result.TotalSeconds)
	})
}
