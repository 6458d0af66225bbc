package restorejobstest

import (
	"fmt"
	"slices"
	"time"
)

// A job is a restore job: what never changes of its document, and what the
// rest is made from when someone reads it.
type job struct {
	id       string
	resource *resource
	fields   map[string]any
	plan     *createPlan // nil: a document that was added as it is

	created    time.Time
	finishesAt time.Time
	files      []*archiveFile

	failed, cancelled, expired bool

	edits []func(doc map[string]any)
}

// linkLifetime is how long the links of a cloud job last.
const linkLifetime = time.Hour

// start makes the jobs of a create: one for each shard and one for the config
// server where the cluster is sharded and classic, else one.
func (s *Server) start(res *resource, p *createPlan) []*job {
	now := s.now()
	duration := s.opts.restore[res.format]
	replicaSets := res.replicaSetNames()
	if res.format != classic {
		j := s.newJob(res, p, now, now.Add(duration))
		s.addFiles(j, replicaSets)
		return []*job{j}
	}
	jobs := make([]*job, 0, len(replicaSets))
	batch := s.newID(now)
	for i, replicaSet := range replicaSets {
		// The jobs of a batch end one after the other.
		j := s.newJob(res, p, now, now.Add(duration*time.Duration(i+1)/time.Duration(len(replicaSets))))
		if res.shards > 0 {
			j.fields["batchId"] = batch
		}
		s.addFiles(j, []string{replicaSet})
		jobs = append(jobs, j)
	}
	return jobs
}

// replicaSetNames names the replica sets of a target.
func (r *resource) replicaSetNames() []string {
	if r.shards == 0 {
		return []string{r.name + "-shard-0"}
	}
	names := []string{r.name + "-config-0"}
	for i := range r.shards {
		names = append(names, fmt.Sprintf("%s-shard-%d", r.name, i))
	}
	return names
}

func (s *Server) newJob(res *resource, p *createPlan, now, finishesAt time.Time) *job {
	j := &job{
		id:         s.newID(now),
		resource:   res,
		plan:       p,
		created:    now,
		finishesAt: finishesAt,
	}
	switch res.format {
	case classic:
		j.fields = classicDocument(j)
	case cloud:
		j.fields = cloudDocument(j)
	case flex:
		j.fields = flexDocument(j)
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
	j.resource.jobs = append(j.resource.jobs, j)
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
	doc := clone(j.fields).(map[string]any)
	switch {
	case j.plan == nil:
		applyOverrides(j, doc)
	case j.resource.format == classic:
		s.renderClassic(j, doc, origin)
	case j.resource.format == cloud:
		s.renderCloud(j, doc, origin)
	default:
		s.renderFlex(j, doc, origin)
	}
	if len(j.edits) > 0 {
		j.edits[0](doc)
	}
	return doc
}

// applyOverrides applies what the test did to a document that was added as it is.
func applyOverrides(j *job, doc map[string]any) {
	switch j.resource.format {
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
		for flag, set := range map[string]bool{
			"failed":    j.failed,
			"cancelled": j.cancelled,
			"expired":   j.expired,
		} {
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

// isFinished reports whether the job has done its work.
func (s *Server) isFinished(j *job) bool {
	return !j.failed && !j.cancelled && !s.now().Before(j.finishesAt)
}

func (s *Server) linkState(j *job) linkState {
	switch {
	case !s.isFinished(j) || !j.plan.download:
		return linkPending
	case j.expired || !s.now().Before(j.linkExpiry()):
		return linkExpired
	default:
		return linkReady
	}
}

// linkExpiry is when the links of a finished job end.
func (j *job) linkExpiry() time.Time {
	switch {
	case j.resource.format == flex:
		return j.created.Add(flexLinkLife)
	case j.resource.format == cloud:
		return j.finishesAt.Add(linkLifetime)
	case !j.plan.expires.IsZero():
		return j.plan.expires
	default:
		return j.finishesAt.Add(time.Duration(j.plan.hours) * time.Hour)
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
