package restorejobstest

import (
	"slices"
	"strings"
)

// A ClusterSpec describes a cluster for [Server.AddCluster].
type ClusterSpec struct {
	// Scope is the variant, and the kind of cluster. It must not be a host.
	Scope Scope
	// Project is the id of the project. Empty: [Scope.Project].
	Project string
	// ID is the id. Empty: a new one.
	ID string
	// Name is the name, which is required.
	Name string
	// Shards is the number of shards. 0: a replica set.
	Shards int
	// ConfigServerType is DEDICATED or EMBEDDED for a sharded cluster. Empty: DEDICATED.
	ConfigServerType string
	// NoSnapshots omits the snapshots of [Scope.Snapshots], which the cluster has otherwise.
	NoSnapshots bool
}

// AddCluster adds a cluster and returns what identifies it in a path: its name in Atlas, else its
// id. The cluster is a source and a target of restores. AddCluster panics if the project does not
// exist, the name is empty, or the project has a cluster with this identifier.
func (s *Server) AddCluster(spec ClusterSpec) string {
	of := spec.Scope.spec()
	s.mu.Lock()
	defer s.mu.Unlock()
	if spec.Project != "" {
		of.project = spec.Project
	}
	p := s.projectByID(of.project)
	switch {
	case p == nil, p.product != of.product():
		panic("restorejobstest: unknown project " + of.project)
	case spec.Name == "", of.isHost():
		panic("restorejobstest: a cluster needs a name and a scope of clusters")
	}
	id := spec.ID
	if id == "" {
		id = s.newID(s.now())
	}
	name := spec.Name
	if !of.isAtlas() {
		name = id
	}
	if s.findCluster(p.id, name) != nil {
		panic("restorejobstest: the project has a cluster " + name + " already")
	}
	res := s.addResource(of, name, spec.Name, id)
	res.shards = spec.Shards
	if spec.ConfigServerType != "" {
		res.configServer = spec.ConfigServerType
	}
	if spec.NoSnapshots {
		res.snapshots = nil
	}
	return name
}

// JobsOf returns the current jobs of any cluster, newest first. The cluster is named as for
// [Server.EditCluster]. JobsOf panics if it does not exist.
func (s *Server) JobsOf(scope Scope, cluster string) []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	var docs []map[string]any
	for _, j := range slices.Backward(s.cluster(scope, cluster).jobs) {
		docs = append(docs, s.renderJob(j, s.origin))
	}
	return docs
}

// cluster finds a cluster, host or instance that a test names.
func (s *Server) cluster(scope Scope, name string) *resource {
	project, rest, isQualified := strings.Cut(name, "/")
	if !isQualified {
		project = scope.Project()
		rest = name
	}
	res := s.findCluster(project, rest)
	if res == nil {
		panic("restorejobstest: unknown cluster " + name)
	}
	return res
}

// findCluster finds a cluster, host or instance by its identifier in paths, or nil.
func (s *Server) findCluster(project, name string) *resource {
	i := slices.IndexFunc(s.resources, func(res *resource) bool { return res.project == project && res.name == name })
	if i < 0 {
		return nil
	}
	return s.resources[i]
}
