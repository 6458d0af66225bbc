package restorejobstest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// A query is a parsed and validated query string.
type query struct {
	pretty, envelope, count bool
	page, size              int
	batch                   string
	completed               string // snapshots: true, false or all
	given                   url.Values
}

func readQuery(req *request) *apiError {
	given, err := url.ParseQuery(req.rawQuery)
	if err != nil {
		return newAPIError(http.StatusBadRequest, "INVALID_QUERY_PARAMETER", "The query string is malformed.")
	}
	req.query = query{
		count: true,
		page:  1,
		size:  100,
		given: given,
		batch: given.Get("batchId"),
	}
	var wrong *apiError
	flag := func(name string, into *bool) {
		if !given.Has(name) {
			return
		}
		value := given.Get(name)
		if value != "true" && value != "false" {
			wrong = queryError(name)
			return
		}
		*into = value == "true"
	}
	number := func(name string, into *int, limit int) {
		if !given.Has(name) {
			return
		}
		n, err := strconv.Atoi(given.Get(name))
		if err != nil || n < 1 || n > limit {
			wrong = queryError(name)
			return
		}
		*into = n
	}
	flag("pretty", &req.query.pretty)
	flag("envelope", &req.query.envelope)
	flag("includeCount", &req.query.count)
	if completed := given.Get("completed"); given.Has("completed") {
		if !slices.Contains([]string{"true", "false", "all"}, completed) {
			wrong = queryError("completed")
		}
		req.query.completed = completed
	}
	number("pageNum", &req.query.page, 1<<31-1)
	number("itemsPerPage", &req.query.size, 500)
	for name, values := range given {
		if len(values) > 1 {
			wrong = queryError(name)
		}
	}
	return wrong
}

func queryError(name string) *apiError {
	return newAPIError(http.StatusBadRequest, "INVALID_QUERY_PARAMETER", "Invalid query parameter "+name+" specified.", name)
}

// checkQueryNames refuses parameters that the operation does not have.
func checkQueryNames(req *request, known []string) *apiError {
	for name := range req.query.given {
		isGeneral := name == "pretty" || name == "envelope"
		if !isGeneral && !slices.Contains(known, name) {
			return queryError(name)
		}
	}
	if req.query.given.Has("batchId") && req.route.resource.isAtlas() && !hexID.MatchString(req.query.batch) {
		return queryError("batchId")
	}
	return nil
}
