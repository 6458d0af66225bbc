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

// maxRequestBody is far above any body the API takes.
const maxRequestBody = 1 << 20

// An exchange is one request on its way through the server, whichever door it
// came in by.
type exchange struct {
	server   *Server
	ctx      context.Context //nolint:containedctx // lives as long as the request
	method   string
	path     string // as it was escaped
	rawQuery string
	uri      string // what a digest signs
	origin   string // scheme and host the client used
	header   http.Header
	body     []byte
	download bool // came in at the origin for downloads

	route    route
	query    query
	resolved string // version date of an Atlas v2 answer
}

// A reply is an answer before it goes out.
type reply struct {
	status int
	header http.Header
	body   io.Reader
	length int64 // -1: not known

	wait    time.Duration // before anything is sent
	reset   bool          // send nothing, break the connection
	instant bool          // flush each piece of the body
}

// errCut in a body makes the server break the connection.
var errCut = errors.New("restorejobstest: connection cut")

func (s *Server) answer(x *exchange) *reply {
	rep := s.dispatch(x)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	rep.header.Set("Date", now.Format(http.TimeFormat))
	rep.header.Set("X-Request-ID", randomHex(8))
	s.requests = append(s.requests, newRequest(x, rep, now))
	return rep
}

func (s *Server) dispatch(x *exchange) *reply {
	switch {
	case x.download || !strings.HasPrefix(x.path, "/api/"):
		return s.withFaults(x, Downloads, s.serveDownload)
	case strings.HasPrefix(x.path, "/api/oauth/"):
		return s.withFaults(x, Tokens, s.serveToken)
	default:
		return s.withFaults(x, BeforeAuth, s.serveAPI)
	}
}

// serveAPI lets a request in and hands it to the operation it names.
func (s *Server) serveAPI(x *exchange) *reply {
	if rep := s.authenticate(x); rep != nil {
		return rep
	}
	return s.withFaults(x, API, s.serveOperation)
}

func newReply(status int, contentType string, body []byte) *reply {
	rep := &reply{status: status, header: http.Header{}, body: bytes.NewReader(body), length: int64(len(body))}
	if contentType != "" {
		rep.header.Set("Content-Type", contentType)
	}
	return rep
}

// jsonReply answers with v, in an envelope and indented if the query asks for
// it.
func (s *Server) jsonReply(x *exchange, status int, v any) *reply {
	if x.query.envelope {
		v = s.wrap(status, v)
		if s.opts.envelopeOK {
			status = http.StatusOK
		}
	}
	contentType := "application/json"
	if x.resolved != "" && status < 400 {
		contentType = "application/vnd.atlas." + x.resolved + "+json;charset=utf-8"
	}
	rep := newReply(status, contentType, encode(v, x.query.pretty))
	s.commonHeaders(x, rep)
	return rep
}

func (s *Server) commonHeaders(x *exchange, rep *reply) {
	rep.header.Set("X-Mongodb-Service-Version", "gitHash=0000000000000000000000000000000000000000; versionString=v20260810")
	rep.header.Set("Vary", "Accept-Encoding")
	if strings.HasPrefix(x.path, v2Base+"/") {
		rep.header.Set("Ratelimit-Limit", "1200")
		rep.header.Set("Ratelimit-Remaining", "1199")
		rep.header.Set("X-Java-Method", "ApiRestoreJobsResource::"+strings.ToLower(x.method))
	}
}

// wrap puts a body into an envelope: a list gets the status as one more
// member, anything else is put under the key.
func (s *Server) wrap(status int, v any) any {
	if doc, ok := v.(map[string]any); ok && doc["results"] != nil {
		doc["status"] = status
		return doc
	}
	return map[string]any{"status": status, s.opts.envelopeKey: v}
}

func encode(v any, pretty bool) []byte {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	if pretty {
		encoder.SetIndent("", "  ")
	}
	if err := encoder.Encode(v); err != nil {
		panic("restorejobstest: a job that is no JSON: " + err.Error())
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// An apiError is an error as the API words it.
type apiError struct {
	status int
	code   string
	detail string
	params []any
	field  string // of the request body
}

func fail(status int, code, detail string, params ...any) *apiError {
	return &apiError{status: status, code: code, detail: detail, params: params}
}

func (s *Server) errorReply(x *exchange, e *apiError) *reply {
	doc := map[string]any{
		"error":      e.status,
		"errorCode":  e.code,
		"reason":     http.StatusText(e.status),
		"detail":     e.detail,
		"parameters": append([]any{}, e.params...),
	}
	if e.field != "" && strings.HasPrefix(x.path, v2Base+"/") {
		doc["badRequestDetail"] = map[string]any{"fields": []any{map[string]any{"field": e.field, "description": e.detail}}}
	}
	x.resolved = ""
	rep := s.jsonReply(x, e.status, doc)
	rep.header.Set("X-Error-Code", e.code)
	return rep
}

// serveHTTP is the door for requests that come over the network.
func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request, downloads bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequestBody))
	if err != nil {
		return
	}
	x := &exchange{
		server: s, ctx: r.Context(), method: r.Method, path: r.URL.EscapedPath(), rawQuery: r.URL.RawQuery, uri: r.RequestURI,
		origin: s.scheme + "://" + r.Host, header: r.Header, body: body, download: downloads,
	}
	rep := s.answer(x)
	if s.pause(r.Context(), rep.wait) != nil || rep.reset {
		breakConnection(w)
	}
	maps.Copy(w.Header(), rep.header)
	if rep.length >= 0 && rep.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.FormatInt(rep.length, 10))
	}
	w.WriteHeader(rep.status)
	if r.Method != http.MethodHead {
		send(w, rep)
	}
}

// send copies the body out. Whatever keeps it from going out whole breaks the
// connection, after the bytes before it were sent.
func send(w http.ResponseWriter, rep *reply) {
	control := http.NewResponseController(w)
	buf := make([]byte, 64<<10)
	for {
		n, err := rep.body.Read(buf)
		if _, werr := w.Write(buf[:n]); werr != nil {
			return
		}
		if rep.instant || (err != nil && !errors.Is(err, io.EOF)) {
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

// breakConnection closes the connection so that the client sees a reset, and
// leaves the handler.
func breakConnection(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}

// errClosed ends what waits when the server is closed.
var errClosed = errors.New("restorejobstest: the server was closed")

// pause waits for d, for the end of ctx or for that of the server.
func (s *Server) pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	closed := make(chan struct{}) // one for each wait: in a bubble, none may be of outside
	if !s.waits(closed, true) {
		return errClosed
	}
	defer s.waits(closed, false)
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

// waits notes who is told when the server is closed, or not any more. False is for one that
// is closed already.
func (s *Server) waits(closed chan struct{}, on bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on && !s.closed {
		s.waiting[closed] = true
	} else {
		delete(s.waiting, closed)
	}
	return !s.closed
}
