package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/examples/internal/harness"
)

// refresh is one target.
type refresh struct {
	env   *harness.Env
	from  string
	to    string
	out   io.Writer
	every time.Duration
}

func (r *refresh) run(ctx context.Context) error {
	source, err := r.env.Find(ctx, r.from)
	if err != nil {
		return err
	}
	target, err := r.env.Find(ctx, r.to)
	if err != nil {
		return err
	}
	began := time.Now()
	journal := strings.ReplaceAll(r.to, "/", "-") + ".json"
	result, err := durable.Restore(ctx, r.env.Paced(durable.Plan{
		Source:      source,
		Point:       durable.NewestSnapshot(),
		To:          restorejobs.ToCluster(target.ProjectID(), target.ClusterID()),
		Wait:        restorejobs.WaitOptions{Heartbeat: r.every},
		MaxAttempts: 2, // a job can fail
		OnEvent:     r.print,
	}), durable.FileJournal(filepath.Join(r.env.Dir(), journal)))
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", r.to, err)
	case result.End.Before(began):
		fmt.Fprintf(r.out, "%s has the newest snapshot since %s\n", r.to, result.End.Format(time.DateTime))
	default:
		fmt.Fprintf(r.out, "%s has the data of %s after %.1fs\n", r.to, result.Choice.Time.Format(time.DateTime), result.TotalSeconds)
	}
	return nil
}

func (r *refresh) print(event durable.Event) error {
	_, err := fmt.Fprintf(r.out, "%7s  %s  %s\n", event.Elapsed.Round(100*time.Millisecond), r.to, event)
	return err
}
