// Refresh restores the newest snapshot of an Atlas cluster into another cluster of its project. It is
// the program of the README.
package main

import (
	"context"
	"log"
	"os"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: refresh PROJECT CLUSTER TARGET")
	}
	if err := refresh(context.Background(), os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatal(err) // exits with 1
	}
}

func refresh(ctx context.Context, project, cluster, target string) error {
	client, err := restorejobs.NewClientFromEnv()
	if err != nil {
		return err
	}
	source, err := client.AtlasV2.FindCluster(ctx, project, cluster)
	if err != nil {
		return err
	}
	result, err := durable.Restore(ctx, durable.Plan{
		Source:  source,
		Point:   durable.NewestSnapshot(),
		To:      restorejobs.ToCluster(source.ProjectID(), target),
		OnEvent: func(event durable.Event) error { return log.Output(0, event.String()) },
	}, durable.FileJournal(target+".json"))
	if err == nil {
		log.Printf("%s has the data of %s, restored at %s", target, result.Choice.Time, result.End)
	}
	return err
}
