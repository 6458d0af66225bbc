package restoretemporal

import (
	"context"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// addCluster adds a cluster with the snapshots of the scope.
func (f *fixture) addCluster(projectID, name string) {
	f.t.Helper()
	f.server.AddCluster(restorejobstest.ClusterSpec{
		Scope:   f.scope,
		Project: projectID,
		Name:    name,
	})
}

// failJobsOf makes the first job of a cluster fail before its wait.
func (f *fixture) failJobsOf(project, cluster string) {
	var once sync.Once
	f.faults.before = func(ctx context.Context, name string) {
		if name != WaitActivity {
			return
		}
		once.Do(func() {
			source, err := f.activities.Client.AtlasV2.FindCluster(ctx, project, cluster)
			require.NoError(f.t, err)
			for job, err := range source.Jobs.All(ctx, restorejobs.ListOptions{}) {
				require.NoError(f.t, err)
				f.server.FailJob(job.ID)
			}
		})
	}
}

// runFleet runs the workflow of a fleet.
func (f *fixture) runFleet(request FleetRequest) (*FleetResult, error) {
	f.t.Helper()
	return runWorkflow[FleetResult](f, FleetWorkflow, request)
}

// runningRestores observes how many restores run at the same time.
type runningRestores struct {
	projects map[string]string // by name
	running  map[string]int    // by project, "" is all
	maxAll   int
	maxInOne int
}

// observeRunning observes the restores of a fleet.
func (f *fixture) observeRunning(request FleetRequest) *runningRestores {
	r := &runningRestores{projects: map[string]string{}, running: map[string]int{}}
	for _, named := range request.Restores {
		r.projects[named.Name] = named.Plan.Source.Project
	}
	f.env.SetOnChildWorkflowStartedListener(func(info *workflow.Info, _ workflow.Context, _ converter.EncodedValues) {
		r.change(info, 1)
	})
	f.env.SetOnChildWorkflowCompletedListener(func(info *workflow.Info, _ converter.EncodedValue, _ error) {
		r.change(info, -1)
	})
	return r
}

func (r *runningRestores) change(info *workflow.Info, by int) {
	project := r.projects[strings.Split(info.WorkflowExecution.ID, "/")[1]]
	r.running[""] += by
	r.running[project] += by
	r.maxAll = max(r.maxAll, r.running[""])
	r.maxInOne = max(r.maxInOne, r.running[project])
}
