package restorejobstest

import (
	"net/http"
	"slices"
	"time"
)

// futureWindow is how far back a point in time can be restored if all snapshots are in the future,
// as at the start of a bubble of testing/synctest.
const futureWindow = 24 * time.Hour

// A restorableRange is a time in which every point can be restored.
type restorableRange struct {
	start time.Time // itself refused, though documents include it
	end   time.Time // inclusive
	base  *storedSnapshot
}

// An oplogGap is a time of which the oplog is lost.
type oplogGap struct {
	from time.Time
	to   time.Time
}

// AddOplogGap loses the oplog of a cluster between two times. No point can be restored from there
// on, until the next complete snapshot. Its restorable time ranges are then several. The cluster is
// named as for [Server.EditCluster].
func (s *Server) AddOplogGap(scope Scope, cluster string, from, to time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	res := s.cluster(scope, cluster)
	res.gaps = append(res.gaps, oplogGap{from: from.UTC(), to: to.UTC()})
	slices.SortFunc(res.gaps, func(a, b oplogGap) int { return a.from.Compare(b.from) })
}

// restorableRanges returns the ranges of a source, sorted. The first begins at the oldest complete
// snapshot that is not in the future.
func (s *Server) restorableRanges(res *resource) []restorableRange {
	bases := s.baseSnapshots(res)
	var ranges []restorableRange
	for _, gap := range res.gaps {
		if len(bases) == 0 {
			return ranges
		}
		if gap.from.After(bases[0].start) {
			before := bases[0]
			before.end = gap.from
			ranges = append(ranges, before)
		}
		bases = slices.DeleteFunc(bases, func(r restorableRange) bool { return r.start.Before(gap.to) })
	}
	if len(bases) > 0 {
		ranges = append(ranges, bases[0])
	}
	return ranges
}

// baseSnapshots returns a range to now for each complete snapshot, sorted.
func (s *Server) baseSnapshots(res *resource) []restorableRange {
	now := s.now()
	var bases []restorableRange
	var future []restorableRange
	for _, snap := range s.liveSnapshots(res) {
		date, _ := snap.restorePoint()
		at, err := time.Parse(time.RFC3339, date)
		base := restorableRange{
			start: at,
			end:   now,
			base:  snap,
		}
		switch {
		case err != nil, !s.isCompleted(snap):
		case at.After(now):
			base.start = now.Add(-futureWindow)
			future = append(future, base)
		default:
			bases = append(bases, base)
		}
	}
	if len(bases) == 0 {
		return future
	}
	slices.SortStableFunc(bases, func(a, b restorableRange) int { return a.start.Compare(b.start) })
	return bases
}

// timeRanges responds with an array, without the usual object around a list. Without a complete
// snapshot the array is empty.
func (s *Server) timeRanges(req *request) (*response, *apiError) {
	if len(req.body) > 0 {
		return nil, newAPIError(http.StatusBadRequest, "INVALID_JSON", "This resource does not accept a body.")
	}
	res := req.route.resource
	docs := []any{}
	for _, r := range s.restorableRanges(res) {
		doc := map[string]any{
			"start":      timestampDocument(r.start, 1),
			"end":        timestampDocument(r.end, 1),
			"snapshotId": r.base.id,
		}
		if res.shards > 0 {
			doc["shardCount"] = res.shards
			doc["configServerType"] = configServerLabels[res.configServer]
		}
		docs = append(docs, doc)
	}
	return s.jsonResponse(req, http.StatusOK, docs), nil
}

// configServerLabels has the types of config servers as time ranges spell them.
var configServerLabels = map[string]string{
	dedicatedConfig: "Dedicated",
	embeddedConfig:  "Embedded",
}

// checkPoint refuses a point in time that cannot be restored.
func (s *Server) checkPoint(res *resource, at time.Time) *apiError {
	ranges := s.restorableRanges(res)
	isBefore := len(ranges) == 0 || !at.After(ranges[0].start)
	isInside := slices.ContainsFunc(ranges, func(r restorableRange) bool { return at.After(r.start) && !at.After(r.end) })
	switch {
	case res.format == cloud:
		return s.checkAtlasPoint(res, at, isBefore, isInside)
	case isInside:
		return nil
	case res.isAtlas():
		return invalidTimeError(at)
	}
	reason := "the oplog has a gap."
	if isBefore {
		reason = "no snapshot is older than the restore point."
	}
	return newAPIError(http.StatusBadRequest, "VALIDATION_ERROR", "Invalid restore point: "+reason, formatISO(at))
}

// checkAtlasPoint refuses a point outside of the window, or without a snapshot before it.
func (s *Server) checkAtlasPoint(res *resource, at time.Time, isBefore, isInside bool) *apiError {
	if !res.isServerless() {
		window := time.Duration(s.windowDays(res) * 24 * float64(time.Hour))
		isOff := s.clusterNow(res)["pitEnabled"] == false
		if isOff || at.Before(s.now().Add(-window)) {
			return invalidTimeError(at)
		}
	}
	if isBefore {
		return newAPIError(http.StatusNotFound, "UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME",
			"No snapshot exists before "+formatISO(at)+".", formatISO(at))
	}
	if !isInside {
		return invalidTimeError(at)
	}
	return nil
}

func invalidTimeError(at time.Time) *apiError {
	return newAPIError(http.StatusBadRequest, "INVALID_PIT_RESTORE_TIME", "The time "+formatISO(at)+" cannot be restored.", formatISO(at))
}
