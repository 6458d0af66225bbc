package cookbook

import (
	"context"

	"example.com/restorejobs"
)

// RestoreCollection restores one collection of the newest snapshot beside the existing one.
func RestoreCollection(ctx context.Context, source *restorejobs.Source, namespace string) (*restorejobs.CollectionJob, error) {
	snapshot, err := source.Snapshots.Newest(ctx, restorejobs.SnapshotOptions{})
	if err != nil {
		return nil, err
	}
	job, err := source.CollectionJobs.Create(ctx, restorejobs.CollectionRestore{
		Point:            restorejobs.FromSnapshot(snapshot.ID),
		Target:           restorejobs.ToCluster(source.ProjectID(), source.ClusterID()),
		Collections:      []restorejobs.RestoreNamespace{{Source: namespace}}, // such as sales.orders
		CollectionSuffix: "_restored",
	})
	if err != nil {
		return nil, err
	}
	return source.CollectionJobs.Wait(ctx, job.ID, restorejobs.WaitOptions{})
}
