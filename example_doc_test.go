package restorejobs_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/restorejobs"
)

// What doc.go shows, word for word: TestSnippets compares. It is compiled, not run.
var _ = []any{docFirstProgram, docVariants, docFindCluster, docLoop, docSnapshot, docErrors}

func docFirstProgram(ctx context.Context, publicKey, privateKey, projectID, snapshotID, directory string) error {
	client, err := restorejobs.NewClient(restorejobs.APIKey(publicKey, privateKey))
	if err != nil {
		return err
	}
	jobs := client.AtlasV2.Cluster(projectID, "Cluster0").Jobs
	created, err := jobs.Create(ctx, restorejobs.FromSnapshot(snapshotID), restorejobs.ToDownload())
	if err != nil {
		return err
	}
	if _, err := jobs.Wait(ctx, restorejobs.JobIDs(created), restorejobs.WaitOptions{}); err != nil {
		return err
	}
	files, err := jobs.Download(ctx, restorejobs.JobIDs(created), directory, restorejobs.DownloadOptions{})
	if err != nil {
		return err
	}
	fmt.Println(files)
	return nil
}

func docVariants(client *restorejobs.Client, projectID, groupID, clusterID, clusterName string) {
	client.CloudManager.Cluster(projectID, clusterID) // also .Host
	client.OpsManager.Cluster(projectID, clusterID)   // also .Host
	client.MMS.Cluster(groupID, clusterID)
	client.AtlasV1.Cluster(projectID, clusterName) // also .Serverless, .LegacyCluster
	client.AtlasV2.Cluster(projectID, clusterName) // also .Serverless, .LegacyCluster, .Flex
}

func docFindCluster(ctx context.Context, client *restorejobs.Client) error {
	source, err := client.OpsManager.FindCluster(ctx, "Production", "orders")
	if err != nil {
		return err
	}
	target, err := client.OpsManager.FindCluster(ctx, "Production", "orders-staging")
	if err != nil {
		return err
	}
	if err := source.CheckTarget(ctx, target); err != nil {
		return err
	}
	to := restorejobs.ToCluster(target.ProjectID(), target.ClusterID())
	fmt.Println(to)
	return nil
}

func docLoop(ctx context.Context, jobs *restorejobs.Jobs) error {
	for job, err := range jobs.All(ctx, restorejobs.ListOptions{}) {
		if err != nil {
			return err
		}
		fmt.Println(job.ID, job.State())
	}
	return nil
}

func docSnapshot(ctx context.Context, source *restorejobs.Source, migration time.Time) error {
	snapshot, err := source.Snapshots.Newest(ctx, restorejobs.SnapshotOptions{Before: migration})
	if err != nil {
		return err
	}
	created, err := source.Jobs.Create(ctx, restorejobs.FromSnapshot(snapshot.ID), restorejobs.ToDownload())
	fmt.Println(created)
	return err
}

func docErrors(err error) {
	switch {
	case errors.Is(err, restorejobs.ErrNotFound):
		fmt.Println("no such job")
	case errors.Is(err, restorejobs.ErrorCodeClusterRestoreInProgressCannotUpdate):
		fmt.Println("busy, retry later")
	}
}
