package restorejobstest

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
)

func (s *Server) getJob(req *request) (*response, *apiError) {
	j, err := s.findJob(req)
	if err != nil {
		return nil, err
	}
	return s.jsonResponse(req, http.StatusOK, s.readJob(j, req.origin)), nil
}

// findJob finds the job that the path names.
func (s *Server) findJob(req *request) (*job, *apiError) {
	id := req.route.id
	res := req.route.resource
	if !hexID.MatchString(id) {
		return nil, newAPIError(http.StatusNotFound, "INVALID_JOB_ID", "An invalid restore job ID "+id+" was specified.", id)
	}
	if j := s.jobs[id]; j != nil && j.resource == res {
		return j, nil
	}
	code := "RESTORE_JOB_NOT_FOUND"
	if res.isHost() {
		code = "CONFIG_RESTORE_JOB_NOT_FOUND"
	}
	return nil, newAPIError(http.StatusNotFound, code, "No restore job with ID "+id+" exists for "+res.name+" in group "+res.project+".", id, res.name, res.project)
}

func (s *Server) listJobs(req *request) (*response, *apiError) {
	res := req.route.resource
	jobs := res.jobs
	if req.query.batch != "" {
		jobs = res.jobsOfBatch(req.query.batch)
	}
	return s.jsonResponse(req, http.StatusOK, s.pageDocument(req, len(jobs), func(i int) map[string]any {
		return s.readJob(jobs[len(jobs)-1-i], req.origin) // newest first
	})), nil
}

func (r *resource) jobsOfBatch(id string) []*job {
	var jobs []*job
	for _, j := range r.jobs {
		if j.fields["batchId"] == id {
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// pageDocument returns the page of n items that the query selects.
func (s *Server) pageDocument(req *request, n int, item func(int) map[string]any) map[string]any {
	results := []any{}
	first := min((req.query.page-1)*req.query.size, n)
	last := min(first+req.query.size, n)
	for i := first; i < last; i++ {
		results = append(results, item(i))
	}
	links := []any{linkDocument("self", s.pageURL(req, req.query.page))}
	if req.query.page > 1 {
		links = append(links, linkDocument("previous", s.pageURL(req, req.query.page-1)))
	}
	if last < n {
		links = append(links, linkDocument("next", s.pageURL(req, req.query.page+1)))
	}
	doc := map[string]any{"results": results, "links": links}
	if req.query.count {
		doc["totalCount"] = n
	}
	return doc
}

// pageURL keeps the query parameters of the request and sets the page.
func (s *Server) pageURL(req *request, page int) string {
	values := maps.Clone(req.query.given)
	values.Set("pageNum", strconv.Itoa(page))
	values.Set("itemsPerPage", strconv.Itoa(req.query.size))
	if req.route.basePath != publicBase && slices.Contains(req.route.endpoint.operations[req.method].query, "includeCount") {
		values.Set("includeCount", strconv.FormatBool(req.query.count))
	}
	return req.origin + req.path + "?" + values.Encode()
}

func linkDocument(rel, href string) map[string]any { return map[string]any{"rel": rel, "href": href} }

func (s *Server) createJob(req *request) (*response, *apiError) {
	res := req.route.resource
	body, err := s.readBody(req)
	if err != nil {
		return nil, err
	}
	p, err := s.buildPlan(res, body)
	if err != nil {
		return nil, err
	}
	jobs := s.startJobs(res, p)
	s.createCount++
	if p.target != nil && p.target.isManager() {
		p.rise = s.raiseGoalFor(p.target)
	}
	if res.format != classic || res.isHost() {
		return s.jsonResponse(req, http.StatusOK, s.renderJob(jobs[0], req.origin)), nil
	}
	results := make([]any, 0, len(jobs))
	for _, j := range jobs {
		results = append(results, s.renderJob(j, req.origin))
	}
	doc := map[string]any{"results": results, "totalCount": len(results)}
	if !res.isMMS() {
		doc["links"] = []any{linkDocument("self", req.origin+req.path)}
	}
	return s.jsonResponse(req, http.StatusOK, doc), nil
}

func (s *Server) cancelJob(req *request) (*response, *apiError) {
	j, err := s.findJob(req)
	if err != nil {
		return nil, err
	}
	if j.fields["deliveryType"] != "download" {
		return nil, newAPIError(http.StatusBadRequest, "CANNOT_CANCEL_AUTOMATED_RESTORE", "Cannot cancel an automated restore job.", j.id)
	}
	j.cancelled = true
	return s.noContent(req), nil
}
