package restorejobstest

import (
	"maps"
	"time"
)

const (
	// flexExpiration is counted from the start of any flex job.
	flexExpiration = 6 * time.Hour
	// A flex job is pending for 1/pendingFraction of its duration.
	pendingFraction = 16
)

func cloudDocument(j *job) map[string]any {
	res := j.resource
	p := j.plan
	doc := map[string]any{
		"id":          j.id,
		"cancelled":   false,
		"deliveryUrl": []any{},
		"expired":     false,
		"failed":      false,
		"timestamp":   p.date,
	}
	maps.Copy(doc, p.echoedFields)
	if p.snapshot != "" {
		doc["snapshotId"] = p.snapshot
	}
	if res.basePath == v1Base {
		doc["createdAt"] = formatISO(j.created)
	} else {
		doc["desiredTimestamp"] = map[string]any{
			"date":      nil,
			"increment": nil,
			"time":      nil,
		}
	}
	if p.pointInTime {
		doc["desiredTimestamp"] = map[string]any{"date": p.date, "increment": p.increment}
	}
	if !p.download {
		doc["targetDeploymentItemName"] = "atlas-" + j.id[:6]
	}
	return doc
}

func (s *Server) renderCloud(j *job, doc map[string]any, origin string) {
	doc["failed"] = j.failed
	doc["cancelled"] = j.cancelled
	if !j.resource.isServerless() {
		doc["links"] = cloudLinks(j, origin)
	}
	if !j.plan.download {
		if s.isFinished(j) {
			doc["finishedAt"] = formatISO(j.finishesAt)
		}
		doc["expired"] = j.expired
		s.renderParts(j, doc, "")
		return
	}
	state := s.linkState(j)
	doc["expired"] = state == linkExpired
	if state != linkPending {
		doc["expiresAt"] = formatISO(j.linkExpiry())
	}
	base := ""
	if state == linkReady {
		base = s.linkOrigin(origin)
	}
	s.renderParts(j, doc, base)
}

// renderParts adds the links of a job: in components if the cluster is sharded, else at the top
// level. An empty base means that the links are not available.
func (s *Server) renderParts(j *job, doc map[string]any, base string) {
	if j.resource.shards == 0 {
		if base != "" {
			doc["deliveryUrl"] = []any{base + j.files[0].path}
			j.files[0].addPrivateLinks(doc, base)
		}
		return
	}
	var components []any
	for _, file := range j.files {
		component := map[string]any{"replicaSetName": file.replicaSet, "downloadUrl": nil}
		if base != "" && !file.fullySent {
			component["downloadUrl"] = base + file.path
			file.addPrivateLinks(component, base)
		}
		components = append(components, component)
	}
	doc["components"] = components
}

func cloudLinks(j *job, origin string) []any {
	res := j.resource
	group := origin + res.basePath + "/groups/" + res.project
	resourceURL := group + "/" + res.collection + "/" + res.name
	rel := "http://mms.mongodb.com/"
	if res.basePath == v2Base {
		rel = "https://cloud.mongodb.com/"
	}
	links := []any{linkDocument("self", resourceURL+"/backup/restoreJobs/"+j.id)}
	if j.plan.snapshot != "" {
		links = append(links, linkDocument(rel+"snapshot", resourceURL+"/backup/snapshots/"+j.plan.snapshot))
	}
	return append(links, linkDocument(rel+"cluster", resourceURL), linkDocument(rel+"group", group))
}

func flexDocument(j *job) map[string]any {
	res := j.resource
	p := j.plan
	doc := map[string]any{
		"id":                   j.id,
		"projectId":            res.project,
		"instanceName":         res.name,
		"snapshotId":           p.snapshot,
		"deliveryType":         "RESTORE",
		"status":               "PENDING",
		"restoreScheduledDate": formatISO(j.created),
		"snapshotFinishedDate": p.date,
		"expirationDate":       formatISO(j.created.Add(flexExpiration)),
	}
	if p.download {
		doc["deliveryType"] = "DOWNLOAD"
	}
	maps.Copy(doc, p.echoedFields)
	return doc
}

func (s *Server) renderFlex(j *job, doc map[string]any, origin string) {
	running := j.created.Add(j.finishesAt.Sub(j.created) / pendingFraction)
	switch {
	case j.failed:
		doc["status"] = "FAILED"
		doc["restoreFinishedDate"] = formatISO(j.finishesAt)
	case s.isFinished(j):
		doc["status"] = "COMPLETED"
		doc["restoreFinishedDate"] = formatISO(j.finishesAt)
		if j.plan.download {
			doc["snapshotUrl"] = s.linkOrigin(origin) + j.files[0].path
		}
	case !s.now().Before(running):
		doc["status"] = "RUNNING"
	}
}
