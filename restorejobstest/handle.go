package restorejobstest

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
)

// Handle serves requests to the API that match the pattern with handler, before the operations of
// the server: a handler replaces them where both match. It is for whatever else a program calls.
// Patterns, their precedence and path values are those of [http.ServeMux], without its redirects.
// Handle panics if the pattern is invalid or conflicts with an earlier one.
//
// The handler gets requests with a path below /api/, except those for tokens, after the credentials
// were checked and after [Server.InjectFault]. Its response is sent when it has returned. It may
// call the server, and it runs in the goroutine of [Server.Transport].
func (s *Server) Handle(pattern string, handler http.Handler) {
	if handler == nil {
		panic("restorejobstest: nil handler")
	}
	s.handlers.Handle(pattern, userHandler{handler})
}

// A userHandler differs from the handlers that a ServeMux makes itself, for redirects and errors.
type userHandler struct{ http.Handler }

// serveHandlers handles a request with a handler of [Server.Handle], or else with an operation.
func (s *Server) serveHandlers(req *request) *response {
	r, err := req.httpRequest()
	if err != nil || !matchesUserHandler(s.handlers, r) {
		return s.serveOperation(req)
	}
	recorded := &recorder{header: http.Header{}}
	if !recorded.run(s.handlers, r) {
		return &response{header: http.Header{}, reset: true}
	}
	return recorded.response()
}

func matchesUserHandler(mux *http.ServeMux, r *http.Request) bool {
	handler, _ := mux.Handler(r)
	_, ok := handler.(userHandler)
	return ok
}

// httpRequest returns the request as net/http passes it to a handler.
func (r *request) httpRequest() (*http.Request, error) {
	target := r.origin + r.path
	if r.rawQuery != "" {
		target += "?" + r.rawQuery
	}
	req, err := http.NewRequestWithContext(r.ctx, r.method, target, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.Header = r.header.Clone()
	req.RequestURI = r.uri
	req.URL.Scheme = ""
	req.URL.Host = ""
	return req, nil
}

// A requestPattern is a pattern as in net/http.
type requestPattern struct{ mux *http.ServeMux }

// newRequestPattern panics if the pattern is invalid.
func newRequestPattern(pattern string) *requestPattern {
	mux := http.NewServeMux()
	mux.Handle(pattern, userHandler{http.NotFoundHandler()})
	return &requestPattern{mux: mux}
}

func (p *requestPattern) matches(req *request) bool {
	target, err := url.Parse(req.origin + req.path)
	if err != nil {
		return false
	}
	return matchesUserHandler(p.mux, &http.Request{
		Method: req.method,
		URL:    target,
		Host:   target.Host,
	})
}

// A recorder is the ResponseWriter of a handler.
type recorder struct {
	header http.Header
	sent   http.Header // at the time of the status
	status int
	body   bytes.Buffer
}

// run reports false if the handler aborted the response.
func (r *recorder) run(handler http.Handler, req *http.Request) (ok bool) {
	defer func() {
		switch reason := recover(); {
		case reason == nil:
		case isAbort(reason):
			ok = false
		default:
			panic(reason)
		}
	}()
	handler.ServeHTTP(r, req)
	r.WriteHeader(http.StatusOK)
	return true
}

func isAbort(reason any) bool {
	err, ok := reason.(error)
	return ok && errors.Is(err, http.ErrAbortHandler)
}

// Header implements [http.ResponseWriter].
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader implements [http.ResponseWriter]. Only the first final status counts.
func (r *recorder) WriteHeader(status int) {
	if r.sent != nil || status < http.StatusOK {
		return
	}
	r.status = status
	r.sent = r.header.Clone()
}

// Write implements [http.ResponseWriter].
func (r *recorder) Write(data []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	if r.status == http.StatusNoContent || r.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	return r.body.Write(data)
}

func (r *recorder) response() *response {
	resp := newResponse(r.status, "", r.body.Bytes())
	resp.header = r.sent
	if r.body.Len() > 0 && !hasHeader(r.sent, "Content-Type") {
		resp.header.Set("Content-Type", http.DetectContentType(r.body.Bytes()))
	}
	return resp
}

// hasHeader reports whether a header was set, also to nothing.
func hasHeader(header http.Header, name string) bool {
	_, ok := header[http.CanonicalHeaderKey(name)]
	return ok
}
