// Create starts a restore of a snapshot, a point in time, an oplog entry or a checkpoint, as a
// download or into a cluster. It does not wait for the end.
//
//	go run ./examples/create
//	go run ./examples/create -snapshot SNAPSHOT -hours 48 -max 3
//	go run ./examples/create -time 2026-08-09T04:00:00Z -into PROJECT/CLUSTER
//
// Exit codes: 0 done, 1 failed, 2 bad usage, 3 interrupted. After 1 or 3 the restore may have
// been started; the error shows it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

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
	flags := harness.NewFlags("create [flags]", restorejobstest.OpsManagerCluster)
	points := newPoints(flags)
	into := flags.Into()
	link := flags.Link()
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	point, err := points.read(flags.Embedded())
	if err != nil {
		return err
	}
	env, err := flags.Open()
	if err != nil {
		return err
	}
	defer env.Close()
	to, err := env.Destination(*into, *link)
	if err != nil {
		return err
	}
	if point == (restorejobs.RestorePoint{}) {
		point = restorejobs.FromSnapshot(env.Scope.Snapshots()[0])
	}

	created, err := env.Source.Jobs.Create(ctx, point, to) // an unsupported argument is refused before anything is sent
	if errors.Is(err, restorejobs.ErrOutcomeUnknown) {
		return fmt.Errorf("%w\nlist the jobs before you start another: go run ./examples/create-once does", err)
	}
	if err != nil {
		return err
	}
	for _, job := range created { // one for each shard of a classic sharded cluster
		fmt.Fprintln(out, job)
	}
	_, err = fmt.Fprintf(out, "started: %s to %s\n", point, to)
	return err
}
