package restorejobstest

import (
	"fmt"
	"slices"
	"time"
)

// A job holds the constant fields of its document, and the facts from which the other fields are
// computed for each read.
type job struct {
	id       string
	resource *resource
	fields   map[string]any
	plan     *createPlan // nil: a document that the test added

	created    time.Time
	finishesAt time.Time
	files      []*archiveFile

	failed, cancelled, expired bool

	edits []func(doc map[string]any)
}

// linkLifetime is the lifetime of the links of a cloud job.
const linkLifetime = time.Hour

// startJobs creates one job, or, for a sharded cluster with classic jobs, one for each shard and
// one for the config server.
func (s *Server) startJobs(res *resource, p *createPlan) []*job {
	now := s.now()
	duration := s.opts.restoreDurations[res.format]
	if p.target != nil && p.target.isManager() && p.pointInTime {
		duration = 0 // such a job only means that the agents know what to do
	}
	replicaSets := res.replicaSetNames()
	if res.format != classic {
		j := s.newJob(res, p, now, now.Add(duration))
		s.addFiles(j, replicaSets)
		return []*job{j}
	}
	jobs := make([]*job, 0, len(replicaSets))
	batch := s.newID(now)
	for i, replicaSet := range replicaSets {
		// The jobs of a batch finish one after the other.
		j := s.newJob(res, p, now, now.Add(duration*time.Duration(i+1)/time.Duration(len(replicaSets))))
		if res.shards > 0 {
			j.fields["batchId"] = batch
		}
		s.addFiles(j, []string{replicaSet})
		jobs = append(jobs, j)
	}
	return jobs
}

func (r *resource) replicaSetNames() []string {
	if r.shards == 0 {
		return []string{r.name + "-shard-0"}
	}
	var names []string
	if r.configServer == dedicatedConfig {
		names = append(names, r.name+"-config-0")
	}
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
	s.storeJob(j)
	return j
}

// newID returns an id in the form of the service: seconds, then a counter.
func (s *Server) newID(now time.Time) string {
	s.lastID++
	return fmt.Sprintf("%08x%016x", uint32(now.Unix()), s.lastID) //nolint:gosec // wraps in 2106
}

func (s *Server) storeJob(j *job) {
	s.jobs[j.id] = j
	j.resource.jobs = append(j.resource.jobs, j)
}

// readJob renders a job for a request. The next request gets the next edit of [Server.SetJob].
func (s *Server) readJob(j *job, origin string) map[string]any {
	doc := s.renderJob(j, origin)
	if len(j.edits) > 1 {
		j.edits = j.edits[1:]
	}
	return doc
}

// renderJob returns the current document of a job.
func (s *Server) renderJob(j *job, origin string) map[string]any {
	doc := cloneJSON(j.fields).(map[string]any)
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

// applyOverrides applies the control methods of [Server] to a document that the test added.
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

// A linkState is the state of the download links of a job.
type linkState int

const (
	linkPending linkState = iota // the job has not finished, or is not a download
	linkReady
	linkExpired
)

// isFinished reports whether the job has finished successfully.
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

// linkExpiry is the time at which the links of a finished job expire.
func (j *job) linkExpiry() time.Time {
	switch {
	case j.resource.format == flex:
		return j.created.Add(flexLinkLifetime)
	case j.resource.format == cloud:
		return j.finishesAt.Add(linkLifetime)
	case !j.plan.linkExpiry.IsZero():
		return j.plan.linkExpiry
	default:
		return j.finishesAt.Add(time.Duration(j.plan.linkHours) * time.Hour)
	}
}

func cloneJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[key] = cloneJSON(value)
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i := range out {
			out[i] = cloneJSON(out[i])
		}
		return out
	default:
		return v
	}
}

func timestampDocument(t time.Time, increment int) map[string]any {
	return map[string]any{"date": formatISO(t), "increment": increment}
}
