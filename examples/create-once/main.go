// Create-once starts exactly one restore. If the response to a create is lost, it searches for
// the job that was started and continues with it. The embedded server loses the response, and
// reports at the end how many restores were started.
//
//	go run ./examples/create-once
//	go run ./examples/create-once -ref opsmanager/groups/PROJECT/clusters/CLUSTER -snapshot SNAPSHOT
//	go run ./examples/create-once -ref opsmanager/groups/PROJECT/clusters/CLUSTER -snapshot SNAPSHOT -note FILE
//	go run ./examples/create-once -ref opsmanager/groups/PROJECT/clusters/CLUSTER -snapshot SNAPSHOT -since TIME
//
// An interrupted run may have started a restore too. With -since, the time before that run, the
// next run searches for a minute before it creates. With -note it does so automatically: a file
// contains that time while the outcome is unknown. It is written before the create and removed
// when the outcome is known. An unattended script should use it.
//
// The same create by another program in these seconds cannot be distinguished. If several are
// found, all are listed and none is used: check which one is yours, and remove the file. A
// create with a job that has failed, was cancelled or has expired is ignored.
//
// Exit codes: 0 one restore was started, 1 none, or unknown which or whether, 2 bad usage, 3
// interrupted. The last line shows how to continue.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, harness.Args(), os.Stdout)
	stop()
	os.Exit(harness.ExitCode(os.Stderr, err))
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := harness.NewFlags("create-once [flags]", restorejobstest.OpsManagerCluster)
	snapshot := flags.String("snapshot", "", "restore this snapshot `ID`")
	into := flags.Into()
	link := flags.Link()
	var e pendingRun
	e.flags(flags)
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	switch {
	case *snapshot == "" && !flags.Embedded():
		return harness.Usage("-snapshot is missing")
	case e.stateFile != "" && !e.since.IsZero():
		return harness.Usage("-note and -since exclude each other")
	}
	env, err := flags.Open()
	if err != nil {
		return err
	}
	defer env.Close()
	if env.Server != nil {
		if *snapshot == "" {
			*snapshot = env.Scope.Snapshots()[0]
		}
		env.Server.InjectFault(restorejobstest.DropResponse().On("POST /"), 1)
	}

	to, err := env.Destination(*into, *link)
	if err != nil {
		return err
	}
	if err := e.open(); err != nil {
		return err
	}
	began := time.Now()
	created, err := createOnce(ctx, out, env.Source.Jobs, e.since, restorejobs.FromSnapshot(*snapshot), to)
	for _, job := range created { // from more than one create if err is not nil
		fmt.Fprintln(out, job)
	}
	switch {
	case err != nil && len(created) > 0: // another search would find them again
		return err
	case errors.Is(err, restorejobs.ErrOutcomeUnknown):
		return fmt.Errorf("%w\n%s", err, env.FindCreatedHint(e.resumeArgs(began), *snapshot, *into, *link))
	case err != nil:
		return errors.Join(err, e.close())
	}
	if err := e.close(); err != nil {
		return err
	}
	if env.Server == nil {
		fmt.Fprintln(out, env.ResumeCommand("create-and-wait", restorejobs.JobIDs(created)...))
	}
	fmt.Fprint(out, harness.LinkUsesNote(created[0]))
	if env.Server != nil {
		fmt.Fprintf(out, "restores started: %d\n", env.Server.CreateCount())
		if env.Server.CreateCount() != 1 {
			return errors.New("exactly one was expected")
		}
	}
	return nil
}

// createOnce creates a restore, and searches for it if the outcome is unknown. Unless since is
// zero, it first searches for a restore that an earlier run created since then. The error matches
// [restorejobs.ErrOutcomeUnknown] if a restore may have been started.
func createOnce(ctx context.Context, out io.Writer, jobs *restorejobs.Jobs, since time.Time, point restorejobs.RestorePoint, to restorejobs.Destination) ([]*restorejobs.Job, error) {
	if !since.IsZero() {
		fmt.Fprintln(out, "searching for the restore of an earlier run")
		found, err := waitForCreated(ctx, func(ctx context.Context) ([][]*restorejobs.Job, error) {
			return jobs.FindCreated(ctx, since, point, to)
		})
		if err != nil {
			return found, fmt.Errorf("%w: %w", restorejobs.ErrOutcomeUnknown, err)
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	created, err := jobs.Create(ctx, point, to)
	var unknown *restorejobs.OutcomeUnknownError
	if !errors.As(err, &unknown) {
		return created, err
	}
	fmt.Fprintln(out, "the response was lost; searching for the restore")
	switch found, findErr := waitForCreated(ctx, unknown.Find); {
	case findErr != nil:
		return found, fmt.Errorf("%w; %w", err, findErr)
	case len(found) == 0:
		return nil, fmt.Errorf("no running or finished job was visible within %s; list the jobs before you create again: %w", attempts*interval, err)
	default:
		return found, nil
	}
}

const (
	attempts = 6
	interval = 10 * time.Second
)

// waitForCreated searches repeatedly, because a create that is still being executed is not visible
// yet. It ignores failed restores. No result is not an error.
func waitForCreated(ctx context.Context, find func(context.Context) ([][]*restorejobs.Job, error)) ([]*restorejobs.Job, error) {
	for range attempts {
		creates, err := find(ctx)
		creates = slices.DeleteFunc(creates, hasFailed)
		switch {
		case err != nil:
			return nil, fmt.Errorf("the search failed: %w", err)
		case len(creates) > 1:
			return slices.Concat(creates...), fmt.Errorf("the jobs listed are of %d equal creates, and which one is ours is unknown", len(creates))
		case len(creates) == 1:
			return creates[0], nil
		}
		select {
		case <-time.After(interval):
		case <-ctx.Done():
			return nil, fmt.Errorf("the search was ended: %w", ctx.Err())
		}
	}
	return nil, nil
}

// hasFailed reports whether a job of a create has failed, was cancelled or has expired.
func hasFailed(create []*restorejobs.Job) bool {
	return slices.ContainsFunc(create, func(job *restorejobs.Job) bool {
		state := job.State()
		return state.Terminal() && state != restorejobs.StateFinished
	})
}
