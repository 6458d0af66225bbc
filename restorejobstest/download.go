package restorejobstest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// A part is one file of a download job.
type part struct {
	job     *job
	member  string // replica set
	file    string
	path    string
	pathV2  string // "": none
	private string // path for the private endpoint; "": none
	header  string // that pathV2 asks for
	scheme  string // before the value; "": none
	secret  string
	archive *archive

	endpoint string
	used     int   // requests that count
	sent     int64 // bytes sent from the start on without a gap
	whole    bool  // all of them were sent at least once
}

// addParts gives a download job its files, one for each replica set.
func (s *Server) addParts(j *job, members []string) {
	for _, member := range members {
		p := &part{job: j, member: member}
		if j.plan.download {
			p.archive = newArchive(j.id+member, s.opts.archiveSize)
		}
		switch j.target.family {
		case cloud:
			s.cloudPaths(p)
		case classic:
			s.classicPaths(p)
		case flex:
			if !j.plan.download {
				continue
			}
			s.flexPaths(p)
		}
		j.parts = append(j.parts, p)
		for _, path := range []string{p.path, p.pathV2, p.private} {
			if path != "" {
				s.links[path] = p
			}
		}
	}
}

func (s *Server) classicPaths(p *part) {
	j := p.job
	epoch := strconv.FormatInt(j.created.Unix(), 10)
	p.file = p.member + "-" + epoch + "-" + j.id + ".tar.gz"
	p.path = "/backup/restore/v2/pull/" + j.id + "/" + randomHex(12) + "=/" + p.file
	switch {
	case j.target.mms():
		p.file = j.target.project + "-" + p.member + "-" + epoch + ".tar.gz"
		p.path = "/backup/restore/v2/pull/" + randomHex(16) + "/" + j.id + "/-1976673072885966399/" + p.file
	case j.target.opsManager():
		p.header, p.scheme, p.secret = "Authorization", "Bearer", randomHex(16)
	case j.target.scope == AtlasV2LegacyCluster:
		p.header, p.secret = "X-Restore-Authorization", randomHex(16)
	}
	if p.secret != "" {
		p.pathV2 = "/backup/restore/v3/pull/" + j.id + "/" + p.file
	}
}

func (s *Server) cloudPaths(p *part) {
	p.file = "restore-" + p.job.plan.snapshot + ".tar.gz"
	if p.job.target.shards > 0 {
		p.file = "restore-" + p.job.plan.snapshot + "-" + p.member + ".tar.gz"
	}
	p.path = "/" + randomHex(12) + "/" + p.file
	if s.opts.privateEndpoint != "" && !p.job.target.serverless() {
		p.endpoint = s.opts.privateEndpoint
		p.private = "/private/" + randomHex(12) + "/" + p.file
	}
}

func (p *part) addLinks(delivery map[string]any, base string) {
	delivery["url"] = base + p.path
	if p.pathV2 == "" {
		return
	}
	delivery["urlV2"], delivery["authHeader"], delivery["authValue"] = base+p.pathV2, p.header, p.secret
	if p.scheme != "" {
		delivery["authBearer"] = p.scheme
	}
}

func (p *part) addPrivateLinks(doc map[string]any, base string) {
	if p.private != "" {
		doc["privateDownloadDeliveryUrls"] = []any{map[string]any{"deliveryUrl": base + p.private, "endpointId": p.endpoint}}
	}
}

func (p *part) usedUp() bool { return p.job.plan.limit > 0 && p.used >= p.job.plan.limit }

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
func (s *Server) serveDownload(x *exchange) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.links[x.path]
	if p == nil || x.download != s.opts.downloadOrigin {
		return textReply(http.StatusNotFound, "There is no such file.")
	}
	if refused := s.admit(x, p); refused != nil {
		return refused
	}
	first, length, rep := s.chooseRange(x, p)
	if rep.status >= 400 {
		return rep
	}
	if !s.opts.freeResume || first == 0 {
		p.used++
	}
	rep.length = length
	rep.body = &partReader{server: s, part: p, next: first, end: first + length}
	if x.method == http.MethodHead {
		rep.body = http.NoBody
	}
	rep.header.Set("Content-Type", "application/gzip")
	rep.header.Set("Content-Disposition", `attachment; filename="`+p.file+`"`)
	return rep
}

// admit gives nil if the request may have the file.
func (s *Server) admit(x *exchange, p *part) *reply {
	var given, want string
	if x.path == p.pathV2 {
		given, want = x.header.Get(p.header), strings.TrimSpace(p.scheme+" "+p.secret)
	}
	asksAuthorization := want != "" && p.header == "Authorization"
	switch {
	case x.method != http.MethodGet && x.method != http.MethodHead:
		return textReply(http.StatusMethodNotAllowed, "Only GET is allowed.")
	case x.header.Get("Authorization") != "" && !asksAuthorization:
		return textReply(http.StatusBadRequest, "Credentials of the API do not belong here.")
	case given != want:
		return textReply(http.StatusUnauthorized, "The secret of the link is missing or wrong.")
	}
	switch state := s.linkState(p.job); {
	case state == linkPending:
		return textReply(http.StatusNotFound, "The file is not there.")
	case state == linkExpired:
		return textReply(s.opts.expiredStatus, "The link has expired.")
	case p.usedUp(), p.whole && p.job.target.family == cloud && p.job.target.shards > 0:
		return textReply(http.StatusForbidden, "The link was used as often as it can be.")
	}
	return nil
}

func textReply(status int, message string) *reply {
	return newReply(status, "text/plain; charset=utf-8", []byte(message+"\n"))
}

// chooseRange picks the bytes to send and makes the reply for them.
func (s *Server) chooseRange(x *exchange, p *part) (first, length int64, rep *reply) {
	size := p.archive.size
	rep = &reply{status: http.StatusOK, header: http.Header{}}
	etag := `"` + p.job.id + "-" + p.member + `"`
	modified := p.job.ends.UTC().Format(http.TimeFormat)
	if !s.opts.noValidators {
		rep.header.Set("ETag", etag)
		rep.header.Set("Last-Modified", modified)
	}
	if s.opts.noRange {
		return 0, size, rep
	}
	rep.header.Set("Accept-Ranges", "bytes")
	condition := x.header.Get("If-Range")
	if condition != "" && (s.opts.noValidators || (condition != etag && condition != modified)) {
		return 0, size, rep
	}
	first, last, err := parseRange(x.header.Get("Range"), size)
	switch {
	case errors.Is(err, errNoRange):
		return 0, size, rep
	case err != nil:
		refused := textReply(http.StatusRequestedRangeNotSatisfiable, "The file has no such range.")
		refused.header.Set("Content-Range", fmt.Sprintf("bytes */%d", size))
		return 0, 0, refused
	}
	rep.status = http.StatusPartialContent
	rep.header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, size))
	return first, last - first + 1, rep
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
		first, last = max(size-last, 0), size-1
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

// A partReader reads a range of a part and keeps account of what was sent.
type partReader struct {
	server    *Server
	part      *part
	next, end int64
}

func (r *partReader) Read(buf []byte) (int, error) {
	if r.next >= r.end {
		return 0, io.EOF
	}
	n, err := r.part.archive.ReadAt(buf[:min(int64(len(buf)), r.end-r.next)], r.next)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, err
	}
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	p := r.part
	if r.next <= p.sent {
		p.sent = max(p.sent, r.next+int64(n))
	}
	p.whole = p.whole || p.sent == p.archive.size
	r.next += int64(n)
	return n, nil
}
