package restorejobstest

import (
	"slices"
	"strconv"
	"strings"
)

// A resource is a cluster, host or instance. All of them are sources of restores.
type resource struct {
	scopeSpec

	name         string            // in paths: id or name
	label        string            // name of a cluster, "" for a host
	shards       int               // 0: a replica set
	configServer string            // type of the config servers if there are shards
	jobs         []*job            // oldest first
	stored       []*storedSnapshot // by allSnapshots, oldest first
	edits        map[editedDocument][]func(map[string]any)
	gaps         []oplogGap // by [Server.AddOplogGap], sorted
	busy         bool       // by [Server.SetBusy]
}

// Types of the config servers of a sharded cluster.
const (
	dedicatedConfig = "DEDICATED"
	embeddedConfig  = "EMBEDDED"
)

// addSpec adds the clusters of a scope.
func (s *Server) addSpec(spec scopeSpec) {
	if s.projectByID(spec.project) == nil {
		s.projects = append(s.projects, &project{
			id:       spec.project,
			name:     spec.projectName(),
			product:  spec.product(),
			basePath: spec.basePath,
		})
	}
	main := s.addResource(spec, spec.cluster, spec.scope.ClusterName(), spec.clusterID)
	if spec.sharded != "" {
		main.shards = s.opts.shards
		id := spec.clusterID
		if id != "" {
			id = id[:len(id)-1] + "3"
		}
		s.addResource(spec, spec.sharded, spec.scope.ShardedName(), id).shards = 2
	}
	if spec.isHost() {
		return // its targets are clusters
	}
	for i, target := range spec.targets {
		label := target
		if i == 0 {
			label = spec.scope.TargetName()
		}
		s.addResource(spec, target, label, "").snapshots = nil
	}
}

// addResource adds a source with this name in paths. In Atlas it has an id too.
func (s *Server) addResource(spec scopeSpec, name, label, id string) *resource {
	res := &resource{
		scopeSpec:    spec,
		name:         name,
		label:        label,
		configServer: dedicatedConfig,
		edits:        map[editedDocument][]func(map[string]any){},
	}
	res.clusterID = id
	if id == "" {
		res.clusterID = derivedID(spec.project, name)
	}
	s.resources = append(s.resources, res)
	return res
}

// derivedID returns an id that depends only on these texts.
func derivedID(texts ...string) string { return sha256Hex(strings.Join(texts, "/"))[:24] }

// A clusterPart is a shard or the config server of a sharded cluster, which Cloud Manager and Ops
// Manager list under the name of the cluster.
type clusterPart struct {
	id         string
	typeName   string
	shard      string // "" for a config server
	replicaSet string
}

// parts returns the shards and the config server of a cluster.
func (r *resource) parts() []clusterPart {
	var all []clusterPart
	for i := range r.shards {
		shard := r.label + "_" + strconv.Itoa(i)
		all = append(all, clusterPart{
			id:         derivedID(r.name, shard),
			typeName:   "REPLICA_SET",
			shard:      shard,
			replicaSet: shard,
		})
	}
	if r.shards > 0 && r.configServer == dedicatedConfig {
		all = append(all, clusterPart{
			id:         derivedID(r.name, "config"),
			typeName:   "CONFIG_SERVER_REPLICA_SET",
			replicaSet: r.label + "_config",
		})
	}
	return all
}

// hasPart reports whether an id is that of a shard or of the config server.
func (r *resource) hasPart(id string) bool {
	return slices.ContainsFunc(r.parts(), func(p clusterPart) bool { return p.id == id })
}

// isCluster reports whether the cluster is listed under the clusters of its project.
func (r *resource) isCluster() bool { return r.collection == "clusters" }
