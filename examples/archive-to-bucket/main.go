// Archive-to-bucket streams the newest snapshot of a cluster into a bucket, without a file on disk. Run it
// again after anything: a broken upload continues with the next part.
//
//	go run ./examples/archive-to-bucket
//	export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…
//	go run ./examples/archive-to-bucket -product atlas -dir /var/lib/archive -endpoint https://s3.example.net -bucket backups Production/orders
//
// By default the bucket is one in memory. A rule of the bucket should abort old multipart uploads.
//
// Exit codes: 0 the archive is in the bucket, 1 failed, 2 bad usage, 3 interrupted.
package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
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
	flags := harness.NewFlags("archive-to-bucket [flags] PROJECT/CLUSTER", restorejobstest.OpsManagerCluster, "ref")
	flags.Durable()
	link := flags.Link()
	endpoint := flags.String("endpoint", "", "`URL` of an S3-compatible service, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	name := flags.String("bucket", "backups", "`name` of the bucket")
	partMiB := flags.Int("part", 16, "`MiB` of a part, 5 or more; one is in memory")
	if err := flags.Read(args, 1, out); err != nil {
		return err
	}
	if *partMiB < 5 {
		return harness.Usage("-part must be at least 5")
	}
	if !flags.Embedded() && *endpoint == "" {
		return harness.Usage("-endpoint is missing")
	}
	env, err := flags.OpenDurable()
	if err != nil {
		return err
	}
	defer env.Close()
	bucket, err := openBucket(*endpoint, *name, int64(*partMiB)<<20)
	if err != nil {
		return err
	}
	defer bucket.close()
	source, err := env.Find(ctx, cmp.Or(flags.Arg(0), env.SourceName()))
	if err != nil {
		return err
	}

	result, err := durable.Restore(ctx, env.Paced(durable.Plan{
		Source:      source,
		Point:       durable.NewestSnapshot(),
		To:          restorejobs.ToDownloadWith(*link),
		Deliver:     bucket.deliver(source.Jobs),
		MaxAttempts: 3, // a link that works once can need another restore after a kill
	}), durable.FileJournal(filepath.Join(env.Dir(), "journal.json")))
	if err != nil {
		return err
	}
	for _, file := range result.Files {
		fmt.Fprintf(out, "%s  %s/%s  %d bytes\n", file.SHA1, *name, file.Path, file.Size)
	}
	return nil
}
