package restorejobstest

import (
	"net/http"
	"slices"
)

// clusterNames are the names or ids under which a restore can write to this resource and its targets.
func (r *resource) clusterNames() []string { return append([]string{r.name}, r.targets...) }

// clusterIDs are the ids of the same clusters; Atlas has ids for legacy clusters only.
func (r *resource) clusterIDs() []string {
	switch {
	case !r.isAtlas():
		return r.clusterNames()
	case r.isAtlasLegacy():
		return []string{r.id()}
	default:
		return nil
	}
}

// checkDestination refuses an unknown project or cluster. Each product has one project here, and
// identifiers selects whether clusters are compared by name or by id.
func (s *Server) checkDestination(res *resource, project, cluster any, identifiers func(*resource) []string) *apiError {
	if project != res.project {
		return newAPIError(http.StatusNotFound, "GROUP_NOT_FOUND", "No group with ID "+asString(project)+" exists here.", project)
	}
	name := asString(cluster)
	for _, other := range s.resources {
		if other.project == res.project && slices.Contains(identifiers(other), name) {
			return nil
		}
	}
	return clusterNotFoundError(name, res.project)
}

func clusterNotFoundError(name, project string) *apiError {
	return newAPIError(http.StatusNotFound, "CLUSTER_NOT_FOUND", "No cluster named "+name+" exists in group "+project+".", name, project)
}

// asString returns a validated string, or "" for any other value.
func asString(value any) string {
	s, _ := value.(string)
	return s
}
