// Staging-refresh restores the newest snapshots of clusters into others, side by side. It prints a line
// for each step, and one a minute. Run it again after anything: a target that has its snapshot is skipped.
//
//	go run ./examples/staging-refresh
//	go run ./examples/staging-refresh -product opsmanager -dir /var/lib/refresh Production/orders=Staging/orders Production/stock=Staging/stock
//
// All data of the targets are deleted first.
//
// Exit codes: 0 all targets have their snapshots, 1 failed, 2 bad usage, 3 interrupted.
package main

import (
	"context"
	"io"
	"math"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	os.Exit(harness.ExitCode(os.Stderr, err))
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := harness.NewFlags("staging-refresh [flags] PROJECT/CLUSTER=PROJECT/CLUSTER...", restorejobstest.OpsManagerCluster, "ref")
	flags.Durable()
	every := flags.Duration("every", time.Minute, "how often a `line` is printed at least")
	if err := flags.Read(args, math.MaxInt, out); err != nil {
		return err
	}
	env, err := flags.OpenDurable()
	if err != nil {
		return err
	}
	defer env.Close()

	pairs := flags.Args()
	if len(pairs) == 0 {
		if pairs, err = env.Pairs(); err != nil {
			return err
		}
	}
	var refreshes errgroup.Group // one that fails does not end the others
	out = harness.SyncWriter(out)
	for _, pair := range pairs {
		r := refresh{
			env:   env,
			out:   out,
			every: *every,
		}
		r.from, r.to, _ = strings.Cut(pair, "=")
		refreshes.Go(func() error { return r.run(ctx) })
	}
	return refreshes.Wait()
}
