// Nightly-archive downloads the newest snapshot of a cluster into a folder with its date, and keeps the
// last 7 folders. Run it every night, and again after anything: it continues where it was killed.
//
//	go run ./examples/nightly-archive
//	go run ./examples/nightly-archive -product opsmanager -dir /backup/orders Production/orders
//
// It prints one JSON line. The same evidence is in result.json beside the files.
//
// Exit codes: 0 the archive is whole, 1 failed, 2 bad usage, 3 interrupted.
package main

import (
	"cmp"
	"context"
	"encoding/json"
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
	flags := harness.NewFlags("nightly-archive [flags] PROJECT/CLUSTER", restorejobstest.OpsManagerCluster, "ref")
	flags.Durable()
	link := flags.Link()
	keep := flags.Int("keep", 7, "how many `folders` stay")
	if err := flags.Read(args, 1, out); err != nil {
		return err
	}
	if *keep < 1 {
		return harness.Usage("-keep must be at least 1")
	}
	env, err := flags.OpenDurable()
	if err != nil {
		return err
	}
	defer env.Close()
	source, err := env.Find(ctx, cmp.Or(flags.Arg(0), env.SourceName()))
	if err != nil {
		return err
	}

	folder := func(choice durable.Choice) string { return choice.Time.UTC().Format(layout) }
	result, err := durable.Restore(ctx, env.Paced(durable.Plan{
		Source:       source,
		Point:        durable.NewestSnapshot(),
		To:           restorejobs.ToDownloadWith(*link),
		Directory:    env.Dir(),
		Subdirectory: folder,
		Download:     restorejobs.DownloadOptions{Name: name},
		MaxAttempts:  3, // a link that works once can need another restore after a kill
	}), durable.FileJournal(filepath.Join(env.Dir(), "journal.json")))
	if err != nil {
		return err
	}
	line, err := json.Marshal(result)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if err := os.WriteFile(filepath.Join(env.Dir(), folder(result.Choice), evidence), line, 0o600); err != nil {
		return err
	}
	if err := prune(env.Dir(), *keep); err != nil {
		return err
	}
	_, err = out.Write(line)
	return err
}
