package restorejobstest

import (
	"slices"
	"time"
)

const (
	// firstGoal is the goal of a new project.
	firstGoal = 7
	// idleAgentDelay is how long a process needs for a goal that does not change it.
	idleAgentDelay = 10 * time.Second
)

// An automation is what decides the goal of a project and the progress of its processes. Everything
// is computed from it for each read.
type automation struct {
	rises []*goalRise
	stuck map[string][]stuckTime // by host name
}

// A goalRise is a change of the automation configuration. A restore makes two: one adds its
// directives, and one removes them when every process has followed.
type goalRise struct {
	at         time.Time
	restored   *resource     // nil: the change does not concern the clusters here
	agentDelay time.Duration // of the processes of that cluster
}

// A stuckTime is a time in which a process reaches no goal.
type stuckTime struct {
	from  time.Time
	until time.Time // zero: still stuck
}

// SetAutomationGoalDelay sets how long after a create of a restore into a cluster of Cloud Manager
// or Ops Manager the goal of the target's project rises. It applies to later creates. Default 40
// seconds.
func (s *Server) SetAutomationGoalDelay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.goalDelay = d
}

// SetAgentDelay sets how long the processes of the target need to reach a goal that restores
// them. It applies to later creates. Default one minute. Other processes need 10 seconds, or this
// delay if it is shorter.
func (s *Server) SetAgentDelay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.agentDelay = d
}

// RaiseGoal raises the goal of the scope's project now, as a change of another deployment does.
func (s *Server) RaiseGoal(scope Scope) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projectByID(scope.Project())
	p.automation.rises = append(p.automation.rises, &goalRise{at: s.now(), agentDelay: s.idleDelay()})
}

// StickProcess makes the processes on a host of the scope's product reach no further goal, until
// [Server.ReleaseProcess]. Their status then has an error code and the steps that are left. The
// host names are those of [Server.Hostnames]. StickProcess panics for another one.
func (s *Server) StickProcess(scope Scope, hostname string) {
	s.updateStuck(scope, hostname, func(times []stuckTime) []stuckTime {
		return append(times, stuckTime{from: s.now()})
	})
}

// ReleaseProcess ends the effect of [Server.StickProcess]. It panics if the scope's product has no
// such host.
func (s *Server) ReleaseProcess(scope Scope, hostname string) {
	s.updateStuck(scope, hostname, func(times []stuckTime) []stuckTime {
		for i := range times {
			if times[i].until.IsZero() {
				times[i].until = s.now()
			}
		}
		return times
	})
}

func (s *Server) updateStuck(scope Scope, hostname string, update func([]stuckTime) []stuckTime) {
	spec := scope.spec()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.projects {
		if p.product != spec.product() {
			continue
		}
		for _, proc := range s.processesOf(p) {
			if proc.hostname != hostname {
				continue
			}
			if p.automation.stuck == nil {
				p.automation.stuck = map[string][]stuckTime{}
			}
			p.automation.stuck[hostname] = update(p.automation.stuck[hostname])
			return
		}
	}
	panic("restorejobstest: unknown host " + hostname)
}

// raiseGoalFor announces the restore of a cluster to its agents.
func (s *Server) raiseGoalFor(target *resource) *goalRise {
	rise := &goalRise{
		at:         s.now().Add(s.goalDelay),
		restored:   target,
		agentDelay: s.agentDelay,
	}
	p := s.projectByID(target.project)
	p.automation.rises = append(p.automation.rises, rise)
	return rise
}

func (s *Server) idleDelay() time.Duration { return min(idleAgentDelay, s.agentDelay) }

// allRises returns the rises up to now, in order of time. They include those that remove the
// directives of finished restores.
func (s *Server) allRises(p *project) []*goalRise {
	now := s.now()
	var all []*goalRise
	for _, rise := range p.automation.rises {
		all = append(all, rise)
		if done, ok := p.automation.doneAt(rise); ok && rise.restored != nil {
			all = append(all, &goalRise{at: done, agentDelay: min(idleAgentDelay, rise.agentDelay)})
		}
	}
	all = slices.DeleteFunc(all, func(rise *goalRise) bool { return rise.at.After(now) })
	slices.SortStableFunc(all, func(a, b *goalRise) int { return a.at.Compare(b.at) })
	return all
}

// doneAt returns when every process of the restored cluster has reached a goal, or false if one of
// them is stuck.
func (a *automation) doneAt(rise *goalRise) (time.Time, bool) {
	done := rise.at
	if rise.restored == nil {
		return done, true
	}
	for _, proc := range rise.restored.processes() {
		at, ok := a.reached(proc, rise)
		if !ok {
			return time.Time{}, false
		}
		if at.After(done) {
			done = at
		}
	}
	return done, true
}

// isDone reports whether a restore has reached its target. It is true for other products.
func (s *Server) isDone(rise *goalRise) bool {
	if rise == nil {
		return true
	}
	done, ok := s.projectByID(rise.restored.project).automation.doneAt(rise)
	return ok && !done.After(s.now())
}

// reached returns when a process reaches a goal, or false if it is stuck before.
func (a *automation) reached(proc process, rise *goalRise) (time.Time, bool) {
	delay := rise.agentDelay
	if rise.restored != proc.resource {
		delay = min(delay, idleAgentDelay)
	}
	at := rise.at.Add(delay)
	for _, stuck := range a.stuck[proc.hostname] {
		switch {
		case at.Before(stuck.from):
		case stuck.until.IsZero():
			return time.Time{}, false
		case at.Before(stuck.until):
			at = stuck.until.Add(delay)
		}
	}
	return at, true
}

// isStuck reports whether a process reaches no goal at this time.
func (a *automation) isStuck(proc process) bool {
	return slices.ContainsFunc(a.stuck[proc.hostname], func(t stuckTime) bool { return t.until.IsZero() })
}
