package restorejobstest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// An archiveFile is one file of a download job.
type archiveFile struct {
	job         *job
	replicaSet  string
	name        string
	path        string
	pathV2      string // empty: the job has no second link
	privatePath string // for the private endpoint; may be empty
	header      string // that pathV2 requires
	scheme      string // before the value; may be empty
	secret      string
	archive     *archive

	endpoint  string
	uses      int // requests that count against maxDownloads
	sent      sentSpans
	fullySent bool // every byte was sent at least once
}

// addFiles adds one file for each replica set to a download job.
func (s *Server) addFiles(j *job, replicaSets []string) {
	for _, replicaSet := range replicaSets {
		file := &archiveFile{job: j, replicaSet: replicaSet}
		if j.plan.download {
			file.archive = newArchive(j.id+replicaSet, s.opts.archiveSize)
		}
		switch j.resource.format {
		case cloud:
			s.setCloudPaths(file)
		case classic:
			s.setClassicPaths(file)
		case flex:
			if !j.plan.download {
				continue
			}
			s.setFlexPaths(file)
		}
		j.files = append(j.files, file)
		for _, path := range []string{file.path, file.pathV2, file.privatePath} {
			if path != "" {
				s.links[path] = file
			}
		}
	}
}

func (s *Server) setClassicPaths(file *archiveFile) {
	j := file.job
	epoch := strconv.FormatInt(j.created.Unix(), 10)
	file.name = file.replicaSet + "-" + epoch + "-" + j.id + ".tar.gz"
	file.path = "/backup/restore/v2/pull/" + j.id + "/" + randomHex(12) + "=/" + file.name
	switch {
	case j.resource.isMMS():
		file.name = j.resource.project + "-" + file.replicaSet + "-" + epoch + ".tar.gz"
		file.path = "/backup/restore/v2/pull/" + randomHex(16) + "/" + j.id + "/-1976673072885966399/" + file.name
	case j.resource.isOpsManager():
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

func (s *Server) setCloudPaths(file *archiveFile) {
	file.name = "restore-" + file.job.plan.snapshot + ".tar.gz"
	if file.job.resource.shards > 0 {
		file.name = "restore-" + file.job.plan.snapshot + "-" + file.replicaSet + ".tar.gz"
	}
	file.path = "/" + randomHex(12) + "/" + file.name
	if s.opts.privateEndpoint != "" && !file.job.resource.isServerless() {
		file.endpoint = s.opts.privateEndpoint
		file.privatePath = "/private/" + randomHex(12) + "/" + file.name
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
	if a.privatePath != "" {
		doc["privateDownloadDeliveryUrls"] = []any{map[string]any{"deliveryUrl": base + a.privatePath, "endpointId": a.endpoint}}
	}
}

func (a *archiveFile) isUsedUp() bool {
	return a.job.plan.maxDownloads > 0 && a.uses >= a.job.plan.maxDownloads
}

// isUsedComponent reports whether this is a component of a sharded Atlas cluster that was
// downloaded: its link works once.
func (a *archiveFile) isUsedComponent() bool {
	res := a.job.resource
	return a.fullySent && res.format == cloud && res.shards > 0
}

// linkOrigin returns the origin of the links for a client that used origin.
func (s *Server) linkOrigin(origin string) string {
	switch {
	case !s.opts.downloadOrigin:
		return origin
	case origin == inProcessURL:
		return inProcessDownload
	default:
		return s.downloadBase
	}
}

// serveDownload responds to a request for a link.
func (s *Server) serveDownload(req *request) *response {
	s.mu.Lock()
	defer s.mu.Unlock()
	file := s.links[req.path]
	if file == nil || req.isDownload != s.opts.downloadOrigin {
		return textResponse(http.StatusNotFound, "The file does not exist.")
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

// authorizeDownload returns nil if the request may download the file.
func (s *Server) authorizeDownload(req *request, file *archiveFile) *response {
	var got, want string
	if req.path == file.pathV2 {
		got = req.header.Get(file.header)
		want = strings.TrimSpace(file.scheme + " " + file.secret)
	}
	needsAuthorization := want != "" && file.header == "Authorization"
	switch {
	case req.method != http.MethodGet && req.method != http.MethodHead:
		return textResponse(http.StatusMethodNotAllowed, "Only GET is allowed.")
	case req.header.Get("Authorization") != "" && !needsAuthorization:
		return textResponse(http.StatusBadRequest, "API credentials must not be sent to a download link.")
	case got != want:
		return textResponse(http.StatusUnauthorized, "The secret of the link is missing or wrong.")
	}
	switch state := s.linkState(file.job); {
	case state == linkPending:
		return textResponse(http.StatusNotFound, "The file is not ready.")
	case state == linkExpired:
		return textResponse(s.opts.expiredStatus, "The link has expired.")
	case file.isUsedUp(), file.isUsedComponent():
		return textResponse(http.StatusForbidden, "The link was used as often as allowed.")
	}
	return nil
}

func textResponse(status int, message string) *response {
	return newResponse(status, "text/plain; charset=utf-8", []byte(message+"\n"))
}

// chooseRange selects the bytes to send and creates the response without its body.
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
	isCurrent := !s.opts.noValidators && (condition == etag || condition == modified)
	if condition != "" && !isCurrent {
		return 0, size, resp
	}
	first, last, err := parseRange(req.header.Get("Range"), size)
	switch {
	case errors.Is(err, errNoRange):
		return 0, size, resp
	case err != nil:
		refused := textResponse(http.StatusRequestedRangeNotSatisfiable, "The range is outside of the file.")
		refused.header.Set("Content-Range", fmt.Sprintf("bytes */%d", size))
		return 0, 0, refused
	}
	resp.status = http.StatusPartialContent
	resp.header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, size))
	return first, last - first + 1, resp
}

var (
	errNoRange  = errors.New("restorejobstest: not a single byte range")
	errBadRange = errors.New("restorejobstest: range outside of the file")
)

// parseRange reads a Range header with one range. Anything else is ignored, as RFC 9110 allows.
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

// A fileReader reads a range of a file and records how much was sent.
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
	file.sent.add(f.next, f.next+int64(n))
	file.fullySent = file.fullySent || file.sent.cover(file.archive.size)
	f.next += int64(n)
	return n, nil
}
