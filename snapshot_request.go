package restorejobs

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"strconv"
)

// SnapshotRequest describes the snapshot that [Snapshots.Create] takes. The zero value uses the
// service's defaults on Atlas.
//
// API: Atlas v2 "takeSnapshots"; Ops Manager "Take an On-Demand Snapshot".
type SnapshotRequest struct {
	// Description is a text for people. Atlas clusters only; elsewhere the error matches
	// [ErrInvalidArgument].
	Description string
	// RetentionDays is how many days the service keeps the snapshot. At least 1. 0 is the
	// service's default on Atlas; Ops Manager requires a number.
	RetentionDays int
}

// onDemandForm is how a source takes a snapshot.
type onDemandForm struct {
	pathSuffix string // after the path of the snapshots
	hasID      bool   // the response is the new snapshot
	encode     func(SnapshotRequest) (query url.Values, body []byte, err error)
}

var (
	cloudOnDemand   = &onDemandForm{hasID: true, encode: encodeCloudSnapshot}
	managerOnDemand = &onDemandForm{pathSuffix: "/onDemandSnapshot", encode: encodeManagerSnapshot}
)

// encodeCloudSnapshot returns the body of Atlas clusters.
func encodeCloudSnapshot(req SnapshotRequest) (url.Values, []byte, error) {
	if err := invalidArgument(createSnapshotOperation, req.problems(0)...); err != nil {
		return nil, nil, err
	}
	body, err := json.Marshal(struct {
		Description   string `json:"description,omitempty"`
		RetentionDays int    `json:"retentionInDays,omitempty"`
	}{
		Description:   req.Description,
		RetentionDays: req.RetentionDays,
	})
	return nil, body, err
}

// encodeManagerSnapshot returns the query of Ops Manager, which has no body.
func encodeManagerSnapshot(req SnapshotRequest) (url.Values, []byte, error) {
	problems := req.problems(1)
	if req.Description != "" {
		problems = append(problems, "Description must be empty: only Atlas clusters have it")
	}
	if err := invalidArgument(createSnapshotOperation, problems...); err != nil {
		return nil, nil, err
	}
	return url.Values{"retentionDays": {strconv.Itoa(req.RetentionDays)}}, nil, nil
}

// problems returns the problems with the retention. The smallest valid one is least.
func (s SnapshotRequest) problems(least int) []string {
	switch {
	case s.RetentionDays >= least && s.RetentionDays <= math.MaxInt32:
		return nil
	case least == 0:
		return []string{fmt.Sprintf("RetentionDays must be between 1 and %d, or 0 for the default", math.MaxInt32)}
	default:
		return []string{fmt.Sprintf("RetentionDays must be between %d and %d", least, math.MaxInt32)}
	}
}
