package restorejobs

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// bodyWriter turns a point and a destination into a variant's request body, and
// collects what that variant does not have.
type bodyWriter func(r *createRequest) any

// createRequest is a create while it is being checked and written.
type createRequest struct {
	scope    *scope
	project  string // the scope's own ids
	cluster  string
	point    RestorePoint
	to       Destination
	now      time.Time
	problems []string
}

// refuse adds a problem, once.
func (r *createRequest) refuse(format string, args ...any) {
	if problem := fmt.Sprintf(format, args...); !slices.Contains(r.problems, problem) {
		r.problems = append(r.problems, problem)
	}
}

// lacks refuses a part that the variant does not have.
func (r *createRequest) lacks(part string) { r.refuse("%s does not have %s", r.scope, part) }

// encodeCreate checks everything and returns the body, or all problems at once.
func encodeCreate(r *createRequest) ([]byte, error) {
	r.checkPoint()
	r.checkDestination()
	body := r.scope.body(r)
	if len(r.problems) > 0 {
		return nil, invalid("create restore job", r.problems...)
	}
	return json.Marshal(body)
}

// checkPoint checks what holds for every variant.
func (r *createRequest) checkPoint() {
	switch r.point.kind {
	case noPoint:
		r.refuse("point: make one with FromSnapshot, FromTime, FromOplog or FromCheckpoint")
	case snapshotPoint:
		if r.point.id == "" {
			r.refuse("snapshotID must not be empty")
		}
	case checkpointPoint:
		if r.point.id == "" {
			r.refuse("checkpointID must not be empty")
		}
	case timePoint:
		r.checkPast("time", r.point.time)
	case oplogPoint:
		r.checkPast("oplog date", r.point.oplog.Date)
		if !r.point.oplog.Date.Truncate(time.Second).Equal(r.point.oplog.Date) {
			r.refuse("oplog date must be whole seconds")
		}
		if inc := r.point.oplog.Increment; inc < 0 || inc > math.MaxUint32 {
			r.refuse("oplog increment must be between 0 and %d", uint32(math.MaxUint32))
		}
	}
}

func (r *createRequest) checkPast(name string, t time.Time) {
	switch {
	case t.IsZero():
		r.refuse("%s must be set", name)
	case t.After(r.now):
		r.refuse("%s must not be in the future", name)
	case t.Unix() <= 0:
		r.refuse("%s must be after 1970-01-01T00:00:00Z", name)
	}
}

func (r *createRequest) checkDestination() {
	switch r.to.kind {
	case noDestination:
		r.refuse("destination: make one with ToDownload or ToCluster")
	case toCluster:
		if r.to.cluster == "" {
			r.refuse("destination cluster must not be empty")
		}
		if r.to.project == "" && !r.scope.projectless {
			r.refuse("destination projectID must not be empty")
		}
	case toDownload:
		link := r.to.link
		if link.MaxDownloads < 0 {
			r.refuse("MaxDownloads must be at least 1, or 0 for 1")
		}
		if link.ExpirationHours < 0 {
			r.refuse("ExpirationHours must be at least 1, or 0 for 1")
		}
		if link.MaxDownloads > math.MaxInt32 || link.ExpirationHours > math.MaxInt32 {
			r.refuse("MaxDownloads and ExpirationHours must be at most %d", math.MaxInt32)
		}
		r.checkExpires()
	}
}

func (r *createRequest) checkExpires() {
	const lastYear = 9999 // that RFC 3339 can spell
	expires := r.to.link.Expires
	if expires.IsZero() {
		return
	}
	if r.to.link.ExpirationHours != 0 {
		r.refuse("Expires and ExpirationHours exclude each other")
	}
	if !expires.After(r.now) {
		r.refuse("Expires must be in the future")
	}
	if !expires.Truncate(time.Second).Equal(expires) {
		r.refuse("Expires must be whole seconds")
	}
	if expires.UTC().Year() > lastYear {
		r.refuse("Expires must be before the year %d", lastYear+1)
	}
}

// noWishes refuses a link with wishes where the variant takes none.
func (r *createRequest) noWishes() {
	if r.to.kind == toDownload && r.to.link != (DownloadLink{}) {
		r.lacks("ExpirationHours, Expires or MaxDownloads for a download")
	}
}

// downloadSnapshotsOnly refuses a download of anything else.
func (r *createRequest) downloadSnapshotsOnly() {
	if r.to.kind == toDownload && r.point.kind != snapshotPoint && r.point.kind != noPoint {
		r.lacks("a download of " + r.point.kind.String() + ": restore into a cluster, or take a snapshot")
	}
}

// epochSeconds is an int32 of whole seconds since the Unix epoch, from 2008 on.
func (r *createRequest) epochSeconds(name string, t time.Time) int32 {
	const earliest = 1199145600
	if !t.Truncate(time.Second).Equal(t) {
		r.refuse("%s must be whole seconds: truncate it", name)
	}
	seconds := t.Unix()
	if !t.IsZero() && (seconds < earliest || seconds > math.MaxInt32) {
		r.refuse("%s must be between 2008-01-01 and 2038-01-19", name)
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

func mmsBody(r *createRequest) any {
	if r.to.kind == toCluster {
		r.lacks("restores into a cluster")
	}
	r.noWishes()
	body := mmsRequest{}
	switch r.point.kind {
	case snapshotPoint:
		body.SnapshotID = r.point.id
	case timePoint:
		if !r.point.time.Truncate(time.Second).Equal(r.point.time) {
			r.refuse("time must be whole seconds: truncate it")
		}
		body.Timestamp = &mmsTimestamp{Date: isoSeconds(r.point.time)}
	case oplogPoint:
		body.Timestamp = &mmsTimestamp{Date: isoSeconds(r.point.oplog.Date), Increment: r.point.oplog.Increment}
	case checkpointPoint:
		r.lacks("checkpoints")
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

// managerBody is spoken by Cloud Manager and Ops Manager, for clusters and hosts: the
// oplog as two strings, the first in epoch seconds; a target by its id.
func managerBody(r *createRequest) any {
	body := r.classicBody()
	body.Delivery.TargetClusterID = r.to.cluster
	if r.point.kind == oplogPoint {
		body.OplogTS = strconv.FormatInt(r.point.oplog.Date.Unix(), 10)
		body.OplogInc = strconv.FormatInt(r.point.oplog.Increment, 10)
	}
	return body
}

// legacyBody is spoken by Atlas legacy clusters: the oplog as an ISO 8601 string and a
// number; a target by its name.
func legacyBody(r *createRequest) any {
	body := r.classicBody()
	body.Delivery.TargetClusterName = r.to.cluster
	if !r.to.link.Expires.IsZero() {
		r.lacks("Expires for a download: use ExpirationHours")
	}
	if r.point.kind == timePoint {
		r.epochSeconds("time", r.point.time.Truncate(time.Second)) // its range; milliseconds are fine here
	}
	if r.point.kind == oplogPoint {
		r.epochSeconds("oplog date", r.point.oplog.Date.Truncate(time.Second))
		r.checkAtlasIncrement()
		body.OplogTS = isoSeconds(r.point.oplog.Date)
		body.OplogInc = r.point.oplog.Increment
	}
	return body
}

// classicBody is what both have in common.
func (r *createRequest) classicBody() classicRequest {
	body := classicRequest{Delivery: classicDelivery{
		MethodName: DeliveryMethodAutomatedRestore, TargetGroupID: r.to.project,
	}}
	if r.to.kind == toDownload {
		body.Delivery = classicDelivery{
			MethodName: DeliveryMethodHTTP, ExpirationHours: max(r.to.link.ExpirationHours, 1),
			MaxDownloads: max(r.to.link.MaxDownloads, 1),
		}
		if expires := r.to.link.Expires; !expires.IsZero() {
			body.Delivery.ExpirationHours, body.Delivery.Expires = 0, isoSeconds(expires)
		}
		r.downloadSnapshotsOnly()
	}
	switch r.point.kind {
	case snapshotPoint:
		body.SnapshotID = r.point.id
	case timePoint:
		if !r.point.time.Truncate(time.Millisecond).Equal(r.point.time) {
			r.refuse("time must be whole milliseconds: truncate it")
		}
		body.PointInTimeUTCMillis = r.point.time.UnixMilli()
	case checkpointPoint:
		body.CheckpointID = r.point.id
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

func cloudBody(r *createRequest) any {
	r.noWishes()
	body := cloudRequest{TargetClusterName: r.to.cluster, TargetGroupID: r.to.project}
	switch r.point.kind {
	case snapshotPoint:
		body.DeliveryType, body.SnapshotID = DeliveryTypeAutomated, r.point.id
		if r.to.kind == toDownload {
			body.DeliveryType = DeliveryTypeDownload
		}
		return body
	case timePoint:
		body.PointInTimeUTCSeconds = r.epochSeconds("time", r.point.time)
	case oplogPoint:
		body.OplogTS = r.epochSeconds("oplog date", r.point.oplog.Date.Truncate(time.Second))
		body.OplogInc = r.point.oplog.Increment
		r.checkAtlasIncrement()
	case checkpointPoint:
		r.lacks("checkpoints")
	case noPoint: // refused already
	}
	body.DeliveryType = DeliveryTypePointInTime
	r.downloadSnapshotsOnly()
	return body
}

// serverlessBody is the cloud one, but its schema wants a target for downloads too:
// the instance itself.
func serverlessBody(r *createRequest) any {
	if r.to.kind == toDownload {
		r.to.project, r.to.cluster = r.project, r.cluster
	}
	return cloudBody(r)
}

// flexRequest is the body of flex clusters.
type flexRequest struct {
	SnapshotID               string `json:"snapshotId"`
	TargetDeploymentItemName string `json:"targetDeploymentItemName"`
	TargetProjectID          string `json:"targetProjectId,omitzero"`
}

func flexBody(r *createRequest) any {
	if r.to.kind == toDownload {
		r.refuse("destination: this version does not start downloads of flex clusters: " +
			"send POST …/flexClusters/{name}/backup/download with Client.Do")
	}
	if r.point.kind != snapshotPoint && r.point.kind != noPoint {
		r.lacks("restores from " + r.point.kind.String())
	}
	return flexRequest{SnapshotID: r.point.id, TargetDeploymentItemName: r.to.cluster, TargetProjectID: r.to.project}
}

func (r *createRequest) checkAtlasIncrement() {
	if inc := r.point.oplog.Increment; inc < 1 || inc > math.MaxInt32 {
		r.refuse("oplog increment must be between 1 and %d on Atlas", math.MaxInt32)
	}
}

func isoSeconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
