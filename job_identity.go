package restorejobs

import (
	"cmp"
	"fmt"
	"strings"
)

// Whose job a response is about. What a response says is acted on only where it is about the
// job or the create that was requested.

// checkJob refuses a response that is not about this job of this project.
func (j *Jobs) checkJob(job *Job, jobID string) error {
	if err := areJobs(job); err != nil {
		return err
	}
	if job.ID != jobID && !sameObjectID(job.ID, jobID) {
		return &otherJobError{what: "job", received: job.ID, requested: jobID}
	}
	if j.isForeign(job) {
		return &otherJobError{what: "project", received: job.owner(), requested: j.project}
	}
	return nil
}

// checkCancel refuses a response to a cancel that describes another job. Most have no body.
func (j *Jobs) checkCancel(resp *answer, jobID string) error {
	if err := nothing(resp); err != nil {
		return err
	}
	job, err := decodeJob(resp.body)
	if err != nil || job.ID == "" {
		return nil //nolint:nilerr // a success without a job
	}
	return j.checkJob(job, jobID)
}

// checkCreated refuses the response to a create where every job in it contradicts the create.
func (j *Jobs) checkCreated(jobs []*Job, point RestorePoint, to Destination) error {
	var first error
	for _, job := range jobs {
		err := j.contradiction(job, point, to)
		if err == nil {
			return nil
		}
		first = cmp.Or(first, err)
	}
	return first
}

// contradiction is what tells a job from those that a create makes, nil for nothing. The parts
// of a sharded cluster may each have a snapshot of their own.
func (j *Jobs) contradiction(job *Job, point RestorePoint, to Destination) error {
	if j.isForeign(job) {
		return &otherJobError{what: "restore", part: "project", received: job.owner(), requested: j.project}
	}
	if point.kind == snapshotPoint && job.BatchID == "" && differentObjectIDs(job.SnapshotID, point.id) {
		return &otherJobError{what: "restore", part: "snapshot", received: job.SnapshotID, requested: point.id}
	}
	if to.kind != toCluster {
		return nil
	}
	project, id, name := job.target(j.scope.generation)
	wanted := cmp.Or(to.project, j.project)
	byName := isObjectID(wanted) && !isObjectID(to.cluster) // others are examples, or ids
	switch {
	case differentObjectIDs(project, wanted):
		return &otherJobError{what: "restore", part: "target project", received: project, requested: wanted}
	case differentObjectIDs(id, to.cluster):
		return &otherJobError{what: "restore", part: "target cluster", received: id, requested: to.cluster}
	case byName && name != "" && !strings.EqualFold(name, to.cluster):
		return &otherJobError{what: "restore", part: "target cluster", received: name, requested: to.cluster}
	}
	return nil
}

// isForeign reports a job that names another project than this one as its owner.
func (j *Jobs) isForeign(job *Job) bool { return differentObjectIDs(job.owner(), j.project) }

// owner is the project that owns the job, "" where the job does not name it.
func (j *Job) owner() string { return cmp.Or(j.GroupID, j.ProjectID) }

// target is the cluster that the job names as the one to restore into.
func (j *Job) target(g generation) (project, id, name string) {
	switch g {
	case classic:
		return j.Delivery.TargetGroupID, j.Delivery.TargetClusterID, j.Delivery.TargetClusterName
	case cloud:
		return j.TargetGroupID, "", j.TargetClusterName
	case flex:
		return j.TargetProjectID, "", j.TargetDeploymentItemName
	case noGeneration:
		return "", "", ""
	default:
		return "", "", ""
	}
}

// isObjectID reports an id of 24 hexadecimal digits.
func isObjectID(id string) bool {
	return len(id) == 24 && strings.Trim(id, "0123456789abcdefABCDEF") == ""
}

func sameObjectID(a, b string) bool { return isObjectID(a) && strings.EqualFold(a, b) }

// differentObjectIDs leaves out what documents print instead of an id, such as {GROUP-ID}.
func differentObjectIDs(a, b string) bool {
	return isObjectID(a) && isObjectID(b) && !strings.EqualFold(a, b)
}

// otherJobError is a response about something else than was requested.
type otherJobError struct {
	what, part          string
	received, requested string
}

func (e *otherJobError) Error() string {
	part := ""
	if e.part != "" {
		part = "its " + e.part + " is "
	}
	return fmt.Sprintf("the response is about another %s: %s%s instead of %s", e.what, part, shownID(e.received), shownID(e.requested))
}

// shownID is an id for an error. A server can put a secret where an id belongs, and no secret
// is as short and plain as an id.
func shownID(id string) string {
	if plainSegment(id) && len(id) <= 24 {
		return fmt.Sprintf("%q", id)
	}
	return fmt.Sprintf("an id of %d characters", len(id))
}
