package restorejobstest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

const (
	// defaultRetention applies to snapshots without a requested retention.
	defaultRetention = 7 * 24 * time.Hour
	day              = 24 * time.Hour
)

// WithSnapshotDuration sets how long a snapshot that was taken is unfinished. Default 173 seconds.
// With 0, a snapshot is complete when it was requested.
func WithSnapshotDuration(d time.Duration) Option {
	return func(o *options) { o.snapshotDuration = d }
}

// TakeSnapshot starts a scheduled snapshot of this cluster of the scope, as its newest, and returns
// its id. The snapshot passes through the states of its variant with time. It expires after a week,
// for flex clusters after eight days. TakeSnapshot panics if the scope has no such cluster.
func (s *Server) TakeSnapshot(scope Scope, cluster string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.startSnapshot(s.cluster(scope, cluster), defaultRetention).id
}

// CompleteSnapshot makes a snapshot complete now, in every cluster that has it. It panics if the
// snapshot does not exist.
func (s *Server) CompleteSnapshot(id string) {
	s.updateSnapshot(id, func(snap *storedSnapshot) {
		snap.failed = false
		if now := s.now(); now.Before(snap.completesAt) {
			snap.completesAt = now
		}
		if snap.doc != nil {
			endDocument(snap, true)
		}
	})
}

// FailSnapshot makes a snapshot fail now, in any state. A snapshot of Cloud Manager, Ops Manager,
// MMS or a legacy cluster has no state for this, and stays incomplete. FailSnapshot panics if the
// snapshot does not exist.
func (s *Server) FailSnapshot(id string) {
	s.updateSnapshot(id, func(snap *storedSnapshot) {
		snap.failed = true
		if now := s.now(); now.Before(snap.completesAt) {
			snap.completesAt = now
		}
		if snap.doc != nil {
			endDocument(snap, false)
		}
	})
}

// endDocument sets the state of a document of [Server.AddSnapshot].
func endDocument(snap *storedSnapshot, complete bool) {
	status := "failed"
	if complete {
		status = "completed"
	}
	switch snap.resource.format {
	case classic:
		snap.doc["complete"] = complete
	case cloud:
		snap.doc["status"] = status
	case flex:
		snap.doc["status"] = map[bool]string{true: "COMPLETED", false: "FAILED"}[complete]
	}
}

// updateSnapshot updates the snapshots with this id, because clusters of a new server share theirs.
func (s *Server) updateSnapshot(id string, f func(*storedSnapshot)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := false
	for _, res := range s.resources {
		for _, snap := range res.allSnapshots() {
			if snap.id == id {
				f(snap)
				found = true
			}
		}
	}
	if !found {
		panic("restorejobstest: unknown snapshot " + id)
	}
}

func (s *Server) startSnapshot(res *resource, retention time.Duration) *storedSnapshot {
	now := s.now()
	snap := &storedSnapshot{
		id:          s.newID(now),
		resource:    res,
		requested:   now,
		completesAt: now.Add(s.opts.snapshotDuration),
		increment:   1,
		retention:   retention,
	}
	if res.format == flex {
		snap.retention = flexRetention
	}
	res.storeSnapshot(snap)
	return snap
}

// takeAtlasSnapshot starts an on-demand snapshot of an Atlas cluster.
func (s *Server) takeAtlasSnapshot(req *request) (*response, *apiError) {
	res := req.route.resource
	body, err := s.readBody(req)
	if err != nil {
		return nil, err
	}
	description, isText := body["description"].(string)
	if _, given := body["description"]; given && !isText {
		return nil, wrongType("description")
	}
	delete(body, "description") // which can be empty, unlike other texts
	known := readOnlyFields("links")
	known["retentionInDays"] = isNumber
	if err := s.checkFields("", body, known); err != nil {
		return nil, err
	}
	for _, snap := range s.liveSnapshots(res) {
		if s.isUnfinished(snap) {
			return nil, newAPIError(http.StatusBadRequest, "UNFINISHED_ON_DEMAND_SNAPSHOT", "Another on-demand snapshot is unfinished.", snap.id)
		}
	}
	retention := defaultRetention
	if days, ok := body["retentionInDays"]; ok {
		retention = time.Duration(parseInt(days)) * day
	}
	snap := s.startSnapshot(res, retention)
	snap.isOnDemand = true
	snap.description = description
	return s.jsonResponse(req, http.StatusOK, s.renderSnapshot(snap, req.origin)), nil
}

// isUnfinished reports whether this on-demand snapshot forbids another one.
func (s *Server) isUnfinished(snap *storedSnapshot) bool {
	if snap.doc != nil {
		status := asString(snap.doc["status"])
		return snap.doc["snapshotType"] == "onDemand" && slices.Contains([]string{"queued", "inProgress"}, status)
	}
	return snap.isOnDemand && !snap.failed && !s.isCompleted(snap)
}

// takeManagerSnapshot starts an on-demand snapshot in Ops Manager, which does not respond with its id.
func (s *Server) takeManagerSnapshot(req *request) (*response, *apiError) {
	res := req.route.resource
	if !res.isOpsManager() {
		return nil, newAPIError(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "Only Ops Manager has on-demand snapshots.", req.method)
	}
	if len(req.body) > 0 {
		return nil, newAPIError(http.StatusBadRequest, "INVALID_JSON", "This resource does not accept a body.")
	}
	days, err := strconv.Atoi(req.query.given.Get("retentionDays"))
	if err != nil || days < 1 {
		return nil, queryError("retentionDays")
	}
	snap := s.startSnapshot(res, time.Duration(days)*day)
	snap.isOnDemand = true
	return s.jsonResponse(req, http.StatusOK, map[string]any{
		"clusterName": res.label,
		"description": "On-demand snapshot",
		"timestamp": map[string]any{
			"increment": snap.increment,
			"time":      snap.requested.Unix(),
			"date":      formatISO(snap.requested),
		},
	}), nil
}

func (s *Server) deleteSnapshot(req *request) (*response, *apiError) {
	return s.removeSnapshot(req, false)
}

func (s *Server) deleteShardedSnapshot(req *request) (*response, *apiError) {
	return s.removeSnapshot(req, true)
}

func (s *Server) removeSnapshot(req *request, sharded bool) (*response, *apiError) {
	res := req.route.resource
	snap, err := s.readSnapshot(req, sharded)
	if err != nil {
		return nil, err
	}
	if snap.doc == nil && !snap.failed && !s.isCompleted(snap) {
		return nil, newAPIError(http.StatusBadRequest, "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT", "The snapshot is in progress.", snap.id)
	}
	res.stored = slices.DeleteFunc(res.stored, func(other *storedSnapshot) bool { return other == snap })
	return s.noContent(req), nil
}
