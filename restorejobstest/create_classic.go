package restorejobstest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// A plan is a create that passed every check.
type plan struct {
	download  bool
	pit       bool
	snapshot  string
	date      string // of the restore point
	increment int
	echo      map[string]any // members that the job repeats
	delivery  map[string]any // classic: members that delivery repeats

	expires time.Time // classic download: end of the link, if it was asked for
	hours   int       // classic download: life of the link otherwise
	limit   int       // maxDownloads; 0: none
}

func (s *Server) plan(t *target, body map[string]any) (*plan, *apiError) {
	switch {
	case t.mms():
		return s.planMMS(t, body)
	case t.family == classic:
		return s.planClassic(t, body)
	case t.family == cloud:
		return s.planCloud(t, body)
	default:
		return s.planFlex(t, body)
	}
}

// planMMS takes a snapshot or a time, and nothing else.
func (s *Server) planMMS(t *target, body map[string]any) (*plan, *apiError) {
	known := readOnlyFields("id", "groupId", "clusterId", "batchId", "created", "statusName", "pointInTime", "links")
	known["snapshotId"], known["timestamp"] = isID, isObject
	if err := s.checkFields("", body, known); err != nil {
		return nil, err
	}
	point, err := exactlyOne("", body, []string{"snapshotId"}, []string{"timestamp"})
	if err != nil {
		return nil, err
	}
	p := &plan{download: true, hours: 1}
	if point == "snapshotId" {
		return p, p.takeSnapshot(t, body["snapshotId"])
	}
	stamp := body["timestamp"].(map[string]any)
	err = firstError(
		s.checkFields("timestamp.", stamp, map[string]kind{"date": isPastDate, "increment": isIncrement}),
		require("timestamp.", stamp, "date", "increment"),
	)
	if err != nil {
		return nil, err
	}
	p.pit, p.date, p.increment = true, stamp["date"].(string), toInt(stamp["increment"])
	return p, nil
}

func (s *Server) planClassic(t *target, body map[string]any) (*plan, *apiError) {
	err := firstError(s.checkFields("", body, classicFields(t)), require("", body, "delivery"))
	if err != nil {
		return nil, err
	}
	delivery := body["delivery"].(map[string]any)
	err = firstError(s.checkFields("delivery.", delivery, deliveryFields(t)), require("delivery.", delivery, "methodName"))
	if err != nil {
		return nil, err
	}
	point, err := exactlyOne("", body,
		[]string{"snapshotId"}, []string{"oplogTs", "oplogInc"}, []string{"pointInTimeUTCMillis"}, []string{"checkpointId"})
	if err != nil {
		return nil, err
	}
	p := &plan{echo: map[string]any{}, delivery: map[string]any{}}
	switch method := delivery["methodName"]; method {
	case "HTTP":
		err = firstError(
			refuse("", body, "with HTTP", "oplogTs", "pointInTimeUTCMillis", "checkpointId"),
			p.takeLink(t, delivery),
		)
	case "AUTOMATED_RESTORE":
		err = p.takeTarget(s, t, delivery)
	case "SCP":
		err = fail(http.StatusBadRequest, "INVALID_DELIVERY_SCP", "Delivery by SCP is no longer supported.")
	default:
		err = fail(http.StatusBadRequest, "UNSUPPORTED_DELIVERY_METHOD", "This delivery method is not supported.", method)
	}
	if err != nil {
		return nil, err
	}
	return p, p.takePoint(s, t, point, body)
}

func classicFields(t *target) map[string]kind {
	known := readOnlyFields("id", "groupId", "clusterId", "clusterName", "hostId", "batchId", "created", "timestamp", "statusName",
		"pointInTime", "encryptionEnabled", "masterKeyUUID", "deploymentJobId", "hashes", "links")
	known["delivery"], known["snapshotId"], known["checkpointId"] = isObject, isID, isID
	known["pointInTimeUTCMillis"] = isMillis
	known["oplogTs"], known["oplogInc"] = isSecondsText, isIncrementText
	if t.atlas() {
		known["oplogTs"], known["oplogInc"] = isPastDate, isNumber
	}
	return known
}

func deliveryFields(t *target) map[string]kind {
	known := readOnlyFields("statusName", "url", "urlV2", "authHeader", "authBearer", "authValue")
	known["methodName"], known["expirationHours"], known["maxDownloads"] = isText, isNumber, isNumber
	known["targetGroupId"], known["targetClusterId"] = isID, isID
	known["expires"] = isDate
	if t.atlas() {
		known["expires"], known["targetClusterName"] = isReadOnly, isName
	}
	return known
}

func readOnlyFields(names ...string) map[string]kind {
	known := map[string]kind{}
	for _, n := range names {
		known[n] = isReadOnly
	}
	return known
}

// takeLink reads how long and how often an archive may be fetched.
func (p *plan) takeLink(t *target, delivery map[string]any) *apiError {
	if err := refuse("delivery.", delivery, "with HTTP", "targetGroupId", "targetClusterId", "targetClusterName"); err != nil {
		return err
	}
	if !t.atlas() && !t.host() {
		if err := require("delivery.", delivery, "maxDownloads"); err != nil {
			return err
		}
		if _, err := exactlyOne("delivery.", delivery, []string{"expires"}, []string{"expirationHours"}); err != nil {
			return err
		}
	}
	p.download, p.hours, p.limit = true, 1, 1
	if hours, ok := delivery["expirationHours"]; ok {
		p.hours = toInt(hours)
	}
	if limit, ok := delivery["maxDownloads"]; ok {
		p.limit = toInt(limit)
	}
	if expires, ok := delivery["expires"].(string); ok {
		p.expires, _ = time.Parse(time.RFC3339, expires)
	}
	return nil
}

// takeTarget reads the cluster that an automated restore writes to.
func (p *plan) takeTarget(s *Server, t *target, delivery map[string]any) *apiError {
	err := firstError(
		refuse("delivery.", delivery, "with AUTOMATED_RESTORE", "expires", "expirationHours", "maxDownloads"),
		require("delivery.", delivery, "targetGroupId"),
	)
	if _, ok := delivery["targetClusterName"]; !ok && err == nil {
		err = require("delivery.", delivery, "targetClusterId")
	}
	p.delivery = pick(delivery, "targetGroupId", "targetClusterId", "targetClusterName")
	if name, ok := delivery["targetClusterName"]; ok && err == nil {
		err = s.checkDestination(t, delivery["targetGroupId"], name, (*target).names)
	}
	if id, ok := delivery["targetClusterId"]; ok && err == nil {
		err = s.checkDestination(t, delivery["targetGroupId"], id, (*target).ids)
	}
	return err
}

// takePoint reads the restore point that the body names.
func (p *plan) takePoint(s *Server, t *target, point string, body map[string]any) *apiError {
	if point == "snapshotId" {
		return p.takeSnapshot(t, body["snapshotId"])
	}
	p.pit = true
	switch point {
	case "oplogTs":
		p.date, p.increment = body["oplogTs"].(string), toInt(body["oplogInc"])
		if !t.atlas() {
			p.date = iso(time.Unix(int64(toInt(p.date)), 0))
		}
	case "pointInTimeUTCMillis":
		p.date = iso(time.UnixMilli(int64(toInt(body["pointInTimeUTCMillis"]))))
	case "checkpointId":
		if !t.atlas() && !t.host() && t.shards == 0 {
			return fail(http.StatusBadRequest, "CHECKPOINT_RESTORE_UNSUPPORTED_FOR_REPLICA_SETS", "A replica set has no checkpoints.")
		}
		if id := text(body["checkpointId"]); !slices.Contains(t.checkpoints, id) {
			return fail(http.StatusNotFound, "CHECKPOINT_NOT_FOUND", "No checkpoint with ID "+id+" exists for "+t.name+".", id)
		}
		p.date, p.increment = iso(s.now().Add(-time.Hour)), 1
		if !t.atlas() { // which takes it and does not repeat it
			p.echo["checkpointId"] = body["checkpointId"]
		}
	}
	return nil
}

// toInt reads a number that was checked before, spelled as a number or in a
// string.
func toInt(value any) int {
	spelled, _ := value.(string)
	if n, ok := value.(json.Number); ok {
		spelled = n.String()
	}
	n, _ := strconv.Atoi(spelled)
	return n
}

func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
