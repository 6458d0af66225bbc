package restorejobstest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Request is a request that the server saw, and how it answered.
type Request struct {
	// Time is when it was answered, by the server's clock.
	Time time.Time
	// Method is the HTTP method.
	Method string
	// Path is the path, still escaped.
	Path string
	// Query is the query string as it came, without "?".
	Query string
	// Header is the header, without Authorization.
	Header http.Header
	// Body is the body, at most its first MiB.
	Body []byte
	// Status is the status sent, or 0 if the connection was broken instead. A
	// body that was cut keeps the status before it.
	Status int
	// Signed reports whether there was an Authorization header.
	Signed bool
	// Scheme is the scheme of that header in lower case: "digest", "bearer",
	// "basic", or "" without one.
	Scheme string
	// Download reports whether it was for a download and not for the API.
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
		Download: req.download || !strings.HasPrefix(req.path, "/api/"),
	}
}

// Requests returns the requests seen so far, oldest first. The 401 round of a
// digest counts as a request of its own.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// CreateCount returns how many restores were started over the API. A batch counts
// once.
func (s *Server) CreateCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.createCount
}

// Jobs returns the jobs of [Scope.Cluster] as they are now, newest first. Those of
// [Scope.Sharded] are not among them.
func (s *Server) Jobs(scope Scope) []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	var docs []map[string]any
	for _, j := range slices.Backward(s.resource(scope).jobs) {
		docs = append(docs, s.render(j, s.origin))
	}
	return docs
}

// AddJob adds a job to [Scope.Cluster], as its newest, and returns its id. The job
// is a JSON object and is sent as it is: it has no life of its own. One without
// an id is given one. AddJob panics on anything that is not a JSON object.
func (s *Server) AddJob(scope Scope, job string) string {
	doc := mustParse(job)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addDocument(s.resource(scope), doc)
}

// AddJobs adds n jobs to [Scope.Cluster], each newer than the one before, and
// returns their ids, newest first. They are copies of the oldest job that a new
// server has there, whose state differs from scope to scope, with ids of their own.
func (s *Server) AddJobs(scope Scope, n int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	res := s.resource(scope)
	ids := make([]string, 0, n)
	for range n {
		doc := clone(res.jobs[0].fields).(map[string]any)
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
	s.add(&job{
		id:       id,
		resource: res,
		fields:   doc,
	})
	return id
}

func (s *Server) resource(scope Scope) *resource {
	i := slices.IndexFunc(s.resources, func(res *resource) bool { return res.scope == scope })
	if i < 0 {
		panic("restorejobstest: no such scope")
	}
	return s.resources[i]
}

// SetJob changes what the server answers for a job. Given one edit, every
// answer goes through it. Given several, they are a script: the first answer
// that shows the job goes through the first edit, the next one through the
// second, and the last edit stays. An edit sees the document as it would be
// sent, and must not call the server. No edit at all ends what was set before.
// SetJob panics if there is no such job.
func (s *Server) SetJob(id string, edits ...func(doc map[string]any)) {
	s.updateJob(id, func(j *job) { j.edits = slices.Clone(edits) })
}

// SetFields returns an edit for [Server.SetJob] that sets these members of a document
// and leaves the others. Their values are what encoding/json takes.
func SetFields(members map[string]any) func(doc map[string]any) {
	return func(doc map[string]any) { maps.Copy(doc, clone(members).(map[string]any)) }
}

// FailJob makes a job fail now, whatever it was before. It panics if there is no
// such job.
func (s *Server) FailJob(id string) {
	s.updateJob(id, func(j *job) {
		j.failed = true
		if now := s.now(); now.Before(j.finishesAt) {
			j.finishesAt = now
		}
	})
}

// CancelJob makes a job end as if someone had cancelled it elsewhere. Flex
// jobs cannot be cancelled and stay as they are. It panics if there is no such
// job.
func (s *Server) CancelJob(id string) {
	s.updateJob(id, func(j *job) { j.cancelled = j.resource.format != flex })
}

// FinishJob makes a job that was created over the API end well now. Jobs that
// have failed, were cancelled or were added stay as they are. It panics if there
// is no such job.
func (s *Server) FinishJob(id string) {
	s.updateJob(id, func(j *job) { j.finishesAt = s.now() })
}

// ExpireLinks makes the download links of a job expire now. It panics if there
// is no such job.
func (s *Server) ExpireLinks(id string) { s.updateJob(id, func(j *job) { j.expired = true }) }

func (s *Server) updateJob(id string, f func(*job)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[id]
	if j == nil {
		panic("restorejobstest: no job " + id)
	}
	f(j)
}
