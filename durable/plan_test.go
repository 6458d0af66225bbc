package durable_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

func TestPlan_everyProblemIsNamed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, restorejobstest.AtlasV2Cluster)
	for problem, edit := range map[string]func(plan *durable.Plan){
		"Source must be set":                               func(plan *durable.Plan) { plan.Source = nil },
		"Point must be set":                                func(plan *durable.Plan) { plan.Point = durable.Point{} },
		"the time of NewestBefore must be set":             func(plan *durable.Plan) { plan.Point = durable.NewestBefore(time.Time{}) },
		"To must be set":                                   func(plan *durable.Plan) { plan.To = restorejobs.Destination{} },
		"Directory must be set for a download":             func(plan *durable.Plan) { plan.To = restorejobs.ToDownload() },
		"Directory must be empty":                          func(plan *durable.Plan) { plan.Directory = "x" },
		"Deliver must be nil for a restore into a cluster": func(plan *durable.Plan) { plan.Deliver = noDelivery },
		"Directory must be empty with Deliver": func(plan *durable.Plan) {
			plan.To = restorejobs.ToDownload()
			plan.Directory = "x"
			plan.Deliver = noDelivery
		},
		"SearchTimeout must not be negative":        func(plan *durable.Plan) { plan.SearchTimeout = -1 },
		"MaxAttempts must not be negative":          func(plan *durable.Plan) { plan.MaxAttempts = -1 },
		"Wait.GoalVersion must be 0":                func(plan *durable.Plan) { plan.Wait.GoalVersion = 1 },
		"Wait.Goal must not be UntilDownloadable":   func(plan *durable.Plan) { plan.Wait.Goal = restorejobs.UntilDownloadable },
		"Wait.Goal must be":                         func(plan *durable.Plan) { plan.Wait.Goal = 9 },
		"the restore point of FixedPoint":           func(plan *durable.Plan) { plan.Point = durable.FixedPoint(restorejobs.RestorePoint{}) },
		"Wait.MinInterval must not be more":         func(plan *durable.Plan) { plan.Wait = restorejobs.WaitOptions{MinInterval: 2, MaxInterval: 1} },
		"Download.Concurrency must not be negative": func(plan *durable.Plan) { plan.Download.Concurrency = -1 },
		"Download.Connections must be between":      func(plan *durable.Plan) { plan.Download.Connections = 17 },
		"durable: invalid plan: Source must be set": func(plan *durable.Plan) { *plan = durable.Plan{} },
	} {
		plan := f.toCluster()
		edit(&plan)
		_, err := durable.Restore(t.Context(), plan, &durable.MemoryJournal{})
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument, problem)
		require.ErrorContains(t, err, problem)
		_, err = durable.Advance(t.Context(), plan, durable.State{})
		require.ErrorContains(t, err, problem)
	}
	assert.Empty(t, f.server.Requests(), "nothing is sent")
}

func TestPlan_subdirectoryStaysBelowDirectory(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		plan := f.toDirectory()
		plan.Subdirectory = func(durable.Choice) string { return "../elsewhere" }
		_, err := durable.Restore(t.Context(), plan, &durable.MemoryJournal{})
		require.ErrorContains(t, err, "Subdirectory")
		assert.Zero(t, f.server.CreateCount())
	})
}

func noDelivery(context.Context, durable.State) ([]restorejobs.DownloadedFile, error) {
	return nil, nil
}
