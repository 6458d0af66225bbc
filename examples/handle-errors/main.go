// Handle-errors provokes what can go wrong on the embedded server and shows how a
// program tells the cases apart, with [errors.Is] and [errors.As].
//
//	go run ./examples/handle-errors
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
	"syscall"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/target"
	"example.com/restorejobs/restorejobstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
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
	case errors.Is(err, restorejobs.Code("RESTORE_JOB_NOT_FOUND")):
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
	flags := target.NewFlags("handle-errors", restorejobstest.OpsManagerCluster, "ref", "scope")
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	t, err := flags.Open(restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: 1, MinDelay: time.Millisecond, MaxDelay: time.Second}))
	if err != nil {
		return err
	}
	defer t.Close()
	stranger, err := restorejobs.NewClient(restorejobs.APIKey("public", "wrong"), restorejobs.WithBaseURL(t.Server.URL()))
	if err != nil {
		return err
	}
	closed, err := stranger.Jobs(t.Jobs.Ref())
	if err != nil {
		return err
	}

	const noSuchJob = "000000000000000000000000"
	job, snapshot, get := t.Scope.Jobs()[0], restorejobs.FromSnapshot(t.Scope.Snapshots()[0]), http.MethodGet
	show := func(name string, err error) {
		fmt.Fprintf(out, "%s\n  error:  %v\n  advice: %s\n", name, err, advice(err))
	}

	_, err = t.Jobs.Get(ctx, "../"+job)
	show("An id that is none", err)
	show("An operation that the variant lacks", t.Jobs.Cancel(ctx, job))
	_, err = t.Jobs.Create(ctx, snapshot, restorejobs.ToDownload(restorejobs.DownloadLink{MaxDownloads: -1}))
	show("A wish that cannot be", err)
	_, err = t.Jobs.Get(ctx, noSuchJob)
	show("A job that is not there", err)
	_, err = t.Client.OpsManager.Cluster(t.Scope.Project(), noSuchJob).List(ctx, restorejobs.ListOptions{})
	show("A cluster that is not there", err)
	_, err = closed.Get(ctx, job)
	show("A wrong key", err)

	t.Server.Fail(2, restorejobstest.TooManyRequests(time.Minute).On(get, ""))
	_, err = t.Jobs.Get(ctx, job)
	show("Too many requests", err)
	t.Server.ClearFaults()
	t.Server.Fail(2, restorejobstest.HTML(http.StatusBadGateway).On(get, ""))
	_, err = t.Jobs.Get(ctx, job)
	show("A proxy that answers instead", err)
	t.Server.Fail(1, restorejobstest.LoseReply().On(http.MethodPost, ""))
	_, err = t.Jobs.Create(ctx, snapshot, restorejobs.ToDownload(restorejobs.DownloadLink{}))
	show("A create whose reply is lost", err)
	t.Server.Fail(1, restorejobstest.Slow(time.Hour).On(get, ""))
	hurried, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err = t.Jobs.Get(hurried, job)
	show("A deadline", err)
	return ctx.Err()
}
