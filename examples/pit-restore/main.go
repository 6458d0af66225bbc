// Pit-restore restores a cluster of Ops Manager or Cloud Manager to a point in time into another
// cluster of its project. It finds both by name, and ends when the servers of the target have the
// data.
//
//	go run ./examples/pit-restore
//	go run ./examples/pit-restore -product opsmanager -at 2026-11-20T08:00:00Z Production orders orders-staging
//
// With -product it uses a real deployment, with credentials from the environment. The data of TARGET
// are deleted first.
//
// Exit codes: 0 done, 1 failed, 2 bad usage, 3 interrupted: the restore continues. The last line
// shows how to continue.
package main

import (
	"context"
	"errors"
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
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	os.Exit(harness.ExitCode(os.Stderr, err))
}

// restore is what the arguments name.
type restore struct {
	env     *harness.Env
	service restorejobs.ManagerService
	project string
	cluster string
	target  string
	at      time.Time // zero: the newest point
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := harness.NewFlags("pit-restore [flags] PROJECT CLUSTER TARGET", restorejobstest.OpsManagerCluster, "ref", "scope")
	product := flags.String("product", "", "`name` of a product in a real deployment: cloudmanager or opsmanager")
	at := flags.String("at", "", "restore to this `time`, such as 2026-11-20T08:00:00Z (default the newest possible)")
	timeout := flags.Duration("timeout", 24*time.Hour, "how long to wait; the restore continues after it")
	if err := flags.Read(args, 3, out); err != nil {
		return err
	}
	r := &restore{project: flags.Arg(0), cluster: flags.Arg(1), target: flags.Arg(2)}
	switch {
	case flags.NArg() == 3:
	case flags.NArg() > 0, *product != "":
		return harness.Usage("PROJECT, CLUSTER and TARGET are needed")
	}
	if *at != "" {
		var err error
		r.at, err = time.Parse(time.RFC3339, *at)
		if err != nil {
			return harness.Usage("-at must be a time such as 2026-11-20T08:00:00Z")
		}
	}
	if err := r.open(flags, *product); err != nil {
		return err
	}
	defer r.env.Close()
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	return r.run(ctx, out)
}

// open connects to the embedded server, or to a real deployment.
func (r *restore) open(flags *harness.Flags, product string) error {
	if product == "" {
		env, err := flags.Open()
		if err != nil {
			return err
		}
		r.env = env
		r.service = env.Client.OpsManager
		if r.project == "" {
			r.project = env.Scope.ProjectName()
			r.cluster = env.Scope.ClusterName()
			r.target = env.Scope.TargetName()
		}
		return nil
	}
	client, err := restorejobs.NewClientFromEnv()
	if err != nil {
		return err
	}
	r.env = &harness.Env{Client: client}
	switch product {
	case "cloudmanager":
		r.service = client.CloudManager
	case "opsmanager":
		r.service = client.OpsManager
	default:
		return harness.Usage(fmt.Sprintf("product must be cloudmanager or opsmanager, not %q", product))
	}
	return nil
}

func (r *restore) run(ctx context.Context, out io.Writer) error {
	source, err := r.service.FindCluster(ctx, r.project, r.cluster)
	if err != nil {
		return err // a *restorejobs.LookupError lists the candidates
	}
	target, err := r.service.FindCluster(ctx, r.project, r.target)
	if err != nil {
		return err
	}
	if err := source.CheckTarget(ctx, target); err != nil {
		return err // a *restorejobs.TargetError has every reason
	}
	at, err := r.choosePoint(ctx, source)
	if err != nil {
		return err
	}
	to := restorejobs.ToCluster(target.ProjectID(), target.ClusterID())
	goalBefore, err := source.GoalVersion(ctx, to)
	if err != nil {
		return err // the wait would not be able to prove the restore
	}

	created, err := source.Jobs.Create(ctx, restorejobs.FromPointInTime(at), to)
	if err != nil {
		return err // if it matches ErrOutcomeUnknown, list the jobs before another try
	}
	fmt.Fprintf(out, "restoring %s as of %s into %s\n", r.cluster, at.UTC().Format(time.RFC3339), r.target)
	r.env.Source = source
	_, err = source.Jobs.Wait(ctx, restorejobs.JobIDs(created), r.env.FastForward(restorejobs.WaitOptions{
		GoalVersion: goalBefore,
		Heartbeat:   time.Minute,
		OnUpdate:    report(out),
	}))
	if err != nil {
		return r.env.WithResumeHint("create-and-wait", err)
	}
	fmt.Fprintf(out, "the servers of %s have the data\n", r.target)
	return nil
}

// choosePoint returns the requested point in time, or the newest one.
func (r *restore) choosePoint(ctx context.Context, source *restorejobs.Source) (time.Time, error) {
	ranges, err := source.Jobs.RestorableTimeRanges(ctx)
	if err != nil {
		return time.Time{}, err
	}
	var newest time.Time
	for _, possible := range ranges {
		if !r.at.IsZero() && possible.Contains(r.at) {
			return r.at, nil
		}
		if possible.End.Date.After(newest) {
			newest = possible.End.Date
		}
	}
	switch {
	case newest.IsZero():
		return time.Time{}, errors.New("the cluster cannot be restored to any point in time")
	case !r.at.IsZero():
		return time.Time{}, fmt.Errorf("the cluster cannot be restored to %s; the newest point is %s",
			r.at.UTC().Format(time.RFC3339), newest.UTC().Format(time.RFC3339))
	}
	return newest, nil
}

// report prints each change, and each minute without one.
func report(out io.Writer) func(restorejobs.WaitUpdate) error {
	var printer harness.UpdatePrinter
	return func(u restorejobs.WaitUpdate) error {
		text := printer.Format(u)
		switch {
		case u.Heartbeat:
			text = fmt.Sprintf("waiting, next poll in %s", u.NextPoll.Round(time.Second))
		case text == "": // the same failure again
			return nil
		}
		_, err := fmt.Fprintf(out, "%6s  %s\n", u.Elapsed.Round(100*time.Millisecond), text)
		return err
	}
}
