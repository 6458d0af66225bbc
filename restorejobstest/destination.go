package restorejobstest

import (
	"net/http"
	"slices"
)

// names are what a target and the further clusters of its row are called as a destination.
// (A mirrored config server is none: its id is too long for a cluster's.)
func (t *target) names() []string { return append([]string{t.name}, t.targets...) }

// ids are the ids of the same clusters, as far as they have one.
func (t *target) ids() []string {
	switch {
	case !t.atlas():
		return t.names()
	case t.atlasLegacy():
		return []string{t.id()}
	default:
		return nil
	}
}

// checkDestination refuses to restore into a project or cluster that is not there. Each
// product has one project here. Call is how the cluster is called: by name or id.
func (s *Server) checkDestination(t *target, project, cluster any, call func(*target) []string) *apiError {
	if project != t.project {
		return fail(http.StatusNotFound, "GROUP_NOT_FOUND", "No group with ID "+text(project)+" exists here.", project)
	}
	if name := text(cluster); slices.ContainsFunc(s.targets, func(other *target) bool {
		return other.project == t.project && slices.Contains(call(other), name)
	}) {
		return nil
	}
	return noCluster(text(cluster), t.project)
}

func noCluster(name, project string) *apiError {
	return fail(http.StatusNotFound, "CLUSTER_NOT_FOUND", "No cluster named "+name+" exists in group "+project+".", name, project)
}

// text is a string that was checked before.
func text(value any) string {
	s, _ := value.(string)
	return s
}
