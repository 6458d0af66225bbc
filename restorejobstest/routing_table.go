package restorejobstest

import (
	"net/http"
	"slices"
)

// listQuery has the parameters of every list.
func listQuery(more ...string) []string {
	return append([]string{"pageNum", "itemsPerPage", "includeCount"}, more...)
}

// endpoints returns the table of all paths.
func endpoints() []endpoint {
	return slices.Concat(
		snapshotEndpoints(),
		collectionEndpoints(),
		jobEndpoints(),
		projectEndpoints(),
		managerClusterEndpoints(),
		atlasClusterEndpoints(),
		automationEndpoints(),
		backupConfigEndpoints(),
		scheduleEndpoints(),
	)
}

// sourceSpecs returns one scope for each kind of source.
func sourceSpecs() []scopeSpec {
	var kinds []sourceKind
	return slices.DeleteFunc(scopeSpecs(), func(spec scopeSpec) bool {
		if slices.Contains(kinds, spec.kind()) {
			return true
		}
		kinds = append(kinds, spec.kind())
		return false
	})
}

// versions returns the version dates of the restore jobs of a scope.
func (s *scopeSpec) versions() []string {
	if s.version == "" {
		return nil
	}
	return []string{s.version}
}

func (s *scopeSpec) kind() sourceKind {
	return sourceKind{
		basePath:   s.basePath,
		collection: s.collection,
		backupPath: s.backupPath,
	}
}

func jobEndpoints() []endpoint {
	var all []endpoint
	for _, spec := range sourceSpecs() {
		all = append(all, spec.jobEndpoints()...)
	}
	return all
}

// jobEndpoints returns the paths of the restore jobs of one kind of source.
func (s *scopeSpec) jobEndpoints() []endpoint {
	listParameters := listQuery()
	if s.format == classic && !s.isHost() {
		listParameters = listQuery("batchId")
	}
	one := map[string]operation{http.MethodGet: {handle: (*Server).getJob}}
	if s.canCancel() {
		one[http.MethodDelete] = operation{handle: (*Server).cancelJob}
	}
	all := []endpoint{
		s.endpoint("restoreJobs", map[string]operation{
			http.MethodGet:  {handle: (*Server).listJobs, query: listParameters},
			http.MethodPost: {handle: (*Server).createJob},
		}),
		s.endpoint("restoreJobs/{id}", one),
	}
	if !s.isAtlas() && !s.isHost() {
		timeRanges := s.endpoint("restoreJobs/restorableTimeRanges", map[string]operation{http.MethodPost: {handle: (*Server).timeRanges}})
		all = append([]endpoint{timeRanges}, all...)
	}
	if s.format == flex {
		all = append(all, s.endpoint("download", map[string]operation{http.MethodPost: {handle: (*Server).downloadFlex}}))
	}
	return all
}

// endpoint returns an endpoint below a source.
func (s *scopeSpec) endpoint(suffix string, operations map[string]operation) endpoint {
	return endpoint{
		path:       s.kind().path(suffix),
		kind:       s.kind(),
		versions:   s.versions(),
		operations: operations,
	}
}
