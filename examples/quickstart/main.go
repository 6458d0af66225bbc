// Quickstart runs the main task of the library for every variant, with one client and the
// embedded server: list restore jobs, read one, start a restore, wait until its jobs have ended,
// download its files and verify them. On a real cluster it restores only with -snapshot. The
// link then works three times if the variant supports it, so that an interrupted download can
// be resumed.
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -ref opsmanager/groups/PROJECT/clusters/CLUSTER
//	go run ./examples/quickstart -ref atlasv2/groups/PROJECT/clusters/CLUSTER -snapshot SNAPSHOT -dir FOLDER
//
// Exit codes: 0 done, 1 failed, 2 bad usage, 3 interrupted: a started restore continues, part
// files are kept, and the last line shows how to continue.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"
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

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := harness.NewFlags("quickstart [flags]", restorejobstest.OpsManagerCluster, "scope")
	snapshot := flags.String("snapshot", "", "with -ref: restore this snapshot `ID` as a download")
	dir := flags.String("dir", "", "with -snapshot: `folder` for the files, created if it is missing (default .)")
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	if flags.Embedded() && *snapshot != "" || *snapshot == "" && *dir != "" {
		return harness.Usage("-dir goes with -snapshot, and -snapshot with -ref")
	}
	*dir = cmp.Or(*dir, ".")
	if *snapshot != "" {
		if err := checkWritable(*dir); err != nil {
			return harness.Usage("-dir: " + err.Error())
		}
	}
	env, err := flags.Open()
	if err != nil {
		return err
	}
	defer env.Close()
	later := *dir // for another process that continues
	rows := []*row{{
		name:     env.Source.Ref(),
		source:   env.Source,
		jobs:     env.Source.Jobs,
		snapshot: *snapshot,
		to:       restorejobs.ToDownloadWith(harness.ResumableLink(env.Source)),
	}}
	if env.Server != nil {
		if rows, err = allScopes(env.Client); err != nil {
			return err
		}
		if *dir, err = os.MkdirTemp("", "restorejobs-quickstart-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(*dir)) }()
	}

	for _, r := range rows {
		r.start(ctx)
	}
	if env.Server != nil {
		env.Server.Advance(5 * time.Minute) // longer than its restores run
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "VARIANT\tLIST\tOLD JOB\tCREATE\tWAIT\tDOWNLOAD\tVERIFIED")
	var problems []error
	for _, r := range rows {
		if r.finish(ctx, *dir); r.err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", r.name, r.err))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.name, r.list, r.get, r.create, r.wait, r.download, r.verified)
	}
	problems = append(problems, table.Flush())
	if env.Server == nil && *snapshot == "" {
		fmt.Fprintln(out, "– not requested: add -snapshot")
	} else {
		fmt.Fprintln(out, "– no checksum: Atlas has one for legacy backup only")
	}
	for _, r := range rows {
		if advice := r.resumeAdvice(env, later); advice != "" {
			problems = append(problems, errors.New(advice))
			break // one line is enough for the embedded server
		}
	}
	return errors.Join(problems...)
}
