// Newest-snapshot prints the newest snapshot that can be restored, of any product, or the newest one
// before a time.
//
//	go run ./examples/newest-snapshot
//	go run ./examples/newest-snapshot -before 2026-11-21T20:00:00Z -ref atlasv2/groups/PROJECT/clusters/CLUSTER
//
// Exit codes: 0 done, 1 failed or no such snapshot, 2 bad usage, 3 interrupted.
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
	flags := harness.NewFlags("newest-snapshot [flags]", restorejobstest.AtlasV2Cluster)
	before := flags.String("before", "", "only data from before this `time`, as in 2026-11-21T20:00:00Z")
	fallback := flags.Bool("fallback", false, "also snapshots of last resort (Atlas)")
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	opts := restorejobs.SnapshotOptions{IncludeFallback: *fallback}
	if *before != "" {
		at, err := time.Parse(time.RFC3339, *before)
		if err != nil {
			return harness.Usage("-before must be a time such as 2026-11-21T20:00:00Z")
		}
		opts.Before = at
	}
	env, err := flags.Open()
	if err != nil {
		return err
	}
	defer env.Close()
	return show(ctx, env, opts, out)
}

func show(ctx context.Context, env *harness.Env, opts restorejobs.SnapshotOptions, out io.Writer) error {
	snapshot, err := env.Source.Snapshots.Newest(ctx, opts)
	if err != nil {
		return err // an ErrNoSnapshot has the reason, and the snapshot to wait for
	}
	fmt.Fprintln(out, snapshot)
	if version := snapshot.Version(); version != "" {
		fmt.Fprintf(out, "  MongoDB      %s\n", version)
	}
	if expiry := snapshot.ExpiryTime(); !expiry.IsZero() {
		fmt.Fprintf(out, "  is kept      until %s\n", expiry.UTC().Format(time.RFC3339))
	}
	fmt.Fprintf(out, "restore it: go run ./examples/create %s -snapshot %s\n", env.Flag(), snapshot.ID)
	return nil
}
