package restorejobs

import "time"

// A restore by Cloud Manager or Ops Manager changes the automation configuration of the target's
// project, which raises the project's goal. The servers have the data when their processes reach
// that goal. The job does not name it, so these rules find it.
const (
	// directiveDelay is how old a job must be before a goal is taken for that of its restore. The
	// goal rises 35 to 50 seconds after the create. Before that, another deployment can raise it, so
	// a younger rise proves nothing. The rest is a margin for a slow service.
	directiveDelay = 90 * time.Second
	// firstLookWindow is how soon after its creation a job's project must be read so that the goal is
	// the one before the restore: less than the 35 seconds that a rise takes.
	firstLookWindow = 30 * time.Second
	// stableAge is how old a job must be before a goal is taken for that of its restore if the one
	// before is not known: the rise was before the first look of this wait.
	stableAge = 15 * time.Minute
	// minStableReads is how many statuses in a row must then have the same goal, reached by all.
	minStableReads = 2
)

// statusLook is one status of a project, as one wait uses it.
type statusLook struct {
	reading    *automationReading // identifies the look, as waits share them
	goal       int64
	started    time.Time // by the local clock
	serverTime time.Time // by the server's clock; zero if unknown
}

func newStatusLook(reading *automationReading, started time.Time) *statusLook {
	return &statusLook{
		reading:    reading,
		goal:       reading.status.GoalVersion,
		started:    started,
		serverTime: reading.serverTime,
	}
}

// goalHistory is what a wait knows about the goal of one project.
type goalHistory struct {
	first   *statusLook // nil before the first
	highest int64       // a lower goal is that of a configuration which was restored, or a stale read
	known   int64       // [WaitOptions.GoalVersion], 0 if unknown
}

func (g *goalHistory) record(look *statusLook) {
	if g.first == nil {
		g.first = look
	}
	g.highest = max(g.highest, look.goal)
}

// goalBefore returns the goal before the restore of a job, if it is known.
func (g *goalHistory) goalBefore(created time.Time) (goal int64, isKnown bool) {
	if g.known > 0 {
		return g.known, true
	}
	if g.first == nil || g.first.serverTime.IsZero() || created.IsZero() {
		return 0, false
	}
	return g.first.goal, g.first.serverTime.Sub(created).Abs() <= firstLookWindow
}

// targetProgress is how far one job's restore is known to be.
type targetProgress struct {
	created     time.Time // zero if unknown
	firstRead   time.Time // of the job by this wait
	lastRunning time.Time // when the job was last seen running; zero if it never was
	isTest      bool      // time is that of the server, whose clock a test turns

	last        *statusLook // since the job is finished
	stableGoal  int64
	stableReads int
	emptyReads  int // statuses without a process, in a row

	neededGoal int64
	isNeeded   bool // neededGoal is known
}

// age returns how old the job is at least. The wait's own time counts if the clocks disagree: one
// that is wrong must not make a job old.
func (p *targetProgress) age(look *statusLook) time.Duration {
	known := look.started.Sub(p.firstRead)
	if p.created.IsZero() || look.serverTime.IsZero() {
		return known
	}
	byServer := look.serverTime.Sub(p.created)
	if p.isTest {
		return max(known, byServer)
	}
	return max(known, min(byServer, look.started.Sub(p.created)))
}

// isSettled reports whether the directives of the restore are in the configuration. If the wait has
// seen the job run, they can be as late after its end as after its creation.
func (p *targetProgress) isSettled(look *statusLook) bool {
	if p.age(look) < directiveDelay {
		return false
	}
	return p.isTest || p.lastRunning.IsZero() || look.started.Sub(p.lastRunning) >= directiveDelay
}

// recordRunning records that the job runs. What is known of an earlier end does not count.
func (p *targetProgress) recordRunning() {
	*p = targetProgress{
		created:     p.created,
		firstRead:   p.firstRead,
		lastRunning: time.Now(),
		isTest:      p.isTest,
	}
}

// record evaluates a status with the processes of the target.
func (p *targetProgress) record(look *statusLook, history *goalHistory, processes []AutomationProcess) {
	if p.last != nil && p.last.reading == look.reading {
		return // another wait has read it: it does not count twice
	}
	p.last = look
	p.countStable(look.goal, processes)
	if !p.isNeeded && p.canBelieve(look, history) {
		p.neededGoal = look.goal
		p.isNeeded = true
	}
}

func (p *targetProgress) countStable(goal int64, processes []AutomationProcess) {
	switch {
	case len(processes) == 0:
		p.emptyReads++
		p.stableReads = 0
	case countBehind(processes, goal) > 0:
		p.emptyReads = 0
		p.stableReads = 0
	case p.stableReads > 0 && goal == p.stableGoal:
		p.stableReads++
	default:
		p.emptyReads = 0
		p.stableGoal = goal
		p.stableReads = 1
	}
}

// canBelieve reports whether the goal of a status includes the restore. A goal that is known not to
// have risen does not, however old the job is: automation may never have begun.
func (p *targetProgress) canBelieve(look *statusLook, history *goalHistory) bool {
	isPlausible := look.goal > 0 && look.goal >= history.highest
	if !isPlausible || !p.isSettled(look) {
		return false
	}
	if before, isKnown := history.goalBefore(p.created); isKnown {
		return look.goal > before
	}
	return p.age(look) >= stableAge && p.stableReads >= minStableReads
}

// isUnautomated reports a project whose automation manages no process, in two looks.
func (p *targetProgress) isUnautomated(look *statusLook) bool {
	return p.isSettled(look) && p.emptyReads >= minStableReads
}

// status returns the status for users.
func (p *targetProgress) status(look *statusLook, processes []AutomationProcess) *TargetStatus {
	status := &TargetStatus{
		GoalVersion: look.goal,
		Processes:   processes,
	}
	if p.isNeeded {
		status.GoalVersion = p.neededGoal
	}
	status.Remaining = countBehind(processes, status.GoalVersion)
	status.Reached = p.isNeeded && len(processes) > 0 && status.Remaining == 0
	return status
}
