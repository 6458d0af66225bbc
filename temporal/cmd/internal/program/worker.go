package program

import (
	"context"
	"fmt"
	"io"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"example.com/restorejobs"
	restoretemporal "example.com/restorejobs/temporal"
)

// maxStop is how long a worker that stops waits for its requests, such as a create.
const maxStop = 10 * time.Second

// startWorker starts a worker with the credentials of the environment.
func startWorker(c client.Client, f *flags) (worker.Worker, error) {
	mongo, err := restorejobs.NewClientFromEnv()
	if err != nil {
		return nil, err
	}
	activities := &restoretemporal.Activities{Client: mongo, Directory: f.dir}
	if f.poll > 0 {
		activities.Wait.MinInterval = f.poll
		activities.Wait.MaxInterval = -1
	}
	w := worker.New(c, f.taskQueue, worker.Options{
		Identity:          f.identity,
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
	w, err := startWorker(c, r.flags)
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
