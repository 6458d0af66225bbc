package restorejobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/parallel"
)

// targetVerifier proves that the servers of a target have the data: the state of a job of Cloud
// Manager or Ops Manager does not.
type targetVerifier struct {
	client   *Client
	endpoint *endpoint
	opts     WaitOptions
	all      []*waitedItem[*Job]
	projects map[string]*watchedProject
	progress map[string]*targetProgress // by job ID
}

// newTargetVerifier returns nil if the jobs of a source need no proof.
func newTargetVerifier(j *Jobs, all []*waitedItem[*Job], opts WaitOptions) *targetVerifier {
	if !j.endpoint.isManager() || opts.Goal != UntilFinished {
		return nil
	}
	return &targetVerifier{
		client:   j.client,
		endpoint: j.endpoint,
		opts:     opts,
		all:      all,
	}
}

// close ends the watch of the projects.
func (v *targetVerifier) close() {
	for _, project := range v.projects {
		project.watcher.Close()
	}
}

// projectRound are the jobs of one poll that restore into one project.
type projectRound struct {
	project  *watchedProject
	finished []*waitedItem[*Job] // by the service's report: their targets must be read
	running  []*waitedItem[*Job]
}

// verify reads the status of the projects once. An item that finished is done only if its target
// is proven.
func (v *targetVerifier) verify(ctx context.Context, items []*waitedItem[*Job], maxAge time.Duration) []*pollFailure[*Job] {
	rounds := v.group(items)
	if len(rounds) == 0 {
		return nil
	}
	v.useKnownGoal()
	failures := make([][]*pollFailure[*Job], len(rounds))
	exited := parallel.ForEach(ctx, len(rounds), maxConcurrentGets, func(ctx context.Context, i int) error {
		failures[i] = v.verifyProject(ctx, rounds[i], maxAge)
		return nil
	})
	if errors.Is(exited, parallel.ErrExited) {
		return []*pollFailure[*Job]{{items: items, isList: true, err: exited}}
	}
	return slices.Concat(failures...)
}

// group groups the restores into a cluster by the project of their target. A finished one is not
// done from here on.
func (v *targetVerifier) group(items []*waitedItem[*Job]) []*projectRound {
	var rounds []*projectRound
	byProject := map[*watchedProject]*projectRound{}
	for _, item := range items {
		if item.failure != nil || !item.item.Delivery.Automated() {
			continue
		}
		projectID, clusterID := item.item.Target()
		if projectID == "" || clusterID == "" {
			if item.done {
				item.failure = &targetUnknownError{err: errors.New("the job does not name its target")}
			}
			continue
		}
		project := v.project(projectID)
		round := byProject[project]
		if round == nil {
			round = &projectRound{project: project}
			byProject[project] = round
			rounds = append(rounds, round)
		}
		progress := v.progressOf(item)
		if item.done {
			item.done = false
			round.finished = append(round.finished, item)
		} else {
			progress.recordRunning()
			item.target = nil
			round.running = append(round.running, item)
		}
	}
	return rounds
}

func (v *targetVerifier) project(id string) *watchedProject {
	project := v.projects[id]
	if project == nil {
		if v.projects == nil {
			v.projects = map[string]*watchedProject{}
			v.progress = map[string]*targetProgress{}
		}
		project = newWatchedProject(v.client, v.endpoint, id)
		v.projects[id] = project
	}
	return project
}

func (v *targetVerifier) progressOf(item *waitedItem[*Job]) *targetProgress {
	progress := v.progress[item.id]
	if progress == nil {
		progress = &targetProgress{
			created:   item.item.CreationTime(),
			firstRead: time.Now(),
			isTest:    v.opts.MinInterval < 0,
		}
		v.progress[item.id] = progress
	}
	return progress
}

// useKnownGoal applies the goal of the options, which is that of one project.
func (v *targetVerifier) useKnownGoal() {
	isUnread := func(item *waitedItem[*Job]) bool { return !item.isRead }
	isOne := len(v.projects) == 1 && !slices.ContainsFunc(v.all, isUnread)
	for _, project := range v.projects {
		project.history.known = 0
		if isOne {
			project.history.known = v.opts.GoalVersion
		}
	}
}

// verifyProject reads the status of a project, and evaluates its finished jobs.
func (v *targetVerifier) verifyProject(ctx context.Context, round *projectRound, maxAge time.Duration) []*pollFailure[*Job] {
	project := round.project
	if len(round.finished) == 0 && !v.needsFirstLook(round) {
		return nil
	}
	look, err := project.read(ctx, maxAge)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil && len(round.finished) == 0:
		return project.notice(round.running, err)
	case err != nil && isTransient(err):
		return []*pollFailure[*Job]{newTargetFailure(round.finished, err)}
	case err != nil:
		for _, item := range round.finished {
			item.done = true
			item.failure = &targetUnknownError{project: project.api.projectID, err: err}
		}
		return nil
	}
	project.history.record(look)
	return v.evaluate(ctx, round, look)
}

// needsFirstLook reports whether the goal before a restore can still be read.
func (v *targetVerifier) needsFirstLook(round *projectRound) bool {
	history := &round.project.history
	if history.first != nil || history.known > 0 || round.project.isUnreadable {
		return false
	}
	return slices.ContainsFunc(round.running, func(item *waitedItem[*Job]) bool {
		return time.Since(v.progress[item.id].firstRead) <= firstLookWindow
	})
}

// evaluate compares the processes of each target with the goal.
func (v *targetVerifier) evaluate(ctx context.Context, round *projectRound, look *statusLook) []*pollFailure[*Job] {
	var failures []*pollFailure[*Job]
	for _, target := range round.byTarget() {
		processes, err := target.processes(ctx, &round.project.api, look.reading.status)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			failures = append(failures, newTargetFailure(target.items, err))
			continue
		}
		for _, item := range target.items {
			item.targetFailures = 0
			v.evaluateItem(item, target.watchedTarget, look, &round.project.history, processes)
		}
	}
	return failures
}

func (v *targetVerifier) evaluateItem(item *waitedItem[*Job], target *watchedTarget, look *statusLook, history *goalHistory, processes []AutomationProcess) {
	progress := v.progress[item.id]
	progress.record(look, history, processes)
	item.target = progress.status(look, processes)
	item.target.ProjectID, item.target.ClusterID = item.item.Target()
	item.replicaSet = target.replicaSet()
	switch {
	case item.target.Reached:
		item.done = true
	case progress.isUnautomated(look):
		item.done = true
		item.failure = &targetUnknownError{
			project: item.target.ProjectID,
			err:     errors.New("automation manages no process of the project"),
		}
	}
}

// newTargetFailure is a failure to read what proves that items are restored.
func newTargetFailure(items []*waitedItem[*Job], err error) *pollFailure[*Job] {
	return &pollFailure[*Job]{
		items:    items,
		isList:   len(items) > 1,
		isTarget: true,
		err:      err,
	}
}

// targetUnknownError is the failure of a finished job whose target cannot be read. It matches no
// sentinel of err.
type targetUnknownError struct {
	beforeCreate bool   // of GoalVersion, which has no job
	project      string // empty if unknown
	err          error
}

func (e *targetUnknownError) Error() string {
	text := "whether its target is restored is unknown: "
	if e.beforeCreate {
		text = "restorejobs: goal version: a wait could not prove the restore: "
	}
	text += trimPackagePrefix(e.err)
	if e.project != "" {
		text += " (project " + sanitize(e.project, 100) + ")"
	}
	return text
}

func (e *targetUnknownError) Is(target error) bool {
	code, isCode := target.(ErrorCode)
	return target == ErrTargetUnknown || isCode && errors.Is(e.err, code)
}

func (e *targetUnknownError) As(target any) bool { return errors.As(e.err, target) }

// Class is permanent: the next poll gets the same.
func (e *targetUnknownError) Class() api.Class { return api.Permanent }
