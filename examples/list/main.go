// List prints the restore jobs of a cluster while the pages are read.
//
//	go run ./examples/list
//	go run ./examples/list -scope AtlasV2Flex
//	go run ./examples/list -ref opsmanager/groups/PROJECT/clusters/CLUSTER -state failed -limit 20
//
// Exit codes: 0 done, 1 failed, 2 bad usage, 3 interrupted.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
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

// states has the values of -state.
var states = []string{
	string(restorejobs.StateRunning), string(restorejobs.StateFinished), string(restorejobs.StateFailed),
	string(restorejobs.StateCancelled), string(restorejobs.StateExpired), string(restorejobs.StateUnknown),
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := harness.NewFlags("list [flags]", restorejobstest.MMSCluster)
	limit := flags.Int("limit", 0, "stop after this many jobs; 0 is all")
	state := flags.String("state", "", "only jobs in this `state`: "+strings.Join(states, ", "))
	batch := flags.String("batch", "", "only jobs of this batch `ID`")
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	switch {
	case *limit < 0:
		return harness.Usage("-limit must not be negative")
	case *state != "" && !slices.Contains(states, *state):
		return harness.Usage("-state must be one of " + strings.Join(states, ", "))
	}
	env, err := flags.Open()
	if err != nil {
		return err
	}
	defer env.Close()

	count := 0
	for job, err := range env.Source.Jobs.All(ctx, restorejobs.ListOptions{BatchID: *batch}) {
		if err != nil {
			return fmt.Errorf("the list ends after %s: %w", harness.Plural(count, "job"), err)
		}
		if *state != "" && string(job.State()) != *state {
			continue
		}
		fmt.Fprintf(out, "%s  %-9s  snapshot %s\n", job.ID, job.State(), job.SnapshotID)
		count++
		if count == *limit {
			break // also cancels the requests for further pages
		}
	}
	_, err = fmt.Fprintf(out, "%s of %s\n", harness.Plural(count, "job"), env.Source.Ref())
	return err
}
