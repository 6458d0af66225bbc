package restorejobstest

import (
	"maps"
	"time"
)

const (
	// expirationOfFlex is counted from the start, whatever is delivered.
	expirationOfFlex = 6 * time.Hour
	// pendingShare of the time a flex job takes is spent waiting.
	pendingShare = 16
)

func cloudDocument(j *job) map[string]any {
	t, p := j.target, j.plan
	doc := map[string]any{
		"id":          j.id,
		"cancelled":   false,
		"deliveryUrl": []any{},
		"expired":     false,
		"failed":      false,
		"timestamp":   p.date,
	}
	maps.Copy(doc, p.echo)
	if p.snapshot != "" {
		doc["snapshotId"] = p.snapshot
	}
	if t.base == v1Base {
		doc["createdAt"] = iso(j.created)
	} else {
		doc["desiredTimestamp"] = map[string]any{"date": nil, "increment": nil, "time": nil}
	}
	if p.pit {
		doc["desiredTimestamp"] = map[string]any{"date": p.date, "increment": p.increment}
	}
	if !p.download {
		doc["targetDeploymentItemName"] = "atlas-" + j.id[:6]
	}
	return doc
}

func (s *Server) renderCloud(j *job, doc map[string]any, origin string) {
	doc["failed"], doc["cancelled"] = j.failed, j.cancelled
	if !j.target.serverless() {
		doc["links"] = cloudLinks(j, origin)
	}
	if !j.plan.download {
		if s.ready(j) {
			doc["finishedAt"] = iso(j.ends)
		}
		doc["expired"] = j.expired
		s.renderParts(j, doc, "")
		return
	}
	state := s.linkState(j)
	doc["expired"] = state == linkExpired
	if state != linkPending {
		doc["expiresAt"] = iso(j.linkEnd())
	}
	base := ""
	if state == linkReady {
		base = s.linkOrigin(origin)
	}
	s.renderParts(j, doc, base)
}

// renderParts shows the files of a job: in components where the cluster is
// sharded, else at the top. Without a base there is no file to be had.
func (s *Server) renderParts(j *job, doc map[string]any, base string) {
	if j.target.shards == 0 {
		if base != "" {
			doc["deliveryUrl"] = []any{base + j.parts[0].path}
			j.parts[0].addPrivateLinks(doc, base)
		}
		return
	}
	var components []any
	for _, p := range j.parts {
		component := map[string]any{"replicaSetName": p.member, "downloadUrl": nil}
		if base != "" && !p.whole {
			component["downloadUrl"] = base + p.path
			p.addPrivateLinks(component, base)
		}
		components = append(components, component)
	}
	doc["components"] = components
}

func cloudLinks(j *job, origin string) []any {
	t := j.target
	group := origin + t.base + "/groups/" + t.project
	place := group + "/" + t.kind + "/" + t.name
	rel := "http://mms.mongodb.com/"
	if t.base == v2Base {
		rel = "https://cloud.mongodb.com/"
	}
	links := []any{link("self", place+"/backup/restoreJobs/"+j.id)}
	if j.plan.snapshot != "" {
		links = append(links, link(rel+"snapshot", place+"/backup/snapshots/"+j.plan.snapshot))
	}
	return append(links, link(rel+"cluster", place), link(rel+"group", group))
}

func flexDocument(j *job) map[string]any {
	t, p := j.target, j.plan
	doc := map[string]any{
		"id":                   j.id,
		"projectId":            t.project,
		"instanceName":         t.name,
		"snapshotId":           p.snapshot,
		"deliveryType":         "RESTORE",
		"status":               "PENDING",
		"restoreScheduledDate": iso(j.created),
		"snapshotFinishedDate": p.date,
		"expirationDate":       iso(j.created.Add(expirationOfFlex)),
	}
	if p.download {
		doc["deliveryType"] = "DOWNLOAD"
	}
	maps.Copy(doc, p.echo)
	return doc
}

func (s *Server) renderFlex(j *job, doc map[string]any, origin string) {
	running := j.created.Add(j.ends.Sub(j.created) / pendingShare)
	switch {
	case j.failed:
		doc["status"] = "FAILED"
		doc["restoreFinishedDate"] = iso(j.ends)
	case s.ready(j):
		doc["status"] = "COMPLETED"
		doc["restoreFinishedDate"] = iso(j.ends)
		if j.plan.download {
			doc["snapshotUrl"] = s.linkOrigin(origin) + j.parts[0].path
		}
	case !s.now().Before(running):
		doc["status"] = "RUNNING"
	}
}
