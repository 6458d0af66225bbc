// Minimal lists the restore jobs of an Atlas cluster. It is the program of the README.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"example.com/restorejobs"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: first PROJECT-ID CLUSTER-NAME")
	}
	key := restorejobs.APIKey(os.Getenv("MONGODB_ATLAS_PUBLIC_API_KEY"), os.Getenv("MONGODB_ATLAS_PRIVATE_API_KEY"))
	client, err := restorejobs.NewClient(key)
	if err != nil {
		log.Fatal(err)
	}
	jobs := client.AtlasV2.Cluster(os.Args[1], os.Args[2]).Jobs
	for job, err := range jobs.All(context.Background(), restorejobs.ListOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(job.ID, job.State())
	}
}
