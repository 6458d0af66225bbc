package restorejobstest_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	rjt "example.com/restorejobs/restorejobstest"
)

// A program calls more than the operations of the server.
func ExampleServer_Handle() {
	server := rjt.NewServer(rjt.InProcess())
	defer server.Close()
	server.Handle("GET /api/atlas/v2/groups/{project}/databaseUsers", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"results":[{"username":"reader of %s"}]}`, r.PathValue("project"))
	}))

	client, err := server.Client()
	if err != nil {
		fmt.Println(err)
		return
	}
	var users struct {
		Results []struct {
			Username string `json:"username"`
		} `json:"results"`
	}
	path := "/api/atlas/v2/groups/" + rjt.AtlasV2Cluster.Project() + "/databaseUsers"
	err = client.Do(context.Background(), http.MethodGet, path, nil, &users)
	fmt.Println(users.Results, err)
	// Output:
	// [{reader of 6a22a5000000000000000001}] <nil>
}

// Only the list of jobs fails; each job can be read.
func ExampleFault_On() {
	server := rjt.NewServer(rjt.InProcess())
	defer server.Close()
	list := "/api/atlas/v2/groups/{project}/clusters/{cluster}/backup/restoreJobs"
	server.InjectFault(rjt.RespondStatus(http.StatusForbidden).On("GET "+list), 1)

	client, err := server.Client()
	if err != nil {
		fmt.Println(err)
		return
	}
	scope := rjt.AtlasV2Cluster
	source := client.AtlasV2.Cluster(scope.Project(), scope.Cluster())
	job, err := source.Jobs.Get(context.Background(), scope.Jobs()[0])
	fmt.Println(job.ID, err)
	// Output:
	// 6a7948342c88faeba59eb866 <nil>
}

// A snapshot passes through its states with the clock of the server.
func ExampleServer_TakeSnapshot() {
	server := rjt.NewServer(rjt.InProcess())
	defer server.Close()
	scope := rjt.AtlasV2Flex
	id := server.TakeSnapshot(scope, scope.Cluster())

	client, err := server.Client()
	if err != nil {
		fmt.Println(err)
		return
	}
	path := "/api/atlas/v2/groups/" + scope.Project() + "/flexClusters/" + scope.Cluster() + "/backup/snapshots/" + id
	for range 2 {
		var snapshot struct {
			Status string `json:"status"`
		}
		if err := client.Do(context.Background(), http.MethodGet, path, nil, &snapshot); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(snapshot.Status)
		server.Advance(3 * time.Minute)
	}
	// Output:
	// PENDING
	// COMPLETED
}
