package restorejobstest

import (
	"fmt"
	"slices"
	"time"
)

// A job is a restore job: what never changes of its document, and what the
// rest is made from when someone reads it.
type job struct {
	id     string
	target *target
	doc    map[string]any
	plan   *plan // nil: a document that was added as it is

	created time.Time
	ends    time.Time
	parts   []*part

	failed, cancelled, expired bool

	edits []func(doc map[string]any)
}

// linkLife is how long the links of a cloud job last.
const linkLife = time.Hour

// start makes the jobs of a create: one for each shard and one for the config
// server where the cluster is sharded and classic, else one.
func (s *Server) start(t *target, p *plan) []*job {
	now := s.now()
	duration := s.opts.restore[t.family]
	members := t.members()
	if t.family != classic {
		j := s.newJob(t, p, now, now.Add(duration))
		s.addParts(j, members)
		return []*job{j}
	}
	jobs := make([]*job, 0, len(members))
	batch := s.newID(now)
	for i, member := range members {
		// The jobs of a batch end one after the other.
		j := s.newJob(t, p, now, now.Add(duration*time.Duration(i+1)/time.Duration(len(members))))
		if t.shards > 0 {
			j.doc["batchId"] = batch
		}
		s.addParts(j, []string{member})
		jobs = append(jobs, j)
	}
	return jobs
}

// members names the replica sets of a target.
func (t *target) members() []string {
	if t.shards == 0 {
		return []string{t.name + "-shard-0"}
	}
	names := []string{t.name + "-config-0"}
	for i := range t.shards {
		names = append(names, fmt.Sprintf("%s-shard-%d", t.name, i))
	}
	return names
}

func (s *Server) newJob(t *target, p *plan, now, ends time.Time) *job {
	j := &job{id: s.newID(now), target: t, plan: p, created: now, ends: ends}
	switch t.family {
	case classic:
		j.doc = classicDocument(j)
	case cloud:
		j.doc = cloudDocument(j)
	case flex:
		j.doc = flexDocument(j)
	}
	s.add(j)
	return j
}

// newID is shaped like the ids of the service: seconds, then a count.
func (s *Server) newID(now time.Time) string {
	s.lastID++
	return fmt.Sprintf("%08x%016x", uint32(now.Unix()), s.lastID) //nolint:gosec // wraps in 2106
}

func (s *Server) add(j *job) {
	s.jobs[j.id] = j
	j.target.jobs = append(j.target.jobs, j)
}

// read renders a job for a request that asks for it, which moves a script of
// several edits on by one.
func (s *Server) read(j *job, origin string) map[string]any {
	doc := s.render(j, origin)
	if len(j.edits) > 1 {
		j.edits = j.edits[1:]
	}
	return doc
}

// render gives the document of a job as it is now.
func (s *Server) render(j *job, origin string) map[string]any {
	doc := clone(j.doc).(map[string]any)
	switch {
	case j.plan == nil:
		overlay(j, doc)
	case j.target.family == classic:
		s.renderClassic(j, doc, origin)
	case j.target.family == cloud:
		s.renderCloud(j, doc, origin)
	default:
		s.renderFlex(j, doc, origin)
	}
	if len(j.edits) > 0 {
		j.edits[0](doc)
	}
	return doc
}

// overlay applies what the test did to a document that was added as it is.
func overlay(j *job, doc map[string]any) {
	switch j.target.family {
	case classic:
		delivery, _ := doc["delivery"].(map[string]any)
		switch {
		case j.failed:
			doc["statusName"] = "BROKEN"
		case j.cancelled:
			doc["statusName"] = "KILLED"
		case j.expired && delivery != nil:
			delivery["statusName"] = "EXPIRED"
		}
	case cloud:
		for flag, set := range map[string]bool{"failed": j.failed, "cancelled": j.cancelled, "expired": j.expired} {
			if set {
				doc[flag] = true
				doc["deliveryUrl"] = []any{}
			}
		}
	case flex:
		if j.failed {
			doc["status"] = "FAILED"
		}
	}
}

// A linkState says what has become of the links of a job.
type linkState int

const (
	linkPending linkState = iota // not there yet, or never to be
	linkReady
	linkExpired
)

// ready reports whether the job has done its work.
func (s *Server) ready(j *job) bool {
	return !j.failed && !j.cancelled && !s.now().Before(j.ends)
}

func (s *Server) linkState(j *job) linkState {
	switch {
	case !s.ready(j) || !j.plan.download:
		return linkPending
	case j.expired || !s.now().Before(j.linkEnd()):
		return linkExpired
	default:
		return linkReady
	}
}

// linkEnd is when the links of a finished job end.
func (j *job) linkEnd() time.Time {
	switch {
	case j.target.family == flex:
		return j.created.Add(flexLinkLife)
	case j.target.family == cloud:
		return j.ends.Add(linkLife)
	case !j.plan.expires.IsZero():
		return j.plan.expires
	default:
		return j.ends.Add(time.Duration(j.plan.hours) * time.Hour)
	}
}

func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[key] = clone(value)
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i := range out {
			out[i] = clone(out[i])
		}
		return out
	default:
		return v
	}
}

func bsonTime(t time.Time, increment int) map[string]any {
	return map[string]any{"date": iso(t), "increment": increment}
}
