package restorejobstest

import (
	"net/http"
	"time"
)

// flexLinkLife is how long the link of a flex download lasts, from the request on.
const flexLinkLife = 4 * time.Hour

// downloadFlex starts a download of a flex cluster's snapshot. Whether the first response
// of the service has the link is unknown: here the job gets it when it has ended.
func (s *Server) downloadFlex(x *exchange) (*reply, *apiError) {
	t := x.route.target
	body, err := s.readBody(x)
	if err != nil {
		return nil, err
	}
	known := flexReadOnly()
	known["snapshotId"] = isID
	p := &plan{download: true}
	err = firstError(s.checkFields("", body, known), require("", body, "snapshotId"))
	if err != nil {
		return nil, err
	}
	if err := p.takeSnapshot(t, body["snapshotId"]); err != nil {
		return nil, err
	}
	jobs := s.start(t, p)
	s.created++
	return s.jsonReply(x, http.StatusOK, s.render(jobs[0], x.origin)), nil
}

// flexReadOnly are the members of a flex job that no request has.
func flexReadOnly() map[string]kind {
	return readOnlyFields("id", "deliveryType", "expirationDate", "instanceName", "links", "projectId", "restoreFinishedDate",
		"restoreScheduledDate", "snapshotFinishedDate", "snapshotUrl", "status")
}

func (s *Server) flexPaths(p *part) {
	p.file = p.job.plan.snapshot + ".tgz"
	p.path = "/" + randomHex(12) + "/" + p.file
}
