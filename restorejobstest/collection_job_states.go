package restorejobstest

import (
	"maps"
	"time"
)

// The share of its time after which a job reaches a state, in percent.
const (
	inProgressPercent = 10
	estimatePercent   = 50 // then the number of documents is known
	finalizingPercent = 90
)

// documentsPerCollection is the size of every collection. The first estimate of a job is too small.
const (
	documentsPerCollection = 20_000
	estimatedDocuments     = 8_000
)

var collectionStates = []string{
	"NOT_STARTED", "IN_PROGRESS", "FINALIZING", "NOT_FOUND", "UNSUPPORTED", "SUCCESSFUL", "ROLLBACK", "NOT_RESTORED", "FAILED", "INDEX_BUILD_FAILED",
}

// hasEnded reports whether a job is in a state that does not change any more.
func (s *Server) hasEnded(job *collectionJob) bool {
	return job.endState != "" || !s.now().Before(job.finishesAt)
}

// progress returns the share of the time of a job that has passed, in percent. It stops at the end.
func (s *Server) progress(job *collectionJob) int {
	now := s.now()
	if job.endState != "" {
		now = job.failedAt
	}
	total := job.finishesAt.Sub(job.created)
	if total <= 0 || !now.Before(job.finishesAt) {
		return 100
	}
	return int(now.Sub(job.created) * 100 / total)
}

func (s *Server) collectionJobState(job *collectionJob) string {
	progress := s.progress(job)
	switch {
	case job.endState != "":
		return job.endState
	case progress >= 100:
		return "SUCCESSFUL"
	case progress >= finalizingPercent:
		return "FINALIZING"
	case progress >= inProgressPercent:
		return "IN_PROGRESS"
	default:
		return "INITIALIZING"
	}
}

// collectionJobDocument returns the current document of a job.
func (s *Server) collectionJobDocument(job *collectionJob) map[string]any {
	doc := map[string]any{
		"id":               job.id,
		"createdAt":        formatISO(job.created),
		"state":            s.collectionJobState(job),
		"collectionSuffix": "",
		"databaseSuffix":   "",
		"indexStatus":      s.jobIndexStatus(job),
	}
	maps.Copy(doc, cloneJSON(job.fields).(map[string]any))
	restored := 0
	total := 0
	for i := range job.namespaces {
		collectionRestored, collectionTotal := s.documents(job, i)
		restored += collectionRestored
		total += collectionTotal
	}
	doc["restoredDocuments"] = restored
	doc["totalDocuments"] = total
	if s.hasEnded(job) {
		doc["finishedAt"] = formatISO(job.endTime())
	}
	if job.endState != "" {
		doc["errorMessage"] = job.message
	}
	return doc
}

func (c *collectionJob) endTime() time.Time {
	if c.endState != "" {
		return c.failedAt
	}
	return c.finishesAt
}

// documents returns the restored and the total documents of a collection. The total is an estimate at
// first, so that more documents than it can be restored.
func (s *Server) documents(job *collectionJob, i int) (restored, total int) {
	progress := s.progress(job)
	if job.namespaces[i].isUnsupported() || progress < inProgressPercent {
		return 0, 0
	}
	total = documentsPerCollection
	if progress < estimatePercent {
		total = estimatedDocuments
	}
	first, last := job.window(i)
	switch {
	case progress < first:
		return 0, total
	case progress >= last:
		return documentsPerCollection, total
	default:
		return documentsPerCollection * (progress - first) / (last - first), total
	}
}

// window returns when a collection is restored: the collections of a job follow each other.
func (c *collectionJob) window(i int) (first, last int) {
	const span = finalizingPercent - inProgressPercent
	n := len(c.namespaces)
	return inProgressPercent + span*i/n, inProgressPercent + span*(i+1)/n
}

// isUnsupported reports whether the documents of a collection are not counted.
func (n *restoredNamespace) isUnsupported() bool {
	return n.outcome == "NOT_FOUND" || n.outcome == "UNSUPPORTED" || n.outcome == "NOT_RESTORED"
}

// collectionDocuments returns the state of each collection; none while the job is initializing.
func (s *Server) collectionDocuments(job *collectionJob) []map[string]any {
	var docs []map[string]any
	if s.collectionJobState(job) == "INITIALIZING" {
		return nil
	}
	for i, n := range job.namespaces {
		state := s.collectionState(job, i)
		restored, total := s.documents(job, i)
		doc := map[string]any{
			"sourceNamespace":   n.source,
			"targetNamespace":   n.target,
			"state":             state,
			"restoredDocuments": restored,
			"totalDocuments":    total,
			"indexStatus":       s.collectionIndexStatus(job, n, state),
		}
		if !n.isUnsupported() {
			doc["effectiveTargetNamespace"] = n.effective
		}
		docs = append(docs, doc)
	}
	return docs
}

func (s *Server) collectionState(job *collectionJob, i int) string {
	n := job.namespaces[i]
	progress := s.progress(job)
	first, last := job.window(i)
	switch {
	case n.isUnsupported():
		return n.outcome
	case job.endState == "FAILED" && n.source == job.culprit:
		return "FAILED"
	case job.endState != "" && progress < first:
		return "NOT_RESTORED"
	case job.endState != "":
		return "ROLLBACK"
	case progress >= 100:
		return n.outcome
	case progress >= last:
		return "FINALIZING"
	case progress >= first:
		return "IN_PROGRESS"
	default:
		return "NOT_STARTED"
	}
}

// jobIndexStatus counts the collections without indexes.
func (s *Server) jobIndexStatus(job *collectionJob) map[string]any {
	failed := 0
	for _, n := range job.namespaces {
		if n.outcome == "INDEX_BUILD_FAILED" {
			failed++
		}
	}
	state := s.collectionJobState(job)
	doc := map[string]any{"state": indexState(job, state, failed > 0), "failedCollectionCount": 0}
	if state == "SUCCESSFUL" {
		doc["failedCollectionCount"] = failed
	}
	return doc
}

// indexState returns the state of indexes for a state of a job or collection.
func indexState(job *collectionJob, state string, failed bool) string {
	switch {
	case job.skipIndexes:
		return "NOT_RESTORED"
	case state == "INDEX_BUILD_FAILED", state == "SUCCESSFUL" && failed:
		return "FAILED"
	case state == "SUCCESSFUL":
		return "SUCCESSFUL"
	case state == "FINALIZING":
		return "IN_PROGRESS"
	case state == "INITIALIZING", state == "IN_PROGRESS", state == "NOT_STARTED":
		return "NOT_STARTED"
	default:
		return "NOT_RESTORED"
	}
}

func (s *Server) collectionIndexStatus(job *collectionJob, n *restoredNamespace, state string) map[string]any {
	doc := map[string]any{"state": indexState(job, state, false)}
	if state == "INDEX_BUILD_FAILED" {
		doc["errorMessage"] = "An index of " + n.source + " was not built."
		doc["failedIndexes"] = []any{map[string]any{"name": "status_1", "key": map[string]any{"status": 1}}}
	}
	return doc
}
