package restorejobstest

import (
	"net/http"
	"slices"
	"time"
)

// A collectionJob holds the facts from which the documents of a collection restore are computed.
type collectionJob struct {
	id          string
	resource    *resource
	fields      map[string]any // that the job repeats
	namespaces  []*restoredNamespace
	created     time.Time
	finishesAt  time.Time
	failedAt    time.Time // zero unless it failed or was canceled
	endState    string    // FAILED or CANCELED
	message     string
	culprit     string // namespace that made the job fail, or ""
	skipIndexes bool
}

// A restoredNamespace is a collection of a job.
type restoredNamespace struct {
	source, target, effective string
	outcome                   string // state at the end of a successful job
}

// FailCollectionJob makes a collection restore fail now because of this source namespace, such as
// "sales.orders": the job is FAILED, the collection too, and the others are rolled back. With an
// empty namespace no collection is FAILED. FailCollectionJob panics if the job does not exist.
func (s *Server) FailCollectionJob(id, namespace string) {
	s.updateCollectionJob(id, func(job *collectionJob) {
		s.endCollectionJob(job, "FAILED", "The restore of "+namespace+" failed.")
		job.culprit = namespace
	})
}

// CancelCollectionJob makes a collection restore end as if a user had canceled it. It panics if the
// job does not exist.
func (s *Server) CancelCollectionJob(id string) {
	s.updateCollectionJob(id, func(job *collectionJob) {
		s.endCollectionJob(job, "CANCELED", "The restore was canceled.")
	})
}

// FinishCollectionJob makes a collection restore end successfully now, with the states of
// [Server.SetCollectionOutcome]. Jobs that failed or were canceled are unchanged. FinishCollectionJob
// panics if the job does not exist.
func (s *Server) FinishCollectionJob(id string) {
	s.updateCollectionJob(id, func(job *collectionJob) {
		if now := s.now(); now.Before(job.finishesAt) {
			job.finishesAt = now
		}
	})
}

// SetCollectionOutcome sets the state of a collection at the end of a successful job: SUCCESSFUL,
// NOT_FOUND, UNSUPPORTED, NOT_RESTORED or INDEX_BUILD_FAILED, or a state that no document lists. The
// job is SUCCESSFUL in any case. SetCollectionOutcome panics if the job or the source namespace does
// not exist.
func (s *Server) SetCollectionOutcome(id, namespace, state string) {
	s.updateCollectionJob(id, func(job *collectionJob) {
		i := slices.IndexFunc(job.namespaces, func(n *restoredNamespace) bool { return n.source == namespace })
		if i < 0 {
			panic("restorejobstest: the job " + id + " does not restore " + namespace)
		}
		job.namespaces[i].outcome = state
	})
}

func (s *Server) endCollectionJob(job *collectionJob, state, message string) {
	job.failedAt = s.now()
	job.endState = state
	job.message = message
}

func (s *Server) updateCollectionJob(id string, f func(*collectionJob)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.collectionJobs, func(job *collectionJob) bool { return job.id == id })
	if i < 0 {
		panic("restorejobstest: unknown collection restore job " + id)
	}
	f(s.collectionJobs[i])
}

// collectionJobsOf returns the jobs of a cluster, oldest first.
func (s *Server) collectionJobsOf(res *resource) []*collectionJob {
	var jobs []*collectionJob
	for _, job := range s.collectionJobs {
		if job.resource == res {
			jobs = append(jobs, job)
		}
	}
	return jobs
}

// listCollectionJobs responds with the oldest job first; the order of the service is unknown.
func (s *Server) listCollectionJobs(req *request) (*response, *apiError) {
	jobs := s.collectionJobsOf(req.route.resource)
	return s.jsonResponse(req, http.StatusOK, s.pageDocument(req, len(jobs), func(i int) map[string]any {
		return s.collectionJobDocument(jobs[i])
	})), nil
}

func (s *Server) getCollectionJob(req *request) (*response, *apiError) {
	job, err := s.findCollectionJob(req)
	if err != nil {
		return nil, err
	}
	return s.jsonResponse(req, http.StatusOK, s.collectionJobDocument(job)), nil
}

func (s *Server) findCollectionJob(req *request) (*collectionJob, *apiError) {
	id := req.route.id
	res := req.route.resource
	if !hexID.MatchString(id) {
		return nil, newAPIError(http.StatusNotFound, "INVALID_JOB_ID", "An invalid restore job ID "+id+" was specified.", id)
	}
	jobs := s.collectionJobsOf(res)
	i := slices.IndexFunc(jobs, func(job *collectionJob) bool { return job.id == id })
	if i < 0 {
		return nil, newAPIError(http.StatusNotFound, "RESTORE_JOB_NOT_FOUND", "No restore job with ID "+id+" exists for "+res.name+".", id, res.name)
	}
	return jobs[i], nil
}

// listRestoredCollections responds with an empty list while the job is initializing.
func (s *Server) listRestoredCollections(req *request) (*response, *apiError) {
	job, err := s.findCollectionJob(req)
	if err != nil {
		return nil, err
	}
	given := req.query.given
	if state := given.Get("state"); given.Has("state") && !slices.Contains(collectionStates, state) {
		return nil, queryError("state")
	}
	var docs []map[string]any
	for _, doc := range s.collectionDocuments(job) {
		matches := true
		for _, field := range []string{"state", "sourceNamespace", "targetNamespace"} {
			matches = matches && (!given.Has(field) || given.Get(field) == doc[field])
		}
		if matches {
			docs = append(docs, doc)
		}
	}
	return s.jsonResponse(req, http.StatusOK, s.pageDocument(req, len(docs), func(i int) map[string]any { return docs[i] })), nil
}

func (s *Server) getRestoredCollection(req *request) (*response, *apiError) {
	job, err := s.findCollectionJob(req)
	if err != nil {
		return nil, err
	}
	for _, doc := range s.collectionDocuments(job) {
		if doc["sourceNamespace"] == req.route.values["namespace"] {
			return s.jsonResponse(req, http.StatusOK, doc), nil
		}
	}
	return nil, resourceNotFoundError(req)
}
