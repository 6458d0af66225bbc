package restorejobs

import "time"

// flexSnapshotFormat is the format of Atlas flex clusters.
type flexSnapshotFormat struct{}

func isFlexSnapshot(s *Snapshot) bool {
	hasTime := !s.ScheduledTime.IsZero() || !s.StartTime.IsZero() || !s.FinishTime.IsZero()
	return hasTime || !s.Expiration.IsZero() || s.MongoDBVersion != ""
}

func (flexSnapshotFormat) state(s *Snapshot) SnapshotState { return s.statusState() }

// time is the end of the snapshot, because no document states when its data were read.
func (flexSnapshotFormat) time(s *Snapshot) time.Time { return s.FinishTime }

func (flexSnapshotFormat) expiry(s *Snapshot) time.Time { return s.Expiration }

func (flexSnapshotFormat) isMissingData(*Snapshot) bool { return false }

func (flexSnapshotFormat) size(*Snapshot) int64 { return 0 }

func (flexSnapshotFormat) version(s *Snapshot) string { return s.MongoDBVersion }

func (flexSnapshotFormat) masterKey(*Snapshot) string { return "" }
