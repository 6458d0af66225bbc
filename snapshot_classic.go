package restorejobs

import "time"

// classicSnapshotFormat is the format of Cloud Manager, Ops Manager, MMS and Atlas legacy clusters.
type classicSnapshotFormat struct{}

func isClassicSnapshot(s *Snapshot) bool {
	hasComplete := s.Complete || s.raw != "" && !s.unread.has(unreadComplete)
	hasOwner := s.GroupID != "" || s.ClusterID != "" || s.HostID != ""
	return hasComplete || hasOwner || !s.Created.IsZero()
}

func (classicSnapshotFormat) state(s *Snapshot) SnapshotState {
	switch {
	case s.unread.has(unreadComplete):
		return SnapshotUnknown
	case !s.Complete:
		return SnapshotPending
	case s.unread.has(unreadMissingShards):
		return SnapshotUnknown
	default:
		return SnapshotCompleted
	}
}

func (classicSnapshotFormat) time(s *Snapshot) time.Time {
	return firstTime(s.LastOplogAppliedTimestamp.Date, s.Created.Date)
}

func (classicSnapshotFormat) expiry(s *Snapshot) time.Time { return s.Expires }

func (classicSnapshotFormat) isMissingData(s *Snapshot) bool { return len(s.MissingShards) > 0 }

func (classicSnapshotFormat) size(s *Snapshot) int64 {
	var sum int64
	for i := range s.Parts {
		sum += s.Parts[i].StorageSizeBytes
	}
	return sum
}

func (classicSnapshotFormat) version(s *Snapshot) string {
	for i := range s.Parts {
		if version := s.Parts[i].MongodVersion; version != "" {
			return version
		}
	}
	return ""
}

func (classicSnapshotFormat) masterKey(s *Snapshot) string {
	for i := range s.Parts {
		if key := s.Parts[i].MasterKeyUUID; key != "" {
			return key
		}
	}
	return ""
}
