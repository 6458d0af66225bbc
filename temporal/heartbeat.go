package restoretemporal

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"

	"example.com/restorejobs/durable"
)

// errWorkerStops ends a long step, so that another worker continues it without a delay.
var errWorkerStops = errors.New("restoretemporal: the worker stops, another one continues")

// heartbeatsPerTimeout is how often a long step heartbeats within the timeout.
const heartbeatsPerTimeout = 4

// performLong performs a step that heartbeats, and ends when the worker stops.
func (a *activitySet) performLong(ctx context.Context, request *StepRequest, step durable.Step) (*StepResult, error) {
	var details atomic.Value
	details.Store(string(step))
	work, stop := beginHeartbeat(ctx, time.Duration(request.Plan.Timeouts.withDefaults().Heartbeat), &details)
	defer stop()
	onEvent := func(event durable.Event) error {
		details.Store(redactText(event.String()))
		return nil
	}
	return a.performWith(work, request, onEvent, step)
}

// beginHeartbeat heartbeats until stop. The context of the work ends then, or when the worker stops.
func beginHeartbeat(ctx context.Context, timeout time.Duration, details *atomic.Value) (work context.Context, stop func()) {
	work, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		heartbeat(work, timeout, details, cancel)
	}()
	return work, func() {
		cancel(nil)
		<-ended
	}
}

// heartbeat reports the newest details until the end of ctx. A step can be silent for long, such as
// while it hashes a file.
func heartbeat(ctx context.Context, timeout time.Duration, details *atomic.Value, cancel context.CancelCauseFunc) {
	ticker := time.NewTicker(timeout / heartbeatsPerTimeout)
	defer ticker.Stop()
	for {
		activity.RecordHeartbeat(ctx, details.Load())
		select {
		case <-ticker.C:
		case <-activity.GetWorkerStopChannel(ctx):
			cancel(errWorkerStops)
			return
		case <-ctx.Done():
			return
		}
	}
}
