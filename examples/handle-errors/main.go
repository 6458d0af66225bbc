// Handle-errors provokes errors on the embedded server and shows how a program distinguishes
// them, with [errors.Is] and [errors.As].
//
//	go run ./examples/handle-errors
//	go run ./examples/handle-errors -ref opsmanager/groups/PROJECT/clusters/CLUSTER
//
// With a real deployment it makes only requests that change nothing.
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
	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

const noSuchID = "000000000000000000000000"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, harness.Args(), os.Stdout)
	stop()
	os.Exit(harness.ExitCode(os.Stderr, err))
}

// advice selects the reaction of a program to an error. It is the purpose of this example.
func advice(err error) string {
	var apiErr *restorejobs.Error
	switch {
	case errors.Is(err, restorejobs.ErrInvalidArgument), errors.Is(err, errors.ErrUnsupported):
		return "a mistake in the program; no request was sent"
	case errors.Is(err, restorejobs.ErrOutcomeUnknown):
		return "the restore may be running: search for it before starting another"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "out of time"
	case errors.Is(err, restorejobs.ErrBusy):
		return "nothing was started: wait as the hint says, then make the same call again"
	case errors.Is(err, restorejobs.ErrorCodeRestoreJobNotFound), errors.Is(err, restorejobs.ErrorCodeConfigRestoreJobNotFound):
		return "no such job; a new job may not be visible yet"
	case errors.Is(err, restorejobs.ErrNotFound):
		return "no such project or cluster"
	case errors.Is(err, restorejobs.ErrUnauthorized), errors.Is(err, restorejobs.ErrForbidden), errors.Is(err, restorejobs.ErrIPNotAllowed):
		return "get another key, role or access list entry"
	case errors.Is(err, restorejobs.ErrRateLimited) && errors.As(err, &apiErr):
		return fmt.Sprintf("try again in %s, after %s", apiErr.RetryAfter, harness.Plural(apiErr.Attempts, "attempt"))
	case errors.As(err, &apiErr) && apiErr.Retryable():
		return fmt.Sprintf("try again later; the status was %d", apiErr.StatusCode)
	default:
		return "unexpected: report it"
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := harness.NewFlags("handle-errors [flags]", restorejobstest.OpsManagerCluster)
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	env, err := flags.Open(restorejobs.WithRetry(restorejobs.RetryPolicy{
		MaxRetries: 1,
		MinDelay:   time.Millisecond,
		MaxDelay:   time.Second,
	}))
	if err != nil {
		return err
	}
	defer env.Close()
	report := func(name string, err error) {
		fmt.Fprintf(out, "%s\n  error:  %v\n  advice: %s\n", name, err, advice(err))
	}
	if err := readOnlyErrors(ctx, env, report); err != nil {
		return err
	}
	if env.Server == nil {
		fmt.Fprintln(out, "The other errors need the embedded server: run it without -ref.")
		return ctx.Err()
	}
	injectedErrors(ctx, env, report)
	return ctx.Err()
}

// readOnlyErrors provokes errors with requests that change nothing, on any server.
func readOnlyErrors(ctx context.Context, env *harness.Env, report func(string, error)) error {
	_, err := env.Source.Jobs.Get(ctx, "../"+noSuchID)
	report("An invalid ID", err)
	report("An operation that the variant lacks", unsupportedOperation(ctx, env.Source.Jobs))
	_, err = env.Source.Jobs.Create(ctx, restorejobs.FromSnapshot(noSuchID), restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{MaxDownloads: -1}))
	report("An invalid option", err)
	_, err = env.Source.Jobs.Get(ctx, noSuchID)
	report("A job that does not exist", err)
	ref := env.Source.Ref()
	nowhereSource, err := env.Client.Source(ref[:strings.LastIndex(ref, "/")+1] + noSuchID)
	if err != nil {
		return err
	}
	nowhere := nowhereSource.Jobs
	_, err = nowhere.List(ctx, restorejobs.ListOptions{})
	report("A cluster that does not exist", err)
	closed, err := env.WithCredentials(restorejobs.APIKey("public", "wrong"))
	if err != nil {
		return err
	}
	_, err = closed.Get(ctx, noSuchID)
	report("A wrong key", err)
	return nil
}

// unsupportedOperation calls two operations, of which every variant lacks one. Nothing is cancelled.
func unsupportedOperation(ctx context.Context, jobs *restorejobs.Jobs) error {
	if _, err := jobs.List(ctx, restorejobs.ListOptions{BatchID: noSuchID}); errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return jobs.Cancel(ctx, noSuchID)
}

// injectedErrors injects faults into the embedded server.
func injectedErrors(ctx context.Context, env *harness.Env, report func(string, error)) {
	job := env.Scope.Jobs()[0]
	snapshot := restorejobs.FromSnapshot(env.Scope.Snapshots()[0])
	env.Server.InjectFault(restorejobstest.TooManyRequests(time.Minute).On("GET /"), 2)
	_, err := env.Source.Jobs.Get(ctx, job)
	report("Too many requests", err)
	env.Server.ClearFaults()
	env.Server.InjectFault(restorejobstest.RespondHTML(http.StatusBadGateway).On("GET /"), 2)
	_, err = env.Source.Jobs.Get(ctx, job)
	report("A response of a proxy", err)
	to := restorejobs.ToDownload()
	env.Server.InjectFault(restorejobstest.DropResponse().On("POST /"), 1)
	_, err = env.Source.Jobs.Create(ctx, snapshot, to)
	report("A create with a lost response", err)
	env.Server.InjectFault(restorejobstest.RespondError(http.StatusConflict, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS").On("POST /"), 1)
	_, err = env.Source.Jobs.Create(ctx, snapshot, to)
	report("A cluster that is being restored", err)
	env.Server.InjectFault(restorejobstest.DelayResponse(time.Hour).On("GET /"), 1)
	hurried, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err = env.Source.Jobs.Get(hurried, job)
	report("A deadline", err)
}
