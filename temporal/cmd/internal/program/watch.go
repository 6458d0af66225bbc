package program

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	restoretemporal "example.com/restorejobs/temporal"
	"example.com/restorejobs/temporal/cmd/internal/display"
)

const (
	// watchInterval is the pause between two reads of the progress.
	watchInterval = time.Second
	// maxQuery is how long one query may take. A fleet without a worker answers none.
	maxQuery = 10 * time.Second
	// maxQueries is how many restores are queried at a time.
	maxQueries = 8
	// maxDetails is how many running restores are queried at all: a terminal shows no more.
	maxDetails = 60
)

// Watch follows a fleet.
type Watch struct {
	Client  client.Client
	Run     client.WorkflowRun
	Display display.Display
	// OnUpdate, if not nil, is called after each update.
	OnUpdate func(ctx context.Context, result *restoretemporal.FleetResult) error
}

// Follow shows the progress of the fleet until it ends, and returns its result.
func (w *Watch) Follow(ctx context.Context) (*restoretemporal.FleetResult, error) {
	type outcome struct {
		result restoretemporal.FleetResult
		err    error
	}
	ended := make(chan outcome, 1)
	go func() {
		var o outcome
		o.err = w.Run.Get(ctx, &o.result)
		ended <- o
	}()
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case o := <-ended:
			if o.err == nil {
				w.Display.Show(w.update(ctx, &o.result))
			}
			return &o.result, o.err
		case <-ticker.C:
			result, err := queryProgress(ctx, w.Client, w.Run.GetID())
			if err != nil {
				continue // no worker yet, or the fleet has ended
			}
			w.Display.Show(w.update(ctx, &result))
			if w.OnUpdate == nil {
				continue
			}
			if err := w.OnUpdate(ctx, &result); err != nil {
				return nil, err
			}
		}
	}
}

// queryProgress reads the table of a fleet.
func queryProgress(ctx context.Context, c client.Client, id string) (restoretemporal.FleetResult, error) {
	var result restoretemporal.FleetResult
	ctx, cancel := context.WithTimeout(ctx, maxQuery)
	defer cancel()
	value, err := c.QueryWorkflow(ctx, id, "", restoretemporal.ProgressQuery)
	if err != nil {
		return result, err
	}
	return result, value.Get(&result)
}

// update adds to a table what the running restores do.
func (w *Watch) update(ctx context.Context, result *restoretemporal.FleetResult) *display.Update {
	update := &display.Update{
		Result: *result,
		Steps:  map[string]string{},
	}
	switch {
	case result.Begin.IsZero(): // it has just been started
	case result.End.IsZero():
		update.Elapsed = time.Since(result.Begin)
	default:
		update.Elapsed = result.End.Sub(result.Begin)
	}
	var running []*restoretemporal.FleetRow
	for i := range result.Rows {
		if result.Rows[i].Status == restoretemporal.FleetRunning && len(running) < maxDetails {
			running = append(running, &result.Rows[i])
		}
	}
	steps := make([]string, len(running))
	var queries errgroup.Group
	queries.SetLimit(maxQueries)
	for i, row := range running {
		queries.Go(func() error {
			steps[i] = queryStep(ctx, w.Client, row.WorkflowID)
			return nil
		})
	}
	_ = queries.Wait() // an unknown step is empty
	for i, row := range running {
		update.Steps[row.Name] = steps[i]
	}
	return update
}

// queryStep describes what a restore does. It is empty if that is unknown.
func queryStep(ctx context.Context, c client.Client, id string) string {
	ctx, cancel := context.WithTimeout(ctx, maxQuery)
	defer cancel()
	value, err := c.QueryWorkflow(ctx, id, "", restoretemporal.StateQuery)
	if err != nil {
		return ""
	}
	var progress restoretemporal.Progress
	if err := value.Get(&progress); err != nil {
		return ""
	}
	switch {
	case progress.Paused:
		return string(progress.Step) + " (paused)"
	case progress.Busy != "":
		return fmt.Sprintf("busy since %s: %s", progress.BusySince.Format(time.TimeOnly), progress.Busy)
	default:
		return string(progress.Step)
	}
}
