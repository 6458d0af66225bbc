package restorejobstest

import (
	"net/http"
	"slices"
	"strings"
)

// shardedClusters stands where a snapshot id could, and names the list of sharded Atlas
// clusters.
const shardedClusters = "shardedClusters"

// AddSnapshot adds a snapshot to [Scope.Cluster], as its newest, and returns its id. The
// snapshot is a JSON object and is sent as it is. A snapshot without an id gets one. A
// create from a snapshot that is not complete responds with 409. AddSnapshot panics on
// anything that is not a JSON object.
func (s *Server) AddSnapshot(scope Scope, snapshot string) string {
	doc := mustParse(snapshot)
	s.mu.Lock()
	defer s.mu.Unlock()
	id := text(doc["id"])
	if id == "" {
		id = s.newID(s.now())
		doc["id"] = id
	}
	t := s.target(scope)
	t.added = append(t.added, doc)
	return id
}

func (s *Server) listSnapshots(x *exchange) (*reply, *apiError) {
	t := x.route.target
	var docs []map[string]any
	if !t.listsShards() { // what the service lists here for a sharded cluster is unknown
		docs = t.snapshotDocuments()
	}
	if t.filtersSnapshots() {
		docs = filterCompleted(docs, x.query.completed)
	}
	return s.jsonReply(x, http.StatusOK, s.page(x, len(docs), func(i int) map[string]any { return docs[i] })), nil
}

// listShardedClusters has no pages: the specification has no parameters for them.
func (s *Server) listShardedClusters(x *exchange) (*reply, *apiError) {
	results := []any{}
	if t := x.route.target; t.listsShards() {
		for _, doc := range t.snapshotDocuments() {
			results = append(results, doc)
		}
	}
	return s.jsonReply(x, http.StatusOK, map[string]any{
		"results":    results,
		"links":      []any{link("self", x.origin+x.path)},
		"totalCount": len(results),
	}), nil
}

// listsShards reports whether the snapshots of a target are in the list for sharded clusters.
func (t *target) listsShards() bool { return t.family == cloud && t.shards > 0 }

// filtersSnapshots reports whether the list of snapshots has the parameter completed.
func (t *target) filtersSnapshots() bool {
	opsManagerCluster := t.opsManager() && !t.host()
	return opsManagerCluster || t.scope == AtlasV2LegacyCluster
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

// isComplete reports whether a snapshot can be restored, by the field of its family.
func isComplete(doc map[string]any) bool {
	if complete, ok := doc["complete"].(bool); ok {
		return complete
	}
	return strings.EqualFold(text(doc["status"]), "completed")
}

// snapshotDocuments are the snapshots of a target in the order of its list. Flex clusters
// list the oldest first.
func (t *target) snapshotDocuments() []map[string]any {
	docs := make([]map[string]any, 0, len(t.added)+len(t.snapshots))
	for _, doc := range slices.Backward(t.added) {
		docs = append(docs, clone(doc).(map[string]any))
	}
	for _, snap := range t.snapshots {
		docs = append(docs, snapshotDocument(t, snap))
	}
	if t.family == flex {
		slices.Reverse(docs)
	}
	return docs
}

func snapshotDocument(t *target, snap snapshot) map[string]any {
	switch t.family {
	case cloud:
		return map[string]any{
			"id": snap.id, "createdAt": snap.date, "status": "completed", "snapshotType": "scheduled",
			"type": t.topology(), "mongodVersion": "8.0.12", "storageSizeBytes": 1 << 20, "links": []any{},
		}
	case flex:
		return map[string]any{
			"id": snap.id, "status": "COMPLETED", "mongoDBVersion": "8.0.12",
			"scheduledTime": snap.date, "startTime": snap.date, "finishTime": snap.date,
		}
	default:
		return map[string]any{
			"id": snap.id, "groupId": t.project, t.idField(): t.id(), "complete": true, "doNotDelete": false,
			"created": map[string]any{"date": snap.date, "increment": snap.increment}, "parts": []any{}, "links": []any{},
		}
	}
}

func (t *target) topology() string {
	if t.shards > 0 {
		return "shardedCluster"
	}
	return "replicaSet"
}

// takeSnapshot makes a snapshot the restore point.
func (p *plan) takeSnapshot(t *target, value any) *apiError {
	id := text(value)
	if i := slices.IndexFunc(t.added, func(doc map[string]any) bool { return doc["id"] == id }); i >= 0 {
		return p.takeAdded(id, t.added[i])
	}
	snap, ok := t.snapshot(id)
	if !ok {
		code := "SNAPSHOT_NOT_FOUND"
		if t.host() {
			code = "CONFIG_SNAPSHOT_NOT_FOUND"
		}
		return fail(http.StatusNotFound, code, "No snapshot with ID "+id+" exists for "+t.name+".", id)
	}
	p.snapshot, p.date, p.increment = snap.id, snap.date, snap.increment
	return nil
}

// takeAdded makes a snapshot of [Server.AddSnapshot] the restore point.
func (p *plan) takeAdded(id string, doc map[string]any) *apiError {
	if !isComplete(doc) {
		code := "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT"
		if p.download {
			code = "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT"
		}
		return fail(http.StatusConflict, code, "The snapshot "+id+" is not complete.", id)
	}
	p.snapshot = id
	p.increment = 1
	created, _ := doc["created"].(map[string]any)
	for _, date := range []any{created["date"], doc["createdAt"], doc["finishTime"]} {
		if p.date = text(date); p.date != "" {
			return nil
		}
	}
	return nil
}
