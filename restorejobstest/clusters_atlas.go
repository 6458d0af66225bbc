package restorejobstest

import (
	"maps"
	"net/http"
	"slices"
)

// Version dates of the Atlas clusters.
const (
	clusters2023January  = "2023-01-01"
	clusters2023February = "2023-02-01"
	clusters2024         = "2024-08-05"
)

// atlasClusterEndpoints returns the paths of the clusters and instances of Atlas. The name is not
// {cluster}, because the operations find the cluster themselves.
func atlasClusterEndpoints() []endpoint {
	return slices.Concat(
		namedEndpoints(v1Base, "clusters", nil),
		namedEndpoints(v1Base, "serverless", nil),
		namedEndpoints(v2Base, "clusters", map[string]deprecation{
			clusters2023January:  {},
			clusters2023February: endOf2023Versions,
			clusters2024:         {},
		}),
		namedEndpoints(v2Base, "serverless", map[string]deprecation{"2023-01-01": endOfServerless}),
		namedEndpoints(v2Base, "flexClusters", map[string]deprecation{"2024-11-13": {}}),
	)
}

// namedEndpoints returns a list of clusters and one cluster.
func namedEndpoints(base, collection string, ends map[string]deprecation) []endpoint {
	query := listQuery()
	rateLimit := 0
	if collection == "clusters" {
		rateLimit = 10000
		query = listQuery("includeDeletedWithRetainedBackups")
	}
	list := func(s *Server, req *request) (*response, *apiError) { return s.listAtlasClusters(req, collection) }
	get := func(s *Server, req *request) (*response, *apiError) { return s.getAtlasCluster(req, collection) }
	path := base + "/groups/{project}/" + collection
	return []endpoint{
		{
			path:       path,
			versions:   slices.Sorted(maps.Keys(ends)),
			ends:       ends,
			rateLimit:  rateLimit,
			operations: map[string]operation{http.MethodGet: {handle: list, query: query}},
		},
		{
			path:       path + "/{name}",
			versions:   slices.Sorted(maps.Keys(ends)),
			ends:       ends,
			rateLimit:  rateLimit,
			operations: map[string]operation{http.MethodGet: {handle: get}},
		},
	}
}

func (s *Server) listAtlasClusters(req *request, collection string) (*response, *apiError) {
	deleted := req.query.given.Get("includeDeletedWithRetainedBackups")
	if deleted != "" && deleted != "true" && deleted != "false" {
		return nil, queryError("includeDeletedWithRetainedBackups")
	}
	var found []*resource
	for _, res := range s.resources {
		if res.project == req.route.project && res.collection == collection {
			found = append(found, res)
		}
	}
	doc := s.pageDocument(req, len(found), func(i int) map[string]any { return s.atlasDocument(req, found[i]) })
	return s.jsonResponse(req, http.StatusOK, doc), nil
}

// getAtlasCluster refuses a cluster of another kind by its own code where that is known.
func (s *Server) getAtlasCluster(req *request, collection string) (*response, *apiError) {
	name := req.route.values["name"]
	res := s.findCluster(req.route.project, name)
	switch {
	case res == nil:
		return nil, clusterNotFoundError(name, req.route.project)
	case res.collection == collection:
		return s.jsonResponse(req, http.StatusOK, s.atlasDocument(req, res)), nil
	case collection == "flexClusters":
		return nil, newAPIError(http.StatusBadRequest, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", "Cannot use non-flex cluster "+name+" in the flex API.", name)
	case res.format == flex && collection == "clusters":
		return nil, newAPIError(http.StatusBadRequest, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "Flex cluster "+name+" cannot be used in the Cluster API.", name)
	default:
		return nil, clusterNotFoundError(name, req.route.project)
	}
}

// atlasDocument returns the document of a cluster in the version of the request.
func (s *Server) atlasDocument(req *request, res *resource) map[string]any {
	version := req.version
	if req.route.basePath == v1Base {
		version = clusters2023January
	}
	return s.renderAtlas(res, version, req.origin)
}

func (s *Server) renderAtlas(res *resource, version, origin string) map[string]any {
	doc := map[string]any{
		"id":                           res.id(),
		"groupId":                      res.project,
		"name":                         res.name,
		"stateName":                    "IDLE",
		"mongoDBVersion":               atlasClusterVersion,
		"createDate":                   "2020-12-01T00:00:00Z",
		"connectionStrings":            map[string]any{"standardSrv": "mongodb+srv://" + res.id() + ".example.net"},
		"tags":                         []any{},
		"terminationProtectionEnabled": false,
	}
	switch {
	case res.format == flex:
		addFlexFields(doc)
	case res.isServerless():
		addServerlessFields(res, doc, origin)
	default:
		addClusterFields(res, doc, version, origin)
	}
	res.applyEdits(clusterDocument, doc)
	return doc
}

// atlasClusterVersion is the version of every cluster of Atlas.
const atlasClusterVersion = "8.0.29"

func addFlexFields(doc map[string]any) {
	doc["clusterType"] = "REPLICASET"
	doc["versionReleaseSystem"] = "LTS"
	doc["backupSettings"] = map[string]any{"enabled": true}
	doc["providerSettings"] = map[string]any{
		"backingProviderName": "AWS",
		"diskSizeGB":          5.0,
		"providerName":        "FLEX",
		"regionName":          "US_EAST_1",
	}
}

func addServerlessFields(res *resource, doc map[string]any, origin string) {
	doc["links"] = atlasLinks(res, origin)
	doc["serverlessBackupOptions"] = map[string]any{"serverlessContinuousBackupEnabled": true}
	doc["providerSettings"] = map[string]any{
		"backingProviderName": "AWS",
		"providerName":        "SERVERLESS",
		"regionName":          "US_EAST_1",
	}
}

func addClusterFields(res *resource, doc map[string]any, version, origin string) {
	hasCloudBackup := !res.isAtlasLegacy()
	doc["clusterType"] = "REPLICASET"
	if res.shards > 0 {
		doc["clusterType"] = "SHARDED"
		doc["configServerManagementMode"] = "ATLAS_MANAGED"
		doc["configServerType"] = res.configServer
	}
	doc["mongoDBMajorVersion"] = "8.0"
	doc["versionReleaseSystem"] = "LTS"
	doc["encryptionAtRestProvider"] = "NONE"
	doc["rootCertType"] = "ISRGROOTX1"
	doc["labels"] = []any{}
	doc["links"] = atlasLinks(res, origin)
	doc["paused"] = false
	doc["pitEnabled"] = hasCloudBackup
	doc["backupEnabled"] = hasCloudBackup
	switch version {
	case clusters2023January:
		doc["backupEnabled"] = !hasCloudBackup // of legacy backup
		doc["providerBackupEnabled"] = hasCloudBackup
		addLegacyTopology(res, doc)
	case clusters2023February:
		doc["diskSizeGB"] = diskSize
		doc["replicationSpecs"] = []any{zoneSpec(res, map[string]any{"numShards": max(res.shards, 1)}, nil)}
	default:
		doc["featureCompatibilityVersion"] = "8.0"
		var specs []any
		for range max(res.shards, 1) {
			specs = append(specs, zoneSpec(res, map[string]any{}, map[string]any{"diskSizeGB": diskSize}))
		}
		doc["replicationSpecs"] = specs
	}
}
