package restorejobstest

import "net/http"

func snapshotEndpoints() []endpoint {
	var all []endpoint
	for _, spec := range sourceSpecs() {
		all = append(all, spec.snapshotEndpoints()...)
	}
	return all
}

// snapshotEndpoints returns the paths of the snapshots of one kind of source.
func (s *scopeSpec) snapshotEndpoints() []endpoint {
	parameters := listQuery()
	if s.format == classic && !s.isHost() {
		parameters = listQuery("completed")
	}
	all := []endpoint{
		s.endpoint("snapshots", map[string]operation{http.MethodGet: {handle: (*Server).listSnapshots, query: parameters}}),
	}
	if s.isAtlasCluster() {
		all = append(all, s.endpoint("snapshots/"+shardedClusters, map[string]operation{http.MethodGet: {handle: (*Server).listShardedClusters}}))
	}
	return all
}
