package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/jsondec"
)

// TimeRange is a span of time that can be restored to.
//
// API: Cloud Manager and Ops Manager "Get Restorable Time Ranges for One Cluster".
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
}

// Format prints the fields as fmt would, without the server's control characters.
func (t TimeRange) Format(f fmt.State, verb rune) {
	type timeRange TimeRange
	writeFields(f, verb, timeRange(t))
}

// RestorableTimeRanges reads the spans of time that can be restored to. The slice is empty if
// the cluster has none. Clusters of Cloud Manager and Ops Manager. The request is a POST, and is
// retried as reads are.
//
// API: Cloud Manager and Ops Manager "Get Restorable Time Ranges for One Cluster".
func (j *Jobs) RestorableTimeRanges(ctx context.Context) ([]TimeRange, error) {
	const operation = "get restorable time ranges"
	if !j.endpoint.hasTimeRanges {
		return nil, j.endpoint.unsupportedErr(operation)
	}
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
