package restorejobstest

import (
	"net/http"
	"time"
)

// flexLinkLife is how long the link of a flex download lasts, from the request on.
const flexLinkLife = 4 * time.Hour

// downloadFlex starts a download of a flex cluster's snapshot. Whether the first response
// of the service has the link is unknown: here the job gets it when it has ended.
func (s *Server) downloadFlex(req *request) (*response, *apiError) {
	res := req.route.resource
	body, err := s.readBody(req)
	if err != nil {
		return nil, err
	}
	known := flexReadOnly()
	known["snapshotId"] = isID
	p := &createPlan{download: true}
	err = firstError(s.checkFields("", body, known), requireFields("", body, "snapshotId"))
	if err != nil {
		return nil, err
	}
	if err := p.resolveSnapshot(res, body["snapshotId"]); err != nil {
		return nil, err
	}
	jobs := s.start(res, p)
	s.createCount++
	return s.jsonResponse(req, http.StatusOK, s.render(jobs[0], req.origin)), nil
}

// flexReadOnly are the members of a flex job that no request has.
func flexReadOnly() map[string]fieldKind {
	return readOnlyFields("id", "deliveryType", "expirationDate", "instanceName", "links", "projectId", "restoreFinishedDate",
		"restoreScheduledDate", "snapshotFinishedDate", "snapshotUrl", "status")
}

func (s *Server) flexPaths(file *archiveFile) {
	file.name = file.job.plan.snapshot + ".tgz"
	file.path = "/" + randomHex(12) + "/" + file.name
}
