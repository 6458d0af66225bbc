// Create-and-wait starts a restore and waits until its jobs have ended. Its exit code is the
// result. With operands it waits for jobs that were started before.
//
//	go run ./examples/create-and-wait
//	go run ./examples/create-and-wait -ref atlasv2/groups/PROJECT/clusters/CLUSTER -snapshot SNAPSHOT -into PROJECT/CLUSTER
//	go run ./examples/create-and-wait -ref atlasv2/groups/PROJECT/clusters/CLUSTER JOB...
//
// Exit codes: 0 all jobs finished, 1 not all, or unknown whether the restore was started, 2
// bad usage, 3 interrupted: the restore continues. The last line shows how to continue.
package main

import (
	"context"
	"errors"
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
	flags := harness.NewFlags("create-and-wait [flags] [JOB...]", restorejobstest.OpsManagerCluster)
	snapshot := flags.String("snapshot", "", "restore this snapshot `ID`")
	into := flags.Into()
	link := flags.Link()
	timeout := flags.Duration("timeout", 24*time.Hour, "how long to wait; the restore continues after it")
	takes := flags.Duration("takes", time.Second, "how long the embedded server takes")
	if err := flags.Read(args, math.MaxInt, out); err != nil {
		return err
	}
	switch ids := flags.Args(); {
	case len(ids) > 0 && (*snapshot+*into != "" || *link != restorejobs.DownloadLinkOptions{}):
		return harness.Usage("-snapshot, -into, -hours and -max start a restore, and JOB has been started")
	case len(ids) == 0 && *snapshot == "" && !flags.Embedded():
		return harness.Usage("-snapshot or JOB is missing")
	}
	flags.Server = []restorejobstest.Option{restorejobstest.WithShards(2), restorejobstest.WithRestoreDuration(*takes)}
	env, err := flags.Open()
	if err != nil {
		return err
	}
	defer env.Close()

	ids := flags.Args()
	opts := restorejobs.WaitOptions{OnUpdate: report(out)}
	if env.Server != nil {
		opts.MinInterval = *takes / 10 // the embedded server is fast
		if *snapshot == "" {
			*snapshot = env.Scope.Snapshots()[0]
		}
	}
	if len(ids) > 0 {
		opts.NotFoundGrace = -1 // the jobs existed before, so a 404 is final
	} else if ids, err = start(ctx, env, *snapshot, *into, *link); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	jobs, err := env.Source.Jobs.Wait(ctx, ids, env.FastForward(opts))
	if err != nil {
		return env.WithResumeHint("create-and-wait", err)
	}
	fmt.Fprintf(out, "%d of %s finished\n", len(jobs), harness.Plural(len(ids), "job"))
	_, err = fmt.Fprint(out, harness.LinkUsesNote(jobs[0]))
	return err
}

func start(ctx context.Context, env *harness.Env, snapshot, into string, link restorejobs.DownloadLinkOptions) ([]string, error) {
	to, err := env.Destination(into, link)
	if err != nil {
		return nil, err
	}
	created, err := env.Source.Jobs.Create(ctx, restorejobs.FromSnapshot(snapshot), to)
	var unknown *restorejobs.OutcomeUnknownError
	if errors.As(err, &unknown) {
		err = fmt.Errorf("%w\n%s", err, env.FindCreatedHint(harness.SinceFlag(unknown.Start), snapshot, into, link))
	}
	return restorejobs.JobIDs(created), err
}

// report prints the updates of the wait, including failures that it tolerates.
func report(out io.Writer) func(restorejobs.WaitUpdate) error {
	var printer harness.UpdatePrinter
	return func(u restorejobs.WaitUpdate) error {
		text := printer.Format(u)
		if text == "" { // the same failure again
			return nil
		}
		_, err := fmt.Fprintf(out, "%6s  %s  %s\n", u.Elapsed.Round(100*time.Millisecond), u.ID, text)
		return err
	}
}
