package restorejobstest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// A storedSnapshot holds the facts from which the document of a snapshot is computed for each read.
type storedSnapshot struct {
	id       string
	resource *resource
	doc      map[string]any // of [Server.AddSnapshot], sent as it is; nil: computed

	isSeed      bool // complete at any time, and never expires
	isOnDemand  bool
	description string
	requested   time.Time
	completesAt time.Time
	increment   int
	retention   time.Duration
	failed      bool
	databases   map[string][]string // by [Server.SetDatabases]; nil: the default
}

// flexRetention is the lifetime of every flex snapshot, counted from its scheduled time.
const flexRetention = 8 * 24 * time.Hour

// The shares of the time that a snapshot needs, in percent, as recorded of the service.
const (
	queuedPercent      = 10 // then it is in progress
	providerPercent    = 40 // then the cloud provider is set
	dataPercent        = 55 // the time of the data
	createdAtPercent   = 90 // then createdAt and the size are set, before the end
	flexPendingPercent = 10
	flexQueuedPercent  = 25
)

// The times of the snapshots of a new server, counted from the time of their data.
const (
	seedBeforeData = 100 * time.Second
	seedAfterData  = 73 * time.Second
	seedFlexTime   = 106 * time.Second
)

// AddSnapshot adds a snapshot to [Scope.Cluster], as its newest, and returns its id. The
// snapshot is a JSON object, which is sent unchanged. A snapshot without an id gets one. After
// its expires, expiresAt or expiration, it is no longer listed. A create from a snapshot that
// is not complete or has expired gets 409. AddSnapshot panics if snapshot is not a JSON object.
func (s *Server) AddSnapshot(scope Scope, snapshot string) string {
	return s.AddSnapshotTo(scope, scope.Cluster(), snapshot)
}

// AddSnapshotTo adds a snapshot as [Server.AddSnapshot] does, to this cluster, which is named as for
// [Server.EditCluster]. It panics if the cluster does not exist.
func (s *Server) AddSnapshotTo(scope Scope, cluster, snapshot string) string {
	doc := mustParse(snapshot)
	s.mu.Lock()
	defer s.mu.Unlock()
	id := asString(doc["id"])
	if id == "" {
		id = s.newID(s.now())
		doc["id"] = id
	}
	res := s.cluster(scope, cluster)
	res.storeSnapshot(&storedSnapshot{id: id, resource: res, doc: doc})
	return id
}

func (r *resource) storeSnapshot(snap *storedSnapshot) { r.stored = append(r.allSnapshots(), snap) }

// allSnapshots returns every snapshot that was not deleted, oldest first. The first call adds those of
// a new server.
func (r *resource) allSnapshots() []*storedSnapshot {
	if r.stored == nil {
		for _, seed := range slices.Backward(r.snapshots) {
			r.stored = append(r.stored, newSeed(r, seed))
		}
	}
	return r.stored
}

func newSeed(res *resource, seed seedSnapshot) *storedSnapshot {
	date, _ := time.Parse(time.RFC3339, seed.date)
	snap := &storedSnapshot{
		id:          seed.id,
		resource:    res,
		isSeed:      true,
		requested:   date.Add(-seedBeforeData),
		completesAt: date.Add(seedAfterData),
		increment:   seed.increment,
		retention:   flexRetention,
	}
	switch res.format {
	case classic:
		snap.requested = date
	case flex:
		snap.requested = date.Add(-seedFlexTime)
		snap.completesAt = date
	case cloud:
	}
	return snap
}

// liveSnapshots returns the snapshots that have not expired, oldest first.
func (s *Server) liveSnapshots(res *resource) []*storedSnapshot {
	var live []*storedSnapshot
	for _, snap := range res.allSnapshots() {
		if !s.hasExpired(snap) {
			live = append(live, snap)
		}
	}
	return live
}

func (s *Server) hasExpired(snap *storedSnapshot) bool {
	if snap.isSeed {
		return false
	}
	expiry := s.snapshotExpiry(snap)
	return !expiry.IsZero() && !s.now().Before(expiry)
}

// snapshotExpiry returns the zero time for a document without one.
func (s *Server) snapshotExpiry(snap *storedSnapshot) time.Time {
	if snap.doc != nil {
		for _, field := range []string{"expires", "expiresAt", "expiration"} {
			if expiry, err := time.Parse(time.RFC3339, asString(snap.doc[field])); err == nil {
				return expiry
			}
		}
		return time.Time{}
	}
	if snap.resource.format == cloud && s.isCompleted(snap) {
		return snap.completesAt.Add(snap.retention)
	}
	return snap.requested.Add(snap.retention)
}

// isCompleted reports whether a snapshot is complete.
func (s *Server) isCompleted(snap *storedSnapshot) bool {
	switch {
	case snap.doc != nil:
		return isCompleteDocument(snap.doc)
	case snap.isSeed:
		return !snap.failed
	default:
		return !snap.failed && !s.now().Before(snap.completesAt)
	}
}

// isCompleteDocument reads complete of classic snapshots, status of others.
func isCompleteDocument(doc map[string]any) bool {
	if complete, ok := doc["complete"].(bool); ok {
		return complete
	}
	return strings.EqualFold(asString(doc["status"]), "completed")
}

// isPast reports whether this share of the time that a snapshot needs has passed.
func (s *Server) isPast(snap *storedSnapshot, percent int64) bool {
	return snap.isSeed || !s.now().Before(snap.at(percent))
}

// at returns the time after this share of the time that a snapshot needs.
func (s *storedSnapshot) at(percent int64) time.Time {
	total := s.completesAt.Sub(s.requested).Nanoseconds()
	return s.requested.Add(time.Duration(total / 100 * percent))
}

// dataTime returns the time of the data.
func (s *storedSnapshot) dataTime() time.Time {
	switch {
	case s.resource.format == flex:
		return s.completesAt
	case !s.isSeed:
		return s.at(dataPercent)
	case s.resource.format == classic:
		return s.requested
	default:
		return s.requested.Add(seedBeforeData)
	}
}

// restorePoint returns the time of the data as jobs repeat it, and the increment of the oplog.
func (s *storedSnapshot) restorePoint() (date string, increment int) {
	if s.doc == nil {
		return formatISO(s.dataTime()), s.increment
	}
	oplog, _ := s.doc["lastOplogAppliedTimestamp"].(map[string]any)
	created, _ := s.doc["created"].(map[string]any)
	for _, value := range []any{oplog["date"], created["date"], s.doc["createdAt"], s.doc["finishTime"]} {
		if date = asString(value); date != "" {
			break
		}
	}
	return date, 1
}

// renderSnapshot returns the current document of a snapshot.
func (s *Server) renderSnapshot(snap *storedSnapshot, origin string) map[string]any {
	switch {
	case snap.doc != nil:
		return cloneJSON(snap.doc).(map[string]any)
	case snap.resource.format == cloud:
		return s.cloudSnapshot(snap, origin)
	case snap.resource.format == flex:
		return s.flexSnapshot(snap)
	default:
		return s.classicSnapshot(snap, origin)
	}
}

// findSnapshot finds a snapshot that has not expired.
func (s *Server) findSnapshot(res *resource, id string) (*storedSnapshot, *apiError) {
	live := s.liveSnapshots(res)
	i := slices.IndexFunc(live, func(snap *storedSnapshot) bool { return snap.id == id })
	if i >= 0 {
		return live[i], nil
	}
	code := "SNAPSHOT_NOT_FOUND"
	if res.isHost() {
		code = "CONFIG_SNAPSHOT_NOT_FOUND"
	}
	return nil, newAPIError(http.StatusNotFound, code, "No snapshot with ID "+id+" exists for "+res.name+".", id)
}

// resolveSnapshot sets a snapshot as the restore point. One that has expired is refused by a code of its own.
func (c *createPlan) resolveSnapshot(s *Server, res *resource, value any) *apiError {
	id := asString(value)
	for _, snap := range res.allSnapshots() {
		if snap.id == id && s.hasExpired(snap) {
			return newAPIError(http.StatusConflict, res.deletedSnapshotCode(), "The snapshot "+id+" was deleted.", id)
		}
	}
	snap, err := s.findSnapshot(res, id)
	switch {
	case err != nil:
		return err
	case !s.isCompleted(snap):
		code := "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT"
		if c.download {
			code = "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT"
		}
		return newAPIError(http.StatusConflict, code, "The snapshot "+id+" is not complete.", id)
	}
	c.snapshot = id
	c.date, c.increment = snap.restorePoint()
	return nil
}

func (r *resource) deletedSnapshotCode() string {
	if r.shards > 0 {
		return "CANNOT_START_RESTORE_JOB_FOR_DELETED_CLUSTER_SNAPSHOT"
	}
	return "CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT"
}
