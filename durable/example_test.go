package durable_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// A staging cluster gets the newest snapshot. The second run has nothing to do.
func ExampleRestore() {
	server := restorejobstest.NewServer(restorejobstest.InProcess(), restorejobstest.WithRestoreDuration(0))
	defer server.Close()
	client, err := server.Client()
	if err != nil {
		fmt.Println(err)
		return
	}
	scope := restorejobstest.AtlasV2Cluster
	journal := &durable.MemoryJournal{} // a program that can be killed has a FileJournal
	for range 2 {
		result, err := refresh(context.Background(), client.AtlasV2.Cluster(scope.Project(), scope.Cluster()), scope.Project(), journal)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(result.Choice.SnapshotID, result.Jobs[0].State)
	}
	fmt.Println("restores:", server.CreateCount())
	// Output:
	// 6a79468a2c88faeba59de489 finished
	// 6a79468a2c88faeba59de489 finished
	// restores: 1
}

func refresh(ctx context.Context, source *restorejobs.Source, projectID string, journal durable.Journal) (*durable.Result, error) {
	plan := durable.Plan{
		Source: source,
		Point:  durable.NewestSnapshot(),
		To:     restorejobs.ToCluster(projectID, "Cluster1"),
	}
	return durable.Restore(ctx, plan, journal)
}

// The download of every night has its own folder. The journal is that of all nights.
func ExampleRestore_download() {
	server := restorejobstest.NewServer(restorejobstest.InProcess(), restorejobstest.WithRestoreDuration(0))
	defer server.Close()
	client, err := server.Client()
	if err != nil {
		fmt.Println(err)
		return
	}
	directory, err := os.MkdirTemp("", "archives")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(directory) }()
	scope := restorejobstest.AtlasV2Cluster
	plan := durable.Plan{
		Source:       client.AtlasV2.Cluster(scope.Project(), scope.Cluster()),
		Point:        durable.NewestSnapshot(),
		To:           restorejobs.ToDownload(),
		Directory:    directory,
		Subdirectory: func(choice durable.Choice) string { return choice.Time.Format(time.DateOnly) },
		MaxAttempts:  3, // a link that died needs another restore
	}
	plan.Download.Name = func(restorejobs.DownloadLink) string { return "orders.tar.gz" }
	result, err := durable.Restore(context.Background(), plan, durable.FileJournal(directory+"/journal.json"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range result.Files {
		fmt.Println(filepath.ToSlash(file.Path[len(directory):]), len(file.SHA1))
	}
	// Output:
	// /2026-08-10/orders.tar.gz 40
}

var _ = docFirst

// docFirst is what README and doc.go show, word for word.
func docFirst(ctx context.Context, source, target *restorejobs.Source) (*durable.Result, error) {
	plan := durable.Plan{
		Source: source,
		Point:  durable.NewestSnapshot(),
		To:     restorejobs.ToCluster(target.ProjectID(), target.ClusterID()),
	}
	result, err := durable.Restore(ctx, plan, durable.FileJournal("refresh.json"))
	return result, err
}
