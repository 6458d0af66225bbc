package restorejobstest

import (
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A route is what a path says.
type route struct {
	base     string
	project  string
	kind     string // clusters, hosts, serverless or flexClusters
	name     string
	tail     string // "backup/" or ""
	resource string // restoreJobs, snapshots or download
	id       string
	target   *target
}

// A query is what the query string says.
type query struct {
	pretty, envelope, count bool
	page, size              int
	batch                   string
	completed               string // snapshots: true, false or all
	given                   url.Values
}

// serveOperation answers a request that was let in.
func (s *Server) serveOperation(x *exchange) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, step := range []func(*exchange) *apiError{readQuery, s.readPath, s.readVersion, s.findTarget, checkQueryNames} {
		if err := step(x); err != nil {
			return s.errorReply(x, err)
		}
	}
	op, allowed := s.operation(x)
	if op == nil {
		rep := s.errorReply(x, fail(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "The method "+x.method+" is not allowed here.", x.method))
		rep.header.Set("Allow", allowed)
		return rep
	}
	rep, err := op(x)
	if err != nil {
		return s.errorReply(x, err)
	}
	return rep
}

type operation func(*exchange) (*reply, *apiError)

// operation finds what a method does to a path, or which methods it takes.
func (s *Server) operation(x *exchange) (op operation, allowed string) {
	ops := map[string]operation{}
	switch {
	case x.route.resource == "snapshots":
		switch {
		case x.route.id == "":
			ops[http.MethodGet] = s.listSnapshots
		case x.route.id == shardedClusters && x.route.target.family == cloud && !x.route.target.serverless():
			ops[http.MethodGet] = s.listShardedClusters
		}
	case x.route.resource == "download":
		ops[http.MethodPost] = s.downloadFlex
	case x.route.id == "":
		ops[http.MethodGet] = s.listJobs
		ops[http.MethodPost] = s.createJob
	case x.route.id == "restorableTimeRanges" && x.route.kind == "clusters" && x.route.base == publicBase:
		ops[http.MethodPost] = s.timeRanges
	default:
		ops[http.MethodGet] = s.getJob
		if x.route.target.cancels() {
			ops[http.MethodDelete] = s.cancelJob
		}
	}
	methods := make([]string, 0, len(ops))
	for method := range ops {
		methods = append(methods, method)
	}
	slices.Sort(methods)
	return ops[x.method], strings.Join(methods, ", ")
}

var pathPattern = regexp.MustCompile(`^(/api/public/v1\.0|/api/atlas/v1\.0|/api/atlas/v2)/groups/([^/]+)/(clusters|hosts|serverless|flexClusters)/([^/]+)/(backup/|)(restoreJobs|snapshots|download)(?:/([^/]+))?$`)

var hexID = regexp.MustCompile(`^[a-f0-9]{24}$`)

func (s *Server) readPath(x *exchange) *apiError {
	m := pathPattern.FindStringSubmatch(x.path)
	if m == nil {
		return noResource(x)
	}
	x.route = route{base: m[1], kind: m[3], tail: m[5], resource: m[6]}
	for i, field := range map[int]*string{2: &x.route.project, 4: &x.route.name, 7: &x.route.id} {
		text, err := url.PathUnescape(m[i])
		if err != nil {
			return noResource(x)
		}
		*field = text
	}
	noDownload := x.route.resource == "download" && (x.route.kind != "flexClusters" || m[7] != "")
	if noDownload || !slices.ContainsFunc(s.targets, x.route.matches) {
		return noResource(x)
	}
	return nil
}

func noResource(x *exchange) *apiError {
	return fail(http.StatusNotFound, "RESOURCE_NOT_FOUND", "Cannot find resource "+x.path+".", x.path)
}

// matches reports whether a target has paths of this form.
func (rt *route) matches(t *target) bool {
	return t.base == rt.base && t.kind == rt.kind && t.tail == rt.tail
}

var atlasMedia = regexp.MustCompile(`^application/vnd\.atlas\.([0-9]{4}-[0-9]{2}-[0-9]{2})\+json$`)

// acceptedVersion gives the date that a media type of an Accept header names, or "".
func acceptedVersion(media string) string {
	media, _, _ = mime.ParseMediaType(media)
	m := atlasMedia.FindStringSubmatch(media)
	if m == nil {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, m[1]); err != nil {
		return ""
	}
	return m[1]
}

// readVersion finds the newest version of the resource that is not later than
// the date asked for. Each resource here has one version.
func (s *Server) readVersion(x *exchange) *apiError {
	if x.route.base != v2Base {
		return nil
	}
	version := s.targets[slices.IndexFunc(s.targets, x.route.matches)].version
	accept := strings.Join(x.header.Values("Accept"), ",")
	for media := range strings.SplitSeq(accept, ",") {
		if acceptedVersion(media) >= version {
			x.resolved = version
			return nil
		}
	}
	return fail(http.StatusNotAcceptable, "INVALID_VERSION_DATE", "The Accept header must name a version date of this resource.", accept)
}

// findTarget finds the cluster of a path, and says as exactly as the service
// does what is wrong with it.
func (s *Server) findTarget(x *exchange) *apiError {
	rt := &x.route
	if err := s.checkProject(rt); err != nil {
		return err
	}
	var elsewhere *target
	for _, t := range s.targets {
		if t.base != rt.base || t.project != rt.project || t.name != rt.name {
			continue
		}
		if rt.matches(t) {
			rt.target = t
			return nil
		}
		elsewhere = t
	}
	switch {
	case elsewhere != nil && rt.kind == "flexClusters":
		return fail(http.StatusBadRequest, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", "Cannot use non-flex cluster "+rt.name+" in the flex API.", rt.name)
	case elsewhere != nil && elsewhere.family == flex:
		return fail(http.StatusBadRequest, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "Cannot use flex cluster "+rt.name+" in the cluster API.", rt.name)
	case elsewhere != nil && rt.base != publicBase:
		return fail(http.StatusBadRequest, "INCORRECT_BACKUP_API_ENDPOINT",
			"Use /"+elsewhere.kind+"/"+rt.name+"/"+elsewhere.tail+"restoreJobs for this kind of backup.", rt.name)
	case rt.kind == "hosts":
		return fail(http.StatusNotFound, "HOST_NOT_FOUND", "No host with ID "+rt.name+" exists in group "+rt.project+".", rt.name, rt.project)
	case rt.base == publicBase && !hexID.MatchString(rt.name):
		return fail(http.StatusNotFound, "INVALID_CLUSTER_ID", "An invalid cluster ID "+rt.name+" was specified.", rt.name)
	default:
		return noCluster(rt.name, rt.project)
	}
}

func (s *Server) checkProject(rt *route) *apiError {
	if !hexID.MatchString(rt.project) {
		return fail(http.StatusNotFound, "INVALID_GROUP_ID", "An invalid group ID "+rt.project+" was specified.", rt.project)
	}
	atlas := rt.base != publicBase
	code := "GROUP_NOT_FOUND"
	for _, t := range s.targets {
		switch {
		case t.project != rt.project:
		case t.base == rt.base:
			return nil
		case t.atlas() && !atlas:
			code = "ATLAS_GROUP"
		case !t.atlas() && atlas:
			code = "NOT_ATLAS_GROUP"
		}
	}
	return fail(http.StatusNotFound, code, "No group with ID "+rt.project+" exists here.", rt.project)
}

func readQuery(x *exchange) *apiError {
	given, err := url.ParseQuery(x.rawQuery)
	if err != nil {
		return fail(http.StatusBadRequest, "INVALID_QUERY_PARAMETER", "The query string cannot be read.")
	}
	x.query = query{count: true, page: 1, size: 100, given: given, batch: given.Get("batchId")}
	var wrong *apiError
	flag := func(name string, into *bool) {
		if !given.Has(name) {
			return
		}
		value := given.Get(name)
		if value != "true" && value != "false" {
			wrong = badQuery(name)
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
			wrong = badQuery(name)
			return
		}
		*into = n
	}
	flag("pretty", &x.query.pretty)
	flag("envelope", &x.query.envelope)
	flag("includeCount", &x.query.count)
	if completed := given.Get("completed"); given.Has("completed") {
		if !slices.Contains([]string{"true", "false", "all"}, completed) {
			wrong = badQuery("completed")
		}
		x.query.completed = completed
	}
	number("pageNum", &x.query.page, 1<<31-1)
	number("itemsPerPage", &x.query.size, 500)
	for name, values := range given {
		if len(values) > 1 {
			wrong = badQuery(name)
		}
	}
	return wrong
}

func badQuery(name string) *apiError {
	return fail(http.StatusBadRequest, "INVALID_QUERY_PARAMETER", "Invalid query parameter "+name+" specified.", name)
}

// checkQueryNames refuses the parameters that an operation does not have.
func checkQueryNames(x *exchange) *apiError {
	known := []string{"pretty", "envelope"}
	if x.method == http.MethodGet && x.route.id == "" {
		known = append(known, "pageNum", "itemsPerPage", "includeCount")
		t := x.route.target
		hasBatches := t.family == classic && !t.host()
		switch {
		case x.route.resource == "restoreJobs" && hasBatches:
			known = append(known, "batchId")
		case x.route.resource == "snapshots" && t.filtersSnapshots():
			known = append(known, "completed")
		}
	}
	for name := range x.query.given {
		if !slices.Contains(known, name) {
			return badQuery(name)
		}
	}
	if x.query.given.Has("batchId") && x.route.target.atlas() && !hexID.MatchString(x.query.batch) {
		return badQuery("batchId")
	}
	return nil
}
