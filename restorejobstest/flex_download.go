package restorejobstest

import (
	"net/http"
	"time"
)

// flexLinkLifetime is counted from the request.
const flexLinkLifetime = 4 * time.Hour

// downloadFlex starts a download of a snapshot. Here the link is set when the job has finished, and
// the job is in the list as well as alone; whether the service sends the link in the first response,
// and lists such jobs, is unknown.
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
	if err := p.resolveSnapshot(s, res, body["snapshotId"]); err != nil {
		return nil, err
	}
	jobs := s.startJobs(res, p)
	s.createCount++
	return s.jsonResponse(req, http.StatusOK, s.renderJob(jobs[0], req.origin)), nil
}

// flexReadOnly returns the fields of a flex job that a request must not set.
func flexReadOnly() map[string]fieldKind {
	return readOnlyFields("id", "deliveryType", "expirationDate", "instanceName", "links", "projectId", "restoreFinishedDate",
		"restoreScheduledDate", "snapshotFinishedDate", "snapshotUrl", "status")
}

func (s *Server) setFlexPaths(file *archiveFile) {
	file.name = file.job.plan.snapshot + ".tgz"
	file.path = "/" + randomHex(12) + "/" + file.name
}
