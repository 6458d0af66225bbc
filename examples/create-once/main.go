// Create-once starts a restore and cannot start two: when the reply to a create is lost,
// it looks for the job that was started after all and goes on with that. The embedded
// server loses the reply, and is asked at the end how many restores were started.
//
//	go run ./examples/create-once
//	go run ./examples/create-once -ref opsmanager/groups/PROJECT/clusters/CLUSTER -snapshot SNAPSHOT
//	go run ./examples/create-once -ref opsmanager/groups/PROJECT/clusters/CLUSTER -snapshot SNAPSHOT -note FILE
//	go run ./examples/create-once -ref opsmanager/groups/PROJECT/clusters/CLUSTER -snapshot SNAPSHOT -since TIME
//
// A run that was interrupted may have started one too. With -since, the time before it, the
// next looks for a minute before it creates. With -note it does so by itself: a file holds
// that time while the outcome is open, written before the create and removed when it is
// known. A script that runs unattended should use it.
//
// A create of the same by somebody else in these seconds looks like ours. Where there are
// several, all are listed, and none is taken: see which is yours, and remove the note. A create
// with a job that has failed, was cancelled or has expired does not count.
//
// Exit codes: 0 one restore was started, 1 none, or nobody knows which or whether, 2 bad
// usage, 3 interrupted. The last line says how to go on.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
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
	into, link := flags.Into(), flags.Link()
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
		env.Server.InjectFault(restorejobstest.DropResponse().On(http.MethodPost, "/restoreJobs"), 1)
	}

	to, err := env.Destination(*into, *link)
	if err != nil {
		return err
	}
	if err := e.open(); err != nil {
		return err
	}
	began := time.Now()
	created, err := createOnce(ctx, out, env.Jobs, e.since, restorejobs.FromSnapshot(*snapshot), to)
	for _, job := range created { // of more than one create, with an error
		fmt.Fprintln(out, job)
	}
	switch {
	case err != nil && len(created) > 0: // another look would find them again
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
			return errors.New("there must be exactly one")
		}
	}
	return nil
}

// createOnce creates, and where the outcome is unknown finds out. Unless since is zero, an
// earlier run may have created since then, and that is looked for first. An error matches
// [restorejobs.ErrOutcomeUnknown] where a restore may have been started.
func createOnce(ctx context.Context, out io.Writer, jobs *restorejobs.Jobs, since time.Time, point restorejobs.RestorePoint, to restorejobs.Destination) ([]*restorejobs.Job, error) {
	if !since.IsZero() {
		fmt.Fprintln(out, "looking for what an earlier run has started")
		found, err := waitForCreated(ctx, jobs, since, point, to)
		if err != nil {
			return found, fmt.Errorf("%w: %w", restorejobs.ErrOutcomeUnknown, err)
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	since = time.Now()
	created, err := jobs.Create(ctx, point, to)
	if !errors.Is(err, restorejobs.ErrOutcomeUnknown) {
		return created, err
	}
	fmt.Fprintln(out, "the reply was lost; looking for what was started")
	switch found, findErr := waitForCreated(ctx, jobs, since, point, to); {
	case findErr != nil:
		return found, fmt.Errorf("%w; %w", err, findErr)
	case len(found) == 0:
		return nil, fmt.Errorf("no job that runs or has finished showed within %s; list the jobs before you create again: %w", attempts*interval, err)
	default:
		return found, nil
	}
}

const attempts, interval = 6, 10 * time.Second

// waitForCreated looks for what a create since then has started, for a while: one that is still
// under way takes its time to show. What has failed is not a restore. Nothing found is no error.
func waitForCreated(ctx context.Context, jobs *restorejobs.Jobs, since time.Time, point restorejobs.RestorePoint, to restorejobs.Destination) ([]*restorejobs.Job, error) {
	for range attempts {
		creates, err := jobs.FindCreated(ctx, since, point, to)
		creates = slices.DeleteFunc(creates, hasFailed)
		switch {
		case err != nil:
			return nil, fmt.Errorf("it could not be looked for: %w", err)
		case len(creates) > 1:
			return slices.Concat(creates...), fmt.Errorf("the jobs listed are of %d creates of the same, and it cannot be told which is ours", len(creates))
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

// hasFailed reports a create of which a job has failed, was cancelled or has expired.
func hasFailed(create []*restorejobs.Job) bool {
	return slices.ContainsFunc(create, func(job *restorejobs.Job) bool {
		state := job.State()
		return state.Terminal() && state != restorejobs.StateFinished
	})
}
