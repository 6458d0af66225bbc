package restorejobs_test

import (
	"context"
	"errors"
	"fmt"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// A sharded cluster of Ops Manager: its shards have the same name.
func ExampleManagerService_FindCluster() {
	server, client := deployment()
	defer server.Close()

	source, err := client.OpsManager.FindCluster(context.Background(), "Production", "catalog")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(source.Ref())
	// Output:
	// opsmanager/groups/5ba5e0000000000000000001/clusters/5ba5e0000000000000000003
}

// A name that several clusters have.
func ExampleManagerService_FindCluster_ambiguous() {
	server, client := deployment()
	defer server.Close()
	server.AddCluster(restorejobstest.ClusterSpec{
		Scope: restorejobstest.OpsManagerCluster,
		ID:    "5ba5e00000000000000000c2",
		Name:  "orders",
	})

	_, err := client.OpsManager.FindCluster(context.Background(), "Production", "orders")
	var lookupErr *restorejobs.LookupError
	if errors.As(err, &lookupErr) {
		for _, candidate := range lookupErr.Candidates {
			fmt.Println(candidate.ID, candidate.Type)
		}
	}
	// Output:
	// 5ba5e0000000000000000002 REPLICA_SET
	// 5ba5e00000000000000000c2 REPLICA_SET
}

// Dedicated and flex clusters are distinguished.
func ExampleAtlasV2Service_FindCluster() {
	server, client := deployment()
	defer server.Close()

	for _, name := range []string{"Flex0", "nothing"} {
		source, err := client.AtlasV2.FindCluster(context.Background(), "Production", name)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(source.Ref())
	}
	// Output:
	// atlasv2/groups/6a22a5000000000000000001/flexClusters/Flex0
	// restorejobs: find cluster: no cluster "nothing" in project "Production"
}

// A project by name.
func ExampleManagerService_FindProject() {
	server, client := deployment()
	defer server.Close()

	project, err := client.OpsManager.FindProject(context.Background(), "Production")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(project.ID)
	// Output:
	// 5ba5e0000000000000000001
}

// Facts that the product does not report are unknown.
func ExampleSource_Cluster() {
	server, client := deployment()
	defer server.Close()

	cluster, err := client.OpsManager.Cluster(projectID, shardedID).Cluster(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(cluster.Name, cluster.Type, cluster.ShardCount)
	fmt.Println("paused:", cluster.Paused)
	// Output:
	// catalog sharded 2
	// paused: unknown
}

// Every reason against a target.
func ExampleSource_CheckTarget() {
	server, client := deployment()
	defer server.Close()
	server.EditCluster(restorejobstest.AtlasV2Cluster, "Cluster1", func(doc map[string]any) { doc["paused"] = true })

	source := client.AtlasV2.Cluster(atlasID, "Sharded0")
	err := source.CheckTarget(context.Background(), restorejobs.ToCluster(atlasID, "Cluster1"))
	var targetErr *restorejobs.TargetError
	if errors.As(err, &targetErr) {
		for _, problem := range targetErr.Problems {
			fmt.Println(problem.Detail)
		}
	}
	// Output:
	// it is a replica set, the source is a sharded cluster
	// it is paused
}
