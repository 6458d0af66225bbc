package durable

import (
	"context"
	"fmt"
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

// String describes the event in one line, for a log.
func (e Event) String() string {
	step := string(e.Step)
	switch {
	case e.Err != nil && e.Delay > 0:
		return fmt.Sprintf("%s: retrying in %s: %v", step, e.Delay.Round(time.Second), e.Err)
	case e.Err != nil:
		return fmt.Sprintf("%s: retrying after %v", step, e.Err)
	case e.Wait != nil && e.Wait.ID != "":
		return step + ": job " + e.Wait.String()
	case e.Wait != nil:
		return step + ": " + e.Wait.String()
	case e.Download != nil && e.Download.Total >= 0:
		return fmt.Sprintf("%s: %s %d of %d bytes", step, e.Download.File, e.Download.Bytes, e.Download.Total)
	case e.Download != nil:
		return fmt.Sprintf("%s: %s %d bytes", step, e.Download.File, e.Download.Bytes)
	case e.Next == "", e.Step == StepDone:
		return step
	default:
		return step + " has ended, next is " + string(e.Next)
	}
}
