package restorejobstest

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// An endpoint is a path and its operations.
type endpoint struct {
	// path is a pattern as in net/http, without a method. Patterns may overlap, and the first in
	// the table applies.
	path string
	// kind is that of the source that {cluster} names. It is zero if the path names none.
	kind sourceKind
	// versions has the version dates of Atlas v2, oldest first.
	versions []string
	// rateLimit is the limit that Atlas v2 announces; 0: 1200.
	rateLimit int
	// ends has the versions that the service announces to end.
	ends map[string]deprecation
	// operations has the operation of each method.
	operations map[string]operation
}

// An operation is one method of an endpoint.
type operation struct {
	handle func(s *Server, req *request) (*response, *apiError)
	query  []string // parameters besides pretty and envelope
}

// A sourceKind is the form of the paths of one kind of cluster, host or instance.
type sourceKind struct {
	basePath   string
	collection string // clusters, hosts, serverless or flexClusters
	backupPath string // "backup/" or ""
}

// path returns the pattern of an endpoint below a source.
func (k sourceKind) path(suffix string) string {
	return k.basePath + "/groups/{project}/" + k.collection + "/{cluster}/" + k.backupPath + suffix
}

// A route is a parsed path.
type route struct {
	endpoint *endpoint
	basePath string
	values   map[string]string // of the wildcards
	project  string
	name     string    // value of {cluster}
	id       string    // value of {id}
	resource *resource // nil: the path names no source
}

// serveOperation handles an authenticated request.
func (s *Server) serveOperation(req *request) *response {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, step := range []func(*request) *apiError{readQuery, s.readPath, readVersion} {
		if err := step(req); err != nil {
			return s.errorResponse(req, err)
		}
	}
	end := req.route.endpoint.ends[req.version]
	resp, err := s.callOperation(req)
	if err != nil {
		resp = s.errorResponse(req, err)
	}
	if err != nil && err.status == http.StatusMethodNotAllowed {
		resp.header.Set("Allow", strings.Join(slices.Sorted(maps.Keys(req.route.endpoint.operations)), ", "))
	}
	end.announce(resp)
	return resp
}

func (s *Server) callOperation(req *request) (*response, *apiError) {
	if err := s.findResource(req); err != nil {
		return nil, err
	}
	op, ok := req.route.endpoint.operations[req.method]
	if !ok {
		return nil, newAPIError(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "The method "+req.method+" is not allowed here.", req.method)
	}
	if err := checkQueryNames(req, op.query); err != nil {
		return nil, err
	}
	return op.handle(s, req)
}

// readPath finds the endpoint of a path.
func (s *Server) readPath(req *request) *apiError {
	segments := strings.Split(req.path, "/")
	for i := range s.endpoints {
		values, ok := matchPath(s.endpoints[i].path, segments)
		if !ok {
			continue
		}
		req.route = route{
			endpoint: &s.endpoints[i],
			basePath: basePathOf(s.endpoints[i].path),
			values:   values,
			project:  values["project"],
			name:     values["cluster"],
			id:       values["id"],
		}
		return nil
	}
	return resourceNotFoundError(req)
}

// matchPath returns the unescaped values of the wildcards of a pattern.
func matchPath(pattern string, segments []string) (map[string]string, bool) {
	want := strings.Split(pattern, "/")
	if len(want) != len(segments) {
		return nil, false
	}
	values := map[string]string{}
	for i, segment := range segments {
		name, isWildcard := strings.CutPrefix(want[i], "{")
		value, err := url.PathUnescape(segment)
		switch {
		case err != nil, !isWildcard && value != want[i], isWildcard && value == "":
			return nil, false
		case isWildcard:
			values[strings.TrimSuffix(name, "}")] = value
		}
	}
	return values, true
}

func basePathOf(path string) string {
	for _, base := range []string{v1Base, v2Base} {
		if strings.HasPrefix(path, base+"/") {
			return base
		}
	}
	return publicBase
}

func resourceNotFoundError(req *request) *apiError {
	return newAPIError(http.StatusNotFound, "RESOURCE_NOT_FOUND", "Cannot find resource "+req.path+".", req.path)
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

// readVersion finds the newest version of the endpoint that is not later than the requested date.
func readVersion(req *request) *apiError {
	if req.route.basePath != v2Base {
		return nil
	}
	accept := strings.Join(req.header.Values("Accept"), ",")
	for media := range strings.SplitSeq(accept, ",") {
		requested := acceptedVersion(media)
		for _, version := range slices.Backward(req.route.endpoint.versions) {
			if requested >= version {
				req.version = version
				return nil
			}
		}
	}
	return newAPIError(http.StatusNotAcceptable, "INVALID_VERSION_DATE", "The Accept header must name a version date of this resource.", accept)
}
