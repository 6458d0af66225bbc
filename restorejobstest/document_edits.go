package restorejobstest

// An editedDocument is a kind of document that a test can edit for each cluster.
type editedDocument int

const (
	clusterDocument editedDocument = iota
	backupConfigDocument
	scheduleDocument
)

// EditCluster edits a cluster in all further responses, after earlier edits. An edit gets the
// document that would be sent, and must not call the server. The fields that a restore depends on
// are respected: a paused or deleted cluster of Atlas refuses restores. A nil edit removes all
// earlier ones.
//
// The cluster is the id or name in its path. For a project of [Server.AddProject] it is the id of
// the project, a slash, and that. EditCluster panics if the cluster does not exist.
func (s *Server) EditCluster(scope Scope, cluster string, edit func(doc map[string]any)) {
	s.editDocument(scope, cluster, clusterDocument, edit)
}

// EditBackupConfig edits the backup configuration of a cluster of Cloud Manager, Ops Manager or MMS
// as [Server.EditCluster] does.
func (s *Server) EditBackupConfig(scope Scope, cluster string, edit func(doc map[string]any)) {
	s.editDocument(scope, cluster, backupConfigDocument, edit)
}

// EditSchedule edits the snapshot schedule of a cluster as [Server.EditCluster] does. The
// restoreWindowDays of Atlas limits the points in time that can be restored.
func (s *Server) EditSchedule(scope Scope, cluster string, edit func(doc map[string]any)) {
	s.editDocument(scope, cluster, scheduleDocument, edit)
}

func (s *Server) editDocument(scope Scope, cluster string, kind editedDocument, edit func(map[string]any)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	res := s.cluster(scope, cluster)
	if edit == nil {
		delete(res.edits, kind)
		return
	}
	res.edits[kind] = append(res.edits[kind], edit)
}

func (r *resource) applyEdits(kind editedDocument, doc map[string]any) {
	for _, edit := range r.edits[kind] {
		edit(doc)
	}
}
