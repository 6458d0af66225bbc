package restorejobs

import (
	"errors"

	"example.com/restorejobs/internal/jsondec"
)

// unreadSnapshotMembers is a set of members that decide a snapshot's state and could not be read.
type unreadSnapshotMembers uint8

const (
	unreadComplete       unreadSnapshotMembers = 1 << iota // of a classic snapshot, or missing
	unreadMissingShards                                    // of a classic snapshot
	unreadSnapshotStatus                                   // of a cloud or flex snapshot
	unreadSnapshotType                                     // of a cloud snapshot: it may be a fallback
)

func (u *unreadSnapshotMembers) record(member unreadSnapshotMembers, isRead bool) {
	if !isRead {
		*u |= member
	}
}

func (u *unreadSnapshotMembers) has(members unreadSnapshotMembers) bool { return *u&members != 0 }

// parseSnapshot copies raw once; the strings of the snapshot are parts of the copy. It also reports
// whether the object has members of an envelope or of an error.
func parseSnapshot(raw []byte) (snapshot *Snapshot, looksWrapped bool, err error) {
	snapshot = &Snapshot{raw: string(raw)}
	d := jsondec.NewShared(raw, snapshot.raw)
	looksWrapped = snapshot.decode(&d)
	if err := d.End(); err != nil {
		return nil, looksWrapped, err
	}
	return snapshot, looksWrapped, nil
}

// readSnapshot is the entryReader of snapshots.
func readSnapshot(d *jsondec.Decoder) *Snapshot {
	snapshot := new(Snapshot)
	d.BeginCopy(1)
	snapshot.decode(d)
	raw, text := d.EndCopy()
	if text == "" && d.Err() == nil { // its end was not guessed
		snapshot, _, _ = parseSnapshot(raw) // what was just read is well-formed
		return snapshot
	}
	snapshot.raw = text
	return snapshot
}

// decodeSnapshot decodes a response with one snapshot.
func decodeSnapshot(body []byte) (*Snapshot, error) {
	snapshot, err := decodeObject(body, parseSnapshot)
	if err != nil {
		return nil, err
	}
	if snapshot.ID == "" {
		return nil, errors.New("the body is not a snapshot: it has no id")
	}
	return snapshot, nil
}

// checkSnapshot returns an error for a response about another snapshot than the requested one.
func checkSnapshot(snapshot *Snapshot, id string) error {
	if snapshot.ID != id && !sameObjectID(snapshot.ID, id) {
		return &otherItemError{noun: "snapshot", received: snapshot.ID, requested: id}
	}
	return nil
}

// decode has a line for each field of Snapshot. TestSnapshotDecode_everyField finds a missing line.
func (s *Snapshot) decode(d *jsondec.Decoder) (looksWrapped bool) {
	if !d.Object() {
		return false
	}
	hasComplete := false
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "id":
			jsondec.String(d, &s.ID)
		case "links":
			s.Links = decodeLinks(d)
		case "groupId":
			jsondec.String(d, &s.GroupID)
		case "clusterId":
			jsondec.String(d, &s.ClusterID)
		case "clusterName":
			jsondec.String(d, &s.ClusterName)
		case "hostId":
			jsondec.String(d, &s.HostID)
		case "created":
			_ = s.Created.decode(d) // a form that is not known is in the raw text only
		case "lastOplogAppliedTimestamp":
			_ = s.LastOplogAppliedTimestamp.decode(d)
		case "expires":
			d.Time(&s.Expires)
		case "missingShards":
			list, ok := decodeMissingShards(d)
			s.MissingShards = list
			s.unread.record(unreadMissingShards, ok)
		case "namespaceFilterList":
			s.NamespaceFilterList.decode(d)
		case "parts":
			s.Parts = decodeSnapshotParts(d)
		case "complete":
			isNull := d.Kind() == jsondec.KindNull
			hasComplete = d.Bool(&s.Complete) && !isNull
		case "doNotDelete":
			d.Bool(&s.DoNotDelete)
		case "isPossiblyInconsistent":
			d.Bool(&s.IsPossiblyInconsistent)
		case "incremental":
			d.Bool(&s.Incremental)
		case "status":
			looksWrapped = looksWrapped || d.Kind() == jsondec.KindNumber
			s.unread.record(unreadSnapshotStatus, jsondec.String(d, &s.Status))
		case "type":
			jsondec.String(d, &s.Type)
		case "snapshotType":
			s.unread.record(unreadSnapshotType, jsondec.String(d, &s.SnapshotType))
		case "frequencyType":
			jsondec.String(d, &s.FrequencyType)
		case "createdAt":
			d.Time(&s.CreatedAt)
		case "expiresAt":
			d.Time(&s.ExpiresAt)
		case "storageSizeBytes":
			jsondec.Int(d, &s.StorageSizeBytes)
		case "description":
			jsondec.String(d, &s.Description)
		case "mongodVersion":
			jsondec.String(d, &s.MongodVersion)
		case "policyItems":
			s.PolicyItems = decodeStrings(d)
		case "masterKeyUUID":
			jsondec.String(d, &s.MasterKeyUUID)
		case "cloudProvider":
			jsondec.String(d, &s.CloudProvider)
		case "copyRegions":
			s.CopyRegions = decodeStrings(d)
		case "replicaSetName":
			jsondec.String(d, &s.ReplicaSetName)
		case "members":
			s.Members = decodeSnapshotMembers(d)
		case "snapshotIds":
			s.SnapshotIDs = decodeStrings(d)
		case "configServerType":
			jsondec.String(d, &s.ConfigServerType)
		case "serverlessInstanceName":
			jsondec.String(d, &s.ServerlessInstanceName)
		case "scheduledTime":
			d.Time(&s.ScheduledTime)
		case "startTime":
			d.Time(&s.StartTime)
		case "finishTime":
			d.Time(&s.FinishTime)
		case "expiration":
			d.Time(&s.Expiration)
		case "mongoDBVersion":
			jsondec.String(d, &s.MongoDBVersion)
		case "content", "envelope", "results", "error", "errorCode":
			looksWrapped = true
			d.Skip()
		default:
			d.Skip()
		}
	}
	s.unread.record(unreadComplete, hasComplete)
	return looksWrapped
}
