package restorejobstest

import (
	"maps"
	"net/http"
	"strconv"
	"time"
)

func (s *Server) getJob(x *exchange) (*reply, *apiError) {
	j, err := s.findJob(x)
	if err != nil {
		return nil, err
	}
	return s.jsonReply(x, http.StatusOK, s.read(j, x.origin)), nil
}

// findJob finds the job of the path, and the code for its absence.
func (s *Server) findJob(x *exchange) (*job, *apiError) {
	id, t := x.route.id, x.route.target
	if !hexID.MatchString(id) {
		return nil, fail(http.StatusNotFound, "INVALID_JOB_ID", "An invalid restore job ID "+id+" was specified.", id)
	}
	if j := s.jobs[id]; j != nil && j.target == t {
		return j, nil
	}
	code := "RESTORE_JOB_NOT_FOUND"
	if t.host() {
		code = "CONFIG_RESTORE_JOB_NOT_FOUND"
	}
	return nil, fail(http.StatusNotFound, code, "No restore job with ID "+id+" exists for "+t.name+" in group "+t.project+".", id, t.name, t.project)
}

func (s *Server) listJobs(x *exchange) (*reply, *apiError) {
	t := x.route.target
	jobs := t.jobs
	if x.query.batch != "" {
		jobs = nil
		for _, j := range t.jobs {
			if j.doc["batchId"] == x.query.batch {
				jobs = append(jobs, j)
			}
		}
	}
	return s.jsonReply(x, http.StatusOK, s.page(x, len(jobs), func(i int) map[string]any {
		return s.read(jobs[len(jobs)-1-i], x.origin) // newest first
	})), nil
}

// page makes the list answer that the query asks for out of n items.
func (s *Server) page(x *exchange, n int, item func(int) map[string]any) map[string]any {
	results := []any{}
	first := min((x.query.page-1)*x.query.size, n)
	last := min(first+x.query.size, n)
	for i := first; i < last; i++ {
		results = append(results, item(i))
	}
	links := []any{link("self", s.pageURL(x, x.query.page))}
	if x.query.page > 1 {
		links = append(links, link("previous", s.pageURL(x, x.query.page-1)))
	}
	if last < n {
		links = append(links, link("next", s.pageURL(x, x.query.page+1)))
	}
	doc := map[string]any{"results": results, "links": links}
	if x.query.count {
		doc["totalCount"] = n
	}
	return doc
}

// pageURL keeps the parameters of the caller and sets the page.
func (s *Server) pageURL(x *exchange, page int) string {
	values := maps.Clone(x.query.given)
	values.Set("pageNum", strconv.Itoa(page))
	values.Set("itemsPerPage", strconv.Itoa(x.query.size))
	if x.route.target.atlas() {
		values.Set("includeCount", strconv.FormatBool(x.query.count))
	}
	return x.origin + x.path + "?" + values.Encode()
}

func link(rel, href string) map[string]any { return map[string]any{"rel": rel, "href": href} }

func (s *Server) createJob(x *exchange) (*reply, *apiError) {
	t := x.route.target
	body, err := s.readBody(x)
	if err != nil {
		return nil, err
	}
	p, err := s.plan(t, body)
	if err != nil {
		return nil, err
	}
	jobs := s.start(t, p)
	s.created++
	if t.family != classic || t.host() {
		return s.jsonReply(x, http.StatusOK, s.render(jobs[0], x.origin)), nil
	}
	results := make([]any, 0, len(jobs))
	for _, j := range jobs {
		results = append(results, s.render(j, x.origin))
	}
	doc := map[string]any{"results": results, "totalCount": len(results)}
	if !t.mms() {
		doc["links"] = []any{link("self", x.origin+x.path)}
	}
	return s.jsonReply(x, http.StatusOK, doc), nil
}

func (s *Server) cancelJob(x *exchange) (*reply, *apiError) {
	j, err := s.findJob(x)
	if err != nil {
		return nil, err
	}
	if j.doc["deliveryType"] != "download" {
		return nil, fail(http.StatusBadRequest, "CANNOT_CANCEL_AUTOMATED_RESTORE", "Cannot cancel an automated restore job.", j.id)
	}
	j.cancelled = true
	if x.query.envelope && s.opts.envelopeOK {
		return s.jsonReply(x, http.StatusNoContent, map[string]any{}), nil
	}
	envelope := x.query.envelope
	x.query.envelope = false
	rep := s.jsonReply(x, http.StatusNoContent, nil)
	x.query.envelope = envelope
	rep.body, rep.length = http.NoBody, 0
	return rep, nil
}

// timeRanges answers with a bare array.
func (s *Server) timeRanges(x *exchange) (*reply, *apiError) {
	if len(x.body) > 0 {
		return nil, fail(http.StatusBadRequest, "INVALID_JSON", "This resource takes no body.")
	}
	t := x.route.target
	end := s.now().Truncate(time.Second)
	doc := map[string]any{
		"start":      bsonTime(end.Add(-24*time.Hour), 1),
		"end":        bsonTime(end, 1),
		"snapshotId": t.snapshots[0].id,
	}
	if t.shards > 0 {
		doc["shardCount"] = t.shards
		doc["configServerType"] = "Dedicated"
	}
	return s.jsonReply(x, http.StatusOK, []any{doc}), nil
}
