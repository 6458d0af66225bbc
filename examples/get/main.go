// Get prints one restore job and its download links.
//
//	go run ./examples/get
//	go run ./examples/get -ref atlasv2/groups/PROJECT/clusters/CLUSTER JOB
//
// Exit codes: 0 done, 1 failed, 2 bad usage, 3 interrupted.
package main

import (
	"context"
	"fmt"
	"io"
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
	flags := harness.NewFlags("get [flags] JOB", restorejobstest.MMSCluster)
	if err := flags.Read(args, 1, out); err != nil {
		return err
	}
	if flags.NArg() == 0 && !flags.Embedded() {
		return harness.Usage("JOB is missing")
	}
	env, err := flags.Open()
	if err != nil {
		return err
	}
	defer env.Close()
	id := flags.Arg(0)
	if id == "" {
		id = env.Scope.Jobs()[0]
	}

	job, err := env.Source.Jobs.Get(ctx, id)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n", job)
	if !job.Timestamp.IsZero() {
		fmt.Fprintf(out, "  data as of   %s\n", job.Timestamp.Date.Format(time.RFC3339))
	}
	if job.State().Terminal() {
		fmt.Fprintf(out, "  has ended\n")
	}
	for _, file := range job.DownloadLinks() {
		// The link is a secret. It prints as [redacted] here and in any log;
		// file.URL.Reveal() is the link.
		fmt.Fprintf(out, "  file         %s\n  link         %s until %s\n", file.FileName, file.URL, file.Expires.Format(time.RFC3339))
	}
	if job.State() == restorejobs.StateFinished && job.Delivery.Automated() {
		_, err = fmt.Fprintln(out, "the service reports the job as finished: create-and-wait proves that the servers of the target have the data")
	}
	return err
}
