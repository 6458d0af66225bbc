package restorejobstest

import "maps"

// idField is the name of the field that holds the id.
func (r *resource) idField() string {
	if r.isHost() {
		return "hostId"
	}
	return "clusterId"
}

// id is the id of the cluster or host; Atlas paths use the name instead.
func (r *resource) id() string {
	if !r.isAtlas() {
		return r.name
	}
	return r.clusterID
}

func classicDocument(j *job) map[string]any {
	res := j.resource
	p := j.plan
	doc := map[string]any{
		"id":          j.id,
		"groupId":     res.project,
		res.idField(): res.id(),
		"created":     formatISO(j.created),
		"timestamp":   map[string]any{"date": p.date, "increment": p.increment},
		"statusName":  "IN_PROGRESS",
	}
	maps.Copy(doc, p.echoedFields)
	if p.snapshot != "" {
		doc["snapshotId"] = p.snapshot
	}
	if !res.isMMS() {
		doc["encryptionEnabled"] = false
	}
	if res.isAtlas() {
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
	if delivery := s.deliveryDocument(j, origin); delivery != nil {
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
	links := []any{linkDocument("self", resourceURL+"/restoreJobs/"+j.id)}
	if j.plan.snapshot != "" {
		links = append(links, linkDocument("http://mms.mongodb.com/snapshot", resourceURL+"/snapshots/"+j.plan.snapshot))
	}
	return append(links, linkDocument("http://mms.mongodb.com/cluster", resourceURL), linkDocument("http://mms.mongodb.com/group", group))
}

// deliveryDocument returns the delivery of a job, or nil before it exists. Automated restores have
// the method HTTP too, as in the service, and differ only by their target.
func (s *Server) deliveryDocument(j *job, origin string) map[string]any {
	res := j.resource
	p := j.plan
	doc := map[string]any{"methodName": "HTTP"}
	if !p.download {
		maps.Copy(doc, p.delivery)
		return doc
	}
	state := s.linkState(j)
	if state == linkPending && res.isMMS() {
		return nil
	}
	if !res.isMMS() {
		doc["expirationHours"] = p.linkHours
		doc["maxDownloads"] = p.maxDownloads
	}
	switch {
	case j.failed:
		doc["statusName"] = "FAILED"
	case state == linkPending:
		doc["statusName"] = "NOT_STARTED"
	case state == linkExpired:
		doc["statusName"] = "EXPIRED"
	case j.files[0].isUsedUp():
		doc["statusName"] = "MAX_DOWNLOADS_EXCEEDED"
	default:
		doc["statusName"] = "READY"
	}
	if state != linkPending {
		doc["expires"] = formatISO(j.linkExpiry())
		j.files[0].addLinks(doc, s.linkOrigin(origin))
	}
	return doc
}
