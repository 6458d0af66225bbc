package restorejobs

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// bodyBuilder returns the request body of a variant, and adds a problem for each argument that the
// variant does not support.
type bodyBuilder func(req *createRequest) any

// createRequest holds the arguments of a create and the facts about its source that decide the
// body.
type createRequest struct {
	subject               string // the variant and source in errors, as in "OpsManager.Host"
	builder               bodyBuilder
	targetProjectOptional bool
	project               string // of the source
	cluster               string // of the source
	point                 RestorePoint
	dest                  Destination
	now                   time.Time
	problems              []string
}

// The names of the creates in errors and for observers.
const (
	createOperation            = "create restore job"
	createCollectionsOperation = "create collection restore job"
	createSnapshotOperation    = "create snapshot"
)

// addProblem adds a problem unless it is a duplicate.
func (c *createRequest) addProblem(format string, args ...any) {
	problem := fmt.Sprintf(format, args...)
	if !slices.Contains(c.problems, problem) {
		c.problems = append(c.problems, problem)
	}
}

func (c *createRequest) addUnsupported(part string) {
	c.addProblem("%s does not have %s", c.subject, part)
}

// encode returns the body, or an error with all problems.
func (c *createRequest) encode() ([]byte, error) {
	body := c.build()
	if len(c.problems) > 0 {
		return nil, invalidArgument(createOperation, c.problems...)
	}
	return json.Marshal(body)
}

// build checks all arguments and returns the body.
func (c *createRequest) build() any {
	c.checkPoint()
	c.checkDestination()
	return c.builder(c)
}

// checkPoint checks the rules that all variants share.
func (c *createRequest) checkPoint() {
	switch c.point.kind {
	case noPoint:
		c.addProblem("point: make one with FromSnapshot, FromPointInTime, FromOplog or FromCheckpoint")
	case snapshotPoint:
		if c.point.id == "" {
			c.addProblem("snapshotID must not be empty")
		}
	case checkpointPoint:
		if c.point.id == "" {
			c.addProblem("checkpointID must not be empty")
		}
	case timePoint:
		c.checkPastTime("time", c.point.time)
	case oplogPoint:
		c.checkPastTime("oplog date", c.point.oplog.Date)
		if !c.point.oplog.Date.Truncate(time.Second).Equal(c.point.oplog.Date) {
			c.addProblem("oplog date must be whole seconds")
		}
		if inc := c.point.oplog.Increment; inc < 0 || inc > math.MaxUint32 {
			c.addProblem("oplog increment must be between 0 and %d", uint32(math.MaxUint32))
		}
	}
}

func (c *createRequest) checkPastTime(name string, t time.Time) {
	switch {
	case t.IsZero():
		c.addProblem("%s must be set", name)
	case t.After(c.now):
		c.addProblem("%s must not be in the future", name)
	case t.Unix() <= 0:
		c.addProblem("%s must be after 1970-01-01T00:00:00Z", name)
	}
}

func (c *createRequest) checkDestination() {
	switch c.dest.kind {
	case noDestination:
		c.addProblem("destination: make one with ToDownload or ToCluster")
	case clusterDestination:
		if c.dest.cluster == "" {
			c.addProblem("destination cluster must not be empty")
		}
		if c.dest.project == "" && !c.targetProjectOptional {
			c.addProblem("destination projectID must not be empty")
		}
	case downloadDestination:
		link := c.dest.link
		if link.MaxDownloads < 0 {
			c.addProblem("MaxDownloads must be at least 1, or 0 for 1")
		}
		if link.ExpirationHours < 0 {
			c.addProblem("ExpirationHours must be at least 1, or 0 for 1")
		}
		if link.MaxDownloads > UnlimitedDownloads || link.ExpirationHours > math.MaxInt32 {
			c.addProblem("MaxDownloads and ExpirationHours must be at most %d", math.MaxInt32)
		}
		c.checkExpires()
	}
}

func (c *createRequest) checkExpires() {
	const lastYear = 9999 // RFC 3339 has four digits
	expires := c.dest.link.Expires
	if expires.IsZero() {
		return
	}
	if c.dest.link.ExpirationHours != 0 {
		c.addProblem("Expires and ExpirationHours exclude each other")
	}
	if !expires.After(c.now) {
		c.addProblem("Expires must be in the future")
	}
	if !expires.Truncate(time.Second).Equal(expires) {
		c.addProblem("Expires must be whole seconds")
	}
	if expires.UTC().Year() > lastYear {
		c.addProblem("Expires must be before the year %d", lastYear+1)
	}
}

func (c *createRequest) rejectLinkOptions() {
	if c.dest.kind == downloadDestination && c.dest.link != (DownloadLinkOptions{}) {
		c.addUnsupported("ExpirationHours, Expires or MaxDownloads for a download")
	}
}

func (c *createRequest) requireSnapshotForDownload() {
	isOtherPoint := c.point.kind != snapshotPoint && c.point.kind != noPoint
	if c.dest.kind == downloadDestination && isOtherPoint {
		c.addUnsupported("a download of " + c.point.kind.String() + ": restore into a cluster, or use a snapshot")
	}
}

// atlasEpochSeconds returns seconds since 1970 and checks the range that Atlas documents.
func (c *createRequest) atlasEpochSeconds(name string, t time.Time) int32 {
	const earliest = 1199145600
	if !t.Truncate(time.Second).Equal(t) {
		c.addProblem("%s must be whole seconds: truncate it", name)
	}
	seconds := t.Unix()
	isOutOfRange := seconds < earliest || seconds > math.MaxInt32
	if !t.IsZero() && isOutOfRange {
		c.addProblem("%s must be between 2008-01-01 and 2038-01-19", name)
		return 0
	}
	return int32(seconds) //nolint:gosec // checked above; checkPastTime has reported a zero time
}

// mmsRequest is the body of MMS. Exactly one member is set.
type mmsRequest struct {
	SnapshotID string        `json:"snapshotId,omitzero"`
	Timestamp  *mmsTimestamp `json:"timestamp,omitzero"`
}

type mmsTimestamp struct {
	Date      string `json:"date"`
	Increment int64  `json:"increment"`
}

func buildMMSBody(req *createRequest) any {
	if req.dest.kind == clusterDestination {
		req.addUnsupported("restores into a cluster")
	}
	req.rejectLinkOptions()
	body := mmsRequest{}
	switch req.point.kind {
	case snapshotPoint:
		body.SnapshotID = req.point.id
	case timePoint:
		if !req.point.time.Truncate(time.Second).Equal(req.point.time) {
			req.addProblem("time must be whole seconds: truncate it")
		}
		body.Timestamp = &mmsTimestamp{Date: formatISOSeconds(req.point.time)}
	case oplogPoint:
		body.Timestamp = &mmsTimestamp{Date: formatISOSeconds(req.point.oplog.Date), Increment: req.point.oplog.Increment}
	case checkpointPoint:
		req.addUnsupported("checkpoints")
	case noPoint: // checkPoint has reported it
	}
	return body
}

// classicRequest is the body of Cloud Manager, Ops Manager and Atlas legacy clusters.
type classicRequest struct {
	Delivery             classicDelivery `json:"delivery"`
	SnapshotID           string          `json:"snapshotId,omitzero"`
	PointInTimeUTCMillis int64           `json:"pointInTimeUTCMillis,omitzero"`
	OplogTS              string          `json:"oplogTs,omitzero"`
	OplogInc             any             `json:"oplogInc,omitempty"` // a string for managers, a number for Atlas
	CheckpointID         string          `json:"checkpointId,omitzero"`
}

type classicDelivery struct {
	MethodName        DeliveryMethod `json:"methodName"`
	ExpirationHours   int            `json:"expirationHours,omitzero"`
	Expires           string         `json:"expires,omitzero"`
	MaxDownloads      int            `json:"maxDownloads,omitzero"`
	TargetGroupID     string         `json:"targetGroupId,omitzero"`
	TargetClusterID   string         `json:"targetClusterId,omitzero"`
	TargetClusterName string         `json:"targetClusterName,omitzero"`
}

// buildManagerBody sends the oplog as two strings, the first in epoch seconds, and the target's id.
func buildManagerBody(req *createRequest) any {
	body := req.baseClassicBody()
	body.Delivery.TargetClusterID = req.dest.cluster
	if req.point.kind == oplogPoint {
		body.OplogTS = strconv.FormatInt(req.point.oplog.Date.Unix(), 10)
		body.OplogInc = strconv.FormatInt(req.point.oplog.Increment, 10)
	}
	return body
}

// buildLegacyBody sends the oplog as an ISO 8601 string and a number, and the target's name.
func buildLegacyBody(req *createRequest) any {
	body := req.baseClassicBody()
	body.Delivery.TargetClusterName = req.dest.cluster
	if !req.dest.link.Expires.IsZero() {
		req.addUnsupported("Expires for a download: use ExpirationHours")
	}
	if req.point.kind == timePoint {
		req.atlasEpochSeconds("time", req.point.time.Truncate(time.Second)) // milliseconds are valid here
	}
	if req.point.kind == oplogPoint {
		req.atlasEpochSeconds("oplog date", req.point.oplog.Date.Truncate(time.Second))
		req.checkAtlasIncrement()
		body.OplogTS = formatISOSeconds(req.point.oplog.Date)
		body.OplogInc = req.point.oplog.Increment
	}
	return body
}

// baseClassicBody returns the members that managers and Atlas legacy clusters share.
func (c *createRequest) baseClassicBody() classicRequest {
	body := classicRequest{Delivery: classicDelivery{
		MethodName:    DeliveryMethodAutomatedRestore,
		TargetGroupID: c.dest.project,
	}}
	if c.dest.kind == downloadDestination {
		body.Delivery = newLinkDelivery(c.dest.link)
		c.requireSnapshotForDownload()
	}
	switch c.point.kind {
	case snapshotPoint:
		body.SnapshotID = c.point.id
	case timePoint:
		if !c.point.time.Truncate(time.Millisecond).Equal(c.point.time) {
			c.addProblem("time must be whole milliseconds: truncate it")
		}
		body.PointInTimeUTCMillis = c.point.time.UnixMilli()
	case checkpointPoint:
		body.CheckpointID = c.point.id
	case oplogPoint, noPoint: // the callers encode an oplog; checkPoint has reported noPoint
	}
	return body
}

func newLinkDelivery(link DownloadLinkOptions) classicDelivery {
	delivery := classicDelivery{
		MethodName:   DeliveryMethodHTTP,
		MaxDownloads: max(link.MaxDownloads, 1),
	}
	if link.Expires.IsZero() {
		delivery.ExpirationHours = max(link.ExpirationHours, 1)
	} else {
		delivery.Expires = formatISOSeconds(link.Expires)
	}
	return delivery
}

// cloudRequest is the body of Atlas clusters and serverless instances.
type cloudRequest struct {
	DeliveryType          DeliveryType `json:"deliveryType"`
	SnapshotID            string       `json:"snapshotId,omitzero"`
	OplogTS               int32        `json:"oplogTs,omitzero"`
	OplogInc              int64        `json:"oplogInc,omitzero"`
	PointInTimeUTCSeconds int32        `json:"pointInTimeUTCSeconds,omitzero"`
	TargetClusterName     string       `json:"targetClusterName,omitzero"`
	TargetGroupID         string       `json:"targetGroupId,omitzero"`
}

func buildCloudBody(req *createRequest) any {
	req.rejectLinkOptions()
	body := cloudRequest{TargetClusterName: req.dest.cluster, TargetGroupID: req.dest.project}
	switch req.point.kind {
	case snapshotPoint:
		body.DeliveryType = DeliveryTypeAutomated
		body.SnapshotID = req.point.id
		if req.dest.kind == downloadDestination {
			body.DeliveryType = DeliveryTypeDownload
		}
		return body
	case timePoint:
		body.PointInTimeUTCSeconds = req.atlasEpochSeconds("time", req.point.time)
	case oplogPoint:
		body.OplogTS = req.atlasEpochSeconds("oplog date", req.point.oplog.Date.Truncate(time.Second))
		body.OplogInc = req.point.oplog.Increment
		req.checkAtlasIncrement()
	case checkpointPoint:
		req.addUnsupported("checkpoints")
	case noPoint: // checkPoint has reported it
	}
	body.DeliveryType = DeliveryTypePointInTime
	req.requireSnapshotForDownload()
	return body
}

// buildServerlessBody adds the instance itself as the target of a download, which the schema requires.
func buildServerlessBody(req *createRequest) any {
	if req.dest.kind == downloadDestination {
		req.dest.project = req.project
		req.dest.cluster = req.cluster
	}
	return buildCloudBody(req)
}

// flexRequest is the body of flex clusters. A download has its own path and no target.
type flexRequest struct {
	SnapshotID               string `json:"snapshotId"`
	TargetDeploymentItemName string `json:"targetDeploymentItemName,omitzero"`
	TargetProjectID          string `json:"targetProjectId,omitzero"`
}

func buildFlexBody(req *createRequest) any {
	req.rejectLinkOptions()
	if req.point.kind != snapshotPoint && req.point.kind != noPoint {
		req.addUnsupported("restores from " + req.point.kind.String())
	}
	return flexRequest{
		SnapshotID:               req.point.id,
		TargetDeploymentItemName: req.dest.cluster,
		TargetProjectID:          req.dest.project,
	}
}

func (c *createRequest) checkAtlasIncrement() {
	if inc := c.point.oplog.Increment; inc < 1 || inc > math.MaxInt32 {
		c.addProblem("oplog increment must be between 1 and %d on Atlas", math.MaxInt32)
	}
}

func formatISOSeconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
