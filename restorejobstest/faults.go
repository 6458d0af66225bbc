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

// A Stage says which requests a [Fault] can strike.
type Stage int

// The places of a request.
const (
	// API is a request to the API that was let in. It is the default, so that
	// a fault strikes calls and not the 401 round before them.
	API Stage = iota
	// BeforeAuth is any request to the API, before its credentials are looked
	// at.
	BeforeAuth
	// Downloads is a request for a download link.
	Downloads
	// Tokens is a request for an access token.
	Tokens
)

// A Fault is something that goes wrong with a request. The functions of this
// package make faults; [Server.InjectFault] lets them happen. The zero Fault is none
// and must not be used.
type Fault struct {
	stage  Stage
	method string
	path   string
	apply  func(s *Server, req *request, next func(*request) *response) *response
}

// At returns the fault for requests at this place only; without it the place is
// [API].
func (f Fault) At(stage Stage) Fault {
	f.stage = stage
	return f
}

// On returns the fault for requests with this method whose path contains
// this text only. "" stands for any.
func (f Fault) On(method, path string) Fault {
	f.method = method
	f.path = path
	return f
}

type queuedFault struct {
	Fault

	left int
}

// InjectFault lets a fault happen to the next n requests that it can strike. Faults
// that were given earlier strike first.
func (s *Server) InjectFault(f Fault, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &queuedFault{Fault: f, left: n})
}

// ClearFaults forgets the faults that have not happened yet.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// withFaults handles a request with next, or as the first fault that fits it
// says.
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
		if f.left > 0 && f.stage == stage && (f.method == "" || f.method == req.method) && strings.Contains(req.path, f.path) {
			f.left--
			return f
		}
	}
	return nil
}

// replaceResponse makes a fault that answers without handling the request.
func replaceResponse(respond func(s *Server, req *request) *response) Fault {
	return Fault{apply: func(s *Server, req *request, _ func(*request) *response) *response { return respond(s, req) }}
}

// modifyResponse makes a fault that handles the request and then spoils the answer.
func modifyResponse(modify func(req *request, resp *response)) Fault {
	return Fault{apply: func(_ *Server, req *request, next func(*request) *response) *response {
		resp := next(req)
		modify(req, resp)
		return resp
	}}
}

// RespondStatus answers with this status and an error of the API that fits it.
func RespondStatus(code int) Fault { return RespondError(code, codeFor(code)) }

func codeFor(status int) string {
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

// RespondError answers with this status and error code.
func RespondError(status int, code string) Fault {
	return replaceResponse(func(s *Server, req *request) *response { return s.faultResponse(req, status, code) })
}

// faultResponse words an error; the query may not have been read yet.
func (s *Server) faultResponse(req *request, status int, code string) *response {
	_ = readQuery(req)
	return s.errorResponse(req, fail(status, code, "This answer was asked for by the test."))
}

// TooManyRequests answers 429 with a Retry-After in whole seconds, rounded up.
func TooManyRequests(retryAfter time.Duration) Fault {
	return replaceResponse(func(s *Server, req *request) *response {
		resp := s.faultResponse(req, http.StatusTooManyRequests, "RATE_LIMITED")
		resp.header.Set("Retry-After", strconv.Itoa(int(math.Ceil(retryAfter.Seconds()))))
		return resp
	})
}

// RespondHTML answers with this status and a web page, as a proxy in the way does.
func RespondHTML(code int) Fault {
	page := "<!DOCTYPE html>\n<html><head><title>" + http.StatusText(code) + "</title></head><body><h1>" +
		strconv.Itoa(code) + " " + http.StatusText(code) + "</h1></body></html>\n"
	return RespondBody(code, "text/html; charset=utf-8", page)
}

// RespondBody answers with this status, content type and body. An empty content type
// leaves the header out.
func RespondBody(code int, contentType, body string) Fault {
	return replaceResponse(func(*Server, *request) *response { return newResponse(code, contentType, []byte(body)) })
}

// RespondEmpty answers 200, as JSON, with no body at all.
func RespondEmpty() Fault { return RespondBody(http.StatusOK, "application/json", "") }

// Redirect answers 307 to this URL.
func Redirect(url string) Fault {
	return replaceResponse(func(*Server, *request) *response {
		resp := newResponse(http.StatusTemporaryRedirect, "", nil)
		resp.header.Set("Location", url)
		return resp
	})
}

// ResetConnection breaks the connection before the request is handled.
func ResetConnection() Fault {
	return replaceResponse(func(*Server, *request) *response { return &response{header: http.Header{}, reset: true} })
}

// DropResponse handles the request and then breaks the connection without an
// answer. A create has then run, and nobody told its caller.
func DropResponse() Fault {
	return modifyResponse(func(_ *request, resp *response) { resp.reset = true })
}

// TruncateBody breaks the connection after n bytes of the body, having announced
// all of them.
func TruncateBody(n int64) Fault {
	return modifyResponse(func(_ *request, resp *response) {
		resp.body = io.MultiReader(io.LimitReader(resp.body, n), cutReader{})
		resp.flushEach = true
	})
}

type cutReader struct{}

func (cutReader) Read([]byte) (int, error) { return 0, errConnectionCut }

// ShortenBody sends n bytes of the body as if they were all of it.
func ShortenBody(n int64) Fault {
	return modifyResponse(func(_ *request, resp *response) {
		resp.body = io.LimitReader(resp.body, n)
		if resp.length >= 0 {
			resp.length = min(resp.length, n)
		}
	})
}

// DelayResponse waits before it answers, or until the request's context ends. The request is
// handled before the wait.
func DelayResponse(wait time.Duration) Fault {
	return modifyResponse(func(_ *request, resp *response) { resp.wait = wait })
}

// StallBody sends n bytes of the body, waits, and sends the rest.
func StallBody(n int64, wait time.Duration) Fault {
	return modifyResponse(func(req *request, resp *response) {
		resp.body = io.MultiReader(io.LimitReader(resp.body, n), &delayReader{req: req, wait: wait}, resp.body)
		resp.flushEach = true
	})
}

// A delayReader reads nothing, once, after a while.
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

// RewriteBody handles the request and sends what f makes of the body. Announced
// length and type stay true to the new body and the old type.
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

// EndlessBody answers 200 with JSON that never ends.
func EndlessBody() Fault {
	return replaceResponse(func(*Server, *request) *response {
		resp := newResponse(http.StatusOK, "application/json", nil)
		resp.body = io.MultiReader(strings.NewReader(`{"id":"`), endlessReader{})
		resp.length = -1
		return resp
	})
}

// endlessReader is the letter a without end.
type endlessReader struct{}

func (endlessReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// GzipBomb answers 200 with a small compressed body that becomes JSON of a little
// more than size bytes.
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
