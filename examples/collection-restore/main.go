// Collection-restore restores one collection of the newest snapshot beside the existing ones, under
// a name with a suffix, and waits for it. Without an operand it lists the collections of the
// snapshot, and on the embedded server it restores the first.
//
//	go run ./examples/collection-restore
//	go run ./examples/collection-restore -ref atlasv2/groups/PROJECT/clusters/CLUSTER sales.orders
//	go run ./examples/collection-restore -ref atlasv2/groups/PROJECT/clusters/CLUSTER -job JOB
//
// Exit codes: 0 done, 1 failed or without the collection or its indexes, 2 bad usage, 3 interrupted:
// the restore continues. The last line shows how to continue.
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
	err := run(ctx, harness.Args(), os.Stdout)
	stop()
	os.Exit(harness.ExitCode(os.Stderr, err))
}

// program is one run.
type program struct {
	env    *harness.Env
	out    io.Writer
	suffix string
	opts   restorejobs.WaitOptions
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := harness.NewFlags("collection-restore [flags] [DATABASE.COLLECTION]", restorejobstest.AtlasV2Cluster)
	suffix := flags.String("suffix", "_restored", "`text` after the name of the collection")
	job := flags.String("job", "", "wait for this `JOB`, which was started before")
	takes := flags.Duration("takes", time.Second, "how long the embedded server takes")
	if err := flags.Read(args, 1, out); err != nil {
		return err
	}
	if *job != "" && flags.NArg() > 0 {
		return harness.Usage("-job has been started, and DATABASE.COLLECTION starts a restore")
	}
	flags.Server = []restorejobstest.Option{restorejobstest.WithRestoreDuration(*takes)}
	env, err := flags.Open()
	if err != nil {
		return err
	}
	defer env.Close()
	p := &program{env: env, out: out, suffix: *suffix}
	p.opts.OnUpdate = p.report
	if env.Server != nil {
		p.opts.MinInterval = *takes / 10 // the embedded server is fast
	}
	if *job != "" {
		p.opts.NotFoundGrace = -1 // the job existed before, so a 404 is final
		return p.wait(ctx, *job)
	}
	return p.restore(ctx, flags.Arg(0))
}

// restore chooses the snapshot and the collection, and restores it.
func (p *program) restore(ctx context.Context, namespace string) error {
	snapshot, err := p.env.Source.Snapshots.Newest(ctx, restorejobs.SnapshotOptions{})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "snapshot %s of %s\n", snapshot.ID, snapshot.Time().UTC().Format(time.RFC3339))
	if namespace == "" {
		first, err := p.list(ctx, snapshot.ID)
		if err != nil || first == "" || p.env.Server == nil {
			return err
		}
		namespace = first
	}
	job, err := p.env.Source.CollectionJobs.Create(ctx, restorejobs.CollectionRestore{
		Point:            restorejobs.FromSnapshot(snapshot.ID),
		Target:           restorejobs.ToCluster(p.env.Source.ProjectID(), p.env.Source.ClusterID()),
		Collections:      []restorejobs.RestoreNamespace{{Source: namespace}},
		CollectionSuffix: p.suffix,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "restoring %s with the suffix %q: job %s\n", namespace, p.suffix, job.ID)
	return p.wait(ctx, job.ID)
}

// list prints the collections of a snapshot and returns the first.
func (p *program) list(ctx context.Context, snapshotID string) (first string, err error) {
	snapshots := p.env.Source.Snapshots
	for database, err := range snapshots.Databases(ctx, snapshotID) {
		if err != nil {
			return "", err
		}
		for collection, err := range snapshots.Collections(ctx, snapshotID, database) {
			if err != nil {
				return "", err
			}
			namespace := database + "." + collection
			if first == "" {
				first = namespace
			}
			fmt.Fprintln(p.out, " ", namespace)
		}
	}
	return first, nil
}

// wait waits for a job with its progress, and prints where the data are.
func (p *program) wait(ctx context.Context, id string) error {
	jobs := p.env.Source.CollectionJobs
	_, err := jobs.Wait(ctx, id, p.opts)
	var waitErr *restorejobs.WaitError
	if errors.As(err, &waitErr) && len(waitErr.PendingIDs) > 0 {
		return fmt.Errorf("%w\nthe restore continues; %s", err, p.env.ResumeCommand("collection-restore", "-job", id))
	}
	if err != nil {
		return err // its text lists the collections that were not restored
	}
	for collection, err := range jobs.Collections(ctx, id) {
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s is restored as %s: %s\n", collection.SourceNamespace, collection.EffectiveTargetNamespace,
			harness.Plural(collection.RestoredDocuments, "document"))
	}
	return nil
}

// report prints the progress, and failures that the wait tolerates.
func (p *program) report(u restorejobs.WaitUpdate) error {
	text := string(u.State)
	switch job := u.CollectionJob; {
	case u.Err != nil:
		text = harness.RetryNote(u.Err)
	case job != nil && job.TotalDocuments > 0:
		text += fmt.Sprintf("  %d of %d documents", job.RestoredDocuments, job.TotalDocuments)
	}
	_, err := fmt.Fprintf(p.out, "%6s  %s\n", u.Elapsed.Round(100*time.Millisecond), text)
	return err
}
