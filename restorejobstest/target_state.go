package restorejobstest

import "net/http"

// SetBusy sets whether a cluster refuses restores into it, as while another restore runs. Without
// SetBusy a cluster is busy while a restore that a request started runs, in Cloud Manager and Ops
// Manager until its processes have reached the goal. Flex clusters and serverless instances are
// not. The cluster is named as for [Server.EditCluster].
func (s *Server) SetBusy(scope Scope, cluster string, busy bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cluster(scope, cluster).busy = busy
}

// checkTargetState refuses a restore into a cluster that is paused, deleted or being restored.
func (s *Server) checkTargetState(target *resource) *apiError {
	ids := s.restoresInto(target)
	isBusy := target.busy || len(ids) > 0
	switch {
	case !target.isAtlas():
		if isBusy {
			return newAPIError(http.StatusConflict, "CONCURRENT_RESTORES_JOB_IDS", "Other restores of this cluster are running.", ids...)
		}
		return nil
	case target.format == flex:
		if isBusy {
			return newAPIError(http.StatusConflict, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", "The cluster "+target.name+" is being restored.", target.name)
		}
		return nil
	}
	doc := s.clusterNow(target)
	switch {
	case doc["stateName"] == "DELETING":
		return newAPIError(http.StatusBadRequest, "CLUSTER_ALREADY_REQUESTED_DELETION", "The cluster "+target.name+" has already been requested for deletion.", target.name)
	case doc["paused"] == true:
		return newAPIError(http.StatusBadRequest, "CLUSTER_PAUSED_CANNOT_RESTORE", "The cluster "+target.name+" is paused.", target.name)
	case isBusy:
		return newAPIError(http.StatusBadRequest, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE", "The cluster "+target.name+" is being restored.", target.name)
	}
	return nil
}

// restoresInto returns the ids of the jobs that are restoring a cluster.
func (s *Server) restoresInto(target *resource) []any {
	if target.format == flex || target.isServerless() {
		return nil
	}
	var ids []any
	for _, res := range s.resources {
		for _, j := range res.jobs {
			if j.plan != nil && j.plan.target == target && s.isRestoring(j) {
				ids = append(ids, j.id)
			}
		}
	}
	return ids
}

// isRestoring reports whether a job has not finished, or its agents have not.
func (s *Server) isRestoring(j *job) bool {
	if j.failed || j.cancelled {
		return false
	}
	return !s.isFinished(j) || !s.isDone(j.plan.rise)
}
