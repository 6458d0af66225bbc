// Drill proves that a cluster can be restored: it restores a point in time into a scratch cluster, and
// prints the evidence as JSON. Run it again after anything, with the same time: it continues.
//
//	go run ./examples/drill
//	go run ./examples/drill -product opsmanager -dir /var/lib/drill -at 2026-08-10T03:35:05Z Production/orders Drills/scratch
//
// All data of the scratch cluster are deleted first. Without -at the time is midnight, UTC.
//
// Exit codes: 0 the data are in place, 1 failed, 2 bad usage, 3 interrupted.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(harness.ExitCode(os.Stderr, err))
}

func run(ctx context.Context, args []string, out, log io.Writer) error {
	flags := harness.NewFlags("drill [flags] PROJECT/CLUSTER PROJECT/SCRATCH", restorejobstest.OpsManagerCluster, "ref")
	flags.Durable()
	at := time.Now().UTC().Truncate(24 * time.Hour)
	flags.Func("at", "the `time` of the data, such as 2026-08-10T03:35:05Z (default last midnight, UTC)", func(text string) (err error) {
		at, err = time.Parse(time.RFC3339, text)
		return err
	})
	if err := flags.Read(args, 2, out); err != nil {
		return err
	}
	env, err := flags.OpenDurable()
	if err != nil {
		return err
	}
	defer env.Close()
	source, err := env.Find(ctx, cmp.Or(flags.Arg(0), env.SourceName()))
	if err != nil {
		return err
	}
	scratch, err := env.Find(ctx, cmp.Or(flags.Arg(1), env.TargetName()))
	if err != nil {
		return err
	}

	journal := at.UTC().Format("drill-20060102T150405Z.json") // one for each drill
	evidence, err := durable.Restore(ctx, env.Paced(durable.Plan{
		Source: source,
		Point:  durable.FixedPoint(restorejobs.FromPointInTime(at)),
		To:     restorejobs.ToCluster(scratch.ProjectID(), scratch.ClusterID()),
		OnEvent: func(event durable.Event) error {
			_, err := fmt.Fprintf(log, "%7s  %s\n", event.Elapsed.Round(100*time.Millisecond), event)
			return err
		},
	}), durable.FileJournal(filepath.Join(env.Dir(), journal)))
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(evidence)
}
