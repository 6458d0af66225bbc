package restorejobstest

import "net/http"

// managerClusterEndpoints returns the paths of the clusters of Cloud Manager, Ops Manager and MMS.
func managerClusterEndpoints() []endpoint {
	return []endpoint{
		{
			path:       publicBase + "/groups/{project}/clusters",
			operations: map[string]operation{http.MethodGet: {handle: (*Server).listManagerClusters, query: listQuery()}},
		},
		{
			path:       publicBase + "/groups/{project}/clusters/{cluster}",
			operations: map[string]operation{http.MethodGet: {handle: (*Server).getManagerCluster}},
		},
	}
}

func (s *Server) listManagerClusters(req *request) (*response, *apiError) {
	var docs []map[string]any
	for _, res := range s.clustersOf(s.projectByID(req.route.project)) {
		docs = append(docs, s.managerClusterDocuments(res, req.origin)...)
	}
	return s.jsonResponse(req, http.StatusOK, s.pageDocument(req, len(docs), func(i int) map[string]any { return docs[i] })), nil
}

// getManagerCluster finds shards and config servers too.
func (s *Server) getManagerCluster(req *request) (*response, *apiError) {
	res, err := s.findManagerCluster(req)
	if err != nil {
		return nil, err
	}
	for _, doc := range s.managerClusterDocuments(res, req.origin) {
		if doc["id"] == req.route.name {
			return s.jsonResponse(req, http.StatusOK, doc), nil
		}
	}
	return nil, clusterNotFoundError(req.route.name, req.route.project)
}

// managerClusterDocuments returns the entries of a cluster. The shards and the config server of a
// sharded cluster come first, under the same name; the entry of the whole cluster comes last.
func (s *Server) managerClusterDocuments(res *resource, origin string) []map[string]any {
	var docs []map[string]any
	for _, part := range res.parts() {
		if res.isMMS() && part.shard == "" {
			continue // its config servers are not a replica set
		}
		doc := s.managerClusterDocument(res, part.id, part.typeName, origin)
		doc["replicaSetName"] = part.replicaSet
		if part.shard != "" {
			doc["shardName"] = part.shard
		}
		docs = append(docs, doc)
	}
	typeName := "REPLICA_SET"
	switch {
	case res.shards > 0 && res.isMMS():
		typeName = "SHARDED"
	case res.shards > 0:
		typeName = "SHARDED_REPLICA_SET"
	}
	whole := s.managerClusterDocument(res, res.id(), typeName, origin)
	if res.shards == 0 {
		whole["replicaSetName"] = res.label
	}
	res.applyEdits(clusterDocument, whole)
	return append(docs, whole)
}

func (s *Server) managerClusterDocument(res *resource, id, typeName, origin string) map[string]any {
	group := origin + publicBase + "/groups/" + res.project
	return map[string]any{
		"id":            id,
		"groupId":       res.project,
		"clusterName":   res.label,
		"typeName":      typeName,
		"lastHeartbeat": formatISO(s.now()),
		"links": []any{
			linkDocument("self", group+"/clusters/"+id),
			linkDocument("http://mms.mongodb.com/group", group),
		},
	}
}
