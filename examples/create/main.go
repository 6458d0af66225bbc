// Create starts a restore: of a snapshot, a point in time, an oplog entry or a
// checkpoint, as a download or into a cluster. It does not wait for the end.
//
//	go run ./examples/create
//	go run ./examples/create -snapshot SNAPSHOT -hours 48 -max 3
//	go run ./examples/create -time 2026-08-09T04:00:00Z -into PROJECT/CLUSTER
//
// Exit codes: 0 done, 1 failed, 2 bad usage, 3 interrupted. After 1 or 3 the restore
// may have been started all the same, if the error says so.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := target.NewFlags("create [flags]", restorejobstest.OpsManagerCluster)
	var point restorejobs.RestorePoint
	flags.Func("snapshot", "restore this snapshot `ID`; go run ./examples/snapshots lists them", func(id string) error {
		point = restorejobs.FromSnapshot(id)
		return nil
	})
	flags.Func("checkpoint", "restore this checkpoint `ID`", func(id string) error {
		point = restorejobs.FromCheckpoint(id)
		return nil
	})
	flags.Func("time", "restore to this point in `time`, as in 2026-08-09T04:00:00Z", func(text string) error {
		at, err := time.Parse(time.RFC3339, text)
		point = restorejobs.FromTime(at)
		return err
	})
	flags.Func("oplog", "restore to this oplog `entry`: seconds since 1970, a colon, and the increment", func(text string) error {
		var seconds, increment int64
		_, err := fmt.Sscanf(text, "%d:%d", &seconds, &increment)
		point = restorejobs.FromOplog(restorejobs.Timestamp{Date: time.Unix(seconds, 0), Increment: increment})
		return err
	})
	into := flags.String("into", "", "`PROJECT/CLUSTER` to restore into, whose data are deleted first; a download without it")
	hours := flags.Int("hours", 0, "how long the download link works, in hours")
	downloads := flags.Int("max", 0, "how often the download link works")
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	t, err := flags.Open()
	if err != nil {
		return err
	}
	defer t.Close()
	if t.Server != nil && point == (restorejobs.RestorePoint{}) {
		point = restorejobs.FromSnapshot(t.Scope.Snapshots()[0])
	}
	to := restorejobs.ToDownload(restorejobs.DownloadLink{ExpirationHours: *hours, MaxDownloads: *downloads})
	if project, cluster, found := strings.Cut(*into, "/"); found {
		to = restorejobs.ToCluster(project, cluster)
	} else if *into != "" {
		return target.Usage("-into must be PROJECT/CLUSTER")
	}

	created, err := t.Jobs.Create(ctx, point, to) // what the variant lacks is refused before anything is sent
	if errors.Is(err, restorejobs.ErrOutcomeUnknown) {
		return fmt.Errorf("%w\nlist the jobs before you start another: go run ./examples/create-once does", err)
	}
	if err != nil {
		return err
	}
	for _, job := range created { // one for each shard, where the cluster is sharded and classic
		fmt.Fprintln(out, job)
	}
	_, err = fmt.Fprintf(out, "started: %s to %s\n", point, to)
	return err
}
