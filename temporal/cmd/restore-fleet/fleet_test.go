package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/proto"

	"example.com/restorejobs/restorejobstest"
	restoretemporal "example.com/restorejobs/temporal"
	"example.com/restorejobs/temporal/cmd/internal/program"
	"example.com/restorejobs/temporal/cmd/internal/workers"
)

const (
	fleetSize = 50
	kills     = 3
)

// fleetYAML is the list of a fleet on two products: every fifth restore is a download.
func fleetYAML(mongo *restorejobstest.Server) string {
	var b strings.Builder
	b.WriteString(`limit: 10
perProject: 10
defaults:
  untilJobFinished: true
  searchTimeout: 2s
  timeouts: {request: 2s, heartbeat: 1s, retry: 100ms, busy: 1s}
restores:
`)
	staging := map[restorejobstest.Scope]string{}
	for i := range fleetSize {
		scope := restorejobstest.AtlasV2Cluster
		product := restoretemporal.ProductAtlas
		project := "Staging"
		if i%2 == 1 {
			scope = restorejobstest.CloudManagerCluster
			product = restoretemporal.ProductCloudManager
			project = "Cloud Staging"
		}
		if staging[scope] == "" {
			staging[scope] = mongo.AddProject(scope, project)
		}
		name := fmt.Sprintf("cluster-%02d", i)
		mongo.AddCluster(restorejobstest.ClusterSpec{Scope: scope, Name: name})
		source := scope.ProjectName() + "/" + name
		if i%5 == 0 {
			maxDownloads := ""
			if scope == restorejobstest.CloudManagerCluster {
				maxDownloads = ", maxDownloads: 10"
			}
			fmt.Fprintf(&b, "  - {product: %s, source: %s, directory: %s%s}\n", product, source, name, maxDownloads)
			continue
		}
		mongo.AddCluster(restorejobstest.ClusterSpec{
			Scope:       scope,
			Project:     staging[scope],
			Name:        name,
			NoSnapshots: true,
		})
		fmt.Fprintf(&b, "  - {product: %s, source: %s, to: %s/%s}\n", product, source, project, name)
	}
	return b.String()
}

// TestFleet_workersKilled runs 50 restores on two worker processes, one of which is killed at a random
// point, three times.
func TestFleet_workersKilled(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	d := newDeployment(t, restorejobstest.WithRestoreDuration(500*time.Millisecond), restorejobstest.WithArchiveSize(4<<20))
	file := filepath.Join(t.TempDir(), "fleet.yaml")
	require.NoError(t, os.WriteFile(file, []byte(fleetYAML(d.mongo)), 0o600))

	began := time.Now()
	running := []*workers.Worker{d.startWorker(t, "worker 1", false), d.startWorker(t, "worker 2", true)}
	defer func() {
		for _, worker := range running {
			worker.Stop()
		}
	}()
	var stdout bytes.Buffer
	starter := program.Program{
		Args:   []string{"-address", d.temporal.Address(), "-namespace", d.temporal.Namespace(), "-start", "-json", file},
		Stdout: &stdout,
		Stderr: t.Output(),
	}
	ended := make(chan error, 1)
	go func() { ended <- starter.Run(t.Context()) }()

	for kill, done := range thresholds(random) {
		d.waitForDone(t, done, ended)
		time.Sleep(time.Duration(random.IntN(500)) * time.Millisecond)
		victim := random.IntN(len(running))
		require.NoError(t, running[victim].Kill())
		t.Logf("%s: %s is killed after %d restores", time.Since(began).Round(time.Millisecond), running[victim].Identity, done)
		running[victim] = d.startWorker(t, fmt.Sprintf("worker %d", kill+3), victim == 1)
	}
	require.NoError(t, <-ended)
	t.Logf("the fleet took %s", time.Since(began).Round(time.Millisecond))

	var result restoretemporal.FleetResult
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &result))
	d.checkOnce(t, &result)
	d.checkHistories(t, &result)
	d.checkReset(t, &result)
}

// checkReset resets the fleet to its first task: it reads the results of its restores.
func (d *deployment) checkReset(t *testing.T, before *restoretemporal.FleetResult) {
	t.Helper()
	began := time.Now()
	const id = "restore-fleet-fleet"
	first := slices.IndexFunc(d.history(t, id).GetEvents(), func(event *historypb.HistoryEvent) bool {
		return event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
	})
	reset, err := d.client.ResetWorkflowExecution(t.Context(), &workflowservice.ResetWorkflowExecutionRequest{
		Namespace:                 d.temporal.Namespace(),
		WorkflowExecution:         &commonpb.WorkflowExecution{WorkflowId: id},
		Reason:                    "a test",
		RequestId:                 "reset",
		WorkflowTaskFinishEventId: int64(first + 1),
	})
	require.NoError(t, err)
	var after restoretemporal.FleetResult
	require.NoError(t, d.client.GetWorkflow(t.Context(), id, reset.GetRunId()).Get(t.Context(), &after))
	d.checkOnce(t, &after)
	assert.NotEmpty(t, found(t, d.history(t, id), []string{restoretemporal.OutcomeActivity}), "the outcomes were read")
	for i := range after.Rows {
		assert.Equal(t, before.Rows[i].JobIDs, after.Rows[i].JobIDs, after.Rows[i].Name)
		assert.Equal(t, before.Rows[i].Bytes, after.Rows[i].Bytes, after.Rows[i].Name)
	}
	t.Logf("the fleet that was reset took %s", time.Since(began).Round(time.Millisecond))
}

// thresholds are how many restores are done before each kill.
func thresholds(random *rand.Rand) []int {
	var done []int
	for len(done) < kills {
		if n := random.IntN(fleetSize * 4 / 5); !slices.Contains(done, n) {
			done = append(done, n)
		}
	}
	slices.Sort(done)
	return done
}

// waitForDone returns when n restores of the fleet are done.
func (d *deployment) waitForDone(t *testing.T, n int, ended <-chan error) {
	t.Helper()
	require.Eventually(t, func() bool {
		select {
		case err := <-ended:
			require.NoError(t, errors.Join(errors.New("the fleet ended before the kill"), err))
		default:
		}
		value, err := d.client.QueryWorkflow(t.Context(), "restore-fleet-fleet", "", restoretemporal.ProgressQuery)
		if err != nil {
			return false // it has not begun, or its worker was killed
		}
		var result restoretemporal.FleetResult
		return value.Get(&result) == nil && result.Counts[restoretemporal.FleetDone] >= n
	}, 90*time.Second, 50*time.Millisecond)
}

// checkOnce checks that every restore ended well and was created once.
func (d *deployment) checkOnce(t *testing.T, result *restoretemporal.FleetResult) {
	t.Helper()
	assert.Equal(t, map[restoretemporal.FleetStatus]int{restoretemporal.FleetDone: fleetSize}, result.Counts)
	assert.Equal(t, fleetSize, d.mongo.CreateCount(), "restores that the service counted")
	jobs := map[string]string{}
	for i := range result.Rows {
		row := &result.Rows[i]
		assert.Equal(t, 1, row.Attempts, row.Name)
		for _, id := range row.JobIDs {
			assert.Empty(t, jobs[id], "job %s is of two restores", id)
			jobs[id] = row.Name
		}
		if row.Target == "" {
			assert.EqualValues(t, 4<<20, row.Bytes, row.Name)
		}
	}
	assert.Len(t, jobs, fleetSize)
}

// checkHistories searches all histories for secrets, and prints how large they are.
func (d *deployment) checkHistories(t *testing.T, result *restoretemporal.FleetResult) {
	t.Helper()
	secrets := append(d.linkSecrets(), publicKey, privateKey, clientID, clientSecret, tokenPrefix)
	assert.Greater(t, len(secrets), 10, "links were used")
	ids := []string{"restore-fleet-fleet"}
	for i := range result.Rows {
		ids = append(ids, result.Rows[i].WorkflowID)
	}
	var events []int
	var sizes []int
	for _, id := range ids {
		history := d.history(t, id)
		assert.Empty(t, found(t, history, secrets), "secrets in the history of %s", id)
		events = append(events, len(history.GetEvents()))
		sizes = append(sizes, proto.Size(history))
	}
	checkSearch(t, d.history(t, ids[1]), append(secrets, result.Rows[0].JobIDs...))
	t.Logf("%d secrets searched for in %d histories", len(secrets), len(ids))
	t.Logf("the history of the fleet has %d events, %d bytes", events[0], sizes[0])
	t.Logf("that of a restore has %d to %d events, %d to %d bytes",
		slices.Min(events[1:]), slices.Max(events[1:]), slices.Min(sizes[1:]), slices.Max(sizes[1:]))
}
