package restorejobs

import (
	"context"
	"slices"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/sharedread"
)

// watchedProject is the project of one or more targets of a wait.
type watchedProject struct {
	api          automationAPI
	watcher      *sharedread.Watcher[projectKey, automationReading]
	history      goalHistory
	targets      map[string]*watchedTarget // by cluster ID
	isUnreadable bool                      // its status was refused while the jobs ran
}

func newWatchedProject(c *Client, e *endpoint, id string) *watchedProject {
	return &watchedProject{
		api: automationAPI{
			client:    c,
			endpoint:  e,
			projectID: id,
			retryMode: api.RetryNever,
		},
		watcher: c.automation.Watch(projectKey{variant: e.variant, projectID: id}),
		targets: map[string]*watchedTarget{},
	}
}

// read returns the status of the project, which the waits of one client share.
func (p *watchedProject) read(ctx context.Context, maxAge time.Duration) (*statusLook, error) {
	reading, err := p.watcher.Read(ctx, maxAge, func(ctx context.Context) (automationReading, error) {
		read, err := withPollTimeout(ctx, readStatusOperation, p.api.readStatus)
		if err != nil && isDone(ctx) {
			<-ctx.Done() // a connection's own timer was first: the end must not reach other waits
		}
		return read, err
	})
	switch {
	case err != nil:
		return nil, err
	case reading.Err != nil:
		return nil, reading.Err
	}
	return newStatusLook(&reading.Value, reading.Started), nil
}

// notice reports once that the status cannot be read, before it is needed.
func (p *watchedProject) notice(items []*waitedItem[*Job], err error) []*pollFailure[*Job] {
	if !isTransient(err) {
		p.isUnreadable = true
		err = &targetUnknownError{project: p.api.projectID, err: err}
	}
	failure := newTargetFailure(items, err)
	failure.isNotice = true
	return []*pollFailure[*Job]{failure}
}

// targetRound are the finished jobs of one poll that restore into one cluster.
type targetRound struct {
	*watchedTarget
	items []*waitedItem[*Job]
}

// byTarget groups the finished jobs by the cluster that they restore into.
func (r *projectRound) byTarget() []*targetRound {
	var rounds []*targetRound
	byCluster := map[string]*targetRound{}
	for _, item := range r.finished {
		_, clusterID := item.item.Target()
		round := byCluster[clusterID]
		if round == nil {
			target := r.project.targets[clusterID]
			if target == nil {
				target = &watchedTarget{clusterID: clusterID}
				r.project.targets[clusterID] = target
			}
			round = &targetRound{watchedTarget: target}
			byCluster[clusterID] = round
			rounds = append(rounds, round)
		}
		round.isSharded = round.isSharded || item.item.BatchID != ""
		round.items = append(round.items, item)
	}
	return rounds
}

// watchedTarget is one cluster that jobs of a wait restore into.
type watchedTarget struct {
	clusterID string
	isSharded bool
	hosts     []*host // none: its processes are not known
	hostReads int
}

// maxHostReads is how often the hosts are read: once more if they match no process, because the
// first list can precede a change of the deployment.
const maxHostReads = 2

// processes returns the processes of the target, or those of the project if the target's are not
// known. The error is temporary.
func (t *watchedTarget) processes(ctx context.Context, project *automationAPI, status *AutomationStatus) ([]AutomationProcess, error) {
	selected := t.selectProcesses(status)
	if selected == nil && t.hostReads < maxHostReads {
		hosts, err := withPollTimeout(ctx, "list hosts", func(ctx context.Context) ([]*host, error) {
			return project.listTargetHosts(ctx, t.clusterID, t.isSharded)
		})
		if err != nil && isTransient(err) {
			return nil, err
		}
		t.hosts = distinctHosts(hosts)
		t.hostReads++
		selected = t.selectProcesses(status)
	}
	if selected == nil {
		return status.Processes, nil
	}
	return selected, nil
}

// selectProcesses returns the processes on the hosts of the target. It returns none if a host has no
// process of its own: a part of the target proves nothing.
func (t *watchedTarget) selectProcesses(status *AutomationStatus) []AutomationProcess {
	isUsed := make([]bool, len(status.Processes))
	isTaken := make([]bool, len(status.Processes)) // for one host: a server can run several
	for _, h := range t.hosts {
		hasProcess := false
		for i := range status.Processes {
			if !h.runs(&status.Processes[i]) {
				continue
			}
			isUsed[i] = true
			if !hasProcess && !isTaken[i] {
				isTaken[i] = true
				hasProcess = true
			}
		}
		if !hasProcess {
			return nil
		}
	}
	var selected []AutomationProcess
	for i, used := range isUsed {
		if used {
			selected = append(selected, status.Processes[i])
		}
	}
	return selected
}

// replicaSet returns the name of the target's replica set; empty if it has several.
func (t *watchedTarget) replicaSet() string {
	if len(t.hosts) == 0 {
		return ""
	}
	name := t.hosts[0].ReplicaSetName
	if slices.ContainsFunc(t.hosts, func(h *host) bool { return h.ReplicaSetName != name }) {
		return ""
	}
	return name
}
