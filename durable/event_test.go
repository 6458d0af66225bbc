package durable_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

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

func TestRestore_eventErrorOfTheLastProgress(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toDirectory()
		plan.OnEvent = func(event durable.Event) error {
			if event.Download != nil && event.Download.Done {
				return errStop
			}
			return nil
		}
		journal := &durable.MemoryJournal{}
		_, err := durable.Restore(t.Context(), plan, journal)
		require.ErrorIs(t, err, errStop)
		f.restore(plan, journal)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestRestore_eventPanicIsResumable(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, step := range []durable.Step{durable.StepChoose, durable.StepPrepare, durable.StepCreate, durable.StepWait, durable.StepDownload} {
			f := newFixture(t, restorejobstest.AtlasV2Cluster)
			plan := f.toDirectory()
			plan.Download.ReuseSingleUseLinks = true
			plan.OnEvent = func(event durable.Event) error {
				if event.Step == step {
					panic(errStop)
				}
				return nil
			}
			journal := &durable.MemoryJournal{}
			assert.PanicsWithValue(t, errStop, func() { _, _ = durable.Restore(t.Context(), plan, journal) }, step)
			plan.OnEvent = nil
			f.restore(plan, journal)
			assert.Equal(t, 1, f.server.CreateCount(), step)
		}
	})
}
