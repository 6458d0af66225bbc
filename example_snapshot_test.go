package restorejobs_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/restorejobs"
)

func ExampleSnapshots_Newest() {
	server, client := deployment()
	defer server.Close()
	source := client.OpsManager.Cluster(projectID, clusterID)

	snapshot, err := source.Snapshots.Newest(context.Background(), restorejobs.SnapshotOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(snapshot)

	early := restorejobs.SnapshotOptions{Before: time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)}
	_, err = source.Snapshots.Newest(context.Background(), early)
	var none *restorejobs.NoSnapshotError
	if errors.As(err, &none) {
		fmt.Println(none.Reason, "before", none.Before.Year())
	}
	// Output:
	// snapshot 5ba5e00000000000000000a2 completed of 2017-04-20T21:14:25Z
	// none in time before 2001
}

func ExampleSnapshots_All() {
	server, client := deployment()
	defer server.Close()
	source := client.AtlasV2.Cluster(atlasID, "Cluster0")
	for snapshot, err := range source.Snapshots.All(context.Background(), restorejobs.SnapshotOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(snapshot.Time().Format(time.DateOnly), snapshot.State(), snapshot.SnapshotType)
	}
	// Output:
	// 2026-08-10 completed scheduled
	// 2026-08-10 completed scheduled
	// 2026-08-09 completed scheduled
}

func ExampleSnapshots_Create() {
	server, client := deployment()
	defer server.Close()
	ctx := context.Background()
	snapshots := client.AtlasV2.Cluster(atlasID, "Cluster0").Snapshots
	created, err := snapshots.Create(ctx, restorejobs.SnapshotRequest{Description: "before the migration", RetentionDays: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(created.State(), created.Description)

	server.CompleteSnapshot(created.ID) // a service takes minutes
	snapshot, err := snapshots.Wait(ctx, created.ID, restorejobs.WaitOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(snapshot.State(), snapshot.IsRestorable())
	// Output:
	// pending before the migration
	// completed true
}

func ExampleSnapshots_Get() {
	server, client := deployment()
	defer server.Close()
	snapshot, err := client.OpsManager.Cluster(projectID, clusterID).Snapshots.Get(context.Background(), snapshotID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(snapshot.Complete, snapshot.Version(), len(snapshot.Parts))
	// Output: true 8.0.29 1
}
