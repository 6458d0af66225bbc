package restorejobs

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// bodyBuilder turns a point and a destination into a variant's request body, and
// collects what that variant does not have.
type bodyBuilder func(r *createRequest) any

// createRequest is a create while it is being checked and written.
type createRequest struct {
	scope    *endpoint
	project  string // the scope's own ids
	cluster  string
	point    RestorePoint
	dest     Destination
	now      time.Time
	problems []string
}

// addProblem adds a problem, once.
func (c *createRequest) addProblem(format string, args ...any) {
	if problem := fmt.Sprintf(format, args...); !slices.Contains(c.problems, problem) {
		c.problems = append(c.problems, problem)
	}
}

// addUnsupported refuses a part that the variant does not have.
func (c *createRequest) addUnsupported(part string) {
	c.addProblem("%s does not have %s", c.scope, part)
}

// encodeCreate checks everything and returns the body, or all problems at once.
func encodeCreate(r *createRequest) ([]byte, error) {
	r.checkPoint()
	r.checkDestination()
	body := r.scope.buildBody(r)
	if len(r.problems) > 0 {
		return nil, invalidArgument("create restore job", r.problems...)
	}
	return json.Marshal(body)
}

// checkPoint checks what holds for every variant.
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
		if c.dest.project == "" && !c.scope.targetProjectOptional {
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
		if link.MaxDownloads > math.MaxInt32 || link.ExpirationHours > math.MaxInt32 {
			c.addProblem("MaxDownloads and ExpirationHours must be at most %d", math.MaxInt32)
		}
		c.checkExpires()
	}
}

func (c *createRequest) checkExpires() {
	const lastYear = 9999 // that RFC 3339 can spell
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

// rejectLinkOptions refuses a link with wishes where the variant takes none.
func (c *createRequest) rejectLinkOptions() {
	if c.dest.kind == downloadDestination && c.dest.link != (DownloadLinkOptions{}) {
		c.addUnsupported("ExpirationHours, Expires or MaxDownloads for a download")
	}
}

// requireSnapshotForDownload refuses a download of anything else.
func (c *createRequest) requireSnapshotForDownload() {
	if c.dest.kind == downloadDestination && c.point.kind != snapshotPoint && c.point.kind != noPoint {
		c.addUnsupported("a download of " + c.point.kind.String() + ": restore into a cluster, or take a snapshot")
	}
}

// atlasEpochSeconds is an int32 of whole seconds since the Unix epoch, from 2008 on.
func (c *createRequest) atlasEpochSeconds(name string, t time.Time) int32 {
	const earliest = 1199145600
	if !t.Truncate(time.Second).Equal(t) {
		c.addProblem("%s must be whole seconds: truncate it", name)
	}
	seconds := t.Unix()
	if !t.IsZero() && (seconds < earliest || seconds > math.MaxInt32) {
		c.addProblem("%s must be between 2008-01-01 and 2038-01-19", name)
		return 0
	}
	return int32(seconds) //nolint:gosec // checked above; a zero time has been refused
}

// mmsRequest is the body of 2014: one of two members and no delivery.
type mmsRequest struct {
	SnapshotID string        `json:"snapshotId,omitzero"`
	Timestamp  *mmsTimestamp `json:"timestamp,omitzero"`
}

type mmsTimestamp struct {
	Date      string `json:"date"`
	Increment int64  `json:"increment"`
}

func buildMMSBody(r *createRequest) any {
	if r.dest.kind == clusterDestination {
		r.addUnsupported("restores into a cluster")
	}
	r.rejectLinkOptions()
	body := mmsRequest{}
	switch r.point.kind {
	case snapshotPoint:
		body.SnapshotID = r.point.id
	case timePoint:
		if !r.point.time.Truncate(time.Second).Equal(r.point.time) {
			r.addProblem("time must be whole seconds: truncate it")
		}
		body.Timestamp = &mmsTimestamp{Date: formatISOSeconds(r.point.time)}
	case oplogPoint:
		body.Timestamp = &mmsTimestamp{Date: formatISOSeconds(r.point.oplog.Date), Increment: r.point.oplog.Increment}
	case checkpointPoint:
		r.addUnsupported("checkpoints")
	case noPoint: // refused already
	}
	return body
}

// classicRequest is the body of Cloud Manager, Ops Manager and Atlas legacy clusters.
// They spell the oplog differently.
type classicRequest struct {
	Delivery             classicDelivery `json:"delivery"`
	SnapshotID           string          `json:"snapshotId,omitzero"`
	PointInTimeUTCMillis int64           `json:"pointInTimeUTCMillis,omitzero"`
	OplogTS              string          `json:"oplogTs,omitzero"`
	OplogInc             any             `json:"oplogInc,omitempty"` // a string or a number
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

// buildManagerBody is spoken by Cloud Manager and Ops Manager, for clusters and hosts: the
// oplog as two strings, the first in epoch seconds; a target by its id.
func buildManagerBody(r *createRequest) any {
	body := r.baseClassicBody()
	body.Delivery.TargetClusterID = r.dest.cluster
	if r.point.kind == oplogPoint {
		body.OplogTS = strconv.FormatInt(r.point.oplog.Date.Unix(), 10)
		body.OplogInc = strconv.FormatInt(r.point.oplog.Increment, 10)
	}
	return body
}

// buildLegacyBody is spoken by Atlas legacy clusters: the oplog as an ISO 8601 string and a
// number; a target by its name.
func buildLegacyBody(r *createRequest) any {
	body := r.baseClassicBody()
	body.Delivery.TargetClusterName = r.dest.cluster
	if !r.dest.link.Expires.IsZero() {
		r.addUnsupported("Expires for a download: use ExpirationHours")
	}
	if r.point.kind == timePoint {
		r.atlasEpochSeconds("time", r.point.time.Truncate(time.Second)) // its range; milliseconds are fine here
	}
	if r.point.kind == oplogPoint {
		r.atlasEpochSeconds("oplog date", r.point.oplog.Date.Truncate(time.Second))
		r.checkAtlasIncrement()
		body.OplogTS = formatISOSeconds(r.point.oplog.Date)
		body.OplogInc = r.point.oplog.Increment
	}
	return body
}

// baseClassicBody is what both have in common.
func (c *createRequest) baseClassicBody() classicRequest {
	body := classicRequest{Delivery: classicDelivery{
		MethodName: DeliveryMethodAutomatedRestore, TargetGroupID: c.dest.project,
	}}
	if c.dest.kind == downloadDestination {
		body.Delivery = classicDelivery{
			MethodName: DeliveryMethodHTTP, ExpirationHours: max(c.dest.link.ExpirationHours, 1),
			MaxDownloads: max(c.dest.link.MaxDownloads, 1),
		}
		if expires := c.dest.link.Expires; !expires.IsZero() {
			body.Delivery.ExpirationHours, body.Delivery.Expires = 0, formatISOSeconds(expires)
		}
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
	case oplogPoint, noPoint: // spelled by the caller; refused already
	}
	return body
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

func buildCloudBody(r *createRequest) any {
	r.rejectLinkOptions()
	body := cloudRequest{TargetClusterName: r.dest.cluster, TargetGroupID: r.dest.project}
	switch r.point.kind {
	case snapshotPoint:
		body.DeliveryType, body.SnapshotID = DeliveryTypeAutomated, r.point.id
		if r.dest.kind == downloadDestination {
			body.DeliveryType = DeliveryTypeDownload
		}
		return body
	case timePoint:
		body.PointInTimeUTCSeconds = r.atlasEpochSeconds("time", r.point.time)
	case oplogPoint:
		body.OplogTS = r.atlasEpochSeconds("oplog date", r.point.oplog.Date.Truncate(time.Second))
		body.OplogInc = r.point.oplog.Increment
		r.checkAtlasIncrement()
	case checkpointPoint:
		r.addUnsupported("checkpoints")
	case noPoint: // refused already
	}
	body.DeliveryType = DeliveryTypePointInTime
	r.requireSnapshotForDownload()
	return body
}

// buildServerlessBody is the cloud one, but its schema wants a target for downloads too:
// the instance itself.
func buildServerlessBody(r *createRequest) any {
	if r.dest.kind == downloadDestination {
		r.dest.project, r.dest.cluster = r.project, r.cluster
	}
	return buildCloudBody(r)
}

// flexRequest is the body of flex clusters.
type flexRequest struct {
	SnapshotID               string `json:"snapshotId"`
	TargetDeploymentItemName string `json:"targetDeploymentItemName"`
	TargetProjectID          string `json:"targetProjectId,omitzero"`
}

func buildFlexBody(r *createRequest) any {
	if r.dest.kind == downloadDestination {
		r.addProblem("destination: this version does not start downloads of flex clusters: " +
			"send POST …/flexClusters/{name}/backup/download with Client.Do")
	}
	if r.point.kind != snapshotPoint && r.point.kind != noPoint {
		r.addUnsupported("restores from " + r.point.kind.String())
	}
	return flexRequest{SnapshotID: r.point.id, TargetDeploymentItemName: r.dest.cluster, TargetProjectID: r.dest.project}
}

func (c *createRequest) checkAtlasIncrement() {
	if inc := c.point.oplog.Increment; inc < 1 || inc > math.MaxInt32 {
		c.addProblem("oplog increment must be between 1 and %d on Atlas", math.MaxInt32)
	}
}

func formatISOSeconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
