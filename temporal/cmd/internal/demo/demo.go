// Package demo shows a fleet against a test server: a restore fails, and a worker is killed and replaced.
package demo

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.temporal.io/sdk/client"

	restoretemporal "example.com/restorejobs/temporal"
	"example.com/restorejobs/temporal/cmd/internal/display"
	"example.com/restorejobs/temporal/cmd/internal/list"
	"example.com/restorejobs/temporal/cmd/internal/program"
	"example.com/restorejobs/temporal/cmd/internal/workers"
)

//go:embed fleet.yaml
var fleetList []byte

const (
	taskQueue = "demo"
	fleetID   = "demo"
	// maxDemo is how long the demonstration may take. It takes about 20 seconds.
	maxDemo = 2 * time.Minute
	// poll is the pause between two polls of a worker.
	poll = "300ms"
	// doneBeforeKill is how many restores are done when the worker is killed.
	doneBeforeKill = 4
)

// demo is a run of the demonstration.
type demo struct {
	service *service
	client  client.Client
	display display.Display
	command workers.Command
	begin   time.Time
	victim  *workers.Worker
	others  []*workers.Worker
	isOver  bool // the victim was killed and replaced
}

// Run runs the demonstration. It returns an error unless everything happened that it shows.
func Run(ctx context.Context, server program.Server, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, maxDemo)
	defer cancel()
	request, err := list.Read("fleet.yaml", fleetList)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "restore-fleet-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	d := &demo{
		service: newService(),
		display: display.New(out),
		begin:   time.Now(),
	}
	defer d.service.Close()
	if d.client, err = program.Dial(ctx, client.Options{HostPort: server.Address(), Namespace: server.Namespace()}); err != nil {
		return err
	}
	defer d.client.Close()
	if d.command.Path, err = os.Executable(); err != nil {
		return err
	}
	d.command.Args = []string{
		"-address", server.Address(),
		"-namespace", server.Namespace(),
		"-task-queue", taskQueue,
		"-poll", poll,
		"-dir", dir,
	}
	d.command.Env = append(os.Environ(), d.service.env()...)
	return d.run(ctx, &request, out)
}

func (d *demo) run(ctx context.Context, request *restoretemporal.FleetRequest, out io.Writer) error {
	defer d.stopWorkers()
	for _, name := range []string{"worker 1", "worker 2"} {
		if err := d.startWorker(ctx, name); err != nil {
			return err
		}
	}
	d.victim = d.others[0]
	d.others = d.others[1:]
	go d.service.failJob(ctx)
	run, err := d.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: fleetID, TaskQueue: taskQueue}, restoretemporal.FleetWorkflow, *request)
	if err != nil {
		return err
	}
	watch := program.Watch{
		Client:   d.client,
		Run:      run,
		Display:  d.display,
		OnUpdate: d.killOnce,
	}
	result, err := watch.Follow(ctx)
	d.display.Close()
	if err != nil {
		return err
	}
	fmt.Fprintln(out)
	if err := result.WriteTable(out); err != nil {
		return err
	}
	return d.conclude(result, out)
}

// conclude states what happened, and compares it with what was to happen.
func (d *demo) conclude(result *restoretemporal.FleetResult, out io.Writer) error {
	done := result.Counts[restoretemporal.FleetDone]
	failed := result.Counts[restoretemporal.FleetFailed]
	created := d.service.CreateCount()
	fmt.Fprintf(out, "\n%d of %d restores are done after %s, and %d failed, as its job did.\n",
		done, len(result.Rows), display.Clock(time.Since(d.begin)), failed)
	if d.isOver {
		fmt.Fprintln(out, "A worker was killed in the middle of its work, and another one continued it.")
	}
	fmt.Fprintf(out, "The test server counted %d restores: none was started twice.\n", created)
	switch {
	case !d.isOver:
		return errors.New("demo: the fleet ended before a worker was killed")
	case failed != 1, done != len(result.Rows)-1:
		return fmt.Errorf("demo: one of the restores should fail, and %d did", failed)
	case created != len(result.Rows):
		return fmt.Errorf("demo: the test server should count %d restores, and counted %d", len(result.Rows), created)
	default:
		return nil
	}
}

func (d *demo) note(format string, args ...any) {
	d.display.Note(display.Clock(time.Since(d.begin)) + "  " + fmt.Sprintf(format, args...))
}
