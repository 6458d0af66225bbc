package restorejobstest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// A createPlan is a create request that passed every check.
type createPlan struct {
	download     bool
	pointInTime  bool
	snapshot     string
	date         string // of the restore point
	increment    int
	echoedFields map[string]any // fields that the job repeats
	delivery     map[string]any // classic: fields that delivery repeats
	target       *resource      // nil for a download
	rise         *goalRise      // of the project of the target, Cloud Manager and Ops Manager
	point        time.Time      // zero for a snapshot or a checkpoint

	linkExpiry   time.Time // classic download: requested end of the link
	linkHours    int       // classic download: lifetime of the link if linkExpiry is zero
	maxDownloads int       // 0: unlimited
}

func (s *Server) buildPlan(res *resource, body map[string]any) (*createPlan, *apiError) {
	p, err := s.planRestore(res, body)
	if err != nil {
		return nil, err
	}
	if !p.point.IsZero() {
		err = s.checkPoint(res, p.point)
	}
	if p.target != nil && err == nil {
		err = s.checkTargetState(p.target)
	}
	return p, err
}

func (s *Server) planRestore(res *resource, body map[string]any) (*createPlan, *apiError) {
	switch {
	case res.isMMS():
		return s.planMMS(res, body)
	case res.format == classic:
		return s.planClassic(res, body)
	case res.format == cloud:
		return s.planCloud(res, body)
	default:
		return s.planFlex(res, body)
	}
}

// planMMS accepts a snapshot or a time only.
func (s *Server) planMMS(res *resource, body map[string]any) (*createPlan, *apiError) {
	known := readOnlyFields("id", "groupId", "clusterId", "batchId", "created", "statusName", "pointInTime", "links")
	known["snapshotId"] = isID
	known["timestamp"] = isObject
	if err := s.checkFields("", body, known); err != nil {
		return nil, err
	}
	point, err := exactlyOne("", body, []string{"snapshotId"}, []string{"timestamp"})
	if err != nil {
		return nil, err
	}
	p := &createPlan{download: true, linkHours: 1}
	if point == "snapshotId" {
		return p, p.resolveSnapshot(s, res, body["snapshotId"])
	}
	stamp := body["timestamp"].(map[string]any)
	err = firstError(
		s.checkFields("timestamp.", stamp, map[string]fieldKind{"date": isPastDate, "increment": isIncrement}),
		requireFields("timestamp.", stamp, "date", "increment"),
	)
	if err != nil {
		return nil, err
	}
	p.pointInTime = true
	p.date = stamp["date"].(string)
	p.point, _ = time.Parse(time.RFC3339, p.date)
	p.increment = parseInt(stamp["increment"])
	return p, nil
}

func (s *Server) planClassic(res *resource, body map[string]any) (*createPlan, *apiError) {
	err := firstError(s.checkFields("", body, classicFields(res)), requireFields("", body, "delivery"))
	if err != nil {
		return nil, err
	}
	delivery := body["delivery"].(map[string]any)
	err = firstError(s.checkFields("delivery.", delivery, deliveryFields(res)), requireFields("delivery.", delivery, "methodName"))
	if err != nil {
		return nil, err
	}
	point, err := exactlyOne("", body,
		[]string{"snapshotId"}, []string{"oplogTs", "oplogInc"}, []string{"pointInTimeUTCMillis"}, []string{"checkpointId"})
	if err != nil {
		return nil, err
	}
	p := &createPlan{echoedFields: map[string]any{}, delivery: map[string]any{}}
	switch method := delivery["methodName"]; method {
	case "HTTP":
		err = firstError(
			forbidFields("", body, "with HTTP", "oplogTs", "pointInTimeUTCMillis", "checkpointId"),
			p.parseLinkOptions(res, delivery),
		)
	case "AUTOMATED_RESTORE":
		err = p.parseTarget(s, res, delivery)
	case "SCP":
		err = newAPIError(http.StatusBadRequest, "INVALID_DELIVERY_SCP", "Delivery by SCP is no longer supported.")
	default:
		err = newAPIError(http.StatusBadRequest, "UNSUPPORTED_DELIVERY_METHOD", "This delivery method is not supported.", method)
	}
	if err != nil {
		return nil, err
	}
	return p, p.parseRestorePoint(s, res, point, body)
}

func classicFields(res *resource) map[string]fieldKind {
	known := readOnlyFields("id", "groupId", "clusterId", "clusterName", "hostId", "batchId", "created", "timestamp", "statusName",
		"pointInTime", "encryptionEnabled", "masterKeyUUID", "deploymentJobId", "hashes", "links")
	known["delivery"] = isObject
	known["snapshotId"] = isID
	known["checkpointId"] = isID
	known["pointInTimeUTCMillis"] = isMillis
	known["oplogTs"] = isSecondsText
	known["oplogInc"] = isIncrementText
	if res.isAtlas() {
		known["oplogTs"] = isPastDate
		known["oplogInc"] = isNumber
	}
	return known
}

func deliveryFields(res *resource) map[string]fieldKind {
	known := readOnlyFields("statusName", "url", "urlV2", "authHeader", "authBearer", "authValue")
	known["methodName"] = isText
	known["expirationHours"] = isNumber
	known["maxDownloads"] = isNumber
	known["targetGroupId"] = isID
	known["targetClusterId"] = isID
	known["expires"] = isDate
	if res.isAtlas() {
		known["expires"] = isReadOnly
		known["targetClusterName"] = isName
	}
	return known
}

func readOnlyFields(names ...string) map[string]fieldKind {
	known := map[string]fieldKind{}
	for _, n := range names {
		known[n] = isReadOnly
	}
	return known
}

// parseLinkOptions reads the expiry and the download limit of the link.
func (c *createPlan) parseLinkOptions(res *resource, delivery map[string]any) *apiError {
	if err := forbidFields("delivery.", delivery, "with HTTP", "targetGroupId", "targetClusterId", "targetClusterName"); err != nil {
		return err
	}
	if !res.isAtlas() && !res.isHost() {
		if err := requireFields("delivery.", delivery, "maxDownloads"); err != nil {
			return err
		}
		if _, err := exactlyOne("delivery.", delivery, []string{"expires"}, []string{"expirationHours"}); err != nil {
			return err
		}
	}
	c.download = true
	c.linkHours = 1
	c.maxDownloads = 1
	if hours, ok := delivery["expirationHours"]; ok {
		c.linkHours = parseInt(hours)
	}
	if limit, ok := delivery["maxDownloads"]; ok {
		c.maxDownloads = parseInt(limit)
	}
	if expires, ok := delivery["expires"].(string); ok {
		c.linkExpiry, _ = time.Parse(time.RFC3339, expires)
	}
	return nil
}

// parseTarget reads the cluster to restore into.
func (c *createPlan) parseTarget(s *Server, res *resource, delivery map[string]any) *apiError {
	err := firstError(
		forbidFields("delivery.", delivery, "with AUTOMATED_RESTORE", "expires", "expirationHours", "maxDownloads"),
		requireFields("delivery.", delivery, "targetGroupId"),
	)
	if _, ok := delivery["targetClusterName"]; !ok && err == nil {
		err = requireFields("delivery.", delivery, "targetClusterId")
	}
	c.delivery = selectFields(delivery, "targetGroupId", "targetClusterId", "targetClusterName")
	if name, ok := delivery["targetClusterName"]; ok && err == nil {
		c.target, err = s.findDestination(res, delivery["targetGroupId"], name, pathName)
	}
	if id, ok := delivery["targetClusterId"]; ok && err == nil {
		c.target, err = s.findDestination(res, delivery["targetGroupId"], id, targetID)
	}
	return err
}

// parseRestorePoint reads the restore point that the body names.
func (c *createPlan) parseRestorePoint(s *Server, res *resource, point string, body map[string]any) *apiError {
	if point == "snapshotId" {
		return c.resolveSnapshot(s, res, body["snapshotId"])
	}
	c.pointInTime = true
	switch point {
	case "oplogTs":
		c.date = body["oplogTs"].(string)
		c.increment = parseInt(body["oplogInc"])
		if !res.isAtlas() {
			c.date = formatISO(time.Unix(int64(parseInt(c.date)), 0))
		}
		c.point, _ = time.Parse(time.RFC3339, c.date)
	case "pointInTimeUTCMillis":
		c.point = time.UnixMilli(int64(parseInt(body["pointInTimeUTCMillis"])))
		c.date = formatISO(c.point)
	case "checkpointId":
		if !res.isAtlas() && !res.isHost() && res.shards == 0 {
			return newAPIError(http.StatusBadRequest, "CHECKPOINT_RESTORE_UNSUPPORTED_FOR_REPLICA_SETS", "A replica set has no checkpoints.")
		}
		if id := asString(body["checkpointId"]); !slices.Contains(res.checkpoints, id) {
			return newAPIError(http.StatusNotFound, "CHECKPOINT_NOT_FOUND", "No checkpoint with ID "+id+" exists for "+res.name+".", id)
		}
		c.date = formatISO(s.now().Add(-time.Hour))
		c.increment = 1
		if !res.isAtlas() { // Atlas accepts it and does not repeat it
			c.echoedFields["checkpointId"] = body["checkpointId"]
		}
	}
	return nil
}

// parseInt reads a validated number, which is a JSON number or a string.
func parseInt(value any) int {
	spelled, _ := value.(string)
	if n, ok := value.(json.Number); ok {
		spelled = n.String()
	}
	n, _ := strconv.Atoi(spelled)
	return n
}

func formatISO(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
