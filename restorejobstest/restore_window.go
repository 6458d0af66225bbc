package restorejobstest

import (
	"net/http"
	"time"
)

// futureWindow is how far back a point in time can be restored if all snapshots are in the future,
// as at the start of a bubble of testing/synctest.
const futureWindow = 24 * time.Hour

// restorableSince returns the time and the snapshot from which points in time can be restored: the
// oldest complete snapshot that is not in the future. It is the zero time if there is none.
func (s *Server) restorableSince(res *resource) (time.Time, *storedSnapshot) {
	now := s.now()
	var start time.Time
	var base *storedSnapshot
	var future *storedSnapshot
	for _, snap := range s.liveSnapshots(res) {
		date, _ := snap.restorePoint()
		at, err := time.Parse(time.RFC3339, date)
		switch {
		case err != nil, !s.isRestorable(snap):
		case at.After(now):
			future = snap
		case base == nil, at.Before(start):
			start = at
			base = snap
		}
	}
	if base == nil && future != nil {
		return now.Add(-futureWindow), future
	}
	return start, base
}

// timeRanges responds with an array, without the usual object around a list. Without a complete
// snapshot the array is empty.
func (s *Server) timeRanges(req *request) (*response, *apiError) {
	if len(req.body) > 0 {
		return nil, newAPIError(http.StatusBadRequest, "INVALID_JSON", "This resource does not accept a body.")
	}
	res := req.route.resource
	start, base := s.restorableSince(res)
	if base == nil {
		return s.jsonResponse(req, http.StatusOK, []any{}), nil
	}
	doc := map[string]any{
		"start":      timestampDocument(start.Truncate(time.Second), 1),
		"end":        timestampDocument(s.now().Truncate(time.Second), 1),
		"snapshotId": base.id,
	}
	if res.shards > 0 {
		doc["shardCount"] = res.shards
		doc["configServerType"] = configServerLabels[res.configServer]
	}
	return s.jsonResponse(req, http.StatusOK, []any{doc}), nil
}

// configServerLabels has the types of config servers as time ranges spell them.
var configServerLabels = map[string]string{
	dedicatedConfig: "Dedicated",
	embeddedConfig:  "Embedded",
}

// checkPoint refuses a point in time that cannot be restored. The time of the oldest snapshot
// itself is refused too, though documents include the start of a range.
func (s *Server) checkPoint(res *resource, at time.Time) *apiError {
	start, base := s.restorableSince(res)
	isBefore := base == nil || !at.After(start)
	switch {
	case res.format == cloud:
		return s.checkAtlasPoint(res, at, isBefore)
	case !isBefore:
		return nil
	case res.isAtlas():
		return invalidTimeError(at)
	default:
		return newAPIError(http.StatusBadRequest, "VALIDATION_ERROR", "Invalid restore point: no snapshot is older than the restore point.", formatISO(at))
	}
}

// checkAtlasPoint refuses a point outside of the window, or without a snapshot before it.
func (s *Server) checkAtlasPoint(res *resource, at time.Time, hasNoSnapshot bool) *apiError {
	if !res.isServerless() {
		window := time.Duration(s.windowDays(res) * 24 * float64(time.Hour))
		isOff := s.clusterNow(res)["pitEnabled"] == false
		if isOff || at.Before(s.now().Add(-window)) {
			return invalidTimeError(at)
		}
	}
	if hasNoSnapshot {
		return newAPIError(http.StatusNotFound, "UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME",
			"No snapshot exists before "+formatISO(at)+".", formatISO(at))
	}
	return nil
}

func invalidTimeError(at time.Time) *apiError {
	return newAPIError(http.StatusBadRequest, "INVALID_PIT_RESTORE_TIME", "The time "+formatISO(at)+" cannot be restored.", formatISO(at))
}
