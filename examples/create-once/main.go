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
	"example.com/restorejobs/examples/internal/target"
	"example.com/restorejobs/restorejobstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, target.Args(), os.Stdout)
	stop()
	os.Exit(target.Exit(os.Stderr, err))
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := target.NewFlags("create-once [flags]", restorejobstest.OpsManagerCluster)
	snapshot := flags.String("snapshot", "", "restore this snapshot `ID`")
	into, link := flags.Into(), flags.Link()
	var e earlier
	e.flags(flags)
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	switch {
	case *snapshot == "" && !flags.Embedded():
		return target.Usage("-snapshot is missing")
	case e.note != "" && !e.since.IsZero():
		return target.Usage("-note and -since exclude each other")
	}
	t, err := flags.Open()
	if err != nil {
		return err
	}
	defer t.Close()
	if t.Server != nil {
		if *snapshot == "" {
			*snapshot = t.Scope.Snapshots()[0]
		}
		t.Server.Fail(1, restorejobstest.LoseReply().On(http.MethodPost, "/restoreJobs"))
	}

	to, err := t.Destination(*into, *link)
	if err != nil {
		return err
	}
	if err := e.open(); err != nil {
		return err
	}
	began := time.Now()
	created, err := createOnce(ctx, out, t.Jobs, e.since, restorejobs.FromSnapshot(*snapshot), to)
	for _, job := range created { // of more than one create, with an error
		fmt.Fprintln(out, job)
	}
	switch {
	case err != nil && len(created) > 0: // another look would find them again
		return err
	case errors.Is(err, restorejobs.ErrOutcomeUnknown):
		return fmt.Errorf("%w\n%s", err, t.LookFirst(e.words(began), *snapshot, *into, *link))
	case err != nil:
		return errors.Join(err, e.close())
	}
	if err := e.close(); err != nil {
		return err
	}
	if t.Server == nil {
		fmt.Fprintln(out, t.Resume("create-and-wait", restorejobs.IDs(created)...))
	}
	fmt.Fprint(out, target.Uses(created[0]))
	if t.Server != nil {
		fmt.Fprintf(out, "restores started: %d\n", t.Server.Created())
		if t.Server.Created() != 1 {
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
		found, err := lookFor(ctx, jobs, since, point, to)
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
	switch found, findErr := lookFor(ctx, jobs, since, point, to); {
	case findErr != nil:
		return found, fmt.Errorf("%w; %w", err, findErr)
	case len(found) == 0:
		return nil, fmt.Errorf("no job that runs or has finished showed within %s; list the jobs before you create again: %w", looks*pause, err)
	default:
		return found, nil
	}
}

const looks, pause = 6, 10 * time.Second

// lookFor looks for what a create since then has started, for a while: one that is still
// under way takes its time to show. What has failed is not a restore. Nothing found is no error.
func lookFor(ctx context.Context, jobs *restorejobs.Jobs, since time.Time, point restorejobs.RestorePoint, to restorejobs.Destination) ([]*restorejobs.Job, error) {
	for range looks {
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
		case <-time.After(pause):
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
		return state.Ended() && state != restorejobs.StateFinished
	})
}
