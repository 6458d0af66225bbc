package restoretemporal

import (
	"bytes"
	"encoding/json"
	"time"
)

// Plan is a restore as a payload: plain data, to be stored as JSON. It names its clusters and has no
// credentials, as the workers hold the client. JSON with an unknown field is refused, because a
// restore replaces data.
type Plan struct {
	// Source is the cluster to restore from. Required.
	Source Cluster `json:"source"`
	// Point selects the data. Default the newest snapshot.
	Point Point `json:"point,omitzero"`
	// To is the cluster to restore into. Nil is a download.
	To *Cluster `json:"to,omitempty"`
	// Directory is where the files of a download are saved: a path below [Activities].Directory, with
	// slashes. Downloads need it, unless the workers have [Activities].Deliver.
	Directory string `json:"directory,omitempty"`
	// MaxDownloads is how many times the links of a download can be used, as in
	// [example.com/restorejobs.DownloadLinkOptions]. A download that loses its worker needs more
	// than one. Default: that of the service.
	MaxDownloads int `json:"maxDownloads,omitempty"`

	// MaxAttempts is how many restores may be started, because a job failed, was cancelled, or had
	// links that expired or were used up. Default 1, at most 100.
	MaxAttempts int `json:"maxAttempts,omitempty"`
	// BusyTimeout is how long a busy target or service is waited for. Default an hour, at most 7
	// days; negative disables it.
	BusyTimeout Duration `json:"busyTimeout,omitzero"`
	// SearchTimeout is how long a create whose response is unknown is searched for before another
	// is sent. Default 3 minutes, as a job can take two minutes to be listed.
	SearchTimeout Duration `json:"searchTimeout,omitzero"`
	// UntilJobFinished waits for the state of the job only: see
	// [example.com/restorejobs.UntilJobFinished].
	UntilJobFinished bool `json:"untilJobFinished,omitempty"`
	// OverwriteSource permits a restore into the source itself.
	OverwriteSource bool `json:"overwriteSource,omitempty"`
	// SkipTargetCheck disables [example.com/restorejobs.Source.CheckTarget].
	SkipTargetCheck bool `json:"skipTargetCheck,omitempty"`
	// Timeouts are the limits of the activities.
	Timeouts Timeouts `json:"timeouts,omitzero"`
}

// UnmarshalJSON reads a plan, and refuses unknown fields.
func (p *Plan) UnmarshalJSON(data []byte) error {
	type plan Plan
	return unmarshalStrict(data, (*plan)(p))
}

// Cluster names a cluster, by Ref or by the other fields.
type Cluster struct {
	// Product is [ProductAtlas], [ProductCloudManager] or [ProductOpsManager]. The default of a target
	// is the product of the source.
	Product string `json:"product,omitempty"`
	// Project is the name or ID of the project.
	Project string `json:"project,omitempty"`
	// Cluster is the name of the cluster, or its ID in Cloud Manager and Ops Manager.
	Cluster string `json:"cluster,omitempty"`
	// Ref is a reference instead of names, from [example.com/restorejobs.Source.Ref].
	Ref string `json:"ref,omitempty"`
}

// The products whose clusters are found by name. Others need [Cluster].Ref.
const (
	// ProductAtlas is Atlas, with its API v2: dedicated and flex clusters.
	ProductAtlas = "atlas"
	// ProductCloudManager is Cloud Manager.
	ProductCloudManager = "cloudmanager"
	// ProductOpsManager is Ops Manager.
	ProductOpsManager = "opsmanager"
)

// Point selects the data of a restore. At most one field is set. The zero Point is the newest snapshot
// that can be restored.
type Point struct {
	// Before selects the newest snapshot before a time.
	Before time.Time `json:"before,omitzero"`
	// SnapshotID selects a snapshot.
	SnapshotID string `json:"snapshotId,omitempty"`
	// Time selects a point in time, within the limits of [example.com/restorejobs.FromPointInTime].
	Time time.Time `json:"time,omitzero"`
}

// Timeouts are the limits of the activities of a [Restore].
type Timeouts struct {
	// Request limits an activity of a few requests. A create has SearchTimeout in addition. Default 5
	// minutes, at least a second.
	Request Duration `json:"request,omitzero"`
	// Heartbeat is how long a wait or a download may be silent before its worker counts as lost and
	// another one continues. Default a minute, at least a second.
	Heartbeat Duration `json:"heartbeat,omitzero"`
	// Retry is the first pause before an activity is repeated. It doubles up to 5 minutes. Default 10
	// seconds, at least a millisecond.
	Retry Duration `json:"retry,omitzero"`
	// Busy is the first pause before a busy target is checked again. It grows by half up to 5
	// minutes. Default 30 seconds, at least a second.
	Busy Duration `json:"busy,omitzero"`
}

// unmarshalStrict is [json.Unmarshal] that refuses unknown fields.
func unmarshalStrict(data []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(v)
}
