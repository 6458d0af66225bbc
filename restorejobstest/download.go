package restorejobstest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// A archiveFile is one file of a download job.
type archiveFile struct {
	job        *job
	replicaSet string // replica set
	name       string
	path       string
	pathV2     string // "": none
	private    string // path for the private endpoint; "": none
	header     string // that pathV2 asks for
	scheme     string // before the value; "": none
	secret     string
	archive    *archive

	endpoint       string
	uses           int   // requests that count
	contiguousSent int64 // bytes sent from the start on without a gap
	fullySent      bool  // all of them were sent at least once
}

// addFiles gives a download job its files, one for each replica set.
func (s *Server) addFiles(j *job, replicaSets []string) {
	for _, replicaSet := range replicaSets {
		file := &archiveFile{job: j, replicaSet: replicaSet}
		if j.plan.download {
			file.archive = newArchive(j.id+replicaSet, s.opts.archiveSize)
		}
		switch j.resource.format {
		case cloud:
			s.cloudPaths(file)
		case classic:
			s.classicPaths(file)
		case flex:
			if !j.plan.download {
				continue
			}
			s.flexPaths(file)
		}
		j.files = append(j.files, file)
		for _, path := range []string{file.path, file.pathV2, file.private} {
			if path != "" {
				s.links[path] = file
			}
		}
	}
}

func (s *Server) classicPaths(file *archiveFile) {
	j := file.job
	epoch := strconv.FormatInt(j.created.Unix(), 10)
	file.name = file.replicaSet + "-" + epoch + "-" + j.id + ".tar.gz"
	file.path = "/backup/restore/v2/pull/" + j.id + "/" + randomHex(12) + "=/" + file.name
	switch {
	case j.resource.mms():
		file.name = j.resource.project + "-" + file.replicaSet + "-" + epoch + ".tar.gz"
		file.path = "/backup/restore/v2/pull/" + randomHex(16) + "/" + j.id + "/-1976673072885966399/" + file.name
	case j.resource.opsManager():
		file.header = "Authorization"
		file.scheme = "Bearer"
		file.secret = randomHex(16)
	case j.resource.scope == AtlasV2LegacyCluster:
		file.header = "X-Restore-Authorization"
		file.secret = randomHex(16)
	}
	if file.secret != "" {
		file.pathV2 = "/backup/restore/v3/pull/" + j.id + "/" + file.name
	}
}

func (s *Server) cloudPaths(file *archiveFile) {
	file.name = "restore-" + file.job.plan.snapshot + ".tar.gz"
	if file.job.resource.shards > 0 {
		file.name = "restore-" + file.job.plan.snapshot + "-" + file.replicaSet + ".tar.gz"
	}
	file.path = "/" + randomHex(12) + "/" + file.name
	if s.opts.privateEndpoint != "" && !file.job.resource.serverless() {
		file.endpoint = s.opts.privateEndpoint
		file.private = "/private/" + randomHex(12) + "/" + file.name
	}
}

func (a *archiveFile) addLinks(delivery map[string]any, base string) {
	delivery["url"] = base + a.path
	if a.pathV2 == "" {
		return
	}
	delivery["urlV2"] = base + a.pathV2
	delivery["authHeader"] = a.header
	delivery["authValue"] = a.secret
	if a.scheme != "" {
		delivery["authBearer"] = a.scheme
	}
}

func (a *archiveFile) addPrivateLinks(doc map[string]any, base string) {
	if a.private != "" {
		doc["privateDownloadDeliveryUrls"] = []any{map[string]any{"deliveryUrl": base + a.private, "endpointId": a.endpoint}}
	}
}

func (a *archiveFile) usedUp() bool { return a.job.plan.limit > 0 && a.uses >= a.job.plan.limit }

// linkOrigin gives the origin of download links, for a client that came to
// this origin.
func (s *Server) linkOrigin(origin string) string {
	switch {
	case !s.opts.downloadOrigin:
		return origin
	case origin == inProcessURL:
		return inProcessDownload
	default:
		return s.dlOrigin
	}
}

// serveDownload answers a request for a link.
func (s *Server) serveDownload(req *request) *response {
	s.mu.Lock()
	defer s.mu.Unlock()
	file := s.links[req.path]
	if file == nil || req.download != s.opts.downloadOrigin {
		return textResponse(http.StatusNotFound, "There is no such file.")
	}
	if refused := s.authorizeDownload(req, file); refused != nil {
		return refused
	}
	first, length, resp := s.chooseRange(req, file)
	if resp.status >= 400 {
		return resp
	}
	if !s.opts.uncountedResume || first == 0 {
		file.uses++
	}
	resp.length = length
	resp.body = &fileReader{
		server: s,
		file:   file,
		next:   first,
		end:    first + length,
	}
	if req.method == http.MethodHead {
		resp.body = http.NoBody
	}
	resp.header.Set("Content-Type", "application/gzip")
	resp.header.Set("Content-Disposition", `attachment; filename="`+file.name+`"`)
	return resp
}

// authorizeDownload gives nil if the request may have the file.
func (s *Server) authorizeDownload(req *request, file *archiveFile) *response {
	var given, want string
	if req.path == file.pathV2 {
		given = req.header.Get(file.header)
		want = strings.TrimSpace(file.scheme + " " + file.secret)
	}
	asksAuthorization := want != "" && file.header == "Authorization"
	switch {
	case req.method != http.MethodGet && req.method != http.MethodHead:
		return textResponse(http.StatusMethodNotAllowed, "Only GET is allowed.")
	case req.header.Get("Authorization") != "" && !asksAuthorization:
		return textResponse(http.StatusBadRequest, "Credentials of the API do not belong here.")
	case given != want:
		return textResponse(http.StatusUnauthorized, "The secret of the link is missing or wrong.")
	}
	switch state := s.linkState(file.job); {
	case state == linkPending:
		return textResponse(http.StatusNotFound, "The file is not there.")
	case state == linkExpired:
		return textResponse(s.opts.expiredStatus, "The link has expired.")
	case file.usedUp(), file.fullySent && file.job.resource.format == cloud && file.job.resource.shards > 0:
		return textResponse(http.StatusForbidden, "The link was used as often as it can be.")
	}
	return nil
}

func textResponse(status int, message string) *response {
	return newResponse(status, "text/plain; charset=utf-8", []byte(message+"\n"))
}

// chooseRange picks the bytes to send and makes the reply for them.
func (s *Server) chooseRange(req *request, file *archiveFile) (first, length int64, resp *response) {
	size := file.archive.size
	resp = &response{status: http.StatusOK, header: http.Header{}}
	etag := `"` + file.job.id + "-" + file.replicaSet + `"`
	modified := file.job.finishesAt.UTC().Format(http.TimeFormat)
	if !s.opts.noValidators {
		resp.header.Set("ETag", etag)
		resp.header.Set("Last-Modified", modified)
	}
	if s.opts.noRange {
		return 0, size, resp
	}
	resp.header.Set("Accept-Ranges", "bytes")
	condition := req.header.Get("If-Range")
	if condition != "" && (s.opts.noValidators || (condition != etag && condition != modified)) {
		return 0, size, resp
	}
	first, last, err := parseRange(req.header.Get("Range"), size)
	switch {
	case errors.Is(err, errNoRange):
		return 0, size, resp
	case err != nil:
		refused := textResponse(http.StatusRequestedRangeNotSatisfiable, "The file has no such range.")
		refused.header.Set("Content-Range", fmt.Sprintf("bytes */%d", size))
		return 0, 0, refused
	}
	resp.status = http.StatusPartialContent
	resp.header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, size))
	return first, last - first + 1, resp
}

var (
	errNoRange  = errors.New("restorejobstest: no range to follow")
	errBadRange = errors.New("restorejobstest: range cannot be met")
)

// parseRange reads a Range header of one range. Anything else is as good as
// none, which the standard allows.
func parseRange(header string, size int64) (first, last int64, err error) {
	spec, ok := strings.CutPrefix(header, "bytes=")
	from, to, dash := strings.Cut(spec, "-")
	if !ok || !dash || strings.Contains(spec, ",") {
		return 0, 0, errNoRange
	}
	first, ferr := strconv.ParseInt(from, 10, 64)
	last, lerr := strconv.ParseInt(to, 10, 64)
	switch {
	case from == "" && lerr == nil:
		first = max(size-last, 0)
		last = size - 1
	case ferr == nil && to == "":
		last = size - 1
	case ferr != nil || lerr != nil || last < first:
		return 0, 0, errNoRange
	}
	last = min(last, size-1)
	if first > last {
		return 0, 0, errBadRange
	}
	return first, last, nil
}

// A fileReader reads a range of a part and keeps account of what was sent.
type fileReader struct {
	server    *Server
	file      *archiveFile
	next, end int64
}

func (f *fileReader) Read(buf []byte) (int, error) {
	if f.next >= f.end {
		return 0, io.EOF
	}
	n, err := f.file.archive.ReadAt(buf[:min(int64(len(buf)), f.end-f.next)], f.next)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, err
	}
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	file := f.file
	if f.next <= file.contiguousSent {
		file.contiguousSent = max(file.contiguousSent, f.next+int64(n))
	}
	file.fullySent = file.fullySent || file.contiguousSent == file.archive.size
	f.next += int64(n)
	return n, nil
}
