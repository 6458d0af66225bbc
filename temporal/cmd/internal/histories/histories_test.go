// Package histories records the histories that the tests of restoretemporal replay.
package histories

import (
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
	restoretemporal "example.com/restorejobs/temporal"
	"example.com/restorejobs/temporal/devserver"
)

var (
	update = flag.Bool("update", false, "record the histories of the present version")
	folder = flag.String("folder", "../../../testdata/present", "where they are saved")
)

const (
	queue    = "restores"
	identity = "recorder" // no name of a machine
	scope    = restorejobstest.AtlasV2Cluster
	maxWait  = 2 * time.Minute
)

// recorder runs workflows on an embedded server, and saves their histories.
type recorder struct {
	t      *testing.T
	server *restorejobstest.Server
	client client.Client
	plan   restoretemporal.Plan
}

func TestHistories(t *testing.T) {
	if !*update {
		t.Skip("records only with -update")
	}
	absolute, err := filepath.Abs(*folder)
	require.NoError(t, err)
	*folder = absolute
	require.NoError(t, os.MkdirAll(*folder, 0o755))
	t.Chdir(t.TempDir()) // results have no path of this machine
	temporalServer, err := devserver.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = temporalServer.Stop() })
	temporalClient, err := client.Dial(client.Options{
		HostPort:  temporalServer.Address(),
		Namespace: temporalServer.Namespace(),
		Identity:  identity,
		Logger:    slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(temporalClient.Close)
	for name, record := range map[string]func(r *recorder, name string){ //nolint:paralleltest // one worker at a time
		"restore":                       (*recorder).restore,
		"download":                      (*recorder).download,
		"restore_failed":                (*recorder).failed,
		"restore_cancelled":             (*recorder).cancelled,
		"restore_busy":                  (*recorder).busy,
		"restore_paused_before_prepare": (*recorder).pausedBeforePrepare,
		"restore_paused_before_create":  (*recorder).pausedBeforeCreate,
		"fleet":                         (*recorder).fleet,
	} {
		t.Run(name, func(t *testing.T) {
			record(newRecorder(t, temporalClient), name)
		})
	}
}

func newRecorder(t *testing.T, temporalClient client.Client) *recorder {
	t.Helper()
	server := restorejobstest.NewServer(restorejobstest.WithRestoreDuration(3 * time.Second))
	t.Cleanup(server.Close)
	api, err := server.Client()
	require.NoError(t, err)
	activities := &restoretemporal.Activities{Client: api, Directory: t.Name()}
	activities.Wait.MinInterval = 100 * time.Millisecond
	activities.Wait.MaxInterval = 200 * time.Millisecond
	w := worker.New(temporalClient, queue, worker.Options{Identity: identity})
	require.NoError(t, restoretemporal.Register(w, activities))
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	target := api.AtlasV2.Cluster(scope.Project(), scope.Target())
	return &recorder{
		t:      t,
		server: server,
		client: temporalClient,
		plan: restoretemporal.Plan{
			Source:   restoretemporal.Cluster{Ref: scope.Ref()},
			To:       &restoretemporal.Cluster{Ref: target.Ref()},
			Timeouts: restoretemporal.Timeouts{Busy: restoretemporal.Duration(time.Second)},
		},
	}
}

func (r *recorder) options(name string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{ID: name, TaskQueue: queue}
}

func (r *recorder) start(name, workflow string, request any) client.WorkflowRun {
	r.t.Helper()
	run, err := r.client.ExecuteWorkflow(r.t.Context(), r.options(name), workflow, request)
	require.NoError(r.t, err)
	return run
}

// end saves the history of a run at its end.
func (r *recorder) end(name, runID string) *history.History {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), maxWait)
	defer cancel()
	id, _, _ := strings.Cut(name, "+")
	_ = r.client.GetWorkflow(ctx, id, runID).GetWithOptions(ctx, nil, client.WorkflowRunGetOptions{DisableFollowingRuns: true})
	var events history.History
	iterator := r.client.GetWorkflowHistory(ctx, id, runID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for iterator.HasNext() {
		event, err := iterator.Next()
		require.NoError(r.t, err)
		events.Events = append(events.Events, event)
	}
	data, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(&events)
	require.NoError(r.t, err)
	var plain any // proto JSON has random spaces
	require.NoError(r.t, json.Unmarshal(data, &plain))
	data, err = json.MarshalIndent(plain, "", " ")
	require.NoError(r.t, err)
	file := filepath.Join(*folder, strings.ReplaceAll(name, "+", "_")+".json")
	require.NoError(r.t, os.WriteFile(file, append(data, '\n'), 0o600))
	return &events
}

// wait polls a workflow until its progress matches.
func (r *recorder) wait(name string, matches func(progress *restoretemporal.Progress) bool) {
	r.t.Helper()
	require.Eventually(r.t, func() bool {
		var progress restoretemporal.Progress
		value, err := r.client.QueryWorkflow(r.t.Context(), name, "", restoretemporal.StateQuery)
		return err == nil && value.Get(&progress) == nil && matches(&progress)
	}, maxWait, 50*time.Millisecond)
}

func (r *recorder) signal(name, signal string) {
	r.t.Helper()
	require.NoError(r.t, r.client.SignalWorkflow(r.t.Context(), name, "", signal, nil))
}

func (r *recorder) request() restoretemporal.RestoreRequest {
	return restoretemporal.RestoreRequest{Plan: r.plan}
}

func (r *recorder) restore(name string) {
	r.end(name, r.start(name, restoretemporal.RestoreWorkflow, r.request()).GetRunID())
}

func (r *recorder) download(name string) {
	r.plan.To = nil
	r.plan.Directory = "orders"
	r.restore(name)
}

func (r *recorder) failed(name string) {
	run := r.start(name, restoretemporal.RestoreWorkflow, r.request())
	r.wait(name, func(progress *restoretemporal.Progress) bool { return progress.Step == durable.StepWait })
	r.server.FailJob(r.server.Jobs(scope)[0]["id"].(string))
	r.end(name, run.GetRunID())
}

func (r *recorder) cancelled(name string) {
	run := r.start(name, restoretemporal.RestoreWorkflow, r.request())
	r.wait(name, func(progress *restoretemporal.Progress) bool { return progress.Step == durable.StepWait })
	require.NoError(r.t, r.client.CancelWorkflow(r.t.Context(), name, ""))
	r.end(name, run.GetRunID())
}

func (r *recorder) busy(name string) {
	r.server.SetBusy(scope, scope.Target(), true)
	run := r.start(name, restoretemporal.RestoreWorkflow, r.request())
	r.wait(name, func(progress *restoretemporal.Progress) bool { return progress.Busy != "" })
	r.server.SetBusy(scope, scope.Target(), false)
	r.end(name, run.GetRunID())
}

func (r *recorder) pausedBeforePrepare(name string) {
	run, err := r.client.SignalWithStartWorkflow(r.t.Context(), name, restoretemporal.PauseSignal, nil, r.options(name),
		restoretemporal.RestoreWorkflow, r.request())
	require.NoError(r.t, err)
	r.resume(name, durable.StepPrepare)
	r.end(name, run.GetRunID())
}

// resume ends a pause before a step.
func (r *recorder) resume(name string, step durable.Step) {
	r.t.Helper()
	isBefore := func(progress *restoretemporal.Progress) bool { return progress.Paused && progress.State.Step == step }
	r.wait(name, isBefore)
	time.Sleep(time.Second)
	r.wait(name, isBefore)
	r.signal(name, restoretemporal.ResumeSignal)
}

// pausedBeforeCreate pauses while the restore is prepared, which lists the jobs.
func (r *recorder) pausedBeforeCreate(name string) {
	paused := make(chan struct{})
	var once sync.Once
	preparing := func(progress *restoretemporal.Progress) bool { return progress.Step == durable.StepPrepare }
	r.server.InjectFault(restorejobstest.RewriteBody(func(body []byte) []byte {
		var progress restoretemporal.Progress
		value, err := r.client.QueryWorkflow(context.Background(), name, "", restoretemporal.StateQuery)
		if err == nil && value.Get(&progress) == nil && preparing(&progress) {
			once.Do(func() { close(paused) })
			time.Sleep(2 * time.Second)
		}
		return body
	}).On(http.MethodGet+" /api/atlas/v2/groups/{project}/clusters/{cluster}/backup/restoreJobs"), 100)
	run := r.start(name, restoretemporal.RestoreWorkflow, r.request())
	<-paused
	r.signal(name, restoretemporal.PauseSignal)
	r.resume(name, durable.StepCreate)
	r.end(name, run.GetRunID())
}

// fleet records two runs of a fleet, which continues as new.
func (r *recorder) fleet(name string) {
	request := restoretemporal.FleetRequest{MaxStartsPerRun: 3}
	for _, restore := range []string{"a", "b", "c", "d", "e"} {
		plan := r.plan
		plan.To = nil
		plan.Directory = restore
		if restore == "b" {
			plan.Point.SnapshotID = strings.Repeat("7", 24)
		}
		request.Restores = append(request.Restores, restoretemporal.NamedPlan{Name: restore, Plan: plan})
	}
	run := r.start(name, restoretemporal.FleetWorkflow, request)
	events := r.end(name, run.GetRunID()).GetEvents()
	next := events[len(events)-1].GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId()
	require.NotEmpty(r.t, next)
	r.end(name+"+continued", next)
}
