package restorejobs

import "time"

// cloudSnapshotFormat is the format of Atlas clusters and serverless instances.
type cloudSnapshotFormat struct{}

func (cloudSnapshotFormat) state(s *Snapshot) SnapshotState { return s.statusState() }

func (cloudSnapshotFormat) time(s *Snapshot) time.Time { return s.CreatedAt }

func (cloudSnapshotFormat) expiry(s *Snapshot) time.Time { return s.ExpiresAt }

func (cloudSnapshotFormat) isMissingData(*Snapshot) bool { return false }

func (cloudSnapshotFormat) size(s *Snapshot) int64 { return s.StorageSizeBytes }

func (cloudSnapshotFormat) version(s *Snapshot) string { return s.MongodVersion }

func (cloudSnapshotFormat) masterKey(s *Snapshot) string { return s.MasterKeyUUID }
