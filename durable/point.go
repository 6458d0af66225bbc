package durable

import (
	"time"

	"example.com/restorejobs"
)

// Point selects the data of a restore. The zero value is invalid.
type Point struct {
	kind   pointKind
	before time.Time
	fixed  restorejobs.RestorePoint
}

type pointKind int

const (
	noPoint pointKind = iota
	newestPoint
	beforePoint
	fixedPoint
)

// NewestSnapshot selects the newest snapshot that can be restored.
func NewestSnapshot() Point { return Point{kind: newestPoint} }

// NewestBefore selects the newest snapshot before a time that can be restored. The time must be
// the same in every run of a journal.
func NewestBefore(t time.Time) Point { return Point{kind: beforePoint, before: t} }

// FixedPoint selects a restore point, such as [restorejobs.FromPointInTime].
func FixedPoint(point restorejobs.RestorePoint) Point { return Point{kind: fixedPoint, fixed: point} }

// String returns the point as text, as in "newest snapshot".
func (p Point) String() string {
	switch p.kind {
	case newestPoint:
		return "newest snapshot"
	case beforePoint:
		return "newest snapshot before " + p.before.UTC().Format(time.RFC3339Nano)
	case fixedPoint:
		return p.fixed.String()
	case noPoint:
		return "no point"
	default:
		return "no point"
	}
}

// Choice is the data that a plan has chosen.
type Choice struct {
	// SnapshotID is the snapshot. Empty for a point in time.
	SnapshotID string `json:"snapshotId,omitempty"`
	// Time is the time of the data. Zero if unknown, as for a checkpoint.
	Time time.Time `json:"time,omitzero"`
}

func (c Choice) equal(other Choice) bool {
	return c.SnapshotID == other.SnapshotID && c.Time.Equal(other.Time)
}

// restorePoint returns the restore point of a choice.
func (p Point) restorePoint(choice Choice) restorejobs.RestorePoint {
	if p.kind == fixedPoint {
		return p.fixed
	}
	return restorejobs.FromSnapshot(choice.SnapshotID)
}
