package restorejobstest

import (
	"math"
	"net/http"
)

// backupConfigEndpoints returns the paths of the backup configurations outside of Atlas.
func backupConfigEndpoints() []endpoint {
	path := publicBase + "/groups/{project}/backupConfigs"
	return []endpoint{
		{
			path:       path,
			operations: map[string]operation{http.MethodGet: {handle: (*Server).listBackupConfigs, query: listQuery()}},
		},
		{
			path:       path + "/{cluster}",
			operations: map[string]operation{http.MethodGet: {handle: (*Server).getBackupConfig}},
		},
		{
			path:       path + "/{cluster}/snapshotSchedule",
			operations: map[string]operation{http.MethodGet: {handle: (*Server).getSnapshotSchedule}},
		},
	}
}

// listBackupConfigs has an entry for each shard and config server too.
func (s *Server) listBackupConfigs(req *request) (*response, *apiError) {
	var docs []map[string]any
	for _, res := range s.clustersOf(s.projectByID(req.route.project)) {
		for _, part := range res.parts() {
			docs = append(docs, s.backupConfigDocument(res, part.id, req.origin))
		}
		docs = append(docs, s.backupConfigDocument(res, res.id(), req.origin))
	}
	return s.jsonResponse(req, http.StatusOK, s.pageDocument(req, len(docs), func(i int) map[string]any { return docs[i] })), nil
}

func (s *Server) getBackupConfig(req *request) (*response, *apiError) {
	res, err := s.findManagerCluster(req)
	if err != nil {
		return nil, err
	}
	return s.jsonResponse(req, http.StatusOK, s.backupConfigDocument(res, req.route.name, req.origin)), nil
}

// findManagerCluster finds the cluster that a path names by its own id or that of a part.
func (s *Server) findManagerCluster(req *request) (*resource, *apiError) {
	id := req.route.name
	for _, res := range s.clustersOf(s.projectByID(req.route.project)) {
		if res.id() == id || res.hasPart(id) {
			return res, nil
		}
	}
	if !hexID.MatchString(id) {
		return nil, newAPIError(http.StatusNotFound, "INVALID_CLUSTER_ID", "An invalid cluster ID "+id+" was specified.", id)
	}
	return nil, clusterNotFoundError(id, req.route.project)
}

// backupConfigDocument has backup on for clusters with snapshots.
func (s *Server) backupConfigDocument(res *resource, id, origin string) map[string]any {
	group := origin + publicBase + "/groups/" + res.project
	status := "INACTIVE"
	if len(res.allSnapshots()) > 0 {
		status = "STARTED"
	}
	doc := map[string]any{
		"groupId":            res.project,
		"clusterId":          id,
		"statusName":         status,
		"storageEngineName":  "WIRED_TIGER",
		"authMechanismName":  "NONE",
		"sslEnabled":         false,
		"encryptionEnabled":  false,
		"provisioned":        true,
		"excludedNamespaces": []any{},
		"links": []any{
			linkDocument("self", group+"/backupConfigs/"+id),
			linkDocument("http://mms.mongodb.com/cluster", group+"/clusters/"+id),
			linkDocument("http://mms.mongodb.com/group", group),
			linkDocument("http://mms.mongodb.com/snapshotSchedule", group+"/backupConfigs/"+id+"/snapshotSchedule"),
		},
	}
	res.applyEdits(backupConfigDocument, doc)
	return doc
}

// getSnapshotSchedule has a window that reaches back to the oldest snapshot.
func (s *Server) getSnapshotSchedule(req *request) (*response, *apiError) {
	res, err := s.findManagerCluster(req)
	if err != nil {
		return nil, err
	}
	hours := 0.0
	if ranges := s.restorableRanges(res); len(ranges) > 0 {
		hours = math.Ceil(s.now().Sub(ranges[0].start).Hours())
	}
	doc := map[string]any{
		"groupId":                        res.project,
		"clusterId":                      req.route.name,
		"snapshotIntervalHours":          24,
		"snapshotRetentionDays":          2,
		"dailySnapshotRetentionDays":     7,
		"weeklySnapshotRetentionWeeks":   4,
		"monthlySnapshotRetentionMonths": 12,
		"pointInTimeWindowHours":         hours,
		"links":                          []any{linkDocument("self", req.origin+req.path)},
	}
	if res.shards > 0 {
		doc["clusterCheckpointIntervalMin"] = 60
	}
	res.applyEdits(scheduleDocument, doc)
	return s.jsonResponse(req, http.StatusOK, doc), nil
}
