package restorejobs

import (
	"cmp"
	"path"
	"strconv"
	"strings"
	"time"
)

// CreationTime returns when the job was created; zero if unknown. A job without a creation time has
// the time in its ID, if that is an ObjectID. All variants.
//
// API: classic created, cloud createdAt (Atlas v1 only), flex restoreScheduledDate, id.
func (j *Job) CreationTime() time.Time {
	return firstTime(j.Created, j.CreatedAt, j.RestoreScheduledDate, objectIDTime(j.ID))
}

// FinishTime returns when the job ended, successfully or not; zero if it runs or if the service does
// not return a time. Classic jobs and downloads of Atlas clusters have none.
//
// API: cloud finishedAt, flex restoreFinishedDate.
func (j *Job) FinishTime() time.Time {
	if j.State() == StateRunning {
		return time.Time{}
	}
	return firstTime(j.FinishedAt, j.RestoreFinishedDate)
}

// ProjectID returns the project that owns the job; empty if unknown. Cloud jobs name it in their
// links only. [Source.ProjectID] always has the project of a source.
//
// API: classic groupId, flex projectId, cloud links.
func (j *Job) ProjectID() string {
	if projectID := cmp.Or(j.GroupID, j.FlexProjectID); projectID != "" {
		return projectID
	}
	return projectIDFromLinks(j.Links)
}

// projectIDFromLinks reads the id after /groups/ in the links to the job and to its project.
func projectIDFromLinks(links []Link) string {
	for _, link := range links {
		if relation := path.Base(link.Rel); relation != "self" && relation != "group" {
			continue
		}
		_, after, _ := strings.Cut(link.Href, "/groups/")
		if id, _, _ := strings.Cut(after, "/"); isObjectID(id) {
			return id
		}
	}
	return ""
}

// Target returns the project and the cluster that the job restores into, as for [ToCluster]: an id
// for Cloud Manager and Ops Manager, a name for Atlas. Both are empty for a download and if unknown.
//
// API: classic delivery.targetGroupId, targetClusterId and targetClusterName; cloud targetGroupId
// and targetClusterName; flex targetProjectId and targetDeploymentItemName.
func (j *Job) Target() (projectID, cluster string) { return j.format().target(j) }

// ConfigHostID returns the config server (SCCC) of a job of a host: HostID, else ClusterID, because
// some lists have it there. For other jobs it returns ClusterID. Cloud Manager, Ops Manager.
//
// API: Ops Manager "Get All Restore Jobs for One SCCC Config Server".
func (j *Job) ConfigHostID() string { return cmp.Or(j.HostID, j.ClusterID) }

// JobIDs returns the ids of jobs in their order, never nil. It skips nil, which [Jobs.Wait] returns
// for a job that it never saw.
func JobIDs(jobs []*Job) []string {
	ids := make([]string, 0, len(jobs))
	for _, job := range jobs {
		if job != nil {
			ids = append(ids, job.ID)
		}
	}
	return ids
}

// firstTime returns the first time that is set. A zero time can have a zone, which == compares.
func firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// objectIDTime returns the time in the first digits of an ObjectID; zero for any other id.
func objectIDTime(id string) time.Time {
	if !isObjectID(id) {
		return time.Time{}
	}
	const timeDigits = 8
	epoch, err := strconv.ParseInt(id[:timeDigits], 16, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(epoch, 0).UTC()
}

// pointInTime returns the requested time of a cloud job; zero for a restore of a snapshot.
func (j *Job) pointInTime() time.Time {
	switch {
	case j.PointInTimeUTCSeconds != 0:
		return time.Unix(j.PointInTimeUTCSeconds, 0)
	case j.OplogTS != 0:
		return time.Unix(j.OplogTS, 0)
	default:
		return j.DesiredTimestamp.Date
	}
}
