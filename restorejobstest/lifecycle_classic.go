package restorejobstest

import "maps"

// idField names the member that holds the id of the target.
func (r *resource) idField() string {
	if r.host() {
		return "hostId"
	}
	return "clusterId"
}

// id is the id of the target, which Atlas addresses by name.
func (r *resource) id() string {
	switch {
	case !r.atlas():
		return r.name
	case r.name == r.cluster:
		return r.clusterID
	default:
		return r.clusterID[:23] + "3"
	}
}

func classicDocument(j *job) map[string]any {
	res := j.resource
	p := j.plan
	doc := map[string]any{
		"id":          j.id,
		"groupId":     res.project,
		res.idField(): res.id(),
		"created":     iso(j.created),
		"timestamp":   map[string]any{"date": p.date, "increment": p.increment},
		"statusName":  "IN_PROGRESS",
	}
	maps.Copy(doc, p.echoedFields)
	if p.snapshot != "" {
		doc["snapshotId"] = p.snapshot
	}
	if !res.mms() {
		doc["encryptionEnabled"] = false
	}
	if res.atlas() {
		doc["clusterName"] = res.name
	}
	if res.scope != AtlasV2LegacyCluster {
		doc["pointInTime"] = p.pointInTime
	}
	return doc
}

func (s *Server) renderClassic(j *job, doc map[string]any, origin string) {
	switch {
	case j.failed:
		doc["statusName"] = "BROKEN"
	case j.cancelled:
		doc["statusName"] = "KILLED"
	case s.isFinished(j):
		doc["statusName"] = "FINISHED"
	}
	doc["links"] = classicLinks(j, origin)
	if delivery := s.delivery(j, origin); delivery != nil {
		doc["delivery"] = delivery
	}
	if file := j.files[0]; file.fullySent {
		doc["hashes"] = []any{map[string]any{
			"typeName": "SHA1",
			"fileName": file.name,
			"hash":     file.archive.sha1(),
		}}
	}
}

func classicLinks(j *job, origin string) []any {
	res := j.resource
	group := origin + res.basePath + "/groups/" + res.project
	resourceURL := group + "/" + res.collection + "/" + res.name
	links := []any{link("self", resourceURL+"/restoreJobs/"+j.id)}
	if j.plan.snapshot != "" {
		links = append(links, link("http://mms.mongodb.com/snapshot", resourceURL+"/snapshots/"+j.plan.snapshot))
	}
	return append(links, link("http://mms.mongodb.com/cluster", resourceURL), link("http://mms.mongodb.com/group", group))
}

// delivery makes the delivery of a job, or nil where there is none yet. An
// automated restore says HTTP as well; only the target gives it away.
func (s *Server) delivery(j *job, origin string) map[string]any {
	res := j.resource
	p := j.plan
	doc := map[string]any{"methodName": "HTTP"}
	if !p.download {
		maps.Copy(doc, p.delivery)
		return doc
	}
	state := s.linkState(j)
	if state == linkPending && res.mms() {
		return nil
	}
	if !res.mms() {
		doc["expirationHours"] = p.hours
		doc["maxDownloads"] = p.limit
	}
	switch {
	case j.failed:
		doc["statusName"] = "FAILED"
	case state == linkPending:
		doc["statusName"] = "NOT_STARTED"
	case state == linkExpired:
		doc["statusName"] = "EXPIRED"
	case j.files[0].usedUp():
		doc["statusName"] = "MAX_DOWNLOADS_EXCEEDED"
	default:
		doc["statusName"] = "READY"
	}
	if state != linkPending {
		doc["expires"] = iso(j.linkExpiry())
		j.files[0].addLinks(doc, s.linkOrigin(origin))
	}
	return doc
}
