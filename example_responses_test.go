package restorejobs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// The common answer to how a job is, whatever its variant.
func ExampleJob_State() {
	for _, text := range []string{
		`{"statusName": "FINISHED", "delivery": {"statusName": "READY"}}`,
		`{"deliveryType": "download", "deliveryUrl": []}`,
		`{"status": "FAILED"}`,
	} {
		var job restorejobs.Job
		if err := json.Unmarshal([]byte(text), &job); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(job.State(), job.State().Terminal())
	}
	// Output:
	// finished true
	// running false
	// failed true
}

func ExampleJob_DownloadLinks() {
	server, client := deployment()
	defer server.Close()

	job, err := client.AtlasV2.Cluster(atlasID, "Cluster0").Jobs.Get(context.Background(), "6a7948342c88faeba59eb866")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range job.DownloadLinks() {
		fmt.Println(file.FileName, file.URL, file.Expires)
	}
	// Output:
	// restore-6a79468a2c88faeba59de489.tar.gz [redacted] 2026-08-10 04:44:52 +0000 UTC
}

// Fields that this version does not know are in the bytes that the server sent.
func ExampleJob_RawJSON() {
	server, client := deployment()
	defer server.Close()
	id := server.AddJob(restorejobstest.MMSCluster, `{"id":"53bd7f38e4b0a7304e226b40","priority":"high"}`)

	job, err := client.MMS.Cluster("525ec8394f5e625c80c7404a", "53bc556ce4b049c88baec825").Jobs.Get(context.Background(), id)
	if err != nil {
		fmt.Println(err)
		return
	}
	var more struct{ Priority string }
	err = json.Unmarshal(job.RawJSON(), &more)
	fmt.Println(more.Priority, err)
	// Output:
	// high <nil>
}

func ExampleJobIDs() {
	fmt.Println(restorejobs.JobIDs([]*restorejobs.Job{{ID: "53bd7f38e4b0a7304e226b3f"}, {ID: "53bd7f13e4b0a7304e226998"}}))
	// Output:
	// [53bd7f38e4b0a7304e226b3f 53bd7f13e4b0a7304e226998]
}

// A link is its own key, so it does not print.
func ExampleSecret() {
	link := restorejobs.Secret("https://opsmanager.example.net/pull/key/file.tar.gz")
	fmt.Printf("%s %q %v\n", link, link, []restorejobs.Secret{link})
	fmt.Println(link.Reveal())
	// Output:
	// [redacted] "[redacted]" [[redacted]]
	// https://opsmanager.example.net/pull/key/file.tar.gz
}

// Kinds of errors by sentinel and by the API's code, and all there is to know.
func ExampleError() {
	server, client := deployment()
	defer server.Close()

	_, err := client.OpsManager.Cluster(projectID, clusterID).Jobs.Get(context.Background(), "000000000000000000000000")
	fmt.Println(errors.Is(err, restorejobs.ErrNotFound))
	fmt.Println(errors.Is(err, restorejobs.ErrorCodeRestoreJobNotFound))
	var apiErr *restorejobs.Error
	if errors.As(err, &apiErr) {
		fmt.Println(apiErr.StatusCode, apiErr.Code, apiErr.Operation, apiErr.Retryable())
	}
	// Output:
	// true
	// true
	// 404 RESTORE_JOB_NOT_FOUND get restore job false
}

// A wrong key, with what usually causes it.
func ExampleError_unauthorized() {
	server := restorejobstest.NewServer()
	defer server.Close()
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "wrong"), restorejobs.WithBaseURL(server.URL()))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.OpsManager.Cluster(projectID, clusterID).Jobs.Get(context.Background(), jobID)
	var apiErr *restorejobs.Error
	fmt.Println(errors.Is(err, restorejobs.ErrUnauthorized), errors.As(err, &apiErr))
	fmt.Println(apiErr.Hint)
	// Output:
	// true true
	// wrong key, wrong base URL for this key, or a key from outside the project's organization
}

// What the variant does not have is an error, with nothing sent.
func ExampleJobs_Cancel_unsupported() {
	server, client := deployment()
	defer server.Close()

	err := client.OpsManager.Cluster(projectID, clusterID).Jobs.Cancel(context.Background(), jobID)
	fmt.Println(errors.Is(err, errors.ErrUnsupported), len(server.Requests()))
	// Output:
	// true 0
}

// A reply that was lost: the restore was started, and is not started again.
func ExampleJobs_Create_outcomeUnknown() {
	server, client := deployment()
	defer server.Close()
	server.InjectFault(restorejobstest.DropResponse().On("POST /"), 1)

	_, err := client.OpsManager.Cluster(projectID, clusterID).Jobs.Create(context.Background(),
		restorejobs.FromSnapshot(snapshotID), restorejobs.ToDownload())
	fmt.Println(errors.Is(err, restorejobs.ErrOutcomeUnknown), server.CreateCount())
	// Output:
	// true 1
}

// Reads are asked again; here at most once more, and soon.
func ExampleWithRetry() {
	server, client := deployment(restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: 1, MinDelay: time.Millisecond}))
	defer server.Close()
	server.InjectFault(restorejobstest.RespondStatus(http.StatusServiceUnavailable), 1)

	job, err := client.OpsManager.Cluster(projectID, clusterID).Jobs.Get(context.Background(), jobID)
	fmt.Println(job.State(), err)
	// Output:
	// finished <nil>
}

// One line for each attempt, without any secret.
func ExampleWithLogger() {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	server, client := deployment(restorejobs.WithLogger(logger))
	defer server.Close()

	_, err := client.OpsManager.Cluster(projectID, clusterID).Jobs.Get(context.Background(), jobID)
	fmt.Println(bytes.Count(log.Bytes(), []byte("\n")), bytes.Contains(log.Bytes(), []byte("level=DEBUG")), err)
	// Output:
	// 1 true <nil>
}

func ExampleWithObserver() {
	server, client := deployment(restorejobs.WithObserver(func(_ context.Context, e restorejobs.Attempt) {
		fmt.Printf("%s, attempt %d: %d (requests: %d)\n", e.Operation, e.Number, e.StatusCode, e.HTTPRequests)
	}))
	defer server.Close()

	jobs := client.OpsManager.Cluster(projectID, clusterID).Jobs
	for range 2 {
		if _, err := jobs.Get(context.Background(), jobID); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// get restore job, attempt 1: 200 (requests: 2)
	// get restore job, attempt 1: 200 (requests: 1)
}
