package restorejobstest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

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

// noContent responds with 204, which has a body only in an envelope.
func (s *Server) noContent(req *request) *response {
	if req.query.envelope && s.opts.envelopeOK {
		return s.jsonResponse(req, http.StatusNoContent, map[string]any{})
	}
	envelope := req.query.envelope
	req.query.envelope = false
	resp := s.jsonResponse(req, http.StatusNoContent, nil)
	req.query.envelope = envelope
	resp.body = http.NoBody
	resp.length = 0
	return resp
}

func (s *Server) setCommonHeaders(req *request, resp *response) {
	resp.header.Set("X-Mongodb-Service-Version", "gitHash=0000000000000000000000000000000000000000; versionString=v20260810")
	resp.header.Set("Vary", "Accept-Encoding")
	if strings.HasPrefix(req.path, v2Base+"/") {
		limit := 1200
		if end := req.route.endpoint; end != nil && end.rateLimit > 0 {
			limit = end.rateLimit
		}
		resp.header.Set("Ratelimit-Limit", strconv.Itoa(limit))
		resp.header.Set("Ratelimit-Remaining", strconv.Itoa(limit-1))
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
