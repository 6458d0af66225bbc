package durable

import (
	"context"
	"time"

	"example.com/restorejobs"
)

// Event is a sign of life of a restore.
type Event struct {
	// Step is the step that is performed, or has just ended.
	Step Step
	// Next is the step after it. Empty while Step is performed.
	Next Step
	// Elapsed is the time since this run of the program began.
	Elapsed time.Duration
	// Wait is the update of a wait, nil otherwise.
	Wait *restorejobs.WaitUpdate
	// Download is the progress of a download, nil otherwise.
	Download *restorejobs.DownloadProgress
	// Err is why the step is repeated, such as a service that is busy. Nil otherwise.
	Err error
	// Delay is the time until the step is repeated. Zero otherwise.
	Delay time.Duration
}

// report calls OnEvent.
func (r *runner) report(event Event) error {
	if r.plan.OnEvent == nil {
		return nil
	}
	event.Elapsed = time.Since(r.start)
	return r.plan.OnEvent(event)
}

// pause reports why a step is repeated, and waits.
func (r *runner) pause(ctx context.Context, step Step, delay time.Duration, cause error) error {
	event := Event{
		Step:  step,
		Err:   cause,
		Delay: delay,
	}
	if err := r.report(event); err != nil {
		return err
	}
	return sleep(ctx, delay)
}
