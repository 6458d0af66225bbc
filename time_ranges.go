package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/jsondec"
)

// TimeRange is a span of time that can be restored to.
//
// API: Cloud Manager and Ops Manager "Get Restorable Time Ranges for One Cluster"; Atlas v2
// "getBackupSchedule", restoreWindowDays.
type TimeRange struct {
	// Start is the earliest point in the span. The service has refused a restore to the time of
	// the snapshot itself: choose a later point.
	Start Timestamp `json:"start"`
	// End is the latest entry of the oplog in the span.
	End Timestamp `json:"end"`
	// SnapshotID is the snapshot that the span builds on.
	SnapshotID string `json:"snapshotId"`
	// ShardCount is the number of shards, 0 on replica sets. Sharded clusters.
	ShardCount int `json:"shardCount"`
	// ConfigServerType is the kind of config server, "" on replica sets. Sharded clusters.
	ConfigServerType string `json:"configServerType"`
	// Estimated is set for a span that follows from settings, and that the service has not
	// confirmed. Such a span has Start and End only, in whole seconds. Set by Atlas v2 clusters.
	Estimated bool `json:"estimated,omitzero"`
}

// Contains reports whether a point in time is strictly later than Start and not later than End.
// Increments do not count, because a time has none: a time in the second of End but after
// it is not contained. It is false if Start or End is unknown.
func (t TimeRange) Contains(at time.Time) bool {
	if t.Start.Date.IsZero() || t.End.Date.IsZero() {
		return false
	}
	return at.After(t.Start.Date) && !at.After(t.End.Date)
}

// String returns the span in one line, in UTC, with what it builds on.
func (t TimeRange) String() string {
	text := describePoint(t.Start) + " to " + describePoint(t.End)
	if t.SnapshotID != "" {
		text += " from snapshot " + sanitize(t.SnapshotID, 100)
	}
	if t.ShardCount > 0 {
		text += fmt.Sprintf(" with %d shards", t.ShardCount)
	}
	if t.Estimated {
		text += ", an estimate"
	}
	return text
}

// describePoint omits the increment, which a point in time does not have.
func describePoint(point Timestamp) string {
	if point.Date.IsZero() {
		return "unknown"
	}
	return point.Date.UTC().Format(time.RFC3339Nano)
}

// Format prints [TimeRange.String] for every verb.
func (t TimeRange) Format(f fmt.State, _ rune) { writeString(f, t.String()) }

const timeRangesOperation = "get restorable time ranges"

// RestorableTimeRanges reads the spans of time that can be restored to. The slice is empty if
// the cluster has none. Clusters of Cloud Manager and Ops Manager, where the request is a POST that
// is retried as reads are, and of Atlas v2.
//
// Atlas does not report the spans. There the result is an estimate from two requests: if the
// cluster has point in time restores, the last restoreWindowDays of its backup schedule, but not
// more than hourly snapshots are kept. The real span is shorter after the cluster was created or
// restored into, and after the oplog was overrun: the service decides.
//
// API: Cloud Manager and Ops Manager "Get Restorable Time Ranges for One Cluster"; Atlas v2
// "getCluster", pitEnabled, and "getBackupSchedule".
func (j *Jobs) RestorableTimeRanges(ctx context.Context) ([]TimeRange, error) {
	switch j.endpoint.timeRanges {
	case listedTimeRanges:
		return j.listTimeRanges(ctx)
	case estimatedTimeRanges:
		return j.estimateTimeRanges(ctx)
	case noTimeRanges:
	}
	return nil, j.endpoint.unsupportedErr(timeRangesOperation)
}

func (j *Jobs) listTimeRanges(ctx context.Context) ([]TimeRange, error) {
	const operation = timeRangesOperation
	req, err := j.newRequest(operation, http.MethodPost, pathParam{"operation", "restorableTimeRanges"})
	if err != nil {
		return nil, err
	}
	return send(ctx, j.client, req, func(resp *api.Response) ([]TimeRange, error) {
		return decodeTimeRanges(resp.Body, j.client.pipeline.MaxBody)
	})
}

// UnmarshalJSON reads a time range as leniently as a job is read. An invalid member has its
// zero value. The error is non-nil only if data is not JSON.
func (t *TimeRange) UnmarshalJSON(data []byte) error {
	d := jsondec.New(data)
	var decoded TimeRange
	decoded.decode(&d)
	if err := d.End(); err != nil {
		return fmt.Errorf("restorejobs: a time range: %w", err)
	}
	*t = decoded
	return nil
}

func (t *TimeRange) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "start":
			_ = t.Start.decode(d)
		case "end":
			_ = t.End.decode(d)
		case "snapshotId":
			jsondec.String(d, &t.SnapshotID)
		case "shardCount":
			jsondec.Int(d, &t.ShardCount)
		case "configServerType":
			jsondec.String(d, &t.ConfigServerType)
		case "estimated":
			d.Bool(&t.Estimated)
		default:
			d.Skip()
		}
	}
}

// decodeTimeRanges decodes a body of at most maxBody bytes.
func decodeTimeRanges(body []byte, maxBody int64) ([]TimeRange, error) {
	body, err := requireBody(body)
	if err != nil {
		return nil, err
	}
	body, _, err = unwrapEnvelope(body)
	if err != nil {
		return nil, err
	}
	d := jsondec.New(body)
	if d.Kind() != jsondec.KindArray {
		if err := jsondec.Valid(body); err != nil {
			return nil, err
		}
		return nil, errors.New("the body is not a list of time ranges")
	}
	ranges := []TimeRange{}
	for d.Array(); d.More(); {
		if err := checkEntryLimit(len(ranges), maxBody); err != nil {
			return nil, err
		}
		ranges = append(ranges, TimeRange{})
		ranges[len(ranges)-1].decode(&d)
	}
	return ranges, d.End()
}
