package restorejobstest

import (
	"net/http"
	"regexp"
)

var hexID = regexp.MustCompile(`^[a-f0-9]{24}$`)

// findResource finds the project of a path, and its cluster, host or instance. Its errors are as
// specific as those of the service.
func (s *Server) findResource(req *request) *apiError {
	rt := &req.route
	if rt.project == "" {
		return nil
	}
	if err := s.checkProject(rt); err != nil {
		return err
	}
	kind := rt.endpoint.kind
	if kind == (sourceKind{}) {
		return nil
	}
	var other *resource
	for _, res := range s.resources {
		if res.basePath != rt.basePath || res.project != rt.project || res.name != rt.name {
			continue
		}
		if res.kind() == kind {
			rt.resource = res
			return nil
		}
		other = res
	}
	switch {
	case other != nil && kind.collection == "flexClusters":
		return newAPIError(http.StatusBadRequest, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", "Cannot use non-flex cluster "+rt.name+" in the flex API.", rt.name)
	case other != nil && other.format == flex:
		return newAPIError(http.StatusBadRequest, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "Cannot use flex cluster "+rt.name+" in the cluster API.", rt.name)
	case other != nil && rt.basePath != publicBase:
		return newAPIError(http.StatusBadRequest, "INCORRECT_BACKUP_API_ENDPOINT",
			"Use /"+other.collection+"/"+rt.name+"/"+other.backupPath+"restoreJobs for this kind of backup.", rt.name)
	case kind.collection == "hosts":
		return newAPIError(http.StatusNotFound, "HOST_NOT_FOUND", "No host with ID "+rt.name+" exists in group "+rt.project+".", rt.name, rt.project)
	case rt.basePath == publicBase && !hexID.MatchString(rt.name):
		return newAPIError(http.StatusNotFound, "INVALID_CLUSTER_ID", "An invalid cluster ID "+rt.name+" was specified.", rt.name)
	default:
		return clusterNotFoundError(rt.name, rt.project)
	}
}

func (s *Server) checkProject(rt *route) *apiError {
	if !hexID.MatchString(rt.project) {
		return newAPIError(http.StatusNotFound, "INVALID_GROUP_ID", "An invalid group ID "+rt.project+" was specified.", rt.project)
	}
	p := s.projectByID(rt.project)
	code := "GROUP_NOT_FOUND"
	switch {
	case p == nil:
	case p.basePath == rt.basePath:
		return nil
	case rt.basePath == publicBase:
		code = "ATLAS_GROUP"
	case p.basePath == publicBase:
		code = "NOT_ATLAS_GROUP"
	}
	return newAPIError(http.StatusNotFound, code, "No group with ID "+rt.project+" exists here.", rt.project)
}
