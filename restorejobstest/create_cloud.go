package restorejobstest

import (
	"net/http"
	"time"
)

func (s *Server) planCloud(t *target, body map[string]any) (*plan, *apiError) {
	known := readOnlyFields("id", "cancelled", "components", "createdAt", "deliveryUrl", "desiredTimestamp", "expired", "expiresAt",
		"failed", "finishedAt", "links", "privateDownloadDeliveryUrls", "timestamp", "targetDeploymentItemName")
	known["deliveryType"], known["snapshotId"] = isText, isID
	known["targetClusterName"], known["targetGroupId"] = isName, isID
	known["oplogTs"], known["oplogInc"], known["pointInTimeUTCSeconds"] = isSeconds, isNumber, isSeconds
	err := firstError(s.checkFields("", body, known), require("", body, "deliveryType"))
	if err != nil {
		return nil, err
	}
	kind, _ := body["deliveryType"].(string)
	switch kind {
	case "download", "automated", "pointInTime":
	default:
		return nil, fail(http.StatusBadRequest, "INVALID_ENUM_VALUE", "An invalid enumeration value "+kind+" was specified.", kind)
	}
	if err := checkTarget(t, kind, body); err != nil {
		return nil, err
	}
	if kind == "pointInTime" {
		return s.planPointInTime(t, body)
	}
	err = firstError(
		refuse("", body, "with "+kind, "oplogTs", "oplogInc", "pointInTimeUTCSeconds"),
		require("", body, "snapshotId"),
		s.checkCloudDestination(t, body),
	)
	if err != nil {
		return nil, err
	}
	p := &plan{download: kind == "download", echo: pick(body, "deliveryType", "targetClusterName", "targetGroupId")}
	return p, p.takeSnapshot(t, body["snapshotId"])
}

// checkTarget knows which deliveries write to a cluster. A serverless instance
// asks for a cluster in any case, as its schema says.
func checkTarget(t *target, kind string, body map[string]any) *apiError {
	if kind == "download" && !t.serverless() {
		return refuse("", body, "with download", "targetClusterName", "targetGroupId")
	}
	return require("", body, "targetClusterName", "targetGroupId")
}

// checkCloudDestination refuses a target that is not there, if there is one.
func (s *Server) checkCloudDestination(t *target, body map[string]any) *apiError {
	if body["targetClusterName"] == nil {
		return nil
	}
	return s.checkDestination(t, body["targetGroupId"], body["targetClusterName"], (*target).names)
}

func (s *Server) planPointInTime(t *target, body map[string]any) (*plan, *apiError) {
	point, err := exactlyOne("", body, []string{"pointInTimeUTCSeconds"}, []string{"oplogTs", "oplogInc"})
	err = firstError(err, refuse("", body, "with pointInTime", "snapshotId"), s.checkCloudDestination(t, body))
	if err != nil {
		return nil, err
	}
	p := &plan{
		pit: true, date: iso(time.Unix(int64(toInt(body[point])), 0)), increment: toInt(body["oplogInc"]),
		echo: pick(body, "deliveryType", "targetClusterName", "targetGroupId", "oplogTs", "oplogInc", "pointInTimeUTCSeconds"),
	}
	return p, nil
}

func (s *Server) planFlex(t *target, body map[string]any) (*plan, *apiError) {
	known := flexReadOnly()
	known["snapshotId"], known["targetProjectId"], known["targetDeploymentItemName"] = isID, isID, isItemName
	err := firstError(s.checkFields("", body, known), require("", body, "snapshotId", "targetDeploymentItemName"))
	if err != nil {
		return nil, err
	}
	p := &plan{echo: pick(body, "targetDeploymentItemName", "targetProjectId")}
	if p.echo["targetProjectId"] == nil {
		p.echo["targetProjectId"] = t.project
	}
	err = s.checkDestination(t, p.echo["targetProjectId"], body["targetDeploymentItemName"], (*target).names)
	if err != nil {
		return nil, err
	}
	return p, p.takeSnapshot(t, body["snapshotId"])
}

// pick copies the members that are there.
func pick(body map[string]any, members ...string) map[string]any {
	out := map[string]any{}
	for _, member := range members {
		if value, ok := body[member]; ok {
			out[member] = value
		}
	}
	return out
}
