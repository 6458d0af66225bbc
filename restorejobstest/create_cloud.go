package restorejobstest

import (
	"net/http"
	"time"
)

func (s *Server) planCloud(res *resource, body map[string]any) (*createPlan, *apiError) {
	known := readOnlyFields("id", "cancelled", "components", "createdAt", "deliveryUrl", "desiredTimestamp", "expired", "expiresAt",
		"failed", "finishedAt", "links", "privateDownloadDeliveryUrls", "timestamp", "targetDeploymentItemName")
	known["deliveryType"] = isText
	known["snapshotId"] = isID
	known["targetClusterName"] = isName
	known["targetGroupId"] = isID
	known["oplogTs"] = isSeconds
	known["oplogInc"] = isNumber
	known["pointInTimeUTCSeconds"] = isSeconds
	err := firstError(s.checkFields("", body, known), requireFields("", body, "deliveryType"))
	if err != nil {
		return nil, err
	}
	kind, _ := body["deliveryType"].(string)
	switch kind {
	case "download", "automated", "pointInTime":
	default:
		return nil, newAPIError(http.StatusBadRequest, "INVALID_ENUM_VALUE", "An invalid enumeration value "+kind+" was specified.", kind)
	}
	if err := checkTarget(res, kind, body); err != nil {
		return nil, err
	}
	if kind == "pointInTime" {
		return s.planPointInTime(res, body)
	}
	p := &createPlan{download: kind == "download", echoedFields: selectFields(body, "deliveryType", "targetClusterName", "targetGroupId")}
	err = firstError(
		forbidFields("", body, "with "+kind, "oplogTs", "oplogInc", "pointInTimeUTCSeconds"),
		requireFields("", body, "snapshotId"),
		p.setCloudTarget(s, res, body),
	)
	if err != nil {
		return nil, err
	}
	return p, p.resolveSnapshot(s, res, body["snapshotId"])
}

// checkTarget requires a target cluster except for downloads. Serverless instances require one
// for downloads too, by their schema.
func checkTarget(res *resource, kind string, body map[string]any) *apiError {
	if kind == "download" && !res.isServerless() {
		return forbidFields("", body, "with download", "targetClusterName", "targetGroupId")
	}
	return requireFields("", body, "targetClusterName", "targetGroupId")
}

// setCloudTarget refuses a target cluster that does not exist.
func (c *createPlan) setCloudTarget(s *Server, res *resource, body map[string]any) *apiError {
	if body["targetClusterName"] == nil {
		return nil
	}
	target, err := s.findDestination(res, body["targetGroupId"], body["targetClusterName"], pathName)
	if err != nil || c.download {
		return err
	}
	c.target = target
	return nil
}

func (s *Server) planPointInTime(res *resource, body map[string]any) (*createPlan, *apiError) {
	point, err := exactlyOne("", body, []string{"pointInTimeUTCSeconds"}, []string{"oplogTs", "oplogInc"})
	p := &createPlan{
		pointInTime:  true,
		increment:    parseInt(body["oplogInc"]),
		echoedFields: selectFields(body, "deliveryType", "targetClusterName", "targetGroupId", "oplogTs", "oplogInc", "pointInTimeUTCSeconds"),
	}
	err = firstError(err, forbidFields("", body, "with pointInTime", "snapshotId"), p.setCloudTarget(s, res, body))
	if err != nil {
		return nil, err
	}
	p.point = time.Unix(int64(parseInt(body[point])), 0)
	p.date = formatISO(p.point)
	return p, nil
}

func (s *Server) planFlex(res *resource, body map[string]any) (*createPlan, *apiError) {
	known := flexReadOnly()
	known["snapshotId"] = isID
	known["targetProjectId"] = isID
	known["targetDeploymentItemName"] = isItemName
	err := firstError(s.checkFields("", body, known), requireFields("", body, "snapshotId", "targetDeploymentItemName"))
	if err != nil {
		return nil, err
	}
	p := &createPlan{echoedFields: selectFields(body, "targetDeploymentItemName", "targetProjectId")}
	if p.echoedFields["targetProjectId"] == nil {
		p.echoedFields["targetProjectId"] = res.project
	}
	p.target, err = s.findDestination(res, p.echoedFields["targetProjectId"], body["targetDeploymentItemName"], pathName)
	if err != nil {
		return nil, err
	}
	return p, p.resolveSnapshot(s, res, body["snapshotId"])
}

// selectFields copies the named fields that exist.
func selectFields(body map[string]any, fields ...string) map[string]any {
	out := map[string]any{}
	for _, field := range fields {
		if value, ok := body[field]; ok {
			out[field] = value
		}
	}
	return out
}
