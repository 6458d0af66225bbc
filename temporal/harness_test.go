package restoretemporal

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// bubble runs a test in a bubble of synctest, after the jobs and snapshots of a new server were made.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)))
		test(t)
		time.Sleep(24 * time.Hour) // activities of cancelled workflows end
	})
}

// fixture is a server, and an environment of the SDK with a worker for it.
type fixture struct {
	t          *testing.T
	server     *restorejobstest.Server
	scope      restorejobstest.Scope
	activities *Activities
	env        *testsuite.TestWorkflowEnvironment
	faults     *faults

	findWorkflow func(workflowID string) workflowRun // nil for that of a client
}

func newFixture(t *testing.T, scope restorejobstest.Scope, opts ...restorejobstest.Option) *fixture {
	t.Helper()
	server := restorejobstest.NewServer(append(opts, restorejobstest.InProcess())...)
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	f := &fixture{
		t:      t,
		server: server,
		scope:  scope,
		activities: &Activities{
			Client:    client,
			Directory: t.TempDir(),
		},
		faults: &faults{},
	}
	f.newEnv()
	return f
}

// withFixture runs a test with a fixture in a bubble.
func withFixture(t *testing.T, scope restorejobstest.Scope, test func(t *testing.T, f *fixture)) {
	t.Helper()
	bubble(t, func(t *testing.T) {
		t.Helper()
		test(t, newFixture(t, scope))
	})
}

// newEnv begins another workflow with the same server.
func (f *fixture) newEnv() {
	f.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(discardLogger())
	f.env = suite.NewTestWorkflowEnvironment()
	f.env.SetTestTimeout(1000 * time.Hour)                // of the bubble
	f.env.SetActivityTimeoutGracePeriod(1000 * time.Hour) // the environment counts all attempts together
	f.faults.begin()
	f.env.SetWorkerOptions(worker.Options{
		Interceptors:             []interceptor.WorkerInterceptor{f.faults},
		DeadlockDetectionTimeout: time.Minute, // of a slow machine
	})
	if f.findWorkflow == nil {
		require.NoError(f.t, Register(f.env, f.activities))
		return
	}
	RegisterWorkflows(f.env)
	a := &activitySet{Activities: *f.activities, findWorkflow: f.findWorkflow}
	a.register(f.env)
}

// toCluster is a plan to restore the newest snapshot into another cluster.
func (f *fixture) toCluster() Plan {
	target := f.source(f.scope.Project(), f.scope.Target())
	return Plan{
		Source: Cluster{Ref: f.scope.Ref()},
		To:     &Cluster{Ref: target.Ref()},
	}
}

// source is the source of the kind of the scope for a cluster.
func (f *fixture) source(project, cluster string) *restorejobs.Source {
	f.t.Helper()
	client := f.activities.Client
	switch f.scope {
	case restorejobstest.CloudManagerCluster:
		return client.CloudManager.Cluster(project, cluster)
	case restorejobstest.OpsManagerCluster:
		return client.OpsManager.Cluster(project, cluster)
	default:
		return client.AtlasV2.Cluster(project, cluster)
	}
}

// toDirectory is a plan to download the newest snapshot.
func (f *fixture) toDirectory() Plan {
	return Plan{
		Source:    Cluster{Ref: f.scope.Ref()},
		Directory: "orders/monday",
	}
}

// restore runs the workflow of a plan.
func (f *fixture) restore(plan Plan) (*durable.Result, error) {
	f.t.Helper()
	return f.run(RestoreRequest{Plan: plan})
}

func (f *fixture) run(request any) (*durable.Result, error) {
	f.t.Helper()
	return runWorkflow[durable.Result](f, RestoreWorkflow, request)
}

// runWorkflow runs a workflow to its end.
func runWorkflow[R any](f *fixture, function, request any) (*R, error) {
	f.t.Helper()
	f.env.ExecuteWorkflow(function, request)
	f.faults.ended.Store(true)
	require.True(f.t, f.env.IsWorkflowCompleted())
	if err := f.env.GetWorkflowError(); err != nil {
		return nil, err
	}
	result := new(R)
	require.NoError(f.t, f.env.GetWorkflowResult(result))
	return result, nil
}

// faults loses workers.
type faults struct {
	interceptor.WorkerInterceptorBase

	mutex    sync.Mutex
	lost     map[string]int   // answers to lose, by activity
	attempts map[string]int32 // the newest of each activity
	calls    []string
	before   func(ctx context.Context, name string)
	editInfo func(info *workflow.Info)
	ended    *atomic.Bool // the workflow that runs
}

var errWorkerLost = errors.New("the worker was lost")

// lose loses the answers of the next attempts of an activity.
func (f *faults) lose(name string, attempts int) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.lost == nil {
		f.lost = map[string]int{}
	}
	f.lost[name] = attempts
}

// performed returns the activities in their order.
func (f *faults) performed() []string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return append([]string(nil), f.calls...)
}

func (f *faults) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &faultyActivity{
		ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next},
		faults:                         f,
		ended:                          f.workflow(),
	}
}

// begin begins another workflow.
func (f *faults) begin() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.ended = &atomic.Bool{}
}

// workflow returns whether the workflow that runs has ended.
func (f *faults) workflow() *atomic.Bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.ended
}

type faultyActivity struct {
	interceptor.ActivityInboundInterceptorBase

	faults *faults
	ended  *atomic.Bool
}

func (a *faultyActivity) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	info := activity.GetInfo(ctx)
	name := info.ActivityType.Name
	f := a.faults
	f.mutex.Lock()
	if f.attempts == nil {
		f.attempts = map[string]int32{}
	}
	f.attempts[name] = info.Attempt
	f.calls = append(f.calls, name)
	isLost := f.lost[name] > 0
	if isLost {
		f.lost[name]--
	}
	before := f.before
	f.mutex.Unlock()
	if before != nil {
		before(ctx, name)
	}
	result, err := a.Next.ExecuteActivity(ctx, in)
	switch {
	case isLost:
		return nil, errWorkerLost
	case err != nil && (ctx.Err() != nil || a.ended.Load()): // the environment would wait forever to retry it
		return nil, temporal.NewNonRetryableApplicationError("cancelled", "", nil)
	default:
		return result, err
	}
}

// deliver is a delivery of users.
func (f *fixture) deliver(_ context.Context, plan Plan, state durable.State) ([]restorejobs.DownloadedFile, error) {
	return []restorejobs.DownloadedFile{{
		Path:  "bucket/" + plan.Directory,
		JobID: state.JobIDs[0],
	}}, nil
}

// failJobs makes each job fail before its wait.
func (f *fixture) failJobs() {
	f.faults.before = func(_ context.Context, name string) {
		if name != WaitActivity {
			return
		}
		for _, job := range f.server.Jobs(f.scope)[:1] {
			f.server.FailJob(job["id"].(string))
		}
	}
}

// InterceptWorkflow edits the information about the workflow.
func (f *faults) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &editedWorkflow{
		WorkflowInboundInterceptorBase: interceptor.WorkflowInboundInterceptorBase{Next: next},
		faults:                         f,
	}
}

type editedWorkflow struct {
	interceptor.WorkflowInboundInterceptorBase

	faults *faults
}

func (w *editedWorkflow) Init(outbound interceptor.WorkflowOutboundInterceptor) error {
	return w.Next.Init(&editedInfo{
		WorkflowOutboundInterceptorBase: interceptor.WorkflowOutboundInterceptorBase{Next: outbound},
		faults:                          w.faults,
	})
}

type editedInfo struct {
	interceptor.WorkflowOutboundInterceptorBase

	faults *faults
}

func (e *editedInfo) GetInfo(ctx workflow.Context) *workflow.Info {
	info := e.Next.GetInfo(ctx)
	if e.faults.editInfo == nil {
		return info
	}
	edited := *info
	e.faults.editInfo(&edited)
	return &edited
}

func discardLogger() *slog.Logger { return slog.New(slog.DiscardHandler) }

// activityRegistry is an environment without workflows as a registry.
type activityRegistry struct {
	worker.Registry
	*testsuite.TestActivityEnvironment
}

func (a activityRegistry) RegisterActivity(function any) {
	a.TestActivityEnvironment.RegisterActivity(function)
}

func (a activityRegistry) RegisterActivityWithOptions(function any, options activity.RegisterOptions) {
	a.TestActivityEnvironment.RegisterActivityWithOptions(function, options)
}

func (a activityRegistry) RegisterWorkflowWithOptions(any, workflow.RegisterOptions) {}
