package restorejobstest

import (
	"net/http"
	"slices"
	"strings"
)

// shardedClusters takes the place of a snapshot id in the path of this list.
const shardedClusters = "shardedClusters"

// AddSnapshot adds a snapshot to [Scope.Cluster], as its newest, and returns its id. The
// snapshot is a JSON object, which is sent unchanged. A snapshot without an id gets one. A
// create from a snapshot that is not complete gets 409. AddSnapshot panics if snapshot is not
// a JSON object.
func (s *Server) AddSnapshot(scope Scope, snapshot string) string {
	doc := mustParse(snapshot)
	s.mu.Lock()
	defer s.mu.Unlock()
	id := asString(doc["id"])
	if id == "" {
		id = s.newID(s.now())
		doc["id"] = id
	}
	res := s.resource(scope)
	res.addedSnapshots = append(res.addedSnapshots, doc)
	return id
}

func (s *Server) listSnapshots(req *request) (*response, *apiError) {
	res := req.route.resource
	var docs []map[string]any
	if !res.hasShardedSnapshotList() { // else the list is empty; that of the service is unknown
		docs = res.snapshotDocuments()
	}
	switch {
	case res.canFilterSnapshots():
		docs = filterCompleted(docs, req.query.completed)
	case req.query.given.Has("completed"):
		return nil, queryError("completed")
	}
	return s.jsonResponse(req, http.StatusOK, s.pageDocument(req, len(docs), func(i int) map[string]any { return docs[i] })), nil
}

// listShardedClusters is not paginated: the specification has no parameters for pages.
func (s *Server) listShardedClusters(req *request) (*response, *apiError) {
	results := []any{}
	if res := req.route.resource; res.hasShardedSnapshotList() {
		for _, doc := range res.snapshotDocuments() {
			results = append(results, doc)
		}
	}
	return s.jsonResponse(req, http.StatusOK, map[string]any{
		"results":    results,
		"links":      []any{linkDocument("self", req.origin+req.path)},
		"totalCount": len(results),
	}), nil
}

// hasShardedSnapshotList reports whether the snapshots of a target are in the list for sharded clusters.
func (r *resource) hasShardedSnapshotList() bool { return r.format == cloud && r.shards > 0 }

// canFilterSnapshots reports whether the list of snapshots has the parameter completed.
func (r *resource) canFilterSnapshots() bool {
	opsManagerCluster := r.isOpsManager() && !r.isHost()
	return opsManagerCluster || r.scope == AtlasV2LegacyCluster
}

func filterCompleted(docs []map[string]any, completed string) []map[string]any {
	return slices.DeleteFunc(docs, func(doc map[string]any) bool {
		switch completed {
		case "all":
			return false
		case "false":
			return isComplete(doc)
		default:
			return !isComplete(doc)
		}
	})
}

// isComplete reports whether a snapshot can be restored: classic snapshots have complete, others status.
func isComplete(doc map[string]any) bool {
	if complete, ok := doc["complete"].(bool); ok {
		return complete
	}
	return strings.EqualFold(asString(doc["status"]), "completed")
}

// snapshotDocuments returns the snapshots in the order of the list: for flex clusters the oldest first.
func (r *resource) snapshotDocuments() []map[string]any {
	docs := make([]map[string]any, 0, len(r.addedSnapshots)+len(r.snapshots))
	for _, doc := range slices.Backward(r.addedSnapshots) {
		docs = append(docs, cloneJSON(doc).(map[string]any))
	}
	for _, snap := range r.snapshots {
		docs = append(docs, snapshotDocument(r, snap))
	}
	if r.format == flex {
		slices.Reverse(docs)
	}
	return docs
}

func snapshotDocument(res *resource, snap snapshot) map[string]any {
	switch res.format {
	case cloud:
		return map[string]any{
			"id":               snap.id,
			"createdAt":        snap.date,
			"status":           "completed",
			"snapshotType":     "scheduled",
			"type":             res.topology(),
			"mongodVersion":    "8.0.12",
			"storageSizeBytes": 1 << 20,
			"links":            []any{},
		}
	case flex:
		return map[string]any{
			"id":             snap.id,
			"status":         "COMPLETED",
			"mongoDBVersion": "8.0.12",
			"scheduledTime":  snap.date,
			"startTime":      snap.date,
			"finishTime":     snap.date,
		}
	default:
		return map[string]any{
			"id":          snap.id,
			"groupId":     res.project,
			res.idField(): res.id(),
			"complete":    true,
			"doNotDelete": false,
			"created":     map[string]any{"date": snap.date, "increment": snap.increment},
			"parts":       []any{},
			"links":       []any{},
		}
	}
}

func (r *resource) topology() string {
	if r.shards > 0 {
		return "shardedCluster"
	}
	return "replicaSet"
}

// resolveSnapshot sets a snapshot as the restore point.
func (c *createPlan) resolveSnapshot(res *resource, value any) *apiError {
	id := asString(value)
	if i := slices.IndexFunc(res.addedSnapshots, func(doc map[string]any) bool { return doc["id"] == id }); i >= 0 {
		return c.resolveAddedSnapshot(id, res.addedSnapshots[i])
	}
	snap, ok := res.snapshot(id)
	if !ok {
		code := "SNAPSHOT_NOT_FOUND"
		if res.isHost() {
			code = "CONFIG_SNAPSHOT_NOT_FOUND"
		}
		return newAPIError(http.StatusNotFound, code, "No snapshot with ID "+id+" exists for "+res.name+".", id)
	}
	c.snapshot = snap.id
	c.date = snap.date
	c.increment = snap.increment
	return nil
}

// resolveAddedSnapshot sets a snapshot of [Server.AddSnapshot] as the restore point.
func (c *createPlan) resolveAddedSnapshot(id string, doc map[string]any) *apiError {
	if !isComplete(doc) {
		code := "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT"
		if c.download {
			code = "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT"
		}
		return newAPIError(http.StatusConflict, code, "The snapshot "+id+" is not complete.", id)
	}
	c.snapshot = id
	c.increment = 1
	created, _ := doc["created"].(map[string]any)
	for _, date := range []any{created["date"], doc["createdAt"], doc["finishTime"]} {
		if c.date = asString(date); c.date != "" {
			return nil
		}
	}
	return nil
}
