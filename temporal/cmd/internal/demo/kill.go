package demo

import (
	"context"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"

	restoretemporal "example.com/restorejobs/temporal"
)

func (d *demo) startWorker(ctx context.Context, name string) error {
	worker, err := d.command.Start(ctx, name)
	if err != nil {
		return err
	}
	d.others = append(d.others, worker)
	d.note("%s is process %d", name, worker.PID())
	return nil
}

func (d *demo) stopWorkers() {
	if d.victim != nil && !d.isOver {
		d.others = append(d.others, d.victim)
	}
	for _, worker := range d.others {
		worker.Stop()
	}
}

// killOnce kills the first worker in the middle of its work, and starts another one.
func (d *demo) killOnce(ctx context.Context, result *restoretemporal.FleetResult) error {
	if d.isOver || result.Counts[restoretemporal.FleetDone] < doneBeforeKill {
		return nil
	}
	work := d.workOf(ctx, d.victim.Identity, result)
	if len(work) == 0 {
		return nil
	}
	pid := d.victim.PID()
	if err := d.victim.Kill(); err != nil {
		return err
	}
	d.isOver = true
	d.note("%s (process %d) is killed in the middle of: %s", d.victim.Identity, pid, strings.Join(work, ", "))
	return d.startWorker(ctx, "worker 3")
}

// workOf lists the activities that a worker performs, as in "stock wait".
func (d *demo) workOf(ctx context.Context, identity string, result *restoretemporal.FleetResult) []string {
	var work []string
	for i := range result.Rows {
		row := &result.Rows[i]
		if row.Status != restoretemporal.FleetRunning {
			continue
		}
		description, err := d.client.DescribeWorkflowExecution(ctx, row.WorkflowID, "")
		if err != nil {
			continue // it has just ended
		}
		for _, activity := range description.GetPendingActivities() {
			isStarted := activity.GetState() == enumspb.PENDING_ACTIVITY_STATE_STARTED
			if isStarted && activity.GetLastWorkerIdentity() == identity {
				step := strings.ToLower(strings.TrimPrefix(activity.GetActivityType().GetName(), "restorejobs."))
				work = append(work, row.Name+" "+step)
			}
		}
	}
	return work
}
