package program

import (
	"context"
	"fmt"
	"io"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	restoretemporal "example.com/restorejobs/temporal"
)

// maxStop is how long a worker that stops waits for its requests, such as a create.
const maxStop = 10 * time.Second

// startWorker starts a worker with the credentials of the environment.
func (r *runner) startWorker(c client.Client) (worker.Worker, error) {
	activities := &restoretemporal.Activities{Client: r.mongo, Directory: r.flags.dir}
	if r.flags.poll > 0 {
		activities.Wait.MinInterval = r.flags.poll
		activities.Wait.MaxInterval = -1
	}
	w := worker.New(c, r.flags.taskQueue, worker.Options{
		Identity:          r.flags.identity,
		WorkerStopTimeout: maxStop,
	})
	if err := restoretemporal.Register(w, activities); err != nil {
		return nil, err
	}
	if err := w.Start(); err != nil {
		return nil, fmt.Errorf("start the worker: %w", err)
	}
	return w, nil
}

// runWorker runs a worker until ctx ends, or standard input with -stdin.
func (r *runner) runWorker(ctx context.Context, c client.Client) error {
	w, err := r.startWorker(c)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.Stdout, "the worker serves task queue %s\n", r.flags.taskQueue)
	ended := make(chan struct{})
	if r.flags.stdin {
		go func() {
			_, _ = io.Copy(io.Discard, r.Stdin)
			close(ended)
		}()
	}
	select {
	case <-ctx.Done():
	case <-ended:
	}
	w.Stop()
	return ctx.Err()
}
