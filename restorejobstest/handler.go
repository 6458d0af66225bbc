package restorejobstest

import (
	"context"
	"net/http"
	"strings"
)

// maxRequestBody is far above the size of any valid body.
const maxRequestBody = 1 << 20

// A request came in over the network or through [Server.Transport].
type request struct {
	server     *Server
	ctx        context.Context //nolint:containedctx // lives as long as the request
	method     string
	path       string // escaped
	rawQuery   string
	uri        string // covered by the digest
	origin     string // scheme and host that the client used
	header     http.Header
	body       []byte
	isDownload bool // sent to the origin for downloads

	route   route
	query   query
	version string // version date of an Atlas v2 response
}

func (s *Server) handle(req *request) *response {
	resp := s.dispatch(req)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	resp.header.Set("Date", now.Format(http.TimeFormat))
	resp.header.Set("X-Request-ID", randomHex(8))
	s.requests = append(s.requests, newRequest(req, resp, now))
	return resp
}

func (s *Server) dispatch(req *request) *response {
	switch {
	case req.isDownload || !strings.HasPrefix(req.path, "/api/"):
		return s.withFaults(req, Downloads, s.serveDownload)
	case strings.HasPrefix(req.path, "/api/oauth/"):
		return s.withFaults(req, Tokens, s.serveToken)
	default:
		return s.withFaults(req, BeforeAuth, s.serveAPI)
	}
}

func (s *Server) serveAPI(req *request) *response {
	if resp := s.authenticate(req); resp != nil {
		return resp
	}
	return s.withFaults(req, API, s.serveHandlers)
}
