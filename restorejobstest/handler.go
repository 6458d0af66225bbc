package restorejobstest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
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

// A response was not sent yet.
type response struct {
	status int
	header http.Header
	body   io.Reader
	length int64 // -1: unknown

	wait      time.Duration // before anything is sent
	reset     bool          // send nothing, reset the connection
	flushEach bool          // flush after each write of the body
}

// errConnectionCut from a body makes the server close the connection.
var errConnectionCut = errors.New("restorejobstest: connection cut")

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
	return s.withFaults(req, API, s.serveOperation)
}

func newResponse(status int, contentType string, body []byte) *response {
	resp := &response{
		status: status,
		header: http.Header{},
		body:   bytes.NewReader(body),
		length: int64(len(body)),
	}
	if contentType != "" {
		resp.header.Set("Content-Type", contentType)
	}
	return resp
}

// jsonResponse responds with v, in an envelope and indented if the query requests it.
func (s *Server) jsonResponse(req *request, status int, v any) *response {
	if req.query.envelope {
		v = s.wrapEnvelope(status, v)
		if s.opts.envelopeOK {
			status = http.StatusOK
		}
	}
	contentType := "application/json"
	if req.version != "" && status < 400 {
		contentType = "application/vnd.atlas." + req.version + "+json;charset=utf-8"
	}
	resp := newResponse(status, contentType, encodeJSON(v, req.query.pretty))
	s.setCommonHeaders(req, resp)
	return resp
}

func (s *Server) setCommonHeaders(req *request, resp *response) {
	resp.header.Set("X-Mongodb-Service-Version", "gitHash=0000000000000000000000000000000000000000; versionString=v20260810")
	resp.header.Set("Vary", "Accept-Encoding")
	if strings.HasPrefix(req.path, v2Base+"/") {
		resp.header.Set("Ratelimit-Limit", "1200")
		resp.header.Set("Ratelimit-Remaining", "1199")
		resp.header.Set("X-Java-Method", "ApiRestoreJobsResource::"+strings.ToLower(req.method))
	}
}

// wrapEnvelope adds the status to a list, and nests any other body under the envelope key.
func (s *Server) wrapEnvelope(status int, v any) any {
	if doc, ok := v.(map[string]any); ok && doc["results"] != nil {
		doc["status"] = status
		return doc
	}
	return map[string]any{"status": status, s.opts.envelopeKey: v}
}

func encodeJSON(v any, pretty bool) []byte {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	if pretty {
		encoder.SetIndent("", "  ")
	}
	if err := encoder.Encode(v); err != nil {
		panic("restorejobstest: a job cannot be encoded as JSON: " + err.Error())
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// An apiError has the parts of an error body.
type apiError struct {
	status int
	code   string
	detail string
	params []any
	field  string // of the request body
}

func newAPIError(status int, code, detail string, params ...any) *apiError {
	return &apiError{
		status: status,
		code:   code,
		detail: detail,
		params: params,
	}
}

func (s *Server) errorResponse(req *request, e *apiError) *response {
	doc := map[string]any{
		"error":      e.status,
		"errorCode":  e.code,
		"reason":     http.StatusText(e.status),
		"detail":     e.detail,
		"parameters": append([]any{}, e.params...),
	}
	if e.field != "" && strings.HasPrefix(req.path, v2Base+"/") {
		doc["badRequestDetail"] = map[string]any{"fields": []any{map[string]any{"field": e.field, "description": e.detail}}}
	}
	req.version = ""
	resp := s.jsonResponse(req, e.status, doc)
	resp.header.Set("X-Error-Code", e.code)
	return resp
}

// serveHTTP handles requests from the network.
func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request, downloads bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequestBody))
	if err != nil {
		return
	}
	req := &request{
		server:     s,
		ctx:        r.Context(),
		method:     r.Method,
		path:       r.URL.EscapedPath(),
		rawQuery:   r.URL.RawQuery,
		uri:        r.RequestURI,
		origin:     s.scheme + "://" + r.Host,
		header:     r.Header,
		body:       body,
		isDownload: downloads,
	}
	resp := s.handle(req)
	if s.sleep(r.Context(), resp.wait) != nil || resp.reset {
		resetConnection(w)
	}
	maps.Copy(w.Header(), resp.header)
	if resp.length >= 0 && resp.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.FormatInt(resp.length, 10))
	}
	w.WriteHeader(resp.status)
	if r.Method != http.MethodHead {
		sendBody(w, resp)
	}
}

// sendBody sends the body. After an error, it closes the connection once the bytes before the
// error were sent.
func sendBody(w http.ResponseWriter, resp *response) {
	control := http.NewResponseController(w)
	buf := make([]byte, 64<<10)
	for {
		n, err := resp.body.Read(buf)
		if _, werr := w.Write(buf[:n]); werr != nil {
			return
		}
		if resp.flushEach || (err != nil && !errors.Is(err, io.EOF)) {
			_ = control.Flush()
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// resetConnection closes the connection so that the client sees a reset, and ends the handler.
func resetConnection(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}

// errClosed ends every wait when the server is closed.
var errClosed = errors.New("restorejobstest: the server was closed")

// sleep waits for d, or until ctx ends or the server is closed.
func (s *Server) sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	closed := make(chan struct{}) // one for each wait, because a synctest bubble must not use a channel from outside
	if !s.registerWaiter(closed) {
		return errClosed
	}
	defer s.removeWaiter(closed)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-closed:
		return errClosed
	}
}

// registerWaiter has the channel closed together with the server. It reports false if the server
// is closed already.
func (s *Server) registerWaiter(closed chan struct{}) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.waiters[closed] = true
	return true
}

func (s *Server) removeWaiter(closed chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiters, closed)
}
