// Download downloads the files of a restore, for all shards, and verifies them. An interrupted
// download is resumed by the next run. Jobs whose files exist are skipped: if the server's
// checksum matches, or for Atlas, which has none, by their names.
//
//	go run ./examples/download
//	go run ./examples/download -ref opsmanager/groups/PROJECT/clusters/CLUSTER -dir FOLDER JOB...
//
// Exit codes: 0 all files are complete, and verified if the server has a checksum, 1 not all, 2
// bad usage, 3 interrupted: part files are kept.
package main

import (
	"context"
	"fmt"
	"io"
	"math"
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
	flags := harness.NewFlags("download [flags] JOB...", restorejobstest.OpsManagerCluster)
	dir := flags.String("dir", "", "`folder` for the files, created if it is missing; a temporary one for those of the embedded server")
	overwrite := flags.Bool("overwrite", false, "replace existing files")
	repeat := flags.Bool("repeat", false, "request a link again that may work only once")
	size := flags.Int64("size", 32<<20, "how many `bytes` a file of the embedded server has")
	if err := flags.Read(args, math.MaxInt, out); err != nil {
		return err
	}
	switch {
	case flags.Embedded():
	case flags.NArg() == 0:
		return harness.Usage("JOB is missing")
	case *dir == "":
		return harness.Usage("-dir is missing")
	}
	flags.Server = []restorejobstest.Option{restorejobstest.WithShards(2), restorejobstest.WithArchiveSize(*size)}
	env, err := flags.Open()
	if err != nil {
		return err
	}
	defer env.Close()
	ids := flags.Args()
	if len(ids) == 0 {
		if ids, err = env.CreateFinishedDownload(ctx); err != nil {
			return err
		}
	}
	opts := restorejobs.DownloadOptions{ReuseSingleUseLinks: *repeat}
	if *overwrite {
		opts.Existing = restorejobs.ExistingReplace
	}
	if *dir != "" {
		if err := os.MkdirAll(*dir, 0o700); err != nil {
			return err
		}
		files, err := fetch(ctx, env, ids, *dir, opts, out)
		if err == nil {
			printFiles(out, files, "in "+*dir)
		}
		return err
	}
	if *dir, err = os.MkdirTemp("", "restorejobs-download-"); err != nil {
		return err
	}
	files, err := fetch(ctx, env, ids, *dir, opts, out)
	if err != nil {
		_ = os.Remove(*dir) // fails if it contains part files
		return err
	}
	printFiles(out, files, "checked, then removed with the temporary folder")
	return os.RemoveAll(*dir)
}

// fetch downloads the files of all jobs in one call, except those that exist. Its error shows how to
// continue.
func fetch(ctx context.Context, env *harness.Env, ids []string, dir string, opts restorejobs.DownloadOptions, out io.Writer) ([]restorejobs.DownloadedFile, error) {
	var all []restorejobs.DownloadedFile
	var pending []*restorejobs.Job
	for _, id := range ids {
		job, err := env.Source.Jobs.Get(ctx, id) // later its link may be used up and its limit missing
		if err != nil {
			return all, err
		}
		found := findExisting(job, dir)
		switch {
		case opts.Existing == restorejobs.ExistingReplace:
			pending = append(pending, job)
		case areDone(found):
			printExisting(out, found)
			all = append(all, found...)
		case isProved(found):
			all = append(all, removeSidecar(ctx, env, found, dir)...)
		default:
			pending = append(pending, job)
		}
	}
	if len(pending) == 0 {
		return all, nil
	}
	bars := newBars(out)
	defer bars.end()
	opts.Progress = bars.show
	files, err := env.Source.Jobs.Download(ctx, restorejobs.JobIDs(pending), dir, opts)
	all = append(all, files...)
	if err == nil {
		return all, nil
	}
	isResumable := len(bars.files) > 0 || ctx.Err() != nil
	if !isResumable { // a retry would fail again
		return all, err
	}
	return all, fmt.Errorf("%w\n%s", err, env.ResumeDownloadCommand(pending, files, dir, opts.Existing == restorejobs.ExistingReplace))
}

// removeSidecar lets the library remove the sidecar of a complete file. It fails, without a change,
// if the sidecar belongs to another job.
func removeSidecar(ctx context.Context, env *harness.Env, found []restorejobs.DownloadedFile, dir string) []restorejobs.DownloadedFile {
	files, err := env.Source.Jobs.Download(ctx, []string{found[0].JobID}, dir, restorejobs.DownloadOptions{})
	if err != nil {
		return found
	}
	return files
}
