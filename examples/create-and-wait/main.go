// Create-and-wait starts a restore and waits until it is truly over. Its exit code tells
// how the restore ended. With operands it waits for jobs that were started before.
//
//	go run ./examples/create-and-wait
//	go run ./examples/create-and-wait -ref atlasv2/groups/PROJECT/clusters/CLUSTER -snapshot SNAPSHOT -into PROJECT/CLUSTER
//	go run ./examples/create-and-wait -ref atlasv2/groups/PROJECT/clusters/CLUSTER JOB...
//
// Exit codes: 0 the restore is over and good, 1 it is not, 2 bad usage, 3 interrupted:
// the restore goes on.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strings"
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
	flags := target.NewFlags("create-and-wait [flags] [JOB...]", restorejobstest.OpsManagerCluster)
	snapshot := flags.String("snapshot", "", "restore this snapshot `ID`")
	into := flags.String("into", "", "`PROJECT/CLUSTER` to restore into, whose data are deleted first; a download without it")
	timeout := flags.Duration("timeout", 24*time.Hour, "how long to wait; the restore goes on after it")
	takes := flags.Duration("takes", time.Second, "how long the embedded server takes")
	if err := flags.Read(args, math.MaxInt, out); err != nil {
		return err
	}
	flags.Server = []restorejobstest.Option{restorejobstest.WithShards(2), restorejobstest.WithRestoreDuration(*takes)}
	t, err := flags.Open()
	if err != nil {
		return err
	}
	defer t.Close()

	ids, opts := flags.Args(), restorejobs.WaitOptions{OnUpdate: report(out)}
	if t.Server != nil {
		opts.MinInterval = *takes / 10 // the embedded server is in a hurry, and can stand it
		if *snapshot == "" {
			*snapshot = t.Scope.Snapshots()[0]
		}
	}
	if len(ids) == 0 {
		created, err := start(ctx, t.Jobs, *snapshot, *into)
		if err != nil {
			return err
		}
		ids = restorejobs.IDs(created)
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	jobs, err := t.Jobs.Wait(ctx, ids, opts)
	if err != nil {
		return explain(t, err)
	}
	_, err = fmt.Fprintf(out, "%d of %d jobs finished\n", len(jobs), len(ids))
	return err
}

func start(ctx context.Context, jobs *restorejobs.Jobs, snapshot, into string) ([]*restorejobs.Job, error) {
	to := restorejobs.ToDownload(restorejobs.DownloadLink{})
	if into != "" {
		project, cluster, _ := strings.Cut(into, "/")
		to = restorejobs.ToCluster(project, cluster)
	}
	return jobs.Create(ctx, restorejobs.FromSnapshot(snapshot), to)
}

// report prints what the wait sees, failures it gets over included.
func report(out io.Writer) func(restorejobs.Update) error {
	return func(u restorejobs.Update) error {
		news := string(u.State)
		if u.Err != nil {
			news = "asking again after " + u.Err.Error()
		}
		_, err := fmt.Fprintf(out, "%6s  %s  %s\n", u.Elapsed.Round(100*time.Millisecond), u.ID, news)
		return err
	}
}

// explain says how to go on with what had not ended. The jobs that ended badly are in
// the error's text.
func explain(t *target.Target, err error) error {
	var waitErr *restorejobs.WaitError
	if errors.As(err, &waitErr) && len(waitErr.Pending) > 0 {
		return fmt.Errorf("%w\nthe restore goes on; %s", err, t.Resume("create-and-wait", waitErr.Pending...))
	}
	return err
}
