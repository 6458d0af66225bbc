// Watch shows the jobs of a batch in a table that refreshes until all have ended. If the output
// is not a terminal, it prints a line for each change instead.
//
//	go run ./examples/watch
//	go run ./examples/watch -ref opsmanager/groups/PROJECT/clusters/CLUSTER -batch BATCH
//	go run ./examples/watch -ref atlasv2/groups/PROJECT/clusters/CLUSTER JOB...
//
// Exit codes: 0 all finished, 1 not all, 2 bad usage, 3 interrupted: the jobs continue.
package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
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
	flags := harness.NewFlags("watch [flags] [JOB...]", restorejobstest.OpsManagerCluster)
	batch := flags.String("batch", "", "watch the jobs of this batch `ID`")
	takes := flags.Duration("takes", 3*time.Second, "how long the embedded server takes")
	if err := flags.Read(args, math.MaxInt, out); err != nil {
		return err
	}
	switch ids := flags.Args(); {
	case len(ids) > 0 && *batch != "":
		return harness.Usage("-batch and JOB exclude each other")
	case len(ids) == 0 && *batch == "" && !flags.Embedded():
		return harness.Usage("-batch or JOB is missing")
	}
	flags.Server = []restorejobstest.Option{restorejobstest.WithShards(4), restorejobstest.WithRestoreDuration(*takes)}
	env, err := flags.Open()
	if err != nil {
		return err
	}
	defer env.Close()
	ids := flags.Args()
	opts := restorejobs.WaitOptions{}
	if env.Server != nil {
		opts.MinInterval = *takes / 30 // the embedded server is fast
	}
	switch {
	case len(ids) > 0:
		opts.NotFoundGrace = -1 // the jobs existed before, so a 404 is final
	case *batch != "":
		ids, err = idsOf(ctx, env.Source.Jobs, *batch)
	default:
		var created []*restorejobs.Job
		created, err = env.Source.Jobs.Create(ctx, restorejobs.FromSnapshot(env.Scope.Snapshots()[0]), restorejobs.ToDownload())
		ids = restorejobs.JobIDs(created)
	}
	if err != nil {
		return err
	}
	return waitAndDraw(ctx, env, ids, opts, out)
}

func idsOf(ctx context.Context, jobs *restorejobs.Jobs, batch string) ([]string, error) {
	var ids []string
	for job, err := range jobs.All(ctx, restorejobs.ListOptions{BatchID: batch}) {
		if err != nil {
			return nil, err
		}
		ids = append(ids, job.ID)
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("no jobs in batch %s", batch)
	}
	return ids, nil
}

// waitAndDraw waits in another goroutine and draws meanwhile.
func waitAndDraw(ctx context.Context, env *harness.Env, ids []string, opts restorejobs.WaitOptions, out io.Writer) error {
	updates := make(chan restorejobs.WaitUpdate)
	ended := make(chan error, 1)
	opts.OnUpdate = func(u restorejobs.WaitUpdate) error {
		updates <- u // never blocks forever: the loop below reads until the wait has ended
		return nil
	}
	opts = env.FastForward(opts)
	go func() {
		_, err := env.Source.Jobs.Wait(ctx, ids, opts)
		ended <- err
	}()
	view := newView(out, ids)
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case update := <-updates:
			view.update(update)
		case <-second.C:
			view.draw()
		case err := <-ended:
			view.draw()
			if err != nil {
				return env.WithResumeHint("watch", err)
			}
			return nil
		}
	}
}
