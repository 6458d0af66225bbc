package restoretemporal

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
)

// Activities are the activities of a worker: one per step of package durable. They hold what must
// not be in a history: the client and its credentials.
type Activities struct {
	// Client makes the requests. Required.
	Client *restorejobs.Client
	// Directory is the folder of all downloads. [Plan].Directory is below it. Downloads need it or
	// Deliver. If several workers serve a task queue, it is on a file system that they share.
	Directory string
	// Deliver, if not nil, fetches the files instead of Directory, such as into a bucket. See
	// [durable.Plan].Deliver. Links in the text of its errors are removed, and users and queries in
	// the paths of its files.
	Deliver func(ctx context.Context, plan Plan, state durable.State) ([]restorejobs.DownloadedFile, error)
	// Wait are the options of waits. Goal, GoalVersion, OnUpdate and Heartbeat must be zero: plans set them.
	Wait restorejobs.WaitOptions
	// Download are the options of downloads. Existing, Supersedes and Progress must be zero.
	Download restorejobs.DownloadOptions
}

// Register registers the workflows and the activities with a worker, under the names of this
// package. The error matches [restorejobs.ErrInvalidArgument].
func Register(registry worker.Registry, activities *Activities) error {
	if activities == nil {
		activities = &Activities{}
	}
	if err := newInvalidError("activities", activities.problems()); err != nil {
		return err
	}
	RegisterWorkflows(registry)
	(&activitySet{Activities: *activities}).register(registry)
	return nil
}

// register registers the activities with a worker.
func (a *activitySet) register(registry worker.ActivityRegistry) {
	for name, function := range map[string]any{
		ResolveActivity:  a.resolve,
		ChooseActivity:   a.choose,
		CheckActivity:    a.check,
		PrepareActivity:  a.prepare,
		CreateActivity:   a.create,
		WaitActivity:     a.wait,
		DownloadActivity: a.download,
		OutcomeActivity:  a.outcome,
	} {
		registry.RegisterActivityWithOptions(function, activity.RegisterOptions{Name: name})
	}
}

// RegisterWorkflows registers the workflows only, with a worker that performs no activities or with a
// replayer.
func RegisterWorkflows(registry worker.WorkflowRegistry) {
	registry.RegisterWorkflowWithOptions(restoreWorkflow, workflow.RegisterOptions{Name: RestoreWorkflow})
	registry.RegisterWorkflowWithOptions(fleetWorkflow, workflow.RegisterOptions{Name: FleetWorkflow})
}

func (a *Activities) problems() []string {
	var problems []string
	if a.Client == nil {
		problems = append(problems, "Client must be set")
	}
	if a.Directory != "" && a.Deliver != nil {
		problems = append(problems, "Directory must be empty with Deliver")
	}
	hasPlanWait := a.Wait.Goal != 0 || a.Wait.GoalVersion != 0 || a.Wait.OnUpdate != nil || a.Wait.Heartbeat != 0
	if hasPlanWait {
		problems = append(problems, "Wait: Goal, GoalVersion, OnUpdate and Heartbeat must be zero")
	}
	hasPlanDownload := a.Download.Existing != 0 || a.Download.Supersedes != nil || a.Download.Progress != nil
	if hasPlanDownload {
		problems = append(problems, "Download: Existing, Supersedes and Progress must be zero")
	}
	if a.Wait.MinInterval > 0 && a.Wait.MaxInterval > 0 && a.Wait.MinInterval > a.Wait.MaxInterval {
		problems = append(problems, "Wait.MinInterval must not be more than Wait.MaxInterval")
	}
	return problems
}

// activitySet has the activities, as functions of a worker.
type activitySet struct {
	Activities

	findWorkflow func(workflowID string) workflowRun // nil except in tests
}

// errNoDirectory is a worker that cannot perform downloads.
var errNoDirectory = errors.New("the worker has neither Activities.Directory nor Activities.Deliver for downloads")

// durablePlan returns a plan with references as package durable performs it.
func (a *activitySet) durablePlan(plan *Plan) (durable.Plan, error) {
	source, err := a.Client.Source(plan.Source.Ref)
	if err != nil {
		return durable.Plan{}, fmt.Errorf("source: %w", err)
	}
	result := durable.Plan{
		Source:          source,
		Point:           plan.Point.durable(),
		Download:        a.Download,
		Wait:            a.Wait,
		BusyTimeout:     -1, // the workflow waits, without a worker
		SearchTimeout:   plan.searchTimeout(),
		MaxAttempts:     plan.MaxAttempts,
		Once:            true,
		OverwriteSource: plan.OverwriteSource,
		SkipTargetCheck: plan.SkipTargetCheck,
	}
	if plan.UntilJobFinished {
		result.Wait.Goal = restorejobs.UntilJobFinished
	}
	if plan.To != nil {
		target, err := a.Client.Source(plan.To.Ref)
		if err != nil {
			return durable.Plan{}, fmt.Errorf("to: %w", err)
		}
		result.To = restorejobs.ToCluster(target.ProjectID(), target.ClusterID())
		return result, nil
	}
	result.To = restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{MaxDownloads: plan.MaxDownloads})
	return result, a.setDelivery(&result, plan)
}

// setDelivery sets where the files of a download go.
func (a *activitySet) setDelivery(result *durable.Plan, plan *Plan) error {
	switch {
	case a.Deliver != nil:
		result.Deliver = func(ctx context.Context, state durable.State) ([]restorejobs.DownloadedFile, error) {
			return a.Deliver(ctx, *plan, state)
		}
		return nil
	case a.Directory == "":
		return errNoDirectory
	}
	directory, err := filepath.Localize(plan.Directory)
	if err != nil {
		return newInvalidError("plan", []string{fmt.Sprintf("directory %q must be a path below the directory of the worker", plan.Directory)})
	}
	result.Directory = filepath.Join(a.Directory, directory)
	return nil
}

// durable returns the point of package durable.
func (p *Point) durable() durable.Point {
	switch {
	case p.SnapshotID != "":
		return durable.FixedPoint(restorejobs.FromSnapshot(p.SnapshotID))
	case !p.Time.IsZero():
		return durable.FixedPoint(restorejobs.FromPointInTime(p.Time))
	case !p.Before.IsZero():
		return durable.NewestBefore(p.Before)
	default:
		return durable.NewestSnapshot()
	}
}
