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
	list := map[string]operation{http.MethodGet: {handle: (*Server).listSnapshots, query: s.snapshotQuery()}}
	one := map[string]operation{http.MethodGet: {handle: (*Server).getSnapshot}}
	var all []endpoint
	switch {
	case s.isAtlasCluster():
		list[http.MethodPost] = operation{handle: (*Server).takeAtlasSnapshot}
		one[http.MethodDelete] = operation{handle: (*Server).deleteSnapshot}
		all = append(all,
			s.endpoint("snapshots/"+shardedClusters, map[string]operation{http.MethodGet: {handle: (*Server).listShardedClusters}}),
			s.endpoint("snapshots/"+shardedCluster+"/{id}", map[string]operation{
				http.MethodGet:    {handle: (*Server).getShardedSnapshot},
				http.MethodDelete: {handle: (*Server).deleteShardedSnapshot},
			}),
		)
	case !s.isAtlas() && !s.isHost():
		all = append(all, s.endpoint("snapshots/"+onDemandSnapshot, map[string]operation{
			http.MethodPost: {handle: (*Server).takeManagerSnapshot, query: []string{"retentionDays"}},
		}))
	}
	return append(all, s.endpoint("snapshots", list), s.endpoint("snapshots/{id}", one))
}

// snapshotQuery returns the parameters of a list. Its handler refuses those that only some scopes of
// this kind have.
func (s *scopeSpec) snapshotQuery() []string {
	switch {
	case s.format == classic && !s.isHost():
		return listQuery("completed")
	case s.scope == AtlasV2Cluster:
		return listQuery("pointInTimeUtcSeconds", "oplogTs", "oplogInc")
	default:
		return listQuery()
	}
}
