package restorejobs

import (
	"strings"
	"time"
)

// snapshotFormat is one of the shapes that a snapshot can have. Other code that reads the fields of
// one format is listed in CONTRIBUTING.
type snapshotFormat interface {
	// state returns the state of the snapshot.
	state(s *Snapshot) SnapshotState
	// time returns the time of the data; zero if unknown.
	time(s *Snapshot) time.Time
	// expiry returns when the service deletes the snapshot; zero if never or unknown.
	expiry(s *Snapshot) time.Time
	// isMissingData reports whether a complete snapshot lacks a part of the data.
	isMissingData(s *Snapshot) bool
	// size returns the bytes in storage; 0 if unknown.
	size(s *Snapshot) int64
	// version returns the version of MongoDB; empty if unknown.
	version(s *Snapshot) string
	// masterKey returns the customer's key; empty if the data have none or it is unknown.
	masterKey(s *Snapshot) string
}

// The formats of snapshots. A new format also needs a case in Snapshot.format.
var (
	classicSnapshot snapshotFormat = classicSnapshotFormat{}
	cloudSnapshot   snapshotFormat = cloudSnapshotFormat{}
	flexSnapshot    snapshotFormat = flexSnapshotFormat{}
)

// format recognizes the format by the fields, because a snapshot read from a file must have it too.
func (s *Snapshot) format() snapshotFormat {
	switch {
	case isClassicSnapshot(s):
		return classicSnapshot
	case isFlexSnapshot(s):
		return flexSnapshot
	default:
		return cloudSnapshot
	}
}

// State returns the state of the snapshot in the terms of all variants:
//
//   - Classic: complete is completed or pending. Without it the state is unknown.
//   - Cloud: queued and inProgress are pending.
//   - Flex: PENDING, QUEUED and RUNNING are pending.
//   - Cloud and flex, in any letter case: completed and failed.
//   - Anything else is [SnapshotUnknown], and so is a state that depends on an unreadable member.
//
// API: classic complete, cloud and flex status.
func (s *Snapshot) State() SnapshotState { return s.format().state(s) }

// Time returns the time of the data; zero if unknown, as for most pending snapshots. A restore of the
// snapshot has no later operation in classic and flex formats. A cloud snapshot has the time that the
// service reports for it.
//
// API: classic lastOplogAppliedTimestamp, else created; cloud createdAt; flex finishTime.
func (s *Snapshot) Time() time.Time { return s.format().time(s) }

// ExpiryTime returns when the service deletes the snapshot; zero if never or unknown.
//
// API: classic expires, cloud expiresAt, flex expiration.
func (s *Snapshot) ExpiryTime() time.Time { return s.format().expiry(s) }

// IsRestorable reports whether the snapshot is complete and lacks no shard. It does not compare
// [Snapshot.ExpiryTime] with the clock. A snapshot of [SnapshotTypeFallback] can be restorable.
//
// API: classic complete and missingShards, cloud and flex status.
func (s *Snapshot) IsRestorable() bool {
	return s.State() == SnapshotCompleted && !s.format().isMissingData(s)
}

// Size returns the size in storage in bytes; 0 if unknown. Flex snapshots have none.
//
// API: classic parts.storageSizeBytes, of all parts; cloud storageSizeBytes.
func (s *Snapshot) Size() int64 { return s.format().size(s) }

// Version returns the version of MongoDB; empty if unknown.
//
// API: classic parts.mongodVersion, of the first part; cloud mongodVersion; flex mongoDBVersion.
func (s *Snapshot) Version() string { return s.format().version(s) }

// MasterKey returns the ID of the customer's key that encrypts the data: a KMIP master key, or on
// Atlas a key of AWS KMS. Empty if there is none or it is unknown.
//
// API: classic parts.masterKeyUUID, of the first part with one; cloud masterKeyUUID.
func (s *Snapshot) MasterKey() string { return s.format().masterKey(s) }

// isFallback reports a snapshot of last resort, or one that may be.
func (s *Snapshot) isFallback() bool {
	return s.unread.has(unreadSnapshotType) || strings.EqualFold(string(s.SnapshotType), string(SnapshotTypeFallback))
}

// isExpired reports whether the service may have deleted the snapshot.
func (s *Snapshot) isExpired(now time.Time) bool {
	expiry := s.ExpiryTime()
	return !expiry.IsZero() && !now.Before(expiry)
}

// sortTime is the place of the snapshot in a list by time. A pending one has only the time of its
// schedule or of its ID.
func (s *Snapshot) sortTime() time.Time {
	return firstTime(s.Time(), s.StartTime, s.ScheduledTime, objectIDTime(s.ID))
}

// statusState is the state of a cloud or flex snapshot. No status has two meanings.
func (s *Snapshot) statusState() SnapshotState {
	if s.unread.has(unreadSnapshotStatus) {
		return SnapshotUnknown
	}
	switch strings.ToLower(string(s.Status)) {
	case "queued", "inprogress", "pending", "running":
		return SnapshotPending
	case "completed":
		return SnapshotCompleted
	case "failed":
		return SnapshotFailed
	default:
		return SnapshotUnknown
	}
}
