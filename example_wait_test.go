package restorejobs_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// Every job of a restore, with a deadline. The server's clock is turned, so that the
// first poll finds the end.
func ExampleJobs_Wait() {
	server, client := deployment()
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 12*time.Hour)
	defer cancel()
	jobs := client.OpsManager.Cluster(projectID, shardedID).Jobs

	created, err := jobs.Create(ctx, restorejobs.FromSnapshot(snapshotID), restorejobs.ToDownload())
	if err != nil {
		fmt.Println(err)
		return
	}
	server.Advance(time.Hour / 2)
	ended, err := jobs.Wait(ctx, restorejobs.JobIDs(created), restorejobs.WaitOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, job := range ended {
		fmt.Println(job.State(), len(job.DownloadLinks()), "file")
	}
	// Output:
	// finished 1 file
	// finished 1 file
	// finished 1 file
}

// What the wait sees, with pauses that suit the server of the tests.
func ExampleJobs_Wait_progress() {
	server, client := deployment()
	defer server.Close()
	ctx := context.Background()
	jobs := client.AtlasV2.Flex(atlasID, "Flex0").Jobs

	created, err := jobs.Create(ctx, restorejobs.FromSnapshot("6a22a50000000000000003b2"), restorejobs.ToCluster(atlasID, "Flex1"))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = jobs.Wait(ctx, restorejobs.JobIDs(created), restorejobs.WaitOptions{
		MinInterval: time.Millisecond,
		OnUpdate: func(u restorejobs.WaitUpdate) error {
			fmt.Println(u.State, u.Job.Status)
			server.Advance(time.Minute + 5*time.Second) // an error here would end the wait
			return nil
		},
	})
	fmt.Println(err)
	// Output:
	// running PENDING
	// finished COMPLETED
	// <nil>
}

// A restore into a cluster of Ops Manager is proven by the servers of its target. The server's clock
// is turned, as its agents need minutes.
func ExampleJobs_Wait_target() {
	server, client := deployment()
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 12*time.Hour)
	defer cancel()
	target := restorejobstest.OpsManagerCluster.Target()

	source := client.OpsManager.Cluster(projectID, clusterID)
	to := restorejobs.ToCluster(projectID, target)
	goal, err := source.GoalVersion(ctx, to) // before the create
	if err != nil {
		fmt.Println(err)
		return
	}
	created, err := source.Jobs.Create(ctx, restorejobs.FromSnapshot(snapshotID), to)
	if err != nil {
		fmt.Println(err)
		return
	}
	server.Advance(time.Hour)
	_, err = source.Jobs.Wait(ctx, restorejobs.JobIDs(created), restorejobs.WaitOptions{
		GoalVersion: goal,
		Heartbeat:   time.Minute,
		MinInterval: -1, // for tests: time is that of the server
		OnUpdate: func(u restorejobs.WaitUpdate) error {
			fmt.Println(u.State, u.ReplicaSet, u.Target.Remaining, u.Target.Reached)
			return nil
		},
	})
	fmt.Println(err)
	// Output:
	// finished orders-staging 0 true
	// <nil>
}

// A bad end is an error, which has the job.
func ExampleWaitError() {
	server, client := deployment()
	defer server.Close()
	server.FailJob(jobID)

	_, err := client.OpsManager.Cluster(projectID, clusterID).Jobs.Wait(context.Background(), []string{jobID}, restorejobs.WaitOptions{})
	var waitErr *restorejobs.WaitError
	if errors.As(err, &waitErr) {
		fmt.Println(errors.Is(err, restorejobs.ErrJobFailed), waitErr.Failed[0].StatusName, waitErr.PendingIDs)
	}
	// Output:
	// true BROKEN []
}

// A wait that ends before its job returns the IDs to wait for again. The job continues.
func ExampleWaitError_deadline() {
	server, client := deployment()
	defer server.Close()
	jobs := client.OpsManager.Cluster(projectID, clusterID).Jobs
	created, err := jobs.Create(context.Background(), restorejobs.FromSnapshot(snapshotID), restorejobs.ToDownload())
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err = jobs.Wait(ctx, restorejobs.JobIDs(created), restorejobs.WaitOptions{})
	var waitErr *restorejobs.WaitError
	if errors.As(err, &waitErr) && errors.Is(err, context.DeadlineExceeded) {
		fmt.Println(len(waitErr.PendingIDs), "job left in", jobs)
	}
	// Output:
	// 1 job left in opsmanager/groups/5ba5e0000000000000000001/clusters/5ba5e0000000000000000002
}

// A file that is whole and has the checksum that the server names.
func ExampleJobs_Download() {
	server, client := deployment()
	defer server.Close()
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "restore-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	jobs := client.OpsManager.Cluster(projectID, clusterID).Jobs
	created, err := jobs.Create(ctx, restorejobs.FromSnapshot(snapshotID), restorejobs.ToDownload())
	if err != nil {
		fmt.Println(err)
		return
	}
	server.Advance(time.Hour / 2) // the place of Wait

	files, err := jobs.Download(ctx, []string{created[0].ID}, dir, restorejobs.DownloadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range files {
		info, err := os.Stat(file.Path)
		fmt.Println(filepath.Ext(file.Path), info.Size() == file.Size, file.Verified, err)
	}
	// Output:
	// .gz true true <nil>
}

// A job that is not ready, or has no file, is an error; nothing is fetched.
func ExampleJobs_Download_refused() {
	server, client := deployment()
	defer server.Close()
	ctx := context.Background()
	jobs := client.OpsManager.Cluster(projectID, clusterID).Jobs
	created, err := jobs.Create(ctx, restorejobs.FromSnapshot(snapshotID), restorejobs.ToDownload())
	if err != nil {
		fmt.Println(err)
		return
	}

	_, err = jobs.Download(ctx, []string{created[0].ID}, ".", restorejobs.DownloadOptions{})
	fmt.Println(errors.Is(err, restorejobs.ErrDownloadNotReady))
	_, err = jobs.Download(ctx, []string{jobID}, ".", restorejobs.DownloadOptions{})
	fmt.Println(errors.Is(err, errors.ErrUnsupported))
	server.Advance(24 * time.Hour)
	_, err = jobs.Download(ctx, []string{created[0].ID}, ".", restorejobs.DownloadOptions{})
	fmt.Println(errors.Is(err, restorejobs.ErrLinkExpired))
	// Output:
	// true
	// true
	// true
}

// One shard of an Atlas cluster, into any writer.
func ExampleJobs_DownloadTo() {
	server, client := deployment()
	defer server.Close()
	ctx := context.Background()
	jobs := client.AtlasV2.Cluster(atlasID, "Sharded0").Jobs
	created, err := jobs.Create(ctx, restorejobs.FromSnapshot(atlasBackup), restorejobs.ToDownload())
	if err != nil {
		fmt.Println(err)
		return
	}
	server.Advance(time.Hour / 2)

	var archive bytes.Buffer
	file, err := jobs.DownloadTo(ctx, created[0].ID, &archive, restorejobs.DownloadOptions{ReplicaSet: "Sharded0-shard-1"})
	sum := sha1.Sum(archive.Bytes())
	fmt.Println(file.ReplicaSet, file.SHA1 == hex.EncodeToString(sum[:]), err)
	// Output:
	// Sharded0-shard-1 true <nil>
}

// createOnce creates, and if the outcome is unknown, finds what was started. The
// program examples/create-once does the same from a command line.
func createOnce(ctx context.Context, jobs *restorejobs.Jobs, point restorejobs.RestorePoint, to restorejobs.Destination) ([]*restorejobs.Job, error) {
	since := time.Now()
	created, err := jobs.Create(ctx, point, to)
	if !errors.Is(err, restorejobs.ErrOutcomeUnknown) {
		return created, err
	}
	for range 6 { // a create that is still under way takes a while to show
		creates, findErr := jobs.FindCreated(ctx, since, point, to)
		if findErr != nil {
			return nil, errors.Join(err, findErr)
		}
		for _, create := range creates { // newest first
			if !hasFailed(create) {
				return create, nil
			}
		}
		select {
		case <-time.After(10 * time.Second):
		case <-ctx.Done():
			return nil, errors.Join(err, ctx.Err())
		}
	}
	return nil, err // still unknown: list the jobs before creating again
}

// hasFailed reports a create of which a job has failed, was cancelled or has expired.
func hasFailed(create []*restorejobs.Job) bool {
	return slices.ContainsFunc(create, func(job *restorejobs.Job) bool {
		state := job.State()
		return state.Terminal() && state != restorejobs.StateFinished
	})
}

// A reply is lost; the job that was started all the same is found, and not started
// again.
func ExampleJobs_FindCreated() {
	server, client := deployment()
	defer server.Close()
	server.InjectFault(restorejobstest.DropResponse().On("POST /"), 1)

	created, err := createOnce(context.Background(), client.OpsManager.Cluster(projectID, clusterID).Jobs,
		restorejobs.FromSnapshot(snapshotID), restorejobs.ToDownload())
	fmt.Println(len(created), err, server.CreateCount())
	// Output:
	// 1 <nil> 1
}
