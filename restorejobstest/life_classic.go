package restorejobstest

import "maps"

// idField names the member that holds the id of the target.
func (t *target) idField() string {
	if t.host() {
		return "hostId"
	}
	return "clusterId"
}

// id is the id of the target, which Atlas addresses by name.
func (t *target) id() string {
	switch {
	case !t.atlas():
		return t.name
	case t.name == t.cluster:
		return t.clusterID
	default:
		return t.clusterID[:23] + "3"
	}
}

func classicDocument(j *job) map[string]any {
	t, p := j.target, j.plan
	doc := map[string]any{
		"id":         j.id,
		"groupId":    t.project,
		t.idField():  t.id(),
		"created":    iso(j.created),
		"timestamp":  map[string]any{"date": p.date, "increment": p.increment},
		"statusName": "IN_PROGRESS",
	}
	maps.Copy(doc, p.echo)
	if p.snapshot != "" {
		doc["snapshotId"] = p.snapshot
	}
	if !t.mms() {
		doc["encryptionEnabled"] = false
	}
	if t.atlas() {
		doc["clusterName"] = t.name
	}
	if t.scope != AtlasV2LegacyCluster {
		doc["pointInTime"] = p.pit
	}
	return doc
}

func (s *Server) renderClassic(j *job, doc map[string]any, origin string) {
	switch {
	case j.failed:
		doc["statusName"] = "BROKEN"
	case j.cancelled:
		doc["statusName"] = "KILLED"
	case s.ready(j):
		doc["statusName"] = "FINISHED"
	}
	doc["links"] = classicLinks(j, origin)
	if delivery := s.delivery(j, origin); delivery != nil {
		doc["delivery"] = delivery
	}
	if p := j.parts[0]; p.whole {
		doc["hashes"] = []any{map[string]any{"typeName": "SHA1", "fileName": p.file, "hash": p.archive.sha1()}}
	}
}

func classicLinks(j *job, origin string) []any {
	t := j.target
	group := origin + t.base + "/groups/" + t.project
	place := group + "/" + t.kind + "/" + t.name
	links := []any{link("self", place+"/restoreJobs/"+j.id)}
	if j.plan.snapshot != "" {
		links = append(links, link("http://mms.mongodb.com/snapshot", place+"/snapshots/"+j.plan.snapshot))
	}
	return append(links, link("http://mms.mongodb.com/cluster", place), link("http://mms.mongodb.com/group", group))
}

// delivery makes the delivery of a job, or nil where there is none yet. An
// automated restore says HTTP as well; only the target gives it away.
func (s *Server) delivery(j *job, origin string) map[string]any {
	t, p := j.target, j.plan
	doc := map[string]any{"methodName": "HTTP"}
	if !p.download {
		maps.Copy(doc, p.delivery)
		return doc
	}
	state := s.linkState(j)
	if state == linkPending && t.mms() {
		return nil
	}
	if !t.mms() {
		doc["expirationHours"], doc["maxDownloads"] = p.hours, p.limit
	}
	switch {
	case j.failed:
		doc["statusName"] = "FAILED"
	case state == linkPending:
		doc["statusName"] = "NOT_STARTED"
	case state == linkExpired:
		doc["statusName"] = "EXPIRED"
	case j.parts[0].usedUp():
		doc["statusName"] = "MAX_DOWNLOADS_EXCEEDED"
	default:
		doc["statusName"] = "READY"
	}
	if state != linkPending {
		doc["expires"] = iso(j.linkEnd())
		j.parts[0].addLinks(doc, s.linkOrigin(origin))
	}
	return doc
}
