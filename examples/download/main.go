// Download fetches the files of a restore, all shards of it, and checks them. The bytes
// of a download that was interrupted are kept, and the next one goes on with them.
//
//	go run ./examples/download
//	go run ./examples/download -ref opsmanager/groups/PROJECT/clusters/CLUSTER -dir FOLDER JOB...
//
// Exit codes: 0 all files are there, whole and checked where the server has a checksum, 1
// not all, 2 bad usage, 3 interrupted: part files are kept.
package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
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

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := target.NewFlags("download [flags] JOB...", restorejobstest.OpsManagerCluster)
	dir := flags.String("dir", "", "`folder` for the files; a temporary one for those of the embedded server")
	overwrite := flags.Bool("overwrite", false, "replace files that are there")
	repeat := flags.Bool("repeat", false, "ask again for a link that may be used once only")
	size := flags.Int64("size", 32<<20, "how many `bytes` a file of the embedded server has")
	if err := flags.Read(args, math.MaxInt, out); err != nil {
		return err
	}
	flags.Server = []restorejobstest.Option{restorejobstest.WithShards(2), restorejobstest.WithArchiveSize(*size)}
	t, err := flags.Open()
	if err != nil {
		return err
	}
	defer t.Close()
	ids := flags.Args()
	switch {
	case t.Server != nil && len(ids) == 0:
		if ids, err = restore(ctx, t); err != nil {
			return err
		}
	case len(ids) == 0:
		return target.Usage("JOB is missing")
	}
	if *dir == "" && t.Server != nil {
		if *dir, err = os.MkdirTemp("", "restorejobs-download-"); err != nil {
			return err
		}
		defer func() {
			if err == nil {
				err = os.RemoveAll(*dir)
			} else {
				_ = os.Remove(*dir) // refused while there are part files in it
			}
		}()
	}
	if *dir == "" {
		return target.Usage("-dir is missing")
	}
	return fetch(ctx, t, ids, *dir, restorejobs.DownloadOptions{Overwrite: *overwrite, AllowRepeat: *repeat}, out)
}

// restore makes a restore on the embedded server that is ready at once.
func restore(ctx context.Context, t *target.Target) ([]string, error) {
	created, err := t.Jobs.Create(ctx, restorejobs.FromSnapshot(t.Scope.Snapshots()[0]), restorejobs.ToDownload(restorejobs.DownloadLink{}))
	t.Server.Advance(5 * time.Minute)
	return restorejobs.IDs(created), err
}

func fetch(ctx context.Context, t *target.Target, ids []string, dir string, opts restorejobs.DownloadOptions, out io.Writer) error {
	bars := newBars(out)
	opts.Progress = bars.show
	var all []restorejobs.File
	for i, id := range ids {
		files, err := t.Jobs.Download(ctx, id, dir, opts)
		all = append(all, files...)
		if err == nil {
			continue
		}
		bars.end()
		if ctx.Err() != nil {
			rest := append([]string{"-dir", dir}, ids[i:]...)
			return fmt.Errorf("%w\n%s\nand -repeat before JOB, if the link may be used once only", err, t.Resume("download", rest...))
		}
		return err
	}
	bars.end()
	for _, file := range all {
		verdict := "not to be verified: the server has no checksum"
		if file.Verified {
			verdict = "verified"
		}
		fmt.Fprintf(out, "%s  %s  %s\n", filepath.Base(file.Path), file.SHA1, verdict)
	}
	_, err := fmt.Fprintf(out, "%d files in %s\n", len(all), dir)
	return err
}
