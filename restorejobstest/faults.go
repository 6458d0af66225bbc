package restorejobstest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Stage selects the requests that a [Fault] applies to.
type Stage int

// The stages of a request.
const (
	// API is an authenticated request to the API. It is the default, so that a fault applies
	// to a call and not to its digest challenge.
	API Stage = iota
	// BeforeAuth is any request to the API, before its credentials are checked.
	BeforeAuth
	// Downloads is a request for a download link.
	Downloads
	// Tokens is a request for an access token.
	Tokens
)

// A Fault is a failure of the server or the network. Functions such as [RespondStatus] return
// faults, and [Server.InjectFault] applies them to requests. The zero Fault is invalid.
type Fault struct {
	stage   Stage
	pattern *requestPattern // nil: any request
	apply   func(s *Server, req *request, next func(*request) *response) *response
}

// At limits the fault to requests at this stage. Default [API].
func (f Fault) At(stage Stage) Fault {
	f.stage = stage
	return f
}

// On limits the fault to requests that match a pattern as in [http.ServeMux]: an optional method, and
// a path in which {name} stands for one segment and {name...} for the rest. A path matches only
// itself, and with a slash at its end all paths below. "POST /" matches every POST, and an empty
// pattern every request. On panics if the pattern is invalid.
func (f Fault) On(pattern string) Fault {
	f.pattern = nil
	if pattern != "" {
		f.pattern = newRequestPattern(pattern)
	}
	return f
}

type queuedFault struct {
	Fault

	left int
}

// InjectFault applies a fault to the next n requests that it matches. If several faults match
// a request, the one that was injected first applies.
func (s *Server) InjectFault(f Fault, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &queuedFault{Fault: f, left: n})
}

// ClearFaults removes the faults that have not been applied yet.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// withFaults handles a request with next, or with the first fault that matches it.
func (s *Server) withFaults(req *request, stage Stage, next func(*request) *response) *response {
	if f := s.nextFault(req, stage); f != nil {
		return f.apply(s, req, next)
	}
	return next(req)
}

func (s *Server) nextFault(req *request, stage Stage) *queuedFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.left > 0 && f.matches(req, stage) {
			f.left--
			return f
		}
	}
	return nil
}

func (f Fault) matches(req *request, stage Stage) bool {
	if f.stage != stage {
		return false
	}
	return f.pattern == nil || f.pattern.matches(req)
}

// replaceResponse returns a fault that responds without handling the request.
func replaceResponse(respond func(s *Server, req *request) *response) Fault {
	return Fault{apply: func(s *Server, req *request, _ func(*request) *response) *response { return respond(s, req) }}
}

// modifyResponse returns a fault that handles the request and then modifies the response.
func modifyResponse(modify func(req *request, resp *response)) Fault {
	return Fault{apply: func(_ *Server, req *request, next func(*request) *response) *response {
		resp := next(req)
		modify(req, resp)
		return resp
	}}
}

// RespondStatus responds with this status and an error code that is usual for it.
func RespondStatus(code int) Fault { return RespondError(code, errorCodeFor(code)) }

func errorCodeFor(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "USER_UNAUTHORIZED"
	case http.StatusForbidden:
		return "IP_ADDRESS_NOT_ON_ACCESS_LIST"
	case http.StatusNotFound:
		return "RESOURCE_NOT_FOUND"
	case http.StatusConflict:
		return "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"
	case http.StatusGone:
		return "VERSION_GONE"
	case http.StatusTooManyRequests:
		return "RATE_LIMITED"
	case http.StatusServiceUnavailable:
		return "SERVICE_UNAVAILABLE"
	case http.StatusBadRequest:
		return "VALIDATION_ERROR"
	default:
		return "UNEXPECTED_ERROR"
	}
}

// RespondError responds with this status and error code.
func RespondError(status int, code string) Fault {
	return replaceResponse(func(s *Server, req *request) *response { return s.faultResponse(req, status, code) })
}

// faultResponse reads the query first, because a fault can apply before it was read.
func (s *Server) faultResponse(req *request, status int, code string) *response {
	_ = readQuery(req)
	return s.errorResponse(req, newAPIError(status, code, "The test injected this error."))
}

// TooManyRequests responds with 429 and a Retry-After header in whole seconds, rounded up.
func TooManyRequests(retryAfter time.Duration) Fault {
	return replaceResponse(func(s *Server, req *request) *response {
		resp := s.faultResponse(req, http.StatusTooManyRequests, "RATE_LIMITED")
		resp.header.Set("Retry-After", strconv.Itoa(int(math.Ceil(retryAfter.Seconds()))))
		return resp
	})
}

// RespondHTML responds with this status and an HTML page, as a proxy does.
func RespondHTML(code int) Fault {
	page := "<!DOCTYPE html>\n<html><head><title>" + http.StatusText(code) + "</title></head><body><h1>" +
		strconv.Itoa(code) + " " + http.StatusText(code) + "</h1></body></html>\n"
	return RespondBody(code, "text/html; charset=utf-8", page)
}

// RespondBody responds with this status, content type and body. An empty content type omits
// the header.
func RespondBody(code int, contentType, body string) Fault {
	return replaceResponse(func(*Server, *request) *response { return newResponse(code, contentType, []byte(body)) })
}

// RespondEmpty responds with 200, the JSON content type and an empty body.
func RespondEmpty() Fault { return RespondBody(http.StatusOK, "application/json", "") }

// Redirect responds with 307 and this URL.
func Redirect(url string) Fault {
	return replaceResponse(func(*Server, *request) *response {
		resp := newResponse(http.StatusTemporaryRedirect, "", nil)
		resp.header.Set("Location", url)
		return resp
	})
}

// ResetConnection resets the connection before the request is handled.
func ResetConnection() Fault {
	return replaceResponse(func(*Server, *request) *response { return &response{header: http.Header{}, reset: true} })
}

// DropResponse handles the request and then resets the connection without a response. A create
// was then executed, and its outcome is unknown to the caller.
func DropResponse() Fault {
	return modifyResponse(func(_ *request, resp *response) { resp.reset = true })
}

// TruncateBody closes the connection after n bytes of the body. Content-Length announces the
// whole body.
func TruncateBody(n int64) Fault {
	return modifyResponse(func(_ *request, resp *response) {
		resp.body = io.MultiReader(io.LimitReader(resp.body, n), cutReader{})
		resp.flushEach = true
	})
}

type cutReader struct{}

func (cutReader) Read([]byte) (int, error) { return 0, errConnectionCut }

// ShortenBody sends only the first n bytes of the body, with a Content-Length that matches.
func ShortenBody(n int64) Fault {
	return modifyResponse(func(_ *request, resp *response) {
		resp.body = io.LimitReader(resp.body, n)
		if resp.length >= 0 {
			resp.length = min(resp.length, n)
		}
	})
}

// DelayResponse handles the request and sends the response after wait.
func DelayResponse(wait time.Duration) Fault {
	return modifyResponse(func(_ *request, resp *response) { resp.wait = wait })
}

// StallBody sends n bytes of the body, and the remaining bytes after wait.
func StallBody(n int64, wait time.Duration) Fault {
	return modifyResponse(func(req *request, resp *response) {
		resp.body = io.MultiReader(io.LimitReader(resp.body, n), &delayReader{req: req, wait: wait}, resp.body)
		resp.flushEach = true
	})
}

// A delayReader waits and then returns io.EOF.
type delayReader struct {
	req  *request
	wait time.Duration
}

func (d *delayReader) Read([]byte) (int, error) {
	if err := d.req.server.sleep(d.req.ctx, d.wait); err != nil {
		return 0, errConnectionCut
	}
	return 0, io.EOF
}

// RewriteBody handles the request and sends the body that f returns. The Content-Length is
// that of the new body; the Content-Type is unchanged.
func RewriteBody(f func(body []byte) []byte) Fault {
	return modifyResponse(func(_ *request, resp *response) {
		old, err := io.ReadAll(resp.body)
		if err != nil && !errors.Is(err, errConnectionCut) {
			return
		}
		body := f(old)
		resp.body = bytes.NewReader(body)
		resp.length = int64(len(body))
	})
}

// EndlessBody responds with 200 and a JSON body that never ends.
func EndlessBody() Fault {
	return replaceResponse(func(*Server, *request) *response {
		resp := newResponse(http.StatusOK, "application/json", nil)
		resp.body = io.MultiReader(strings.NewReader(`{"id":"`), endlessReader{})
		resp.length = -1
		return resp
	})
}

// endlessReader repeats the letter a forever.
type endlessReader struct{}

func (endlessReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// GzipBomb responds with 200 and a small compressed body that expands to JSON of a little more
// than size bytes.
func GzipBomb(size int64) Fault {
	return replaceResponse(func(*Server, *request) *response {
		var buf bytes.Buffer
		zipped := gzip.NewWriter(&buf)
		_, _ = io.WriteString(zipped, `{"id":"`)
		_, _ = io.CopyN(zipped, endlessReader{}, size)
		_, _ = io.WriteString(zipped, `"}`)
		_ = zipped.Close()
		resp := newResponse(http.StatusOK, "application/json", buf.Bytes())
		resp.header.Set("Content-Encoding", "gzip")
		return resp
	})
}
