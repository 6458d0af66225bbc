package restorejobstest

import (
	"net/http"
	"slices"
)

// clusterNames are what a target and the further clusters of its row are called as a destination.
// (A mirrored config server is none: its id is too long for a cluster's.)
func (r *resource) clusterNames() []string { return append([]string{r.name}, r.targets...) }

// clusterIDs are the ids of the same clusters, as far as they have one.
func (r *resource) clusterIDs() []string {
	switch {
	case !r.atlas():
		return r.clusterNames()
	case r.atlasLegacy():
		return []string{r.id()}
	default:
		return nil
	}
}

// checkDestination refuses to restore into a project or cluster that is not there. Each
// product has one project here. Call is how the cluster is called: by name or id.
func (s *Server) checkDestination(res *resource, project, cluster any, identifiers func(*resource) []string) *apiError {
	if project != res.project {
		return fail(http.StatusNotFound, "GROUP_NOT_FOUND", "No group with ID "+asString(project)+" exists here.", project)
	}
	if name := asString(cluster); slices.ContainsFunc(s.resources, func(other *resource) bool {
		return other.project == res.project && slices.Contains(identifiers(other), name)
	}) {
		return nil
	}
	return noCluster(asString(cluster), res.project)
}

func noCluster(name, project string) *apiError {
	return fail(http.StatusNotFound, "CLUSTER_NOT_FOUND", "No cluster named "+name+" exists in group "+project+".", name, project)
}

// asString is a string that was checked before.
func asString(value any) string {
	s, _ := value.(string)
	return s
}
