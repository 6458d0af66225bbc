package restorejobstest

import (
	"net/http"
	"slices"
)

// A project, also called group.
type project struct {
	id         string
	name       string
	product    string
	basePath   string
	automation automation // Cloud Manager and Ops Manager
}

// AddProject adds a project of the same product as the scope, and returns its id. Several
// projects can have one name; a request by name then gets 409, and the list of projects has them.
func (s *Server) AddProject(scope Scope, name string) string {
	spec := scope.spec()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &project{
		id:       s.newID(s.now()),
		name:     name,
		product:  spec.product(),
		basePath: spec.basePath,
	}
	s.projects = append(s.projects, p)
	return p.id
}

func (s *Server) projectByID(id string) *project {
	i := slices.IndexFunc(s.projects, func(p *project) bool { return p.id == id })
	if i < 0 {
		return nil
	}
	return s.projects[i]
}

func projectEndpoints() []endpoint {
	var all []endpoint
	for _, base := range []string{publicBase, v1Base, v2Base} {
		all = append(all,
			endpoint{
				path:       base + "/groups",
				versions:   []string{"2023-01-01"},
				operations: map[string]operation{http.MethodGet: {handle: (*Server).listProjects, query: listQuery()}},
			},
			endpoint{
				path:       base + "/groups/byName/{name}",
				versions:   []string{"2023-01-01"},
				operations: map[string]operation{http.MethodGet: {handle: (*Server).getProjectByName}},
			},
			endpoint{
				path:       base + "/groups/{project}",
				versions:   []string{"2023-01-01"},
				operations: map[string]operation{http.MethodGet: {handle: (*Server).getProject}},
			},
		)
	}
	return all
}

// listProjects lists the projects of all products with the same paths, oldest first.
func (s *Server) listProjects(req *request) (*response, *apiError) {
	var found []*project
	for _, p := range s.projects {
		if p.basePath == req.route.basePath {
			found = append(found, p)
		}
	}
	page := s.pageDocument(req, len(found), func(i int) map[string]any { return s.projectDocument(found[i], req.origin) })
	return s.jsonResponse(req, http.StatusOK, page), nil
}

// getProjectByName compares whole names, with their case.
func (s *Server) getProjectByName(req *request) (*response, *apiError) {
	name := req.route.values["name"]
	var found []*project
	for _, p := range s.projects {
		if p.basePath == req.route.basePath && p.name == name {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 0:
		return nil, newAPIError(http.StatusNotFound, "GROUP_NAME_NOT_FOUND", "No group with name "+name+" exists.", name)
	case 1:
		return s.jsonResponse(req, http.StatusOK, s.projectDocument(found[0], req.origin)), nil
	default:
		return nil, newAPIError(http.StatusConflict, "MULTIPLE_GROUPS", "Multiple groups with name "+name+" exist.", name)
	}
}

func (s *Server) getProject(req *request) (*response, *apiError) {
	p := s.projectByID(req.route.project)
	return s.jsonResponse(req, http.StatusOK, s.projectDocument(p, req.origin)), nil
}

// projectDocument has a secret outside of Atlas, as in the service: agentApiKey.
func (s *Server) projectDocument(p *project, origin string) map[string]any {
	self := origin + p.basePath + "/groups/" + p.id
	clusters := s.clustersOf(p)
	doc := map[string]any{
		"id":    p.id,
		"name":  p.name,
		"orgId": derivedID(p.product, "organization"),
		"tags":  []any{},
		"links": []any{linkDocument("self", self)},
	}
	if p.basePath != publicBase {
		doc["clusterCount"] = len(clusters)
		doc["created"] = "2014-07-01T00:00:00Z"
		doc["withDefaultAlertsSettings"] = true
		doc["links"] = []any{linkDocument("self", self), linkDocument("https://cloud.mongodb.com/clusters", self+"/clusters")}
		return doc
	}
	replicaSets := 0
	shards := 0
	for _, res := range clusters {
		shards += res.shards
		replicaSets += max(res.shards, 1)
	}
	doc["activeAgentCount"] = 1
	doc["agentApiKey"] = "a9e" + derivedID(p.id, "agent")
	doc["hostCounts"] = map[string]any{
		"arbiter":   0,
		"config":    0,
		"master":    0,
		"mongos":    0,
		"primary":   replicaSets,
		"secondary": 2 * replicaSets,
		"slave":     0,
	}
	doc["lastActiveAgent"] = formatISO(s.now())
	doc["ldapGroupMappings"] = []any{}
	doc["publicApiEnabled"] = true
	doc["replicaSetCount"] = replicaSets
	doc["shardCount"] = shards
	return doc
}

// clustersOf returns the clusters of a project, without hosts, flex clusters and instances.
func (s *Server) clustersOf(p *project) []*resource {
	var all []*resource
	for _, res := range s.resources {
		if res.project == p.id && res.isCluster() {
			all = append(all, res)
		}
	}
	return all
}
