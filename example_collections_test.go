package restorejobs_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// restoreOrders restores a collection beside the existing one. It is the snippet of doc.go.
func restoreOrders(ctx context.Context, source *restorejobs.Source) error {
	job, err := source.CollectionJobs.Create(ctx, restorejobs.CollectionRestore{
		Point:            restorejobs.FromSnapshot(atlasBackup),
		Target:           restorejobs.ToCluster(source.ProjectID(), source.ClusterID()),
		Collections:      []restorejobs.RestoreNamespace{{Source: "sales.orders"}},
		CollectionSuffix: "_restored",
	})
	if err != nil {
		return err
	}
	_, err = source.CollectionJobs.Wait(ctx, job.ID, restorejobs.WaitOptions{})
	return err
}

func Example_collections() {
	server := restorejobstest.NewServer(restorejobstest.WithRestoreDuration(time.Nanosecond))
	defer server.Close()
	client, err := server.Client()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(restoreOrders(context.Background(), client.AtlasV2.Cluster(atlasID, "Cluster0")))
	// Output:
	// <nil>
}

func ExampleCollectionJobs_Create() {
	server, client := deployment()
	defer server.Close()
	ctx := context.Background()
	jobs := client.AtlasV2.Cluster(atlasID, "Cluster0").CollectionJobs

	job, err := jobs.Create(ctx, restorejobs.CollectionRestore{
		Point:            restorejobs.FromSnapshot(atlasBackup),
		Target:           restorejobs.ToCluster(atlasID, "Cluster0"),
		Collections:      []restorejobs.RestoreNamespace{{Source: "sales.orders"}},
		Databases:        []restorejobs.RestoreNamespace{{Source: "stock", Target: "depot"}},
		CollectionSuffix: "_restored",
		WriteStrategy:    restorejobs.WriteStrategyCreateNew,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(job.State())
	server.Advance(time.Minute)
	for collection, err := range jobs.Collections(ctx, job.ID) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(collection.SourceNamespace, collection.EffectiveTargetNamespace, collection.State())
	}
	// Output:
	// running
	// sales.orders sales.orders_restored running
	// stock.items depot.items_restored running
}

// A finished job can lack collections.
func ExampleCollectionJobError() {
	server, client := deployment()
	defer server.Close()
	ctx := context.Background()
	jobs := client.AtlasV2.Cluster(atlasID, "Cluster0").CollectionJobs

	job, err := jobs.Create(ctx, restorejobs.CollectionRestore{
		Point:       restorejobs.FromSnapshot(atlasBackup),
		Target:      restorejobs.ToCluster(atlasID, "Cluster1"),
		Collections: []restorejobs.RestoreNamespace{{Source: "sales.orders"}, {Source: "sales.offers"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	server.FinishCollectionJob(job.ID)
	_, err = jobs.Wait(ctx, job.ID, restorejobs.WaitOptions{})
	var jobErr *restorejobs.CollectionJobError
	if errors.As(err, &jobErr) {
		fmt.Println("job:", jobErr.Job.State())
		for _, collection := range jobErr.Collections {
			fmt.Println(collection.SourceNamespace, collection.Status)
		}
	}
	fmt.Println(errors.Is(err, restorejobs.ErrCollectionsNotRestored))
	// Output:
	// job: finished
	// sales.offers NOT_FOUND
	// true
}

// The progress of a wait, with pauses that suit the server of the tests.
func ExampleCollectionJobs_Wait() {
	server, client := deployment()
	defer server.Close()
	ctx := context.Background()
	source := client.AtlasV2.Cluster(atlasID, "Cluster0")

	job, err := source.CollectionJobs.Create(ctx, restorejobs.CollectionRestore{
		Point:     restorejobs.FromSnapshot(atlasBackup),
		Target:    restorejobs.ToCluster(atlasID, "Cluster1"),
		Databases: []restorejobs.RestoreNamespace{{Source: "sales"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = source.CollectionJobs.Wait(ctx, job.ID, restorejobs.WaitOptions{
		MinInterval: time.Millisecond,
		OnUpdate: func(u restorejobs.WaitUpdate) error {
			fmt.Println(u.State, u.CollectionJob.RestoredDocuments, "of", u.CollectionJob.TotalDocuments)
			server.Advance(2 * time.Minute)
			return nil
		},
	})
	fmt.Println(err)
	// Output:
	// running 0 of 0
	// running 20000 of 40000
	// finished 40000 of 40000
	// <nil>
}
