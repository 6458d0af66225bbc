package restorejobstest

import "net/http"

// An identifier returns the name or id of a cluster that a request can contain, or "".
type identifier func(*resource) string

// pathName is the name in Atlas and the id in the other products.
func pathName(r *resource) string { return r.name }

// targetID is the id for targetClusterId. Atlas has it for legacy clusters only.
func targetID(r *resource) string {
	if r.isAtlas() && !r.isAtlasLegacy() {
		return ""
	}
	return r.id()
}

// findDestination finds the cluster to restore into. It can be in another project of the product.
func (s *Server) findDestination(res *resource, project, cluster any, by identifier) (*resource, *apiError) {
	p := s.projectByID(asString(project))
	if p == nil || p.product != res.product() {
		return nil, newAPIError(http.StatusNotFound, "GROUP_NOT_FOUND", "No group with ID "+asString(project)+" exists here.", project)
	}
	name := asString(cluster)
	for _, other := range s.resources {
		switch {
		case other.project != p.id, other.isHost():
		case by(other) == name:
			return other, nil
		case other.isManager() && other.hasPart(name):
			return nil, newAPIError(http.StatusBadRequest, "AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED", "The cluster "+name+" is a shard, which cannot be restored alone.", name)
		}
	}
	return nil, clusterNotFoundError(name, p.id)
}

func clusterNotFoundError(name, project string) *apiError {
	return newAPIError(http.StatusNotFound, "CLUSTER_NOT_FOUND", "No cluster named "+name+" exists in group "+project+".", name, project)
}

// asString returns a validated string, or "" for any other value.
func asString(value any) string {
	s, _ := value.(string)
	return s
}
