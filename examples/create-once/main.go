// Create-once starts a restore and cannot start two: when the reply to a create is lost,
// it looks for the job that was started after all and goes on with that. The embedded
// server loses the reply, and is asked at the end how many restores were started.
//
//	go run ./examples/create-once
//	go run ./examples/create-once -ref opsmanager/groups/PROJECT/clusters/CLUSTER -snapshot SNAPSHOT
//
// A create of the same by somebody else in these seconds looks like ours. Where there are
// several, all are listed, and none is taken.
//
// Exit codes: 0 one restore was started, 1 none, or nobody knows which or whether, 2 bad
// usage, 3 interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
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
	snapshot := flags.String("snapshot", "", "restore this snapshot `ID`, as a download")
	link := flags.Link()
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	if *snapshot == "" && !flags.Embedded() {
		return target.Usage("-snapshot is missing")
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

	to, err := t.Destination("", *link)
	if err != nil {
		return err
	}
	created, err := createOnce(ctx, out, t.Jobs, restorejobs.FromSnapshot(*snapshot), to)
	for _, job := range created { // of more than one create, with an error
		fmt.Fprintln(out, job)
	}
	if err != nil {
		return err
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

// createOnce creates, and where the outcome is unknown finds out.
func createOnce(ctx context.Context, out io.Writer, jobs *restorejobs.Jobs, point restorejobs.RestorePoint, to restorejobs.Destination) ([]*restorejobs.Job, error) {
	const looks, pause = 6, 10 * time.Second
	since := time.Now()
	created, err := jobs.Create(ctx, point, to)
	if !errors.Is(err, restorejobs.ErrOutcomeUnknown) {
		return created, err
	}
	fmt.Fprintln(out, "the reply was lost; looking for what was started")
	for range looks {
		found, findErr := jobs.FindCreated(ctx, since, point, to)
		if findErr != nil {
			return nil, fmt.Errorf("%w, and it could not be looked for: %w", err, findErr)
		}
		if n := creates(found); n > 1 {
			return found, fmt.Errorf("the jobs listed are of %d creates of the same, and it cannot be told which is ours: %w", n, err)
		}
		if len(found) > 0 {
			return found, nil
		}
		select { // a create that is still under way takes a while to show
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, fmt.Errorf("%w, and the search was ended: %w", err, ctx.Err())
		}
	}
	return nil, fmt.Errorf("no job showed within %s; list the jobs before you create again: %w", looks*pause, err)
}

// creates counts the creates that jobs are of. Those of one create have a batch, and a job
// without one is a create's only job.
func creates(jobs []*restorejobs.Job) int {
	batches, alone := map[string]bool{}, 0
	for _, job := range jobs {
		if job.BatchID == "" {
			alone++
		} else {
			batches[job.BatchID] = true
		}
	}
	return len(batches) + alone
}
