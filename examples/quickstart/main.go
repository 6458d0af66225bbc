// Quickstart reads, lists and creates restore jobs of every variant, through one client
// and on the embedded server; or of one real cluster, where it creates nothing unless
// it is given a snapshot.
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -ref opsmanager/groups/PROJECT/clusters/CLUSTER
//	go run ./examples/quickstart -ref atlasv2/groups/PROJECT/clusters/CLUSTER -snapshot SNAPSHOT
//
// Exit codes: 0 done, 1 failed, 2 bad usage, 3 interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"

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
	flags := target.NewFlags("quickstart [flags]", restorejobstest.OpsManagerCluster)
	snapshot := flags.String("snapshot", "", "with -ref: create a download of this snapshot `ID`")
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	t, err := flags.Open()
	if err != nil {
		return err
	}
	defer t.Close()
	rows := []*row{{name: t.Jobs.Ref(), jobs: t.Jobs, snapshot: *snapshot, to: restorejobs.ToDownload(restorejobs.DownloadLink{})}}
	if t.Server != nil {
		rows = everyVariant(t.Client)
	}

	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "VARIANT\tLISTED\tREAD\tCREATED")
	var problems []error
	for _, r := range rows {
		if err := r.try(ctx); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", r.name, err))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.name, r.listed, r.read, r.created)
	}
	return errors.Join(append(problems, table.Flush())...)
}
