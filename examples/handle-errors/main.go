// Handle-errors provokes what can go wrong on the embedded server and shows how a
// program tells the cases apart, with [errors.Is] and [errors.As].
//
//	go run ./examples/handle-errors
//	go run ./examples/handle-errors -ref opsmanager/groups/PROJECT/clusters/CLUSTER
//
// Of a real deployment it asks only what changes nothing.
//
// Exit codes: 0 done, 1 failed, 2 bad usage, 3 interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

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

// advice is what a program does about an error: the reason to read this example.
func advice(err error) string {
	var apiErr *restorejobs.Error
	switch {
	case errors.Is(err, restorejobs.ErrInvalidArgument), errors.Is(err, errors.ErrUnsupported):
		return "a mistake of the program; nothing was sent"
	case errors.Is(err, restorejobs.ErrOutcomeUnknown):
		return "the restore may be running: look for it before starting another"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "out of time"
	case errors.Is(err, restorejobs.ErrBusy):
		return "nothing was started: wait as the hint says, then make the same call again"
	case errors.Is(err, restorejobs.Code("RESTORE_JOB_NOT_FOUND")), errors.Is(err, restorejobs.Code("CONFIG_RESTORE_JOB_NOT_FOUND")):
		return "no such job; a job that was just made may need a moment"
	case errors.Is(err, restorejobs.ErrNotFound):
		return "no such project or cluster"
	case errors.Is(err, restorejobs.ErrUnauthorized), errors.Is(err, restorejobs.ErrForbidden), errors.Is(err, restorejobs.ErrIPNotAllowed):
		return "ask for another key, role or access list entry"
	case errors.Is(err, restorejobs.ErrRateLimited) && errors.As(err, &apiErr):
		return fmt.Sprintf("come back in %s, after %s", apiErr.RetryAfter, target.Count(apiErr.Attempts, "attempt"))
	case errors.As(err, &apiErr) && apiErr.Temporary():
		return fmt.Sprintf("try again later; it said %d", apiErr.StatusCode)
	default:
		return "unexpected: report it"
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := target.NewFlags("handle-errors [flags]", restorejobstest.OpsManagerCluster)
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	t, err := flags.Open(restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: 1, MinDelay: time.Millisecond, MaxDelay: time.Second}))
	if err != nil {
		return err
	}
	defer t.Close()
	show := func(name string, err error) {
		fmt.Fprintf(out, "%s\n  error:  %v\n  advice: %s\n", name, err, advice(err))
	}
	if err := harmless(ctx, t, show); err != nil {
		return err
	}
	if t.Server == nil {
		fmt.Fprintln(out, "Only the embedded server can be made to fail: without -ref there is more to see.")
		return ctx.Err()
	}
	provoked(ctx, t, show)
	return ctx.Err()
}

// harmless shows what changes nothing, and can be had of any server.
func harmless(ctx context.Context, t *target.Target, show func(string, error)) error {
	const noSuchID = "000000000000000000000000"
	_, err := t.Jobs.Get(ctx, "../"+noSuchID)
	show("An id that is none", err)
	show("An operation that the variant lacks", lacking(ctx, t.Jobs))
	_, err = t.Jobs.Create(ctx, restorejobs.FromSnapshot(noSuchID), restorejobs.ToDownload(restorejobs.DownloadLink{MaxDownloads: -1}))
	show("A wish that cannot be", err)
	_, err = t.Jobs.Get(ctx, noSuchID)
	show("A job that is not there", err)
	ref := t.Jobs.Ref()
	nowhere, err := t.Client.Jobs(ref[:strings.LastIndex(ref, "/")+1] + noSuchID)
	if err != nil {
		return err
	}
	_, err = nowhere.List(ctx, restorejobs.ListOptions{})
	show("A cluster that is not there", err)
	closed, err := t.As(restorejobs.APIKey("public", "wrong"))
	if err != nil {
		return err
	}
	_, err = closed.Get(ctx, noSuchID)
	show("A wrong key", err)
	return nil
}

// lacking asks for what one variant or another lacks. Nothing is cancelled: every variant
// lacks one of the two.
func lacking(ctx context.Context, jobs *restorejobs.Jobs) error {
	if _, err := jobs.RestorableTimeRanges(ctx); errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return jobs.Cancel(ctx, "000000000000000000000000")
}

// provoked shows what the embedded server does when it is told to.
func provoked(ctx context.Context, t *target.Target, show func(string, error)) {
	job, snapshot, get := t.Scope.Jobs()[0], restorejobs.FromSnapshot(t.Scope.Snapshots()[0]), http.MethodGet
	t.Server.Fail(2, restorejobstest.TooManyRequests(time.Minute).On(get, ""))
	_, err := t.Jobs.Get(ctx, job)
	show("Too many requests", err)
	t.Server.ClearFaults()
	t.Server.Fail(2, restorejobstest.HTML(http.StatusBadGateway).On(get, ""))
	_, err = t.Jobs.Get(ctx, job)
	show("A proxy that answers instead", err)
	to := restorejobs.ToDownload(restorejobs.DownloadLink{})
	if t.Scope == restorejobstest.AtlasV2Flex { // Create does not start flex downloads
		to = restorejobs.ToCluster(t.Scope.Project(), t.Scope.Cluster())
	}
	t.Server.Fail(1, restorejobstest.LoseReply().On(http.MethodPost, ""))
	_, err = t.Jobs.Create(ctx, snapshot, to)
	show("A create whose reply is lost", err)
	t.Server.Fail(1, restorejobstest.Error(http.StatusConflict, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS").On(http.MethodPost, ""))
	_, err = t.Jobs.Create(ctx, snapshot, to)
	show("A cluster that is being restored", err)
	t.Server.Fail(1, restorejobstest.Slow(time.Hour).On(get, ""))
	hurried, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err = t.Jobs.Get(hurried, job)
	show("A deadline", err)
}
