package restorejobstest

import (
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A route is a parsed path.
type route struct {
	basePath   string
	project    string
	collection string // clusters, hosts, serverless or flexClusters
	name       string
	backupPath string // "backup/" or ""
	endpoint   string // restoreJobs, snapshots or download
	id         string
	resource   *resource
}

// serveOperation handles an authenticated request.
func (s *Server) serveOperation(req *request) *response {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, step := range []func(*request) *apiError{readQuery, s.readPath, s.readVersion, s.findResource, checkQueryNames} {
		if err := step(req); err != nil {
			return s.errorResponse(req, err)
		}
	}
	op, allowed := s.operation(req)
	if op == nil {
		resp := s.errorResponse(req, newAPIError(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "The method "+req.method+" is not allowed here.", req.method))
		resp.header.Set("Allow", allowed)
		return resp
	}
	resp, err := op(req)
	if err != nil {
		return s.errorResponse(req, err)
	}
	return resp
}

type operation func(*request) (*response, *apiError)

// operation finds the operation of a request, or else the methods that its path allows.
func (s *Server) operation(req *request) (op operation, allowed string) {
	ops := map[string]operation{}
	switch {
	case req.route.endpoint == "snapshots":
		switch {
		case req.route.id == "":
			ops[http.MethodGet] = s.listSnapshots
		case req.route.id == shardedClusters && req.route.resource.isAtlasCluster():
			ops[http.MethodGet] = s.listShardedClusters
		}
	case req.route.endpoint == "download":
		ops[http.MethodPost] = s.downloadFlex
	case req.route.id == "":
		ops[http.MethodGet] = s.listJobs
		ops[http.MethodPost] = s.createJob
	case req.route.isTimeRanges():
		ops[http.MethodPost] = s.timeRanges
	default:
		ops[http.MethodGet] = s.getJob
		if req.route.resource.canCancel() {
			ops[http.MethodDelete] = s.cancelJob
		}
	}
	methods := make([]string, 0, len(ops))
	for method := range ops {
		methods = append(methods, method)
	}
	slices.Sort(methods)
	return ops[req.method], strings.Join(methods, ", ")
}

func (r *route) isTimeRanges() bool {
	return r.id == "restorableTimeRanges" && r.collection == "clusters" && r.basePath == publicBase
}

var pathPattern = regexp.MustCompile(`^(/api/public/v1\.0|/api/atlas/v1\.0|/api/atlas/v2)/groups/([^/]+)/(clusters|hosts|serverless|flexClusters)/([^/]+)/(backup/|)(restoreJobs|snapshots|download)(?:/([^/]+))?$`)

var hexID = regexp.MustCompile(`^[a-f0-9]{24}$`)

func (s *Server) readPath(req *request) *apiError {
	m := pathPattern.FindStringSubmatch(req.path)
	if m == nil {
		return resourceNotFoundError(req)
	}
	req.route = route{
		basePath:   m[1],
		collection: m[3],
		backupPath: m[5],
		endpoint:   m[6],
	}
	for i, field := range map[int]*string{
		2: &req.route.project,
		4: &req.route.name,
		7: &req.route.id,
	} {
		text, err := url.PathUnescape(m[i])
		if err != nil {
			return resourceNotFoundError(req)
		}
		*field = text
	}
	isDownload := req.route.endpoint == "download"
	hasDownload := req.route.collection == "flexClusters" && m[7] == ""
	if isDownload && !hasDownload {
		return resourceNotFoundError(req)
	}
	if !slices.ContainsFunc(s.resources, req.route.matches) {
		return resourceNotFoundError(req)
	}
	return nil
}

func resourceNotFoundError(req *request) *apiError {
	return newAPIError(http.StatusNotFound, "RESOURCE_NOT_FOUND", "Cannot find resource "+req.path+".", req.path)
}

// matches reports whether the paths of a resource have this form.
func (r *route) matches(res *resource) bool {
	return res.basePath == r.basePath && res.collection == r.collection && res.backupPath == r.backupPath
}

var atlasMedia = regexp.MustCompile(`^application/vnd\.atlas\.([0-9]{4}-[0-9]{2}-[0-9]{2})\+json$`)

// acceptedVersion returns the version date in a media type of an Accept header, or "".
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

// readVersion finds the newest version of the resource that is not later than the requested
// date. Each resource has one version here.
func (s *Server) readVersion(req *request) *apiError {
	if req.route.basePath != v2Base {
		return nil
	}
	version := s.resources[slices.IndexFunc(s.resources, req.route.matches)].version
	accept := strings.Join(req.header.Values("Accept"), ",")
	for media := range strings.SplitSeq(accept, ",") {
		if acceptedVersion(media) >= version {
			req.version = version
			return nil
		}
	}
	return newAPIError(http.StatusNotAcceptable, "INVALID_VERSION_DATE", "The Accept header must name a version date of this resource.", accept)
}

// findResource finds the cluster, host or instance of a path. Its errors are as specific as those
// of the service.
func (s *Server) findResource(req *request) *apiError {
	rt := &req.route
	if err := s.checkProject(rt); err != nil {
		return err
	}
	var other *resource
	for _, res := range s.resources {
		if res.basePath != rt.basePath || res.project != rt.project || res.name != rt.name {
			continue
		}
		if rt.matches(res) {
			rt.resource = res
			return nil
		}
		other = res
	}
	switch {
	case other != nil && rt.collection == "flexClusters":
		return newAPIError(http.StatusBadRequest, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", "Cannot use non-flex cluster "+rt.name+" in the flex API.", rt.name)
	case other != nil && other.format == flex:
		return newAPIError(http.StatusBadRequest, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "Cannot use flex cluster "+rt.name+" in the cluster API.", rt.name)
	case other != nil && rt.basePath != publicBase:
		return newAPIError(http.StatusBadRequest, "INCORRECT_BACKUP_API_ENDPOINT",
			"Use /"+other.collection+"/"+rt.name+"/"+other.backupPath+"restoreJobs for this kind of backup.", rt.name)
	case rt.collection == "hosts":
		return newAPIError(http.StatusNotFound, "HOST_NOT_FOUND", "No host with ID "+rt.name+" exists in group "+rt.project+".", rt.name, rt.project)
	case rt.basePath == publicBase && !hexID.MatchString(rt.name):
		return newAPIError(http.StatusNotFound, "INVALID_CLUSTER_ID", "An invalid cluster ID "+rt.name+" was specified.", rt.name)
	default:
		return clusterNotFoundError(rt.name, rt.project)
	}
}

func (s *Server) checkProject(rt *route) *apiError {
	if !hexID.MatchString(rt.project) {
		return newAPIError(http.StatusNotFound, "INVALID_GROUP_ID", "An invalid group ID "+rt.project+" was specified.", rt.project)
	}
	atlas := rt.basePath != publicBase
	code := "GROUP_NOT_FOUND"
	for _, res := range s.resources {
		switch {
		case res.project != rt.project:
		case res.basePath == rt.basePath:
			return nil
		case res.isAtlas() && !atlas:
			code = "ATLAS_GROUP"
		case !res.isAtlas() && atlas:
			code = "NOT_ATLAS_GROUP"
		}
	}
	return newAPIError(http.StatusNotFound, code, "No group with ID "+rt.project+" exists here.", rt.project)
}
