package restorejobstest

import (
	"net/http"
	"slices"
	"strconv"
)

// automationEndpoints returns the paths of the automation of Cloud Manager and Ops Manager.
func automationEndpoints() []endpoint {
	return []endpoint{
		{
			path:       publicBase + "/groups/{project}/automationStatus",
			operations: map[string]operation{http.MethodGet: {handle: (*Server).getAutomationStatus}},
		},
		{
			path:       publicBase + "/groups/{project}/hosts",
			operations: map[string]operation{http.MethodGet: {handle: (*Server).listHosts, query: listQuery("clusterId")}},
		},
	}
}

// stuckErrorCode is the error code of a stuck process.
const stuckErrorCode = 100

// getAutomationStatus is not paginated.
func (s *Server) getAutomationStatus(req *request) (*response, *apiError) {
	p := s.projectByID(req.route.project)
	rises := s.allRises(p)
	processes := []any{}
	for _, proc := range s.processesOf(p) {
		processes = append(processes, s.processDocument(p, proc, rises))
	}
	return s.jsonResponse(req, http.StatusOK, map[string]any{
		"goalVersion": firstGoal + len(rises),
		"processes":   processes,
	}), nil
}

func (s *Server) processDocument(p *project, proc process, rises []*goalRise) map[string]any {
	achieved := 0
	for _, rise := range rises {
		at, ok := p.automation.reached(proc, rise)
		if !ok || at.After(s.now()) {
			break
		}
		achieved++
	}
	doc := map[string]any{
		"hostname":                proc.hostname,
		"name":                    proc.name,
		"lastGoalVersionAchieved": firstGoal + achieved,
		"plan":                    []any{},
		"errorCode":               0,
		"errorCodeDescription":    "",
		"errorCodeHumanReadable":  "",
		"errorString":             "",
	}
	isPrimary := proc.replicaSet != "" && proc.name == proc.replicaSet+"_1"
	switch {
	case achieved < len(rises):
		doc["plan"] = []any{"Download", "WaitRsInit"}
	case achieved > 0 && isPrimary:
		doc["plan"] = []any{"WaitRsInit"} // the documents show steps of a process that is at the goal
	}
	if achieved < len(rises) && p.automation.isStuck(proc) {
		doc["errorCode"] = stuckErrorCode
		doc["errorCodeDescription"] = "The process cannot carry out its plan."
		doc["errorCodeHumanReadable"] = "AutomationError"
		doc["errorString"] = "The step Download failed on " + proc.hostname + "."
	}
	return doc
}

// listHosts is sorted by host name and port. A mongos has no clusterId.
func (s *Server) listHosts(req *request) (*response, *apiError) {
	cluster := req.query.given.Get("clusterId")
	isGiven := req.query.given.Has("clusterId")
	if isGiven && !hexID.MatchString(cluster) {
		return nil, queryError("clusterId")
	}
	all := s.processesOf(s.projectByID(req.route.project))
	if isGiven {
		all = slices.DeleteFunc(all, func(proc process) bool { return !proc.isOf(cluster) })
	}
	sortProcesses(all)
	return s.jsonResponse(req, http.StatusOK, s.pageDocument(req, len(all), func(i int) map[string]any {
		return s.hostDocument(all[i], req.origin)
	})), nil
}

// isOf reports whether a process belongs to a cluster or to a part of it.
func (p *process) isOf(id string) bool {
	if p.replicaSet == "" {
		return false
	}
	return p.resource.id() == id || p.part.id == id
}

func (s *Server) hostDocument(proc process, origin string) map[string]any {
	id := md5Hex(proc.hostname + ":" + strconv.Itoa(proc.port))
	group := origin + publicBase + "/groups/" + proc.resource.project
	doc := map[string]any{
		"id":       id,
		"groupId":  proc.resource.project,
		"hostname": proc.hostname,
		"port":     proc.port,
		"typeName": proc.typeName,
		"version":  managerVersion,
		"lastPing": formatISO(s.now()),
		"links":    []any{linkDocument("self", group+"/hosts/"+id)},
	}
	if proc.replicaSet == "" {
		return doc
	}
	doc["clusterId"] = proc.resource.id()
	doc["replicaSetName"] = proc.replicaSet
	if proc.part.shard != "" {
		doc["shardName"] = proc.part.shard
	}
	return doc
}

// managerVersion is the version of every process.
const managerVersion = "8.0.12"
