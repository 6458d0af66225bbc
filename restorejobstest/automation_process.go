package restorejobstest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// A process is a mongod or a mongos.
type process struct {
	resource   *resource
	part       clusterPart // zero for a replica set and a mongos
	hostname   string
	name       string
	port       int
	typeName   string
	replicaSet string // "" for a mongos
}

// membersPerSet is the size of every replica set.
const membersPerSet = 3

// processes returns the processes of a cluster: three for each replica set, and a mongos if there
// are shards.
func (r *resource) processes() []process {
	if !r.isManager() || !r.isCluster() {
		return nil
	}
	if r.shards == 0 {
		return r.members(clusterPart{replicaSet: r.label}, "REPLICA")
	}
	var all []process
	for _, part := range r.parts() {
		prefix := "SHARD"
		if part.shard == "" {
			prefix = "SHARD_CONFIG"
		}
		all = append(all, r.members(part, prefix)...)
	}
	return append(all, process{
		resource: r,
		hostname: r.hostname("mongos"),
		name:     r.label + "_mongos",
		port:     27016,
		typeName: "SHARD_MONGOS",
	})
}

func (r *resource) members(part clusterPart, prefix string) []process {
	all := make([]process, membersPerSet)
	for i := range all {
		role := "_SECONDARY"
		if i == 0 {
			role = "_PRIMARY"
		}
		all[i] = process{
			resource:   r,
			part:       part,
			hostname:   r.hostname(strings.TrimPrefix(part.replicaSet+"-"+strconv.Itoa(i), r.label+"_")),
			name:       part.replicaSet + "_" + strconv.Itoa(i+1),
			port:       27017,
			typeName:   prefix + role,
			replicaSet: part.replicaSet,
		}
	}
	return all
}

// hostname returns the name of a host of a cluster. It contains the project, since clusters of
// several projects can have one name.
func (r *resource) hostname(host string) string {
	if !strings.HasPrefix(host, r.label) {
		host = r.label + "-" + host
	}
	return strings.ReplaceAll(host, "_", "-") + "." + r.project + ".example.net"
}

// processesOf returns the processes of a project.
func (s *Server) processesOf(p *project) []process {
	var all []process
	for _, res := range s.clustersOf(p) {
		all = append(all, res.processes()...)
	}
	return all
}

// Hostnames returns the names of the hosts of a cluster of Cloud Manager or Ops Manager, sorted.
// The cluster is named as for [Server.EditCluster].
func (s *Server) Hostnames(scope Scope, cluster string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, proc := range s.cluster(scope, cluster).processes() {
		names = append(names, proc.hostname)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func sortProcesses(all []process) {
	slices.SortFunc(all, func(a, b process) int {
		return cmp.Or(strings.Compare(a.hostname, b.hostname), cmp.Compare(a.port, b.port))
	})
}
