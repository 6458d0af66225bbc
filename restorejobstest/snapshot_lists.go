package restorejobstest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// The names that stand where a snapshot id could be.
const (
	shardedClusters  = "shardedClusters"
	shardedCluster   = "shardedCluster"
	onDemandSnapshot = "onDemandSnapshot"
)

// A SnapshotOrder is the order of lists of snapshots. It does not apply to flex clusters, whose
// lists begin with the oldest snapshot.
type SnapshotOrder int

// The orders of snapshots.
const (
	// SnapshotsUnsorted is the default, because no source states the order of these lists. From
	// two snapshots on the first is not the newest, and from three on the last is not.
	SnapshotsUnsorted SnapshotOrder = iota
	// SnapshotsNewestFirst begins with the snapshot that was added last.
	SnapshotsNewestFirst
	// SnapshotsOldestFirst ends with the snapshot that was added last.
	SnapshotsOldestFirst
)

// WithSnapshotOrder sets the order of lists of snapshots. Default [SnapshotsUnsorted].
func WithSnapshotOrder(order SnapshotOrder) Option {
	return func(o *options) { o.snapshotOrder = order }
}

// listSnapshots responds with an empty list for a sharded Atlas cluster; that of the service is unknown.
func (s *Server) listSnapshots(req *request) (*response, *apiError) {
	res := req.route.resource
	var snaps []*storedSnapshot
	if !res.hasShardedSnapshotList() {
		snaps = s.orderedSnapshots(res)
	}
	switch {
	case res.canFilterSnapshots():
		snaps = s.filterCompleted(snaps, req.query.completed)
	case req.query.given.Has("completed"):
		return nil, queryError("completed")
	}
	before, err := searchTime(req)
	if err != nil {
		return nil, err
	}
	if !before.IsZero() {
		snaps = s.closestSnapshot(snaps, before)
	}
	return s.jsonResponse(req, http.StatusOK, s.pageDocument(req, len(snaps), func(i int) map[string]any {
		return s.renderSnapshot(snaps[i], req.origin)
	})), nil
}

// listShardedClusters is not paginated: the specification has no parameters for pages.
func (s *Server) listShardedClusters(req *request) (*response, *apiError) {
	results := []any{}
	if res := req.route.resource; res.hasShardedSnapshotList() {
		for _, snap := range s.orderedSnapshots(res) {
			results = append(results, s.renderSnapshot(snap, req.origin))
		}
	}
	return s.jsonResponse(req, http.StatusOK, map[string]any{
		"results":    results,
		"links":      []any{linkDocument("self", req.origin+req.path)},
		"totalCount": len(results),
	}), nil
}

// getSnapshot does not find the snapshots of a sharded Atlas cluster, as listSnapshots.
func (s *Server) getSnapshot(req *request) (*response, *apiError) {
	snap, err := s.readSnapshot(req, false)
	if err != nil {
		return nil, err
	}
	return s.jsonResponse(req, http.StatusOK, s.renderSnapshot(snap, req.origin)), nil
}

// getShardedSnapshot finds the snapshots of sharded clusters only.
func (s *Server) getShardedSnapshot(req *request) (*response, *apiError) {
	snap, err := s.readSnapshot(req, true)
	if err != nil {
		return nil, err
	}
	return s.jsonResponse(req, http.StatusOK, s.renderSnapshot(snap, req.origin)), nil
}

// readSnapshot returns the snapshot that the path names.
func (s *Server) readSnapshot(req *request, sharded bool) (*storedSnapshot, *apiError) {
	res := req.route.resource
	id := req.route.id
	if err := checkID("snapshotId", id); err != nil {
		return nil, err
	}
	if res.hasShardedSnapshotList() != sharded {
		return nil, newAPIError(http.StatusNotFound, "SNAPSHOT_NOT_FOUND", "No snapshot with ID "+id+" exists for "+res.name+".", id)
	}
	return s.findSnapshot(res, id)
}

// hasShardedSnapshotList reports whether the snapshots of a target are in the list for sharded clusters.
func (r *resource) hasShardedSnapshotList() bool { return r.format == cloud && r.shards > 0 }

// canFilterSnapshots reports whether the list of snapshots has the parameter completed.
func (r *resource) canFilterSnapshots() bool {
	opsManagerCluster := r.isOpsManager() && !r.isHost()
	return opsManagerCluster || r.scope == AtlasV2LegacyCluster
}

func (s *Server) filterCompleted(snaps []*storedSnapshot, completed string) []*storedSnapshot {
	return slices.DeleteFunc(snaps, func(snap *storedSnapshot) bool {
		switch completed {
		case "all":
			return false
		case "false":
			return s.isCompleted(snap)
		default:
			return !s.isCompleted(snap)
		}
	})
}

// orderedSnapshots returns the snapshots in the order of the list.
func (s *Server) orderedSnapshots(res *resource) []*storedSnapshot {
	snaps := s.liveSnapshots(res)
	last := len(snaps) - 1
	switch {
	case res.format == flex || s.opts.snapshotOrder == SnapshotsOldestFirst:
	case s.opts.snapshotOrder == SnapshotsNewestFirst:
		slices.Reverse(snaps)
	case last > 1:
		slices.Reverse(snaps[last-1:])
	}
	return snaps
}

// searchTime returns the time that the query searches a snapshot for, or the zero time.
func searchTime(req *request) (time.Time, *apiError) {
	given := req.query.given
	for _, name := range []string{"pointInTimeUtcSeconds", "oplogTs", "oplogInc"} {
		if !given.Has(name) {
			continue
		}
		if n, err := strconv.ParseInt(given.Get(name), 10, 64); err != nil || n < 0 {
			return time.Time{}, queryError(name)
		}
	}
	hasTime := given.Has("pointInTimeUtcSeconds")
	hasOplog := given.Has("oplogTs")
	switch {
	case hasOplog != given.Has("oplogInc"):
		return time.Time{}, queryError("oplogInc")
	case hasTime && hasOplog:
		return time.Time{}, queryError("oplogTs")
	case hasTime:
		return parseSeconds(given.Get("pointInTimeUtcSeconds")), nil
	case hasOplog:
		return parseSeconds(given.Get("oplogTs")), nil
	default:
		return time.Time{}, nil
	}
}

func parseSeconds(text string) time.Time { return time.Unix(int64(parseInt(text)), 0) }

// closestSnapshot returns the newest snapshot whose data is older. It can be one that is not complete:
// whether the service omits those is unknown.
func (s *Server) closestSnapshot(snaps []*storedSnapshot, before time.Time) []*storedSnapshot {
	var closest []*storedSnapshot
	var newest time.Time
	for _, snap := range snaps {
		createdAt, err := time.Parse(time.RFC3339, asString(s.renderSnapshot(snap, "")["createdAt"]))
		if err == nil && createdAt.Before(before) && createdAt.After(newest) {
			newest = createdAt
			closest = []*storedSnapshot{snap}
		}
	}
	return closest
}
