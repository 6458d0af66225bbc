package restorejobstest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Request is a request that the server received, and the status of its response.
type Request struct {
	// Time is the time of the response, on the server's clock.
	Time time.Time
	// Method is the HTTP method.
	Method string
	// Path is the escaped path.
	Path string
	// Query is the raw query string, without "?".
	Query string
	// Header has every header except Authorization.
	Header http.Header
	// Body is the body, truncated to 1 MiB.
	Body []byte
	// Status is the status of the response, or 0 if the connection was reset instead.
	Status int
	// Signed reports whether the request had an Authorization header.
	Signed bool
	// Scheme is the scheme of that header in lower case, such as "digest", "bearer" or
	// "basic". Empty if Signed is false.
	Scheme string
	// Download reports whether the request was for a download link, not for the API.
	Download bool
}

func newRequest(req *request, resp *response, now time.Time) Request {
	header := req.header.Clone()
	authorization := header.Get("Authorization")
	header.Del("Authorization")
	scheme, _, _ := strings.Cut(authorization, " ")
	status := resp.status
	if resp.reset {
		status = 0
	}
	return Request{
		Time:     now,
		Method:   req.method,
		Path:     req.path,
		Query:    req.rawQuery,
		Header:   header,
		Body:     slices.Clone(req.body),
		Status:   status,
		Signed:   authorization != "",
		Scheme:   strings.ToLower(scheme),
		Download: req.isDownload || !strings.HasPrefix(req.path, "/api/"),
	}
}

// Requests returns the requests received so far, oldest first. A request that got a digest
// challenge is a separate entry.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// CreateCount returns how many restores were started by requests. A batch counts once.
func (s *Server) CreateCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.createCount
}

// Jobs returns the current jobs of [Scope.Cluster], newest first. It excludes those of
// [Scope.Sharded].
func (s *Server) Jobs(scope Scope) []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	var docs []map[string]any
	for _, j := range slices.Backward(s.resource(scope).jobs) {
		docs = append(docs, s.renderJob(j, s.origin))
	}
	return docs
}

// AddJob adds a job to [Scope.Cluster], as its newest, and returns its id. The job is a JSON
// object, which is sent unchanged and does not proceed with time. A job without an id gets
// one. AddJob panics if job is not a JSON object.
func (s *Server) AddJob(scope Scope, job string) string {
	doc := mustParse(job)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addDocument(s.resource(scope), doc)
}

// AddJobs adds n jobs to [Scope.Cluster], as its newest, and returns their ids, newest first.
// Except for the id, they are copies of the oldest job of a new server, whose state depends on
// the scope.
func (s *Server) AddJobs(scope Scope, n int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	res := s.resource(scope)
	ids := make([]string, 0, n)
	for range n {
		doc := cloneJSON(res.jobs[0].fields).(map[string]any)
		delete(doc, "id")
		ids = append(ids, s.addDocument(res, doc))
	}
	slices.Reverse(ids)
	return ids
}

func (s *Server) addDocument(res *resource, doc map[string]any) string {
	id, _ := doc["id"].(string)
	if id == "" {
		id = s.newID(s.now())
		doc["id"] = id
	}
	s.storeJob(&job{
		id:       id,
		resource: res,
		fields:   doc,
	})
	return id
}

func (s *Server) resource(scope Scope) *resource {
	i := slices.IndexFunc(s.resources, func(res *resource) bool { return res.scope == scope })
	if i < 0 {
		panic("restorejobstest: unknown scope")
	}
	return s.resources[i]
}

// SetJob edits a job in responses. With several edits, each response that contains the job
// uses the next one; the last edit applies to all further responses. An edit gets the document
// that would be sent, and must not call the server. Without edits, SetJob removes the earlier
// ones. It panics if the job does not exist.
func (s *Server) SetJob(id string, edits ...func(doc map[string]any)) {
	s.updateJob(id, func(j *job) { j.edits = slices.Clone(edits) })
}

// SetFields returns an edit for [Server.SetJob] that sets these fields of a document. The
// values are encoded with encoding/json.
func SetFields(fields map[string]any) func(doc map[string]any) {
	return func(doc map[string]any) { maps.Copy(doc, cloneJSON(fields).(map[string]any)) }
}

// FailJob makes a job fail now, in any state. It panics if the job does not exist.
func (s *Server) FailJob(id string) {
	s.updateJob(id, func(j *job) {
		j.failed = true
		if now := s.now(); now.Before(j.finishesAt) {
			j.finishesAt = now
		}
	})
}

// CancelJob makes a job end as if another client had cancelled it. Flex jobs cannot be cancelled
// and are unchanged. CancelJob panics if the job does not exist.
func (s *Server) CancelJob(id string) {
	s.updateJob(id, func(j *job) { j.cancelled = j.resource.format != flex })
}

// FinishJob makes a job that a request created finish successfully now. Jobs that failed, were
// cancelled, or were added by the test are unchanged. FinishJob panics if the job does not
// exist.
func (s *Server) FinishJob(id string) {
	s.updateJob(id, func(j *job) { j.finishesAt = s.now() })
}

// ExpireLinks makes the download links of a job expire now. It panics if the job does not exist.
func (s *Server) ExpireLinks(id string) { s.updateJob(id, func(j *job) { j.expired = true }) }

func (s *Server) updateJob(id string, f func(*job)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[id]
	if j == nil {
		panic("restorejobstest: unknown job " + id)
	}
	f(j)
}
