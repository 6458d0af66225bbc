package restorejobs_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// The ids of the embedded server that the examples use.
const (
	projectID   = "5ba5e0000000000000000001"
	clusterID   = "5ba5e0000000000000000002"
	shardedID   = "5ba5e0000000000000000003"
	hostID      = "5ba5e000000000000000000400000001"
	snapshotID  = "5ba5e00000000000000000a2"
	jobID       = "5ba5e00000000000000000f0"
	atlasID     = "6a22a5000000000000000001"
	atlasBackup = "6a79468a2c88faeba59de489"
)

// deployment starts the server that the examples talk to, and a client of it.
func deployment(opts ...restorejobs.Option) (*restorejobstest.Server, *restorejobs.Client) {
	server := restorejobstest.NewServer()
	client, err := server.Client(opts...)
	if err != nil {
		panic(err)
	}
	return server, client
}

// certificateAuthority gives a certificate in PEM form.
func certificateAuthority() []byte {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

// runUnattended starts a restore, waits for its end, and downloads and verifies its files.
func runUnattended(ctx context.Context, jobs *restorejobs.Jobs, directory string) error {
	created, err := jobs.Create(ctx, restorejobs.FromSnapshot(snapshotID), restorejobs.ToDownload())
	if err != nil {
		return err
	}
	if _, err := jobs.Wait(ctx, restorejobs.JobIDs(created), restorejobs.WaitOptions{}); err != nil {
		return err // names every job that did not finish, and why
	}
	files, err := jobs.Download(ctx, restorejobs.JobIDs(created), directory, restorejobs.DownloadOptions{})
	if err != nil {
		return err // part files are kept: another call resumes them if the link can be used again
	}
	for _, file := range files {
		fmt.Println(file.ReplicaSet, file.Verified) // also Path, Size and SHA1
	}
	return nil
}

// A restore that runs unattended, against the server of the tests.
func Example() {
	server := restorejobstest.NewServer(restorejobstest.WithRestoreDuration(0))
	defer server.Close()
	client, err := server.Client() // restorejobs.NewClient makes one of a real deployment
	if err != nil {
		fmt.Println(err)
		return
	}
	directory, err := os.MkdirTemp("", "restore-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(directory) }()

	err = runUnattended(context.Background(), client.OpsManager.Cluster(projectID, clusterID).Jobs, directory)
	files, _ := os.ReadDir(directory)
	fmt.Println(len(files), "file, error:", err)
	// Output:
	// 5ba5e0000000000000000002-shard-0 true
	// 1 file, error: <nil>
}

func ExampleNewClient() {
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client)
	fmt.Println(client.AtlasV2.Cluster("6a22a5000000000000000001", "Cluster0").Jobs)
	// Output:
	// restorejobs client for cloud.mongodb.com
	// atlasv2/groups/6a22a5000000000000000001/clusters/Cluster0
}

// An Ops Manager with a certificate authority of its own.
func ExampleNewClient_opsManager() {
	credentials := restorejobs.APIKey("public", "private")
	pem := certificateAuthority() // as from os.ReadFile("our-ca.pem")

	client, err := restorejobs.NewClient(credentials,
		restorejobs.WithBaseURL("https://opsmanager.example.net:8443"),
		restorejobs.WithRootCAs(pem)) // the bytes of a file
	fmt.Println(client, err)
	// Output:
	// restorejobs client for opsmanager.example.net:8443 <nil>
}

func ExampleServiceAccount() {
	server := restorejobstest.NewServer()
	defer server.Close()
	account := restorejobs.ServiceAccount(restorejobstest.ClientID, restorejobstest.ClientSecret)
	client, err := restorejobs.NewClient(account, restorejobs.WithBaseURL(server.URL()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = client.RevokeToken(context.Background()) }() // revokes the token

	page, err := client.AtlasV2.Cluster(atlasID, "Cluster0").Jobs.List(context.Background(), restorejobs.ListOptions{})
	fmt.Println(page, err)
	fmt.Println(account)
	// Output:
	// page 1 with 2 restore jobs <nil>
	// service account [redacted]
}

func ExampleBearerToken() {
	token := func(context.Context) (string, error) { return "from wherever tokens are kept", nil }
	client, err := restorejobs.NewClient(restorejobs.BearerToken(token))
	fmt.Println(client, err)
	// Output:
	// restorejobs client for cloud.mongodb.com <nil>
}

func ExampleJobs_Get() {
	server, client := deployment()
	defer server.Close()

	job, err := client.OpsManager.Cluster(projectID, clusterID).Jobs.Get(context.Background(), jobID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(job.ID, job.State(), job.Delivery.TargetClusterID)
	// Output:
	// 5ba5e00000000000000000f0 finished 5ba5e0000000000000000005
}

func ExampleJobs_List() {
	server, client := deployment()
	defer server.Close()
	server.AddJobs(restorejobstest.OpsManagerHost, 249)

	jobs := client.OpsManager.Host(projectID, hostID).Jobs
	page, err := jobs.List(context.Background(), restorejobs.ListOptions{PageNum: 3, ItemsPerPage: 100})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(page.PageNum, len(page.Jobs), page.TotalCount, page.HasNext)
	// Output:
	// 3 50 250 false
}

func ExampleJobs_All() {
	server, client := deployment()
	defer server.Close()

	jobs := client.MMS.Cluster("525ec8394f5e625c80c7404a", "53bc556ce4b049c88baec825").Jobs
	for job, err := range jobs.All(context.Background(), restorejobs.ListOptions{}) {
		if err != nil {
			fmt.Println("the list is not whole:", err)
			return
		}
		fmt.Println(job.ID, job.State())
	}
	// Output:
	// 53bd7f38e4b0a7304e226b3f finished
	// 53bd7f13e4b0a7304e226998 finished
}

// A download, its link good for two days and three downloads.
func ExampleJobs_Create() {
	server, client := deployment()
	defer server.Close()

	created, err := client.OpsManager.Cluster(projectID, clusterID).Jobs.Create(context.Background(),
		restorejobs.FromSnapshot(snapshotID),
		restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{ExpirationHours: 48, MaxDownloads: 3}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(created), created[0].State(), created[0].Delivery.MaxDownloads)
	// Output:
	// 1 running 3
}

// A point in time, into another cluster, whose data are deleted first.
func ExampleJobs_Create_pointInTime() {
	server, client := deployment()
	defer server.Close()

	created, err := client.AtlasV2.Cluster(atlasID, "Cluster0").Jobs.Create(context.Background(),
		restorejobs.FromPointInTime(time.Now().Add(-time.Hour).Truncate(time.Second)),
		restorejobs.ToCluster(atlasID, "Cluster1"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(created[0].DeliveryType, "to", created[0].TargetClusterName)
	// Output:
	// pointInTime to Cluster1
}

// A sharded cluster of a classic variant gets a job for each shard and one for the
// config server, all in one batch.
func ExampleJobs_Create_sharded() {
	server, client := deployment()
	defer server.Close()
	ctx := context.Background()
	jobs := client.OpsManager.Cluster(projectID, shardedID).Jobs

	created, err := jobs.Create(ctx, restorejobs.FromSnapshot(snapshotID), restorejobs.ToDownload())
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := jobs.List(ctx, restorejobs.ListOptions{BatchID: created[0].BatchID})
	fmt.Println(len(created), page, err)
	// Output:
	// 3 page 1 with 3 restore jobs <nil>
}

func ExampleJobs_Cancel() {
	server, client := deployment()
	defer server.Close()
	ctx := context.Background()
	jobs := client.AtlasV2.Cluster(atlasID, "Cluster0").Jobs

	created, err := jobs.Create(ctx, restorejobs.FromSnapshot(atlasBackup), restorejobs.ToDownload())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(jobs.Cancel(ctx, created[0].ID))
	job, err := jobs.Get(ctx, created[0].ID)
	fmt.Println(job.State(), err)
	// Output:
	// <nil>
	// cancelled <nil>
}

func ExampleJobs_RestorableTimeRanges() {
	server, client := deployment()
	defer server.Close()

	ranges, err := client.OpsManager.Cluster(projectID, clusterID).Jobs.RestorableTimeRanges(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, span := range ranges {
		fmt.Println("since", span.Start.Date.Format(time.DateOnly), "from snapshot", span.SnapshotID)
	}
	// Output:
	// since 2017-04-19 from snapshot 5ba5e00000000000000000a1
}

// A source as text, for a flag, a file or another process.
func ExampleSource_Ref() {
	server, client := deployment()
	defer server.Close()

	fmt.Println(client.OpsManager.Host(projectID, hostID).Ref())
	fmt.Println(client.AtlasV2.Flex(atlasID, "Flex0").Ref())
	// Output:
	// opsmanager/groups/5ba5e0000000000000000001/hosts/5ba5e000000000000000000400000001
	// atlasv2/groups/6a22a5000000000000000001/flexClusters/Flex0
}

func ExampleClient_Source() {
	server, client := deployment()
	defer server.Close()

	source, err := client.Source("opsmanager/groups/5ba5e0000000000000000001/clusters/5ba5e0000000000000000002")
	if err != nil {
		fmt.Println(err)
		return
	}
	jobs := source.Jobs
	page, err := jobs.List(context.Background(), restorejobs.ListOptions{})
	fmt.Println(page, err)
	// Output:
	// page 1 with 1 restore jobs <nil>
}

// The snapshots of a cluster by their path. The order of the list is not documented.
func ExampleClient_Do() {
	server, client := deployment()
	defer server.Close()

	var snapshots struct {
		Results []struct {
			ID      string                `json:"id"`
			Created restorejobs.Timestamp `json:"created"`
		} `json:"results"`
	}
	path := "/api/public/v1.0/groups/" + projectID + "/clusters/" + clusterID + "/snapshots"
	if err := client.Do(context.Background(), http.MethodGet, path, nil, &snapshots); err != nil {
		fmt.Println(err)
		return
	}
	for _, snapshot := range snapshots.Results {
		fmt.Println(snapshot.ID, snapshot.Created.Date.Format(time.DateOnly))
	}
	// Output:
	// 5ba5e00000000000000000a1 2017-04-19
	// 5ba5e00000000000000000a2 2017-04-20
}

// What is wrong is listed immediately, before anything is sent.
func ExampleJobs_Create_invalid() {
	server, client := deployment()
	defer server.Close()

	_, err := client.AtlasV2.Flex(atlasID, "Flex0").Jobs.Create(context.Background(),
		restorejobs.FromPointInTime(time.Now().Add(time.Hour)), restorejobs.ToDownload())
	fmt.Println(errors.Is(err, restorejobs.ErrInvalidArgument), len(server.Requests()))
	fmt.Println(err)
	// Output:
	// true 0
	// restorejobs: create restore job: invalid argument: time must not be in the future; AtlasV2.Flex does not have restores from a point in time
}
